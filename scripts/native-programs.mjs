// The native test programs: what they are made of, how they are compiled and run, as tasks of scripts/task-pool.mjs.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { capture } from './task-pool.mjs';

const root = dirname(import.meta.dirname);
const native = join(root, 'native');
const outDir = join(root, 'build', 'native-tests');
/** A test that hangs has failed; the longest takes seconds, and minutes where others keep the machine busy. */
const timeLimitMs = 900_000;

const common = ['-std=c++20', '-Wall', '-Wextra', '-Werror', '-pthread', '-fno-omit-frame-pointer'];
const asan = ['-O1', '-g1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
/** Ways of building: compiler and flags. */
const variants = {
  asan: { compiler: process.env.CXX ?? 'g++', flags: [...common, ...asan] },
  tsan: { compiler: process.env.CXX ?? 'g++', flags: [...common, '-O1', '-g1', '-fsanitize=thread'] },
  fuzz: {
    compiler: 'clang++',
    flags: [...common, ...asan, '-fsanitize=fuzzer', '-DPREDIS_LIBFUZZER'],
  },
  bench: { compiler: process.env.CXX ?? 'g++', flags: [...common, '-O3'] },
};

const isAvailable = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
const filesIn = (folder, ending) =>
  (existsSync(join(native, folder)) ? readdirSync(join(native, folder)) : [])
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(native, folder, name));
const sourcesIn = (folder) => filesIn(folder, '.cpp');
const cpuTests = 'test';
/** Tests of the device engine's code as it runs on the host. */
const cudaTests = join('test', 'cuda');
/** The part of the engine that a program is about, and linked with. */
const partSources = {
  cpu: sourcesIn('cpu'),
  cuda: [...sourcesIn('cuda'), ...sourcesIn(join('cuda', 'store'))],
};
/** The tests of the contract, which a program whose name says so puts to its engine. */
const contractTests = join('test', 'contract');
/** The thread sanitizer sees the tests of several threads alone. */
const contractSources = (variantName) =>
  sourcesIn(contractTests).filter((file) => variantName !== 'tsan' || basename(file) === 'threads.cpp');
const isContract = (main) => basename(main).includes('contract_test');
const sourcesOf = (variantName, main) => [
  main,
  ...(isContract(main) ? contractSources(variantName) : []),
  ...partSources[main.startsWith(join(native, cudaTests)) ? 'cuda' : 'cpu'],
];

/** A digest of all headers: simple, and headers are few. */
const headersDigest = [
  'engine',
  'cpu',
  'cuda',
  join('cuda', 'table'),
  join('cuda', 'store'),
  cpuTests,
  contractTests,
  cudaTests,
]
  .flatMap((folder) => filesIn(folder, '.hpp'))
  .reduce(
    (hash, file) => hash.update(file.slice(root.length)).update(readFileSync(file)),
    createHash('sha256'),
  )
  .digest('hex');

const digestOf = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
};

/** Runs a compiler into a temporary file first, so that an interrupted build is never taken for a whole one. */
async function compile(variant, args, output, options) {
  if (existsSync(output)) return true;
  const temporary = `${output}.${process.pid}`;
  const result = await capture(variant.compiler, [...variant.flags, ...args, '-o', temporary], options);
  if (result.code !== 0) {
    rmSync(temporary, { force: true });
    console.log(result.output);
    return false;
  }
  renameSync(temporary, output);
  return true;
}

function objectOf(variantName, source) {
  const variant = variants[variantName];
  const digest = digestOf(variant.compiler, ...variant.flags, headersDigest, readFileSync(source));
  return join(outDir, `${basename(source, '.cpp')}.${variantName}.${digest}.o`);
}

/**
 * Programs whose tests take longest, seconds on two cores: they are compiled first. It decides on order alone.
 */
const longPrograms = {
  'store_contract_test asan': 30,
  'store_failure_test asan': 30,
  'contract_test asan': 20,
  'store_growth_test asan': 15,
  'store_contract_test tsan': 12,
  'lanes_test tsan': 10,
  'store_paths_test tsan': 10,
  'contract_test tsan': 8,
  'execute_fuzz fuzz': 5,
};
const priorityOf = (variantName, main) => longPrograms[`${basename(main, '.cpp')} ${variantName}`] ?? 1;

/** Whether the tests can be compiled here: the compiler that is missing, or null. */
export const missingCompiler = () => (isAvailable(variants.asan.compiler) ? null : variants.asan.compiler);

