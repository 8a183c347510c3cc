// The test files of dist/test, as tasks of scripts/task-pool.mjs: each in a process of its own.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { root } from './lib.mjs';
import { capture } from './task-pool.mjs';

const testFolder = join(root, 'dist/test');
const reporter = pathToFileURL(join(root, 'scripts/test-events.mjs')).href;

/**
 * The files that take longest, and about how many seconds: they are started first, so that no long one runs alone at the end.
 * It decides on order alone; `npm test` prints the slowest ones.
 */
const longFiles = {
  'cli/all-workloads': 60,
  'report/browser': 45,
  'cli/bad-input': 28,
  'docs/ci': 25,
  'cli/traces': 25,
  'gate/promises': 24,
  'predis/oracle': 20,
  'package/pack': 20,
  'cli/ladder': 18,
  'cli/pseudo-terminal': 17,
  'cli/end-to-end': 16,
  'cli/compare': 16,
  'engines/contract': 14,
  'cli/gate': 11,
  'cli/stopping': 11,
  'cli/validity': 11,
  'cli/config': 10,
  'gate/formats': 9,
  'analysis/error-rates': 9,
  'cli/interruption': 9,
  'report/picture': 8,
  'report/hostile-exports': 7,
  'gate/error-rates': 7,
  'cli/terminal': 7,
  'report/compact-page': 6,
  'cachesim/policies': 6,
  'measure/threads': 6,
  'cli/completion': 6,
  'report/calculator': 6,
};

/** Names of the test files, such as `cli/help`, whose name contains one of the words. */
export function testFiles(words) {
  return readdirSync(testFolder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => relative(testFolder, join(testFolder, name)).replaceAll('\\', '/'))
    .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
    .map((name) => name.slice(0, -'.test.js'.length))
    .sort();
}

/** What the reporter of the file counted; null when it did not come to its end. */
function readCounts(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** Totals of every file, which a file's own report ends with. */
const isTotal = (line) => /^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /.test(line);

/**
 * Runs a file, prints its report once it has ended, and counts.
 *
 * @returns whether all passed
 */
async function runFile(name, counts) {
  const folder = mkdtempSync(join(tmpdir(), 'predis-bench-test-counts-'));
  const countsPath = join(folder, 'counts.json');
  const started = performance.now();
  const { code, output } = await capture(
    process.execPath,
    [
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      `--test-reporter=${reporter}`,
      `--test-reporter-destination=${countsPath}`,
      join(testFolder, `${name}.test.js`),
    ],
    { cwd: root },
  );
  const found = readCounts(countsPath) ?? { passed: 0, failed: [], skipped: 0, skippedSuites: 0 };
  rmSync(folder, { recursive: true, force: true });
  const failed = [...found.failed];
  if (code !== 0 && failed.length === 0) failed.push(`the file ended with ${code}`);
  // what is skipped says so; nothing at all is a mistake
  const seen = found.passed + found.skipped + found.skippedSuites + failed.length;
  if (seen === 0) failed.push('the file has no test');
  counts.passed += found.passed;
  counts.skipped += found.skipped;
  counts.failed += failed.length;
  counts.failures.push(...failed.map((test) => `${name}: ${test}`));
  const seconds = (performance.now() - started) / 1000;
  counts.files.push({ name, seconds });
  const lines = output.split('\n').filter((line) => line !== '' && !isTotal(line));
  console.log(`\n${name} (${seconds.toFixed(1)} s)\n${lines.join('\n')}`);
  return failed.length === 0;
}

/**
 * Tasks that run test files.
 *
 * @param {Readonly<Record<string, readonly import('./task-pool.mjs').Task[]>>} needs tasks that a file needs, by its name
 */
export function fileTasks(names, counts, needs = {}) {
  return names.map((name) => ({
    name,
    kind: 'test',
    priority: longFiles[name] ?? 1,
    needs: needs[name] ?? [],
    run: () => runFile(name, counts),
  }));
}
