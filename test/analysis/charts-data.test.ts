/** What analysis adds for charts: latencies over time, curves over batch sizes and load, bytes a key, operations a joule. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchCurves } from '../../src/analysis/batch-curves.js';
import { capacityCurves } from '../../src/analysis/capacity-curves.js';
import { latencyOverTime } from '../../src/analysis/latency-over-time.js';
import { summarise } from '../../src/analysis/summarise.js';
import { encodeLatencyIntervals, LATENCY_BUCKETS } from '../../src/results/latency-intervals.js';
import type { CapacitySearch, MeasuredTrial, ResultFile } from '../../src/results/schema.js';
import { makeResultFile } from './fixtures.js';

const measured = (result: ResultFile): MeasuredTrial[] =>
  result.trials.filter((trial): trial is MeasuredTrial => trial.state === 'measured');

/** So many requests in buckets of intervals, as a trial records them. */
function recorded(...intervals: readonly Readonly<Record<number, number>>[]): string {
  const counts = new Array<number>(intervals.length * LATENCY_BUCKETS).fill(0);
  for (const [interval, buckets] of intervals.entries()) {
    for (const [bucket, count] of Object.entries(buckets)) {
      counts[interval * LATENCY_BUCKETS + Number(bucket)] = count;
    }
  }
  return encodeLatencyIntervals(counts);
}

/** Trials of a made-up run with these latencies by interval; null leaves them out, as older versions did. */
function trialsWith(latencies: readonly (string | null)[]): MeasuredTrial[] {
  return measured(makeResultFile())
    .slice(0, latencies.length)
    .map((trial, index) => {
      const intervalLatencies = latencies[index] ?? null;
      const measurements = {
        ...trial.measurements,
        ...(intervalLatencies === null ? {} : { intervalLatencies }),
      };
      return { ...trial, measurements };
    });
}

describe('latencies over time', () => {
  it('are added up over trials, and each interval is shaded by the shares of its own requests', () => {
    // bucket 40 is 2048 to 2560 ns, bucket 42 is 3072 to 3584 ns
    const map = latencyOverTime(
      trialsWith([
        recorded({ 40: 90_000 }, { 40: 8, 42: 2 }, {}, { 40: 1 }, { 40: 1 }),
        recorded({ 40: 9_990, 41: 9, 42: 1 }, { 42: 10 }, {}, { 40: 1 }, { 40: 1 }),
        null,
      ]),
    );
    assert.ok(map !== null);
    assert.equal(map.trials, 2);
    assert.deepEqual(map.edgesNs, [2048, 2560, 3072, 3584]);
    // 9 and 1 of 100,000 are both below a ten-thousandth; 12 of 20 and 8 of 20 above a tenth
    assert.deepEqual(map.levels, ['511', '505', '000', '500', '500']);
    assert.deepEqual(
      map.slices.map(({ requests, p50Ns, p99Ns }) => [requests, p50Ns, p99Ns]),
      [
        [100_000, 2560, 2560],
        [20, 3584, 3584],
        [0, 0, 0],
        [2, 2560, 2560],
        [2, 2560, 2560],
      ],
    );
    assert.equal(map.slices.at(-1)?.toMs, 5 * map.intervalMs);
  });

  it('has a level for each power of ten of the share', () => {
    const [levels] = latencyOverTime(
      trialsWith([recorded({ 40: 88_889, 41: 10_000, 42: 1_000, 43: 100, 44: 10, 45: 1 })]),
    )?.levels ?? [''];
    assert.equal(levels, '554321');
  });

  it('are not there for older results, for intervals of different numbers, and without a request', () => {
    assert.equal(latencyOverTime(trialsWith([null, null])), null);
    assert.equal(latencyOverTime(trialsWith([recorded({ 1: 1 }), recorded({ 1: 1 }, { 1: 1 })])), null);
    assert.equal(latencyOverTime(trialsWith([recorded({}, {})])), null);
    assert.equal(latencyOverTime([]), null);
  });
});

