// `npm run test:gpu`: the client's tests on the CUDA engine, and the native tests of the GPU under build/gpu-tests/, if they
// were built. Needs a GPU and what is built already (dist/ and build/), nothing else: no npm, no network, no compiler.
// Without a GPU it skips, loudly, with one line. Ends with "N passed, N failed".
//
//   node scripts/test-gpu.mjs [part of a file name …]
//   node scripts/test-gpu.mjs --sanitize    the native tests of the backend, small, under compute-sanitizer: memcheck and
//                                           racecheck; those of the whole contract under memcheck
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run as runTests } from 'node:test';
import { spec } from 'node:test/reporters';
import { root, stop } from './lib.mjs';

const sanitizes = process.argv.includes('--sanitize');
const wanted = process.argv.slice(2).filter((word) => word !== '--sanitize');
const matches = (path) => wanted.length === 0 || wanted.some((part) => basename(path).includes(part));
const library = join(root, 'dist/src/predis/index.js');
const testFolder = join(root, 'dist/test/predis');
const nativeFolder = join(root, 'build/gpu-tests');
/** A test that hangs has failed; so has one that is still at work after this. */
const timeLimitMs = 600_000;

if (!existsSync(library) || !existsSync(testFolder)) {
  stop('dist/ is not built: run npm run build on a machine that has it, and copy dist/ here.');
}

/** Why the CUDA engine does not run here; null when it does. */
async function whyNoGpu() {
  const { PredisClient } = await import(library);
  const client = new PredisClient({ engine: 'cuda' });
  try {
    client.connectSync();
    const { device } = client.infoSync();
    console.log(`test:gpu: on ${device?.name ?? 'an unknown device'}`);
    return null;
  } catch (error) {
    if (error.code === 'ENGINE_UNAVAILABLE') return error.message;
    throw error;
  } finally {
    client.disconnectSync();
  }
}

const why = await whyNoGpu().catch((error) => stop(`the addon does not run: ${error.message}`));
if (why !== null) {
  console.log(`test:gpu: SKIPPED, NOTHING WAS TESTED: ${why}`);
  process.exit(0);
}

const counts = { passed: 0, failed: 0, skipped: 0 };

/** Runs a native test program, or a tool with it, and counts its lines "ok - …" and "not ok - …". */
function runProgram(file, tool = [], env = {}) {
  return new Promise((resolve) => {
    const [command, ...words] = [...tool, file];
    const child = spawn(command, words, {
      cwd: nativeFolder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    let output = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeLimitMs);
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', (error) => (output += `not ok - ${basename(file)} does not start: ${error.message}\n`));
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const lines = output.split('\n');
      const passed = lines.filter((line) => line.startsWith('ok - ')).length;
      let failed = lines.filter((line) => line.startsWith('not ok - ')).length;
      console.log(output.trimEnd());
      const ended = timedOut ? `took more than ${timeLimitMs / 1000} s` : `ended with ${code ?? signal}`;
      if (code !== 0 && failed === 0) {
        console.log(`not ok - ${basename(file)} ${ended}`);
        failed = 1;
      } else if (passed + failed === 0) {
        console.log(`not ok - ${basename(file)} tested nothing`);
        failed = 1;
      }
      counts.passed += passed;
      counts.failed += failed;
      resolve();
    });
  });
}

const isProgram = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};
const programs = (existsSync(nativeFolder) ? readdirSync(nativeFolder) : [])
  .sort()
  .map((name) => join(nativeFolder, name))
  .filter((path) => isProgram(path) && matches(path));
if (programs.length === 0) console.log('test:gpu: no native tests in build/gpu-tests/');
// one at a time: they share one GPU
for (const program of sanitizes ? [] : programs) await runProgram(program);

if (sanitizes) {
  // What the sanitizer finds makes the program end with a code of its own, which counts as a failure.
  const small = { PREDIS_GPU_TEST_SMALL: '1' };
  for (const [program, tool] of [
    ['backend_test', 'racecheck'],
    ['backend_test', 'memcheck'],
    ['engine_contract_test', 'memcheck'],
  ]) {
    console.log(`test:gpu: ${program} under ${tool}`);
    const words = ['compute-sanitizer', '--tool', tool, '--error-exitcode', '99'];
    // A test asks for memory that is not there, on purpose; the tests look at every call's answer themselves.
    if (tool === 'memcheck') words.push('--report-api-errors', 'no');
    await runProgram(join(nativeFolder, program), words, small);
  }
  const { passed, failed } = counts;
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

const files = readdirSync(testFolder)
  .filter((name) => name.endsWith('.test.js'))
  .map((name) => join(testFolder, name))
  .filter(matches)
  .sort();
if (programs.length + files.length === 0) stop('no test matches.', 2);

process.env.PREDIS_TEST_ENGINE = 'cuda'; // read by test/predis/support.ts
const isLeaf = (data) => data.details?.type !== 'suite' && !files.includes(data.name);
if (files.length > 0) {
  const stream = runTests({ files, concurrency: 1, timeout: timeLimitMs });
  stream.on('test:pass', (data) => {
    if (!isLeaf(data)) return;
    if (data.skip !== undefined && data.skip !== false) counts.skipped += 1;
    else counts.passed += 1;
  });
  stream.on('test:fail', (data) => {
    if (data.details?.type !== 'suite') counts.failed += 1;
  });
  stream.compose(spec).pipe(process.stdout);
  stream.on('end', () => {
    process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
  });
} else {
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}
process.on('exit', () => {
  const { passed, failed, skipped } = counts;
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
});
