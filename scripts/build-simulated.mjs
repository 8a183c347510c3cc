// Builds build/simulated/predis.node: the addon with the CUDA engine on a simulated device, host memory and host threads in the
// place of a GPU's. For tests of the way from JavaScript to device memory; its speed says nothing, so it is not optimized.
//
//   node scripts/build-simulated.mjs [--jobs N]
//   PREDIS_ADDON=build/simulated/predis.node PREDIS_TEST_ENGINE=cuda node --test dist/test/predis/device-memory.test.js
//
// Objects are kept beside it, named by the hash of what they were made from.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(import.meta.dirname);
const native = join(root, 'native');
const folder = join(root, 'build', 'simulated');
const { values } = parseArgs({ options: { jobs: { type: 'string', default: '2' } } });
const jobs = Number(values.jobs);

const filesBelow = (place, ending) =>
  readdirSync(join(native, place), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(native, place, name));

const sources = [
  ...['binding', 'cpu', 'nvml', join('cuda', 'store'), join('test', 'simulated')].flatMap((place) =>
    filesBelow(place, '.cpp'),
  ),
  ...readdirSync(join(native, 'cuda'))
    .filter((name) => name.endsWith('.cpp'))
    .map((name) => join(native, 'cuda', name)),
];

const digestOf = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
};

/** Folder of node_api.h: Node-API is the same for all versions of Node.js. */
function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath));
  return [process.env.npm_config_nodedir, prefix, '/usr', '/usr/local']
    .filter((place) => place !== undefined)
    .map((place) => join(place, 'include', 'node'))
    .find((place) => existsSync(join(place, 'node_api.h')));
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    child.stderr.on('data', (data) => (output += data));
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(code === 0 ? null : output));
  });
}

/** Into a temporary file first, so that an interrupted build is never taken for a whole one. */
async function make(compiler, args, file) {
  if (existsSync(file)) return null;
  const temporary = `${file}.${process.pid}`;
  const error = await run(compiler, [...args, '-o', temporary]);
  if (error === null) renameSync(temporary, file);
  else rmSync(temporary, { force: true });
  return error;
}

/** Builds it, unless it is there. @returns its path, or throws what the compiler said */
export async function buildSimulatedAddon() {
  const headers = nodeHeaders();
  if (headers === undefined) throw new Error('no headers of Node.js (include/node/node_api.h) were found');
  const napi = createRequire(import.meta.url)('node-addon-api').include_dir;
  const compiler = process.env.CXX ?? 'g++';
  const flags = [
    ...['-std=c++20', '-O0', '-fPIC', '-fvisibility=hidden', '-Wall', '-Wextra', '-Werror', '-pthread'],
    ...['-DNAPI_VERSION=8', '-DNAPI_DISABLE_CPP_EXCEPTIONS', '-DNODE_GYP_MODULE_NAME=predis'],
    ...['-DPREDIS_WITH_CUDA=1', '-DPREDIS_PLANTED_SLOWDOWN_PERCENT=0'],
    ...['-isystem', join(root, relative(root, napi)), '-isystem', headers],
  ];
  const headersDigest = digestOf(...filesBelow('', '.hpp').map((file) => readFileSync(file)));
  mkdirSync(folder, { recursive: true });
  const tasks = sources.map((source) => {
    const digest = digestOf(compiler, ...flags, headersDigest, relative(root, source), readFileSync(source));
    return { source, object: join(folder, `${basename(source, '.cpp')}.${digest}.o`) };
  });
  const objects = tasks.map(({ object }) => object);
  const wanted = digestOf(...objects);
  const linked = join(folder, `${wanted}.node`);
  if (!existsSync(linked)) {
    for (const name of readdirSync(folder)) {
      if (!objects.includes(join(folder, name))) rmSync(join(folder, name), { force: true });
    }
    const errors = [];
    let next = 0;
    const worker = async () => {
      for (let task = tasks[next++]; task !== undefined; task = tasks[next++]) {
        const error = await make(compiler, [...flags, '-c', task.source], task.object);
        if (error !== null) errors.push(error);
      }
    };
    await Promise.all(Array.from({ length: jobs }, worker));
    if (errors.length === 0) {
      const error = await make(compiler, ['-shared', '-pthread', ...objects, '-ldl', '-lrt'], linked);
      if (error !== null) errors.push(error);
    }
    if (errors.length > 0) throw new Error(errors.join('\n'));
  }
  return linked;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(`build-simulated: ${relative(root, await buildSimulatedAddon())}`);
  } catch (error) {
    console.error(`build-simulated: ${error.message}`);
    process.exit(1);
  }
}
