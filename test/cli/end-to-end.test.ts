import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readResultFile } from '../../src/results/read.js';
import type { Summary } from '../../src/analysis/summary.js';
import { predisBench, smallRun, temporaryFolder } from './support.js';

const folder = temporaryFolder();
after(folder.remove);

describe('run, then report', () => {
  it('measures all workloads on real Redis and Predis, verifies every value, and renders a report', async () => {
    const run = await predisBench(folder.path, [
      ...['run', 'all', '--quick', '--blocks', '1', '--window-ms', '20', '--warmup-ms', '5'],
      ...['--contenders', 'redis,predis,map', '--no-redis-benchmark'],
      ...['--set', 'ml-training.batches=20', '--set', 'ml-training.samplesPerBatch=100'],
      ...['--set', 'zipfian.keys=2000', '--set', 'batch.keys=20000', '--set', 'batch.operations=50000'],
      ...['--set', 'analytics.operations=200000', '--set', 'temporal.operations=50000'],
      ...['--set', 'leaderboard.players=5000', '--set', 'leaderboard.operations=20000'],
      ...[
        '--set',
        'leaderboard.maxThreads=2',
        '--set',
        'concurrent.clients=1,4',
        '--set',
        'concurrent.maxThreads=2',
      ],
      ...[
        '--set',
        'concurrent.operations=20000',
        '--set',
        'mixed-sizes.operations=10000',
        '--set',
        'key-sizes.operations=20000',
      ],
    ]);
    assert.equal(run.status, 0, run.stderr);
    const [name] = readdirSync(join(folder.path, 'predis-bench-results'));
    assert.ok(name !== undefined);
    const path = join(folder.path, 'predis-bench-results', name);
    const before = readFileSync(path, 'utf8');
    const result = readResultFile(path);
    assert.equal(result.status, 'complete');
    assert.deepEqual(
      result.plan.cases.map(({ id }) => id),
      [
        'basic',
        'batch/10-keys',
        'batch/100-keys',
        'batch/1000-keys',
        'batch/10000-keys',
        'hft',
        'ml-training',
        'gaming',
        'leaderboard',
        'zipfian',
        'analytics/1000-metrics',
        'analytics/10000-metrics',
        'temporal',
        'mixed-sizes',
        'key-sizes/8-bytes',
        'key-sizes/32-bytes',
        'key-sizes/128-bytes',
        'key-sizes/1024-bytes',
        'concurrent/1-client',
        'concurrent/4-clients',
      ],
    );
    // The map takes no case with clients in two threads.
    const refusals = result.plan.cases.flatMap((plan) => plan.refusals ?? []);
    assert.ok(refusals.every(({ contender }) => contender === 'map'));
    assert.equal(
      result.trials.length,
      (20 * (3 + 1) - refusals.length) * 2,
      `three contenders and the control's second arm`,
    );
    for (const trial of result.trials) {
      assert.equal(trial.state, 'measured', JSON.stringify(trial).slice(0, 300));
      assert.equal(trial.correctness.wrong, 0);
      assert.ok(trial.correctness.readBackKeys > 0);
    }

    const report = await predisBench(folder.path, ['report', '--json']);
    assert.equal(report.status, 0, report.stderr);
    const written = JSON.parse(report.stdout) as { htmlPath: string; jsonPath: string; pngPaths: string[] };
    assert.ok(readFileSync(path, 'utf8') === before, 'the report changed the result file');
    assert.match(readFileSync(join(folder.path, written.htmlPath), 'utf8'), /self-reported, unaudited/);
    assert.ok(written.pngPaths.length >= 4);
    for (const png of written.pngPaths) assert.ok(existsSync(join(folder.path, png)));
    const summary = JSON.parse(readFileSync(join(folder.path, written.jsonPath), 'utf8')) as Summary;
    assert.equal(summary.cases.length, 20);
    assert.equal(summary.statistics.canReachP001.signedRank, false);
    assert.match(
      summary.caveats.map(({ text }) => text).join('\n'),
      /p < 0\.001 could not have been reached/,
    );

    const again = await predisBench(folder.path, ['report', '--json']);
    assert.equal(again.stdout, report.stdout, 'what a report wrote was taken for a result');
  });

  it('gives the same streams and schedule for the same seed, and others for another', async () => {
    const plan = async (seed: string) => {
      const output = join(folder.path, `seed-${seed}-${String(Math.random()).slice(2)}.json`);
      const words = [...smallRun, '--contenders', 'map,predis', '--seed', seed, '--output', output];
      const run = await predisBench(folder.path, words);
      assert.equal(run.status, 0, run.stderr);
      return readResultFile(output).plan.cases.map(({ stream, blocks }) => [stream.sha256, blocks]);
    };
    const [first, second, other] = [await plan('7'), await plan('7'), await plan('8')];
    assert.deepEqual(first, second);
    assert.notDeepEqual(first, other);
  });

  it('drives with several workers and connections', async () => {
    const output = join(folder.path, 'workers.json');
    const words = ['--workers', '2', '--connections', '3', '--contenders', 'redis-p4,predis'];
    const run = await predisBench(folder.path, [...smallRun, ...words, '--output', output]);
    assert.equal(run.status, 0, run.stderr);
    const { trials } = readResultFile(output);
    assert.ok(trials.length > 0 && trials.every(({ state }) => state === 'measured'));
  });
});

describe('list and help', () => {
  it('lists workloads and contenders as JSON', async () => {
    const { stdout, status } = await predisBench(folder.path, ['list', '--json']);
    assert.equal(status, 0);
    const { workloads } = JSON.parse(stdout) as { workloads: { name: string }[] };
    assert.deepEqual(
      workloads.map(({ name }) => name),
      [
        ...['basic', 'batch', 'hft', 'ml-training', 'gaming', 'leaderboard', 'zipfian'],
        ...['analytics', 'temporal', 'mixed-sizes', 'key-sizes', 'concurrent', 'trace'],
      ],
    );
  });

  it('prints help and version with exit code 0', async () => {
    for (const words of [['--help'], ['run', '--help'], ['--version']]) {
      const { status, stdout } = await predisBench(folder.path, words);
      assert.equal(status, 0);
      assert.ok(stdout.length > 3);
    }
  });
});