/** All programs: [variant, source of main]. `only`: part of a source's path. */
export function nativePrograms(only = '') {
  const all = [...sourcesIn(cpuTests), ...sourcesIn(cudaTests)].map((source) => ['asan', source]);
  for (const name of ['lock_test.cpp', 'contract_test.cpp']) all.push(['tsan', join(native, cpuTests, name)]);
  // Every test of kernels that work on several threads.
  for (const source of sourcesIn(cudaTests)) {
    if (isContract(source) || readFileSync(source, 'utf8').includes('kThreads')) all.push(['tsan', source]);
  }
  if (isAvailable('clang++')) all.push(['fuzz', join(native, cpuTests, 'execute_fuzz.cpp')]);
  else console.log('# clang++ is not installed: fuzzing with random inputs only, not with libFuzzer');
  return all.filter(([, source]) => source.slice(native.length).includes(only));
}

/** The bench of the engine without JavaScript. */
export const benchProgram = ['bench', join(native, 'bench', 'engine_bench.cpp')];

/** Removes what was made from other sources, of these variants. */
function tidyUp(variantNames, wanted) {
  for (const name of readdirSync(outDir)) {
    if (variantNames.has(name.split('.')[1]) && !wanted.has(join(outDir, name))) rmSync(join(outDir, name));
  }
}

/**
 * Tasks that compile programs.
 *
 * @returns for each program its file and the task that links it, and all tasks
 */
export function buildTasks(programs, { tidy }) {
  mkdirSync(outDir, { recursive: true });
  const objects = new Map();
  const built = programs.map(([variantName, main]) => {
    const priority = priorityOf(variantName, main);
    const parts = sourcesOf(variantName, main).map((source) => {
      const object = objectOf(variantName, source);
      const known = objects.get(object);
      if (known !== undefined) known.priority = Math.max(known.priority, priority);
      else {
        objects.set(object, {
          name: `${basename(source)} (${variantName})`,
          kind: 'compile',
          priority,
          needs: [],
          run: (options) => compile(variants[variantName], ['-c', source], object, options),
        });
      }
      return object;
    });
    const file = join(outDir, `${basename(main, '.cpp')}.${variantName}.${digestOf(...parts)}`);
    const link = {
      name: `${basename(main, '.cpp')} (${variantName})`,
      kind: 'compile',
      priority,
      needs: parts.map((part) => objects.get(part)),
      run: (options) => compile(variants[variantName], parts, file, options),
    };
    return { variantName, main, file, link };
  });
  const wanted = new Set([...objects.keys(), ...built.map(({ file }) => file)]);
  if (tidy) tidyUp(new Set(programs.map(([variantName]) => variantName)), wanted);
  return { built, tasks: [...objects.values(), ...built.map(({ link }) => link)] };
}

/**
 * Tasks that compile and run the native tests.
 *
 * @param counts `passed` and `failed` are counted up
 */
export function nativeTestTasks(programs, { tidy, counts }) {
  const { built, tasks } = buildTasks(programs, { tidy });
  const tests = built.map((program) => ({
    name: `native ${program.link.name}`,
    kind: 'test',
    priority: program.link.priority,
    needs: [program.link],
    run: () => runProgram(program, counts),
  }));
  return [...tasks, ...tests];
}

/** Where several threads matter, the tests of one thread need not run again. */
function argumentsOf(variantName, main) {
  if (variantName === 'fuzz') return ['-seed=1', '-runs=20000', '-max_len=900', '-verbosity=0'];
  if (variantName !== 'tsan') return [];
  if (isContract(main)) return ['threads:'];
  return basename(main) === 'store_failure_test.cpp' ? ['failure: beside'] : [];
}

/** Runs a test program and counts its lines that passed and failed. @returns whether all passed */
async function runProgram({ variantName, main, file }, counts) {
  const libFuzzer = variantName === 'fuzz';
  const { code, output } = await capture(file, argumentsOf(variantName, main), {
    cwd: outDir,
    timeout: timeLimitMs,
    killSignal: 'SIGKILL',
    env: { ...process.env, TSAN_OPTIONS: 'halt_on_error=1', UBSAN_OPTIONS: 'print_stacktrace=1' },
  });
  const name = `${basename(main, '.cpp')} (${variantName})`;
  const lines = output.split('\n');
  if (libFuzzer && code === 0) lines.push('ok - fuzz: 20,000 inputs chosen by libFuzzer');
  let failed = 0;
  for (const line of lines) {
    if (line.startsWith('ok - ')) counts.passed += 1;
    if (line.startsWith('not ok - ')) failed += 1;
    if (line.startsWith('not ok - '))
      counts.failures?.push(`native ${name}: ${line.slice('not ok - '.length)}`);
    if (/^(not )?ok - /.test(line)) console.log(`${line} [${variantName}]`);
    else if (line !== '' && (code !== 0 || line.startsWith('# '))) console.log(line);
  }
  if (code !== 0 && failed === 0) {
    console.log(`not ok - ${name} ended with ${code}`);
    counts.failures?.push(`native ${name}: ended with ${code}`);
    failed = 1;
  }
  counts.failed += failed;
  return failed === 0;
}
