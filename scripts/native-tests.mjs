// Compiles and runs the native tests: under the address and undefined-behaviour sanitizers, the threaded ones under the
// thread sanitizer too, and a short fuzz. One TAP-like line a test; exits non-zero when one fails.
//
//   node scripts/native-tests.mjs [--only part-of-a-name | --bench [keys keyBytes valueBytes seconds]]
//
// Objects are kept under build/native-tests, named by the hash of what they were made from.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { availableParallelism } from 'node:os';

const root = dirname(import.meta.dirname);
const native = join(root, 'native');
const outDir = join(root, 'build', 'native-tests');
/** A test that hangs has failed; the longest takes seconds. */
const timeLimitMs = 180_000;
const jobs = Math.min(availableParallelism(), 2);

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
const isContract = (main) => basename(main).includes('contract_test');
const sourcesOf = (main) => [
  main,
  ...(isContract(main) ? sourcesIn(contractTests) : []),
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

function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', (error) => resolve({ code: 127, output: String(error.message) }));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

/** Runs a compiler into a temporary file first, so that an interrupted build is never taken for a whole one. */
async function compile(variant, args, output) {
  if (existsSync(output)) return null;
  const temporary = `${output}.${process.pid}`;
  const result = await run(variant.compiler, [...variant.flags, ...args, '-o', temporary]);
  if (result.code !== 0) {
    rmSync(temporary, { force: true });
    return result.output;
  }
  renameSync(temporary, output);
  return null;
}

/** Runs async tasks, a few at a time; results in order. */
async function inParallel(tasks) {
  const results = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < tasks.length; i = next++) results[i] = await tasks[i]();
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
}

function objectOf(variantName, source) {
  const variant = variants[variantName];
  const digest = digestOf(variant.compiler, ...variant.flags, headersDigest, readFileSync(source));
  return join(outDir, `${basename(source, '.cpp')}.${variantName}.${digest}.o`);
}

/** Builds programs: [variant, source of main]. Ends the process when the compiler refuses. */
async function build(programs, tidy = true) {
  mkdirSync(outDir, { recursive: true });
  const objects = new Map();
  for (const [variantName, main] of programs) {
    for (const source of sourcesOf(main)) objects.set(objectOf(variantName, source), [variantName, source]);
  }
  const binaries = programs.map(([variantName, main]) => {
    const parts = sourcesOf(main).map((source) => objectOf(variantName, source));
    return {
      variantName,
      main,
      parts,
      file: join(outDir, `${basename(main, '.cpp')}.${variantName}.${digestOf(...parts)}`),
    };
  });
  // What was made from other sources is of no use any more.
  const wanted = new Set([...objects.keys(), ...binaries.map(({ file }) => file)]);
  const ours = new Set(programs.map(([variantName]) => variantName));
  for (const name of tidy ? readdirSync(outDir) : []) {
    if (ours.has(name.split('.')[1]) && !wanted.has(join(outDir, name))) rmSync(join(outDir, name));
  }
  const steps = [
    [...objects].map(
      ([object, [variantName, source]]) =>
        () =>
          compile(variants[variantName], ['-c', source], object),
    ),
    binaries.map(
      ({ variantName, parts, file }) =>
        () =>
          compile(variants[variantName], parts, file),
    ),
  ];
  for (const step of steps) {
    const errors = (await inParallel(step)).filter((error) => error !== null);
    if (errors.length > 0) {
      console.log(errors.join('\n'));
      console.log('not ok - the native tests do not compile');
      console.log('native: 0 passed, 1 failed');
      process.exit(1);
    }
  }
  return binaries;
}

async function bench(args) {
  const [binary] = await build([['bench', join(native, 'bench', 'engine_bench.cpp')]]);
  const result = spawnSync(binary.file, args, { stdio: 'inherit' });
  process.exit(result.status ?? 1);
}

/** Where several threads matter, the tests of one thread need not run again. */
function argumentsOf(variantName, main) {
  if (variantName === 'fuzz') return ['-seed=1', '-runs=20000', '-max_len=900', '-verbosity=0'];
  if (variantName !== 'tsan') return [];
  if (isContract(main)) return ['threads:'];
  return basename(main) === 'store_failure_test.cpp' ? ['failure: beside'] : [];
}

/** Runs a test program. @returns numbers of lines that passed and failed */
async function runProgram({ variantName, main, file }) {
  const libFuzzer = variantName === 'fuzz';
  const { code, output } = await run(file, argumentsOf(variantName, main), {
    cwd: outDir,
    timeout: timeLimitMs,
    killSignal: 'SIGKILL',
    env: { ...process.env, TSAN_OPTIONS: 'halt_on_error=1', UBSAN_OPTIONS: 'print_stacktrace=1' },
  });
  const name = `${basename(main, '.cpp')} (${variantName})`;
  const lines = output.split('\n');
  if (libFuzzer && code === 0) lines.push('ok - fuzz: 20,000 inputs chosen by libFuzzer');
  let passed = 0;
  let failed = 0;
  for (const line of lines) {
    if (line.startsWith('ok - ')) passed += 1;
    if (line.startsWith('not ok - ')) failed += 1;
    if (/^(not )?ok - /.test(line)) console.log(`${line} [${variantName}]`);
    else if (line !== '' && (code !== 0 || line.startsWith('# '))) console.log(line);
  }
  if (code !== 0 && failed === 0) {
    console.log(`not ok - ${name} ended with ${code}`);
    failed = 1;
  }
  return { passed, failed };
}

if (process.argv[2] === '--bench') {
  await bench(process.argv.slice(3));
} else if (process.argv.length > 2 && (process.argv[2] !== '--only' || process.argv.length !== 4)) {
  console.error(
    'usage: node scripts/native-tests.mjs [--only part-of-a-name | --bench [keys keyBytes valueBytes seconds]]',
  );
  process.exit(2);
} else {
  if (!isAvailable(variants.asan.compiler)) {
    console.log(
      `not ok - the native tests need ${variants.asan.compiler} (Debian or Ubuntu: sudo apt-get install g++)`,
    );
    console.log('native: 0 passed, 1 failed');
    process.exit(1);
  }
  const all = [...sourcesIn(cpuTests), ...sourcesIn(cudaTests)].map((source) => ['asan', source]);
  for (const name of ['lock_test.cpp', 'contract_test.cpp']) all.push(['tsan', join(native, cpuTests, name)]);
  // Every test of kernels that work on several threads.
  for (const source of sourcesIn(cudaTests)) {
    if (isContract(source) || readFileSync(source, 'utf8').includes('kThreads')) all.push(['tsan', source]);
  }
  if (isAvailable('clang++')) all.push(['fuzz', join(native, cpuTests, 'execute_fuzz.cpp')]);
  else console.log('# clang++ is not installed: fuzzing with random inputs only, not with libFuzzer');
  const only = process.argv[3] ?? '';
  const programs = all.filter(([, source]) => source.slice(native.length).includes(only));
  const binaries = await build(programs, only === '');
  const results = await inParallel(binaries.map((binary) => () => runProgram(binary)));
  const sum = (field) => results.reduce((total, result) => total + result[field], 0);
  console.log(`native: ${sum('passed')} passed, ${sum('failed')} failed`);
  process.exit(sum('failed') === 0 && sum('passed') > 0 ? 0 : 1);
}
