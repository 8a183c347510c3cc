import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readResultFile } from '../../src/results/read.js';
import type { Summary } from '../../src/analysis/summary.js';
import { predisBench, temporaryFolder } from './support.js';

const folder = temporaryFolder();
after(folder.remove);

describe('run, then report', () => {
  it('measures all workloads on real Redis and Predis, verifies every value, and renders a report', async () => {
    const run = await predisBench(folder.path, [
      ...['run', 'all', '--quick', '--blocks', '1', '--window-ms', '20', '--warmup-ms', '5'],
      ...['--contenders', 'redis,predis,map', '--no-redis-benchmark'],
      // enough that every kind of request is made; what a trial costs beside its window is keys and streams
      ...[
        'basic.keys=1000',
        'basic.operations=20000',
        'batch.keys=10000',
        'batch.operations=20000',
        'hft.symbols=1000',
        'hft.operations=20000',
        'ml-training.batches=20',
        'ml-training.samplesPerBatch=100',
        'gaming.players=1000',
        'gaming.activePlayers=100',
        'gaming.operations=20000',
        'leaderboard.players=1000',
        'leaderboard.maxThreads=2',
        'leaderboard.operations=20000',
        'zipfian.keys=2000',
        'zipfian.operations=20000',
        'analytics.operations=100000',
        'temporal.keys=2000',
        'temporal.operations=20000',
        'mixed-sizes.operations=5000',
        'key-sizes.keys=2000',
        'key-sizes.operations=20000',
        'concurrent.clients=1,4',
        'concurrent.maxThreads=2',
        'concurrent.keys=1000',
        'concurrent.operations=20000',
      ].flatMap((setting) => ['--set', setting]),
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
});
