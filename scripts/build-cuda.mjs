// Compiles the CUDA engine: native/cuda into one archive that build-native.mjs links into the addon, and, when called as a
// program, the GPU tests and the GPU bench, which run on a host without a compiler:
//
//   node scripts/build-cuda.mjs [--arch sm_90[,sm_100 …]] [--only part-of-a-name]
//     build/gpu-tests/<name> for each native/test/gpu/<name>.(cu|cpp), and build/gpu/gpu_bench
//
// Objects are kept under build/cuda, named by the hash of what they were made from.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(import.meta.dirname);
const native = join(root, 'native');
const objectDir = join(root, 'build', 'cuda');
const jobs = Math.min(availableParallelism(), 8);

/** Machine code of the addon; PTX of the newest goes with it, for devices to come. */
const addonArchitectures = ['sm_80', 'sm_90', 'sm_100'];
const hostFlags = ['-fPIC', '-fvisibility=hidden', '-Wall', '-Wextra', '-Werror'];
const systemLibraries = ['-ldl', '-lrt', '-lpthread'];

const digestOf = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
};

/** Files below a folder with one of these endings, in a fixed order. */
function filesBelow(folder, endings) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.includes(extname(name)))
    .sort()
    .map((name) => join(folder, name));
}

/** nvcc and what belongs to it, or null. Looked for where NVCC, CUDA_HOME and PATH say, then in the usual place. */
export function findCuda() {
  const home = process.env.CUDA_HOME ?? process.env.CUDA_PATH;
  const candidates = [
    process.env.NVCC,
    home && join(home, 'bin', 'nvcc'),
    'nvcc',
    '/usr/local/cuda/bin/nvcc',
  ];
  for (const nvcc of candidates) {
    if (!nvcc) continue;
    const version = spawnSync(nvcc, ['--version'], { encoding: 'utf8' });
    if (version.status !== 0) continue;
    // What nvcc would call, with the places of its headers and libraries; the file need not exist.
    const plan = spawnSync(nvcc, ['--dryrun', '-c', 'none.cu'], { encoding: 'utf8' }).stderr ?? '';
    const includes = [...plan.matchAll(/"-I([^"]+)"/g)].map((match) => match[1]);
    const include = includes.find((folder) => existsSync(join(folder, 'cuda_runtime_api.h')));
    const folders = [...plan.matchAll(/"-L([^"]+)"/g)].map((match) => match[1]);
    const cudart = folders
      .map((folder) => join(folder, 'libcudart_static.a'))
      .find((file) => existsSync(file));
    if (include === undefined || cudart === undefined) continue;
    const known = spawnSync(nvcc, ['--list-gpu-code'], { encoding: 'utf8' }).stdout.split(/\s+/);
    return { nvcc, version: version.stdout, include, cudart, known };
  }
  return null;
}

