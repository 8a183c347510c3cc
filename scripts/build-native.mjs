// Builds the native addon: build/Release/predis.node, or <dir>/Release/predis.node with --out-dir <dir>.
//
//   node scripts/build-native.mjs [--force] [--out-dir <dir>] [--planted-slowdown <percent>]
//
// Does nothing when the addon was built from the same sources and settings. --planted-slowdown makes every
// engine call that much slower: it exists to prove that the regression gate sees it, and wants an --out-dir of its own.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildCudaArchive, cudaSources, findCuda } from './build-cuda.mjs';

const root = dirname(import.meta.dirname);
const nodeGyp = join(root, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');

/** Ends with one clear sentence. */
function fail(sentence, exitCode = 1) {
  console.error(`build-native: ${sentence}`);
  process.exit(exitCode);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        force: { type: 'boolean', default: false },
        'out-dir': { type: 'string', default: 'build' },
        'planted-slowdown': { type: 'string', default: '0' },
      },
    });
    return values;
  } catch (error) {
    return fail(error.message, 2);
  }
}

const options = readOptions();
const slowdownPercent = Number(options['planted-slowdown']);
if (!Number.isInteger(slowdownPercent) || slowdownPercent < 0 || slowdownPercent > 1000) {
  fail('--planted-slowdown takes a whole number of percent from 0 to 1000.', 2);
}
const outDir = resolve(root, options['out-dir']);
const isDefaultPlace = outDir === join(root, 'build');
if (slowdownPercent > 0 && isDefaultPlace) {
  fail(
    '--planted-slowdown needs an --out-dir of its own, so that nobody measures the slowed build by mistake.',
    2,
  );
}

/**
 * Folder with include/node/ of some Node.js, or null: node-gyp then downloads the headers. Those of the running Node.js come
 * first, but any will do: the addon uses Node-API alone, whose binary interface all versions share.
 */
function headersFolder() {
  const prefix = dirname(dirname(process.execPath));
  const hasHeaders = (folder) => folder && existsSync(join(folder, 'include', 'node', 'node_api.h'));
  return [process.env.npm_config_nodedir, prefix, '/usr', '/usr/local'].find(hasHeaders) ?? null;
}

/** Sources of the addon, in a fixed order. */
function sources() {
  const folders = ['engine', 'cpu', 'nvml', 'binding', 'noop'].map((name) => join(root, 'native', name));
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.[ch]pp$/.test(name))
      .sort()
      .map((name) => join(folder, name)),
  );
  // All of the device's side that the binding includes.
  const cuda = join(root, 'native', 'cuda');
  const device = readdirSync(cuda)
    .filter((name) => name.endsWith('.hpp'))
    .sort()
    .map((name) => join(cuda, name));
  return [join(root, 'binding.gyp'), ...files, ...device, join(cuda, 'store', 'device_path.hpp')];
}

