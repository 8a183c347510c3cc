/** `gate` and `baseline` as users call them, on sessions made for tests. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import type { GateReport } from '../../src/gate/index.js';
import { makeResultFile, type FixtureOptions } from '../analysis/fixtures.js';
import { predisBench, temporaryFolder } from './support.js';

const folder = temporaryFolder();
after(folder.remove);

const write = (name: string, options: FixtureOptions): string => {
  const path = join(folder.path, name);
  writeFileSync(path, JSON.stringify(makeResultFile({ blocks: 6, trialSd: 0.01, ...options })));
  return path;
};
const base = write('base.json', { seed: 1 });
const same = write('same.json', { seed: 2 });
const slow = write('slow.json', { seed: 3, predisSpeed: 0.7 });
const elsewhere = write('elsewhere.json', { seed: 4, fingerprint: 'fedcba9876543210', sessionShift: -0.5 });
const gate = (words: readonly string[], environment = {}) =>
  predisBench(folder.path, ['gate', ...words], { GITHUB_STEP_SUMMARY: '', ...environment });
const baselines = ['--baselines', join(folder.path, 'kept')];

describe('gate and baseline, from the first acceptance on', () => {
  it('answers 4 without a baseline, and the command it names makes one', async () => {
    const none = await gate([same, ...baselines]);
    assert.equal(none.status, 4, none.stderr);
    assert.match(none.stdout, /^Accept one: predis-bench baseline accept \S+ --reason "the first one"$/m);
    assert.match(none.stdout, /^Gate: NO BASELINE \(exit code 4\)\.$/m);
    const accept = ['baseline', 'accept', base, '--reason', 'the first one', '--by', 'a test', ...baselines];
    const accepted = await predisBench(folder.path, accept);
    assert.equal(accepted.status, 0, accepted.stderr);
    assert.match(accepted.stdout, /^accepted {2}hft on Made-up CPU for tests, 2 CPUs \(0123456789abcdef\)/m);
  });

  it('finds the baseline of the machine by itself', async () => {
    const [well, worse] = [await gate([same, ...baselines]), await gate([slow, ...baselines])];
    assert.equal(well.status, 0, well.stdout);
    assert.equal(worse.status, 1, worse.stdout);
    assert.match(worse.stdout, /^REGRESSED {2}hft, predis, throughput .*lost (29|30|31)/m);
  });

  it('judges ratios on another machine when asked to, and says what that assumes', async () => {
    const refused = await gate([elsewhere, ...baselines]);
    assert.equal(refused.status, 4);
    assert.match(refused.stdout, /There is one of .* with which --relative can compare/);
    const relative = await gate([elsewhere, '--relative', ...baselines]);
    assert.equal(relative.status, 0, relative.stdout);
    assert.match(relative.stdout, /^Note: Judged on the ratio of Predis to Redis within each session/m);
  });

  it('shows what was accepted, by whom, when and why', async () => {
    const words = ['accept', slow, '--reason', 'slower, but right', '--by', 'another', ...baselines];
    await predisBench(folder.path, ['baseline', ...words]);
    const ask = async (...asked: string[]) =>
      (await predisBench(folder.path, ['baseline', ...asked, ...baselines])).stdout;
    assert.match(
      await ask('list'),
      /^hft on .*2 baselines accepted\n {2}now: .* by another: slower, but right$/m,
    );
    const history = await ask('history', 'hft');
    assert.ok(history.indexOf('by another: slower, but right') < history.indexOf('by a test: the first one'));
    assert.match(history, /regressed, beside the one before/);
    assert.doesNotMatch(await ask('show', 'hft'), /the first one/);
    const listed = JSON.parse(await ask('list', '--json')) as { suite: string; entries: unknown[] }[];
    assert.deepEqual([listed[0]?.suite, listed[0]?.entries.length], ['hft', 2]);
  });
});

describe('outputs of the gate', () => {
  it('are all written at once, and the summary of a GitHub step is appended to', async () => {
    const at = (name: string) => join(folder.path, 'out', name);
    mkdirSync(join(folder.path, 'out'));
    writeFileSync(at('summary.md'), 'what was there\n');
    const files = ['--junit', at('gate.xml'), '--markdown', at('gate.md'), '--json-file', at('gate.json')];
    const result = await gate([slow, '--baseline', base, '--format', 'github', ...files], {
      GITHUB_STEP_SUMMARY: at('summary.md'),
    });
    assert.equal(result.status, 1, result.stderr);
    assert.match(result.stdout, /^::error title=REGRESSED/m);
    assert.match(readFileSync(at('gate.xml'), 'utf8'), /<failure message="REGRESSED/);
    const markdown = readFileSync(at('gate.md'), 'utf8');
    assert.match(markdown, /^### predis-bench gate: REGRESSED/);
    assert.equal(readFileSync(at('summary.md'), 'utf8'), `what was there\n${markdown}`);
    const report = JSON.parse(readFileSync(at('gate.json'), 'utf8')) as GateReport;
    assert.deepEqual(
      [report.format, report.schemaVersion, report.verdict],
      ['predis-bench-gate', 2, 'regressed'],
    );
  });

  it('touches no summary without --format github', async () => {
    const summary = join(folder.path, 'untouched.md');
    await gate([same, '--baseline', base], { GITHUB_STEP_SUMMARY: summary });
    assert.equal(existsSync(summary), false);
  });

  it('exist also where nothing could be judged: an old file would look like an answer', async () => {
    const stale = join(folder.path, 'stale.xml');
    const answers: readonly [readonly string[], number, RegExp][] = [
      [[elsewhere, '--baseline', base], 4, /<error message="NO BASELINE: .*another machine/],
      [
        [same, '--baseline', join(folder.path, 'nowhere.json')],
        7,
        /<error message="NOT JUDGED: .*no such file/,
      ],
    ];
    for (const [words, status, content] of answers) {
      writeFileSync(stale, 'of yesterday');
      const result = await gate([...words, '--junit', stale, '--json']);
      assert.equal(result.status, status, result.stderr);
      assert.match(readFileSync(stale, 'utf8'), content);
      assert.equal((JSON.parse(result.stdout) as GateReport).exitCode, status);
    }
  });

  it('that cannot be written are an error of their own', async () => {
    const result = await gate([same, '--baseline', base, '--junit', '/proc/nowhere/gate.xml']);
    assert.equal(result.status, 7);
    assert.match(result.stderr, /\/proc\/nowhere\/gate\.xml could not be written/);
  });
});

describe('what is judged', () => {
  it('is what --margin names, by as much as it says', async () => {
    const result = await gate([slow, '--baseline', base, '--margin', 'throughput=40%', '--json']);
    const report = JSON.parse(result.stdout) as GateReport;
    assert.deepEqual(
      report.comparisons.map(({ metric, margin, verdict }) => ({ metric, margin, verdict })),
      [{ metric: 'throughput', margin: 0.4, verdict: 'no-regression' }],
    );
  });

  it('is an error when it is not there', async () => {
    const result = await gate([same, '--baseline', base, '--contenders', 'prdis']);
    assert.equal(result.status, 2);
    assert.match(result.stderr, /no(t|) .*prdis|contender prdis/);
  });
});