/** All that the addon's CUDA part is made of, headers included. */
export function cudaSources() {
  return filesBelow(join(native, 'cuda'), ['.cu', '.cuh', '.cpp', '.hpp']);
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', (error) => resolve({ code: 127, output: String(error.message) }));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
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

/** Makes a file by a command that takes `-o`; into a temporary file first, so that half of one is never taken for whole. */
async function make(file, command, args) {
  if (existsSync(file)) return null;
  const temporary = `${file}.${process.pid}`;
  const { code, output } = await run(command, [...args, '-o', temporary]);
  if (code !== 0) {
    rmSync(temporary, { force: true });
    return `${command} ${args.join(' ')}\n${output}`;
  }
  renameSync(temporary, file);
  return null;
}

/** Compiles sources for these architectures. @returns objects, or throws what the compiler said */
async function compile(cuda, sources, architectures, extraFlags = []) {
  mkdirSync(objectDir, { recursive: true });
  const numbers = architectures
    .filter((name) => cuda.known.includes(name))
    .map((name) => name.slice('sm_'.length));
  if (numbers.length === 0) throw new Error(`nvcc knows none of ${architectures.join(', ')}`);
  const newest = numbers.at(-1);
  const deviceFlags = [
    ...numbers.map((number) => `-gencode=arch=compute_${number},code=sm_${number}`),
    `-gencode=arch=compute_${newest},code=compute_${newest}`,
    ...['-Werror', 'all-warnings', '-Xcompiler', hostFlags.join(','), '-cudart', 'static'],
  ];
  const compiler = process.env.CXX ?? 'g++';
  const headers = [
    ...filesBelow(join(native, 'cuda'), ['.cuh', '.hpp']),
    ...['engine', 'test', 'bench'].flatMap((name) => filesBelow(join(native, name), ['.cuh', '.hpp'])),
  ];
  const headersDigest = digestOf(...headers.flatMap((file) => [relative(root, file), readFileSync(file)]));
  const tasks = sources.map((source) => {
    const isDevice = extname(source) === '.cu';
    const command = isDevice ? cuda.nvcc : compiler;
    // Tests gain nothing from more, and GCC 12 warns of strings at -O3 that are none of our doing.
    const optimisation = source.startsWith(join(native, 'test')) ? '-O1' : '-O3';
    const common = ['-std=c++20', optimisation, '-DPREDIS_WITH_CUDA=1', ...extraFlags, '-c', source];
    const flags = isDevice ? [...deviceFlags, ...common] : [...hostFlags, `-I${cuda.include}`, ...common];
    const digest = digestOf(cuda.version, command, ...flags, headersDigest, readFileSync(source));
    return { source, object: join(objectDir, `${basename(source)}.${digest}.o`), command, flags };
  });
  // The largest first: the last ones then fill the gaps.
  const ordered = [...tasks].sort((a, b) => weightOf(b.source) - weightOf(a.source));
  const errors = await inParallel(ordered.map((task) => () => make(task.object, task.command, task.flags)));
  const broken = errors.filter((error) => error !== null);
  if (broken.length > 0) throw new Error(broken.join('\n'));
  return tasks.map(({ object }) => object);
}

const weightOf = (source) => (extname(source) === '.cu' ? 1e9 : 0) + statSync(source).size;

/** Sources of the engine. Simulated devices are for tests. */
function engineSources() {
  return filesBelow(join(native, 'cuda'), ['.cu', '.cpp']).filter(
    (file) => !basename(file).startsWith('host_'),
  );
}

/** Removes what was made from other sources. */
function prune(wanted, isOurs) {
  for (const name of readdirSync(objectDir)) {
    if (isOurs(name) && !wanted.includes(join(objectDir, name)))
      rmSync(join(objectDir, name), { force: true });
  }
}

/** Builds the archive for the addon. @returns what to link: files and libraries */
export async function buildCudaArchive(cuda) {
  const objects = await compile(cuda, engineSources(), addonArchitectures);
  const archive = join(objectDir, `libpredis_cuda.${digestOf(...objects)}.a`);
  if (!existsSync(archive)) {
    prune([archive], (name) => name.startsWith('libpredis_cuda.'));
    const { code, output } = await run(process.env.AR ?? 'ar', ['rcs', archive, ...objects]);
    if (code !== 0) throw new Error(output);
  }
  return { archive, cudart: cuda.cudart };
}

/** Links a program that needs nothing on its host but the C library and a driver. */
async function link(objects, cuda, file) {
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  const error = await make(file, process.env.CXX ?? 'g++', [
    ...objects,
    cuda.cudart,
    ...['-static-libstdc++', '-static-libgcc', '-s', ...systemLibraries],
  ]);
  if (error !== null) throw new Error(error);
  console.log(`build-cuda: built ${relative(root, file)}.`);
}

/** The CPU engine, for what is compared with it. */
const cpuSources = () => filesBelow(join(native, 'cpu'), ['.cpp']);

/** The host's tests of the table that run on a device too, over the arena (native/test/gpu/arena). */
const tableTests = ['apply_test', 'index_test', 'put_test'];

/** Programs: what they are made of but for the engine, their place, and flags of their own. */
function programs() {
  const gpuTests = join(root, 'build', 'gpu-tests');
  const test = join(native, 'test');
  const arena = filesBelow(join(test, 'gpu', 'arena'), ['.cpp']);
  return [
    ...readdirSync(join(test, 'gpu'))
      .filter((name) => ['.cu', '.cpp'].includes(extname(name)))
      .map((name) => {
        // The contract's tests are the same for every engine.
        const contract = name.includes('contract') ? filesBelow(join(test, 'contract'), ['.cpp']) : [];
        return {
          sources: [join(test, 'gpu', name), ...contract],
          file: join(gpuTests, basename(name, extname(name))),
        };
      }),
    ...tableTests.map((name) => ({
      sources: [...arena, join(test, 'cuda', `${name}.cpp`)],
      file: join(gpuTests, `table_${name}`),
      // The arena has the program's main.
      flags: ['-Dmain=hostMain'],
      mainOf: arena,
    })),
    {
      sources: filesBelow(join(native, 'bench', 'gpu'), ['.cu', '.cpp']),
      file: join(root, 'build', 'gpu', 'gpu_bench'),
    },
  ];
}

async function buildPrograms(cuda, architectures, only) {
  const engine = await compile(cuda, [...engineSources(), ...cpuSources()], architectures);
  for (const { sources, file, flags, mainOf } of programs().filter(({ file }) => file.includes(only))) {
    const parts = flags
      ? [
          ...(await compile(cuda, mainOf, architectures)),
          ...(await compile(
            cuda,
            sources.filter((source) => !mainOf.includes(source)),
            architectures,
            flags,
          )),
        ]
      : await compile(cuda, sources, architectures);
    await link([...parts, ...engine], cuda, file);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { arch: { type: 'string' }, only: { type: 'string', default: '' } },
  });
  const cuda = findCuda();
  if (cuda === null) {
    console.error('build-cuda: nvcc was not found (NVCC, CUDA_HOME, PATH, /usr/local/cuda/bin).');
    process.exit(1);
  }
  try {
    await buildPrograms(cuda, values.arch?.split(',') ?? addonArchitectures, values.only);
  } catch (error) {
    console.error(`build-cuda: ${error.message}`);
    process.exit(1);
  }
}
