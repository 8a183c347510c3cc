import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findDegradation, type RampPoint } from '../../src/analysis/ramp.js';
import { summarise } from '../../src/analysis/summarise.js';
import type { ResultFile } from '../../src/results/schema.js';
import { medianInterval } from '../../src/stats/index.js';
import { makeResultFile } from './fixtures.js';

/** Points of a curve, each with `trials` values spread by ±2 % around it. */
function ramp(
  curve: readonly (readonly [clients: number, throughput: number, p99: number])[],
  trials = 8,
): RampPoint[] {
  const around = (middle: number): RampPoint['throughput'] => {
    const values = Array.from({ length: trials }, (_, i) => middle * (0.98 + (0.04 * i) / (trials - 1)));
    const { estimate, low, high } = medianInterval(values, { confidence: 0.95 });
    return { median: { estimate, low, high }, values };
  };
  return curve.map(([clients, throughput, p99]) => ({
    caseId: `concurrent/${String(clients)}`,
    ...{ clients, workers: 1, throughput: around(throughput), latencyP99: around(p99) },
  }));
}

describe('a ramp of clients', () => {
  it('stops growing where no later number of clients is faster, and is degraded past twice the first p99', () => {
    const found = findDegradation(
      ramp([
        [1, 100, 1_000],
        [2, 195, 1_050],
        [4, 300, 1_900],
        [8, 303, 3_900],
        [16, 250, 9_000],
      ]),
      0.95,
    );
    assert.deepEqual(found.throughput, { state: 'stops', step: 2 });
    assert.deepEqual(found.latencyP99, { state: 'passes', step: 3 });
    assert.equal(found.steps[0]?.throughputRatio, null);
    assert.ok(Math.abs((found.steps[4]?.latencyP99Ratio?.estimate ?? NaN) - 9) < 0.1);
  });

  it('sorts by clients, and a dip before the top is no end of growth', () => {
    const found = findDegradation(
      ramp([
        [8, 400, 1_000],
        [1, 100, 1_000],
        [4, 90, 1_000],
      ]),
      0.95,
    );
    assert.deepEqual(
      found.steps.map(({ clients }) => clients),
      [1, 4, 8],
    );
    assert.deepEqual(found.throughput, { state: 'grows', step: 2 });
    assert.deepEqual(found.latencyP99, { state: 'within', step: null });
  });

  it('says nothing where the trials are too few for an interval, or the growth is not shown', () => {
    const few = findDegradation(
      ramp(
        [
          [1, 100, 1_000],
          [2, 200, 9_000],
        ],
        2,
      ),
      0.95,
    );
    assert.deepEqual(few.throughput, { state: 'too-few-trials', step: null });
    assert.deepEqual(few.latencyP99, { state: 'too-few-trials', step: null });
    const slight = findDegradation(
      ramp([
        [1, 100, 1_000],
        [2, 104, 2_010],
      ]),
      0.95,
    );
    assert.deepEqual(slight.throughput, { state: 'stops', step: 0 });
    // 2.01 times, but the interval reaches below 2
    assert.deepEqual(slight.latencyP99, { state: 'within', step: null });
    assert.throws(() => findDegradation(ramp([[1, 1, 1]]), 0.95), RangeError);
  });
});

describe('the summary of a run with several numbers of clients', () => {
  const withClients = (counts: readonly number[]): ResultFile => {
    const result = makeResultFile({ cases: counts.map((count) => `concurrent/${String(count)}-clients`) });
    for (const [index, plan] of result.plan.cases.entries()) {
      plan.clients = { workers: 1, connections: counts[index] ?? 1 };
      plan.refusals = [{ contender: 'redis-pipelined', reason: 'is tired' }];
      for (const block of plan.blocks) block.splice(0, block.length, 'redis', 'predis', 'predis', 'redis');
    }
    result.trials = [];
    result.plan.comparisons = [];
    const measured = makeResultFile({ cases: result.plan.cases.map(({ id }) => id) }).trials;
    for (const plan of result.plan.cases) {
      for (const [block, order] of plan.blocks.entries()) {
        for (const [position, contender] of order.entries()) {
          const trial = measured.find(
            (candidate) =>
              candidate.caseId === plan.id && candidate.contender === contender && candidate.block === block,
          );
          assert.ok(trial);
          result.trials.push({ ...trial, position });
        }
      }
    }
    return result;
  };

  it('has a ramp and a sentence for each contender that took it, and says who did not', () => {
    const summary = summarise([{ fileName: 'made.json', result: withClients([1, 2, 4]) }]);
    assert.deepEqual(
      summary.ramps.map(({ contender, steps }) => [contender, steps.map(({ clients }) => clients)]),
      [
        ['redis', [1, 2, 4]],
        ['predis', [1, 2, 4]],
      ],
    );
    assert.equal(summary.degradation.length, 2);
    // The made-up numbers are of one curve without a slope.
    assert.match(
      summary.degradation[0]?.text ?? '',
      /^concurrent, redis \(made for tests\): throughput stops growing at 1 client \(.*\/s\); p99 latency is not shown to pass 2\.00× that of 1 client \(.*µs\) up to 4 clients\.$/,
    );
    const caveats = summary.caveats.map(({ text }) => text).join('\n');
    assert.match(
      caveats,
      /redis-pipelined takes no part in concurrent\/1-clients and other cases .*: it is tired\./,
    );
    assert.doesNotMatch(caveats, /worker thread with/);
  });

  it('has none for one number of clients, or for cases that leave it to the run', () => {
    assert.deepEqual(summarise([{ fileName: 'a.json', result: withClients([4]) }]).ramps, []);
    assert.deepEqual(summarise([{ fileName: 'b.json', result: makeResultFile() }]).degradation, []);
  });
});