/** Changes when the addon would come out different. Not with the version of Node.js: Node-API is the same for all. */
function fingerprint() {
  const hash = createHash('sha256');
  const settings = [process.platform, process.arch, slowdownPercent, process.env.CXX, cuda?.version];
  hash.update(JSON.stringify(settings));
  for (const file of [...sources(), ...(cuda === null ? [] : cudaSources())])
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

function requireTools() {
  const runs = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
  const python = process.env.npm_config_python ?? process.env.PYTHON;
  const missing = [
    [process.env.CXX ?? 'g++', [process.env.CXX, 'g++', 'c++', 'clang++']],
    [process.env.MAKE ?? 'make', [process.env.MAKE ?? 'make']],
    ['python3', [python, 'python3']],
  ]
    .filter(([, commands]) => !commands.some((command) => command && runs(command)))
    .map(([name]) => name);
  if (missing.length > 0) {
    fail(
      `building the addon needs ${missing.join(', ')}, not found on the PATH (Debian or Ubuntu: sudo apt-get install g++ make python3).`,
    );
  }
  if (!existsSync(nodeGyp)) fail('node-gyp is not installed; run npm ci first.');
}

/** Runs node-gyp where binding.gyp lies; the addon is then in build/Release below it. */
function runNodeGyp(folder, nodeDir, archive, clean) {
  const nodeGypCommand = (command, extra = []) => {
    const flags = [`--directory=${folder}`, '--jobs=2', '--loglevel=warn'];
    if (nodeDir !== null) flags.push(`--nodedir=${nodeDir}`);
    const result = spawnSync(process.execPath, [nodeGyp, command, ...flags, ...extra], {
      stdio: 'inherit',
      // binding.gyp asks for node-addon-api, which a copy outside of the repository would not find.
      env: { ...process.env, NODE_PATH: join(root, 'node_modules') },
    });
    if (result.status !== 0) fail(`node-gyp ${command} failed; what the compiler said is above.`);
  };
  // Not by node-gyp clean, which removes the whole of build/ and what others keep there.
  if (clean) rmSync(join(folder, 'build', 'Release'), { recursive: true, force: true });
  const definitions = {
    predis_planted_slowdown_percent: slowdownPercent,
    predis_with_cuda: archive === null ? 0 : 1,
    predis_cuda_archive: archive?.archive ?? '',
    predis_cudart: archive?.cudart ?? '',
  };
  nodeGypCommand('configure', [
    '--',
    ...Object.entries(definitions).map(([name, value]) => `-D${name}=${value}`),
  ]);
  nodeGypCommand('build');
}

/** The CUDA engine, compiled, or null where it cannot be. */
async function cudaArchive() {
  if (cuda === null) {
    console.log('build-native: nvcc was not found, so the addon is built without the CUDA engine.');
    return null;
  }
  console.log('build-native: compiling the CUDA engine …');
  try {
    return await buildCudaArchive(cuda);
  } catch (error) {
    return fail(`the CUDA engine does not compile:\n${error.message}`);
  }
}

/**
 * Writes beside the addon what it was compiled with, as the generated makefile has it: results disclose it. Paths are left out.
 */
function writeFlags(folder, target) {
  const makefile = join(folder, 'build', 'predis.target.mk');
  if (!existsSync(makefile)) return;
  const text = readFileSync(makefile, 'utf8').replaceAll('\\\n', ' ');
  const words = ['CFLAGS_Release', 'CFLAGS_CC_Release', 'DEFS_Release'].flatMap((name) => {
    const line = new RegExp(`^${name} :=(.*)$`, 'm').exec(text)?.[1] ?? '';
    return line.split(/\s+/).map((word) => word.replaceAll("'", ''));
  });
  const flags = [...new Set(words)].filter((word) => /^-(?:[fmOWs]|pthread|DPREDIS_|DNAPI_)/.test(word));
  writeFileSync(target, `${JSON.stringify({ flags: flags.join(' ') })}\n`);
}

const cuda = findCuda();
const addon = join(outDir, 'Release', 'predis.node');
const noopServer = join(outDir, 'Release', 'predis-noop-server');
const stampFile = join(outDir, 'predis.stamp');
const flagsFile = join(outDir, 'Release', 'predis.flags.json');
const wanted = fingerprint();
if (
  !options.force &&
  existsSync(addon) &&
  (!isDefaultPlace || existsSync(noopServer)) &&
  existsSync(stampFile) &&
  readFileSync(stampFile, 'utf8') === wanted
) {
  if (!existsSync(flagsFile)) writeFlags(isDefaultPlace ? root : join(outDir, 'source'), flagsFile);
  console.log(`build-native: ${relative(root, addon)} is up to date.`);
  process.exit(0);
}

requireTools();
const nodeDir = headersFolder();
const archive = await cudaArchive();
if (isDefaultPlace) {
  runNodeGyp(root, nodeDir, archive, options.force);
  writeFlags(root, flagsFile);
} else {
  // node-gyp always builds into build/ beside binding.gyp, so a variant is built from a copy.
  const copy = join(outDir, 'source');
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const file of sources()) {
    cpSync(file, join(copy, relative(root, file)));
  }
  runNodeGyp(copy, nodeDir, archive, false);
  cpSync(join(copy, 'build', 'Release', 'predis.node'), addon);
  writeFlags(copy, flagsFile);
}
writeFileSync(stampFile, wanted);
console.log(`build-native: built ${relative(root, addon)}.`);
