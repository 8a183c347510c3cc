// `npm test`: set-up, then the native tests and every test of dist/test, two at a time. Ends with "N passed, N failed".
// Usage: node scripts/test.mjs [part of a file name …]   (runs only the matching files, and no native tests)
import { join } from 'node:path';
import { root, say } from './lib.mjs';
import { missingCompiler, nativePrograms, nativeTestTasks } from './native-programs.mjs';
import { installWithApt, setUp } from './setup.mjs';
import { capture, runTasks } from './task-pool.mjs';
import { fileTasks, testFiles } from './test-files.mjs';

const slots = 2;
const slowestShown = 10;

const wanted = process.argv.slice(2);
setUp();
// The browser tests skip, loudly, without a browser; CI is where they must run.
if (process.env.CI !== undefined && !installWithApt('chromium', 'chromium')) {
  say('chromium could not be installed: the browser tests will be skipped');
}

const counts = { passed: 0, failed: 0, skipped: 0, failures: [], files: [] };
const fail = (sentence) => {
  counts.failed += 1;
  counts.failures.push(sentence);
};

/** Compiles beside other tests what `predis/device-simulated` would compile; it says itself what is wrong with it. */
const simulatedAddon = {
  name: 'simulated addon',
  kind: 'compile',
  priority: 1000,
  needs: [],
  run: async (options) => {
    await capture(process.execPath, [join(root, 'scripts/build-simulated.mjs'), '--jobs', '1'], options);
    return true;
  },
};

function nativeTasks() {
  const compiler = missingCompiler();
  if (compiler === null) return nativeTestTasks(nativePrograms(), { tidy: true, counts });
  fail(`the native tests need ${compiler} (Debian or Ubuntu: sudo apt-get install g++)`);
  return [];
}

const names = testFiles(wanted);
if (names.length === 0) {
  console.error('no test file matches');
  process.exit(2);
}
const tasks =
  wanted.length > 0
    ? fileTasks(names, counts)
    : [
        ...nativeTasks(),
        simulatedAddon,
        ...fileTasks(names, counts, { 'predis/device-simulated': [simulatedAddon] }),
      ];
for (const { name, kind } of await runTasks(tasks, { slots })) {
  if (kind === 'test') fail(`${name}: it does not compile`);
}

const slowest = counts.files.sort((a, b) => b.seconds - a.seconds).slice(0, slowestShown);
console.log(`\nslowest files:`);
for (const { name, seconds } of slowest) console.log(`${seconds.toFixed(1).padStart(8)} s  ${name}`);
if (counts.failures.length > 0) {
  console.log('\nfailed:');
  for (const failure of counts.failures) console.log(`  ✖ ${failure}`);
}
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
const { passed, failed, skipped } = counts;
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