describe('bytes a key and operations a joule', () => {
  const result = makeResultFile({ cases: ['hft'], blocks: 5 });
  const joules = 40;
  const withWatts: ResultFile = {
    ...result,
    trials: result.trials.map((trial) =>
      trial.state !== 'measured' || trial.contender === 'redis-pipelined'
        ? trial
        : {
            ...trial,
            measurements: { ...trial.measurements, energy: { packages: 1, packageJoules: joules } },
          },
    ),
  };
  const summary = summarise([{ fileName: 'r.json', result: withWatts }]);

  it('are the memory over the keys that were loaded', () => {
    const [oneCase] = summary.cases;
    assert.ok(oneCase !== undefined);
    for (const { id, metrics } of oneCase.contenders) {
      const memory = metrics.find(({ metric }) => metric === 'memory');
      const row = summary.efficiency.memory.find(({ contender }) => contender === id);
      assert.ok(memory !== undefined && row !== undefined, id);
      assert.ok(Math.abs(row.bytesPerKey.estimate * oneCase.stream.keys - memory.median.estimate) < 1e-3);
      assert.equal(row.trials, 10);
      assert.ok((row.bytesPerKey.low ?? NaN) <= row.bytesPerKey.estimate);
    }
  });

  it('are there where watts were measured, and nowhere else', () => {
    const { power } = summary.efficiency;
    assert.deepEqual(
      power.map(({ contender, source }) => [contender, source]),
      [
        ['redis', 'cpu-packages'],
        ['predis', 'cpu-packages'],
      ],
    );
    const trials = measured(withWatts).filter(({ contender }) => contender === 'predis');
    const windowS = (trials[0]?.measurements.windowNs ?? 0) / 1e9;
    const row = power.find(({ contender }) => contender === 'predis');
    assert.ok(Math.abs((row?.watts.estimate ?? 0) - joules / windowS) < 1e-9);
    const each = trials.map(({ measurements }) => (measurements.throughputPerSecond * windowS) / joules);
    const { estimate = 0, low, high } = row?.operationsPerJoule ?? {};
    assert.ok(Math.min(...each) <= estimate && estimate <= Math.max(...each));
    assert.ok(each.includes(low ?? NaN) && each.includes(high ?? NaN), 'the interval is of trials');
    assert.deepEqual(summarise([{ fileName: 'r.json', result }]).efficiency.power, []);
  });
});

describe('curves over batch sizes', () => {
  const { cases } = summarise([
    { fileName: 'r.json', result: makeResultFile({ cases: ['batch/1000', 'batch/10', 'hft'], blocks: 3 }) },
  ]);
  const [first] = cases;
  assert.ok(first !== undefined);
  const sized = (id: string, requests: number): typeof first => ({
    ...(cases.find((row) => row.id === id) ?? first),
    workload: 'batch',
    stream: { ...first.stream, operations: 10_000, requests },
  });

  it('join the cases of one workload in the order of their keys a request', () => {
    const curves = batchCurves([sized('batch/1000', 10), sized('batch/10', 1000)]);
    assert.deepEqual(
      curves.map(({ contender }) => contender),
      first.contenders.map(({ id }) => id),
    );
    for (const { steps, fastest, contender } of curves) {
      assert.deepEqual(
        steps.map(({ caseId, keysPerRequest }) => [caseId, keysPerRequest]),
        [
          ['batch/10', 10],
          ['batch/1000', 1000],
        ],
      );
      const throughput = steps.map((step) => step.throughput.estimate);
      assert.equal(throughput[fastest], Math.max(...throughput), contender);
    }
  });

  it('are not made of one size, of equal sizes, or of cases that set their clients', () => {
    assert.deepEqual(batchCurves([sized('batch/10', 1000)]), []);
    assert.deepEqual(batchCurves([sized('batch/10', 1000), sized('batch/1000', 990)]), []);
    const ramped = { ...sized('batch/1000', 10), clients: { workers: 1, connections: 1 } };
    assert.deepEqual(batchCurves([sized('batch/10', 1000), ramped]), []);
  });
});

describe('curves over load', () => {
  const result = makeResultFile({ cases: ['hft'], blocks: 2 });
  const { cases } = summarise([{ fileName: 'r.json', result }]);
  const search: CapacitySearch = {
    objective: { text: 'p99<5ms', statistic: 'p99', limitNs: 5e6 },
    ...{
      search: 'rate',
      clientRatePerSecond: null,
      from: 1000,
      to: 1e9,
      growth: 2,
      resolution: 1.1,
      attempts: 1,
    },
  };
  const probe = (load: number, latencyNs: number, held: boolean) => ({
    ...{ load, latencyNs, held, offeredPerSecond: load, achievedPerSecond: load, saturated: !held },
  });
  const searched = (contender: string): MeasuredTrial[] =>
    measured(result)
      .filter((trial) => trial.contender === contender)
      .slice(0, 3)
      .map((trial, index) => ({
        ...trial,
        measurements: {
          ...trial.measurements,
          capacity: {
            held: 2000,
            failed: 4000,
            probes: [
              probe(1000, 1e5 * (index + 1), true),
              probe(4000, 9e6, index === 2),
              probe(2000, 2e5, index < 2),
            ],
          },
        },
      }));

  it('put the probes of all trials in order of load, and mark where half of them miss', () => {
    const curves = capacityCurves(
      cases,
      (_caseId, contender) => (contender === 'redis' ? searched('redis') : []),
      search,
      0.95,
    );
    assert.equal(curves.length, 1);
    const [curve] = curves;
    assert.ok(curve !== undefined);
    assert.deepEqual(
      curve.points.map(({ load, latencyNs, probes, held }) => [load, latencyNs.estimate, probes, held]),
      [
        [1000, 2e5, 3, 3],
        [2000, 2e5, 3, 2],
        [4000, 9e6, 3, 1],
      ],
    );
    assert.equal(curve.degradesAt, 2);
    assert.equal(curve.limitNs, 5e6);
    assert.deepEqual(
      capacityCurves(cases, () => searched('redis'), null, 0.95),
      [],
    );
  });
});
