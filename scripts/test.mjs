// `npm test`: set-up, then the native tests and every test of dist/test. Ends with "N passed, N failed".
// Usage: node scripts/test.mjs [part of a file name …]   (runs only the matching files, and no native tests)
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run as runTests } from 'node:test';
import { spec } from 'node:test/reporters';
import { root, say } from './lib.mjs';
import { installWithApt, setUp } from './setup.mjs';

const wanted = process.argv.slice(2);
setUp();
// The browser tests skip, loudly, without a browser; CI is where they must run.
if (process.env.CI !== undefined && !installWithApt('chromium', 'chromium')) {
  say('chromium could not be installed: the browser tests will be skipped');
}

let passed = 0;
let failed = 0;
let skipped = 0;

if (wanted.length === 0) {
  const native = spawnSync(process.execPath, [join(root, 'scripts/native-tests.mjs')], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  process.stdout.write(native.stdout);
  const line = /^native: (\d+) passed, (\d+) failed/m.exec(native.stdout);
  passed += Number(line?.[1] ?? 0);
  failed += Number(line?.[2] ?? 0);
  if (line === null || (native.status !== 0 && line[2] === '0')) {
    console.error('the native tests did not run to their end');
    failed += 1;
  }
}

const testFolder = join(root, 'dist/test');
const files = readdirSync(testFolder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.js'))
  .map((name) => join(testFolder, name))
  .filter((path) => wanted.length === 0 || wanted.some((part) => relative(testFolder, path).includes(part)))
  .sort();
if (files.length === 0) {
  console.error('no test file matches');
  process.exit(2);
}

const isLeaf = (data) => data.details?.type !== 'suite' && !files.includes(data.name);
const stream = runTests({ files, concurrency: 2 });
stream.on('test:pass', (data) => {
  if (!isLeaf(data)) return;
  if (data.skip !== undefined && data.skip !== false) skipped += 1;
  else passed += 1;
});
stream.on('test:fail', (data) => {
  // a file that fails before its first test counts too
  if (data.details?.type !== 'suite') failed += 1;
});
stream.compose(spec).pipe(process.stdout);
stream.on('end', () => {
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
});
process.on('exit', () => {
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
});
