/** Summaries for the tests of the report: made-up result files, judged by the real analysis. */
import { summarise, type Declarations } from '../../src/analysis/summarise.js';
import type { Summary } from '../../src/analysis/summary.js';
import type { CacheSimulation } from '../../src/results/declared/cache-simulation.js';
import { encodeLatencyIntervals, LATENCY_BUCKETS } from '../../src/results/latency-intervals.js';
import { defaultClaimsPath, readClaimsFile } from '../../src/results/declared/read.js';
import { defaultContenders, makeResultFile, type FixtureOptions } from '../analysis/fixtures.js';

/** The founders' claims, as a report judges them. */
export const defaultClaims = readClaimsFile(defaultClaimsPath, 'claims/default.json');

/** A claim that the made-up numbers meet, one that they do not, one about the candidate alone, and prices: all made up. */
export const madeUpDeclarations: Declarations = {
  claims: {
    ...defaultClaims,
    content: {
      ...defaultClaims.content,
      claims: [
        ...defaultClaims.content.claims,
        {
          id: 'made-up',
          title: 'Half the latency of Redis, made up for tests',
          metrics: ['latencyP50'],
          candidate: { contender: 'predis', boundary: 'api' },
          baseline: { engine: 'redis' },
          threshold: { is: 'at-most', value: 0.5, unit: 'ratio' },
        },
        {
          id: 'alone',
          title: 'Mean latency below 1 µs, made up for tests',
          metrics: ['latencyMean'],
          candidate: { contender: 'predis', boundary: 'api' },
          cases: { workloads: ['hft'] },
          threshold: { is: 'below', value: 1000, unit: 'ns' },
        },
      ],
    },
  },
  prices: {
    fileName: 'prices.json',
    sha256: '0'.repeat(64),
    content: {
      format: 'predis-bench-prices',
      schemaVersion: 1,
      currency: 'USD',
      date: '2026-01-01',
      source: 'made up for tests',
      prices: [
        { machine: 'small', perHour: 0.25, contenders: ['redis', 'redis-pipelined'] },
        { machine: 'large', perHour: 1.5, contenders: ['predis'] },
      ],
    },
  },
};

/** Analysis of one made-up run. */
export function summaryOf(options: FixtureOptions): Summary {
  return summarise([{ fileName: 'made-for-tests.json', result: makeResultFile(options) }], {
    claims: defaultClaims,
  });
}

/** Two cases of three contenders, one lost by Predis, with a voided trial: small enough for a golden file. */
export function smallSummary(): Summary {
  return summarise(
    [
      {
        fileName: 'hft.json',
        result: makeResultFile({
          id: 'made-for-tests-won',
          cases: ['hft'],
          blocks: 4,
          alpha: 0.05,
          spoil: ({ contender, block, position }) =>
            contender === 'predis' && block === 1 && position < 3 ? 'void' : 'measured',
        }),
      },
      {
        fileName: 'batch.json',
        result: makeResultFile({
          id: 'made-for-tests-lost',
          seed: 2,
          cases: ['batch/10000'],
          blocks: 4,
          alpha: 0.05,
          predisSpeed: 0.25,
        }),
      },
    ],
    madeUpDeclarations,
  );
}

/** The size of `run all`: nine cases, three contenders, 64 trials each. */
export function largeSummary(): Summary {
  return summaryOf({
    cases: [
      'basic',
      'batch/10',
      'batch/100',
      'batch/1000',
      'batch/10000',
      'hft',
      'ml-training',
      'gaming',
      'zipfian',
    ],
    blocks: 32,
  });
}

/** Only Redis was measured: nothing to compare. */
export function redisOnlySummary(): Summary {
  return summaryOf({ contenders: defaultContenders.filter(({ id }) => id === 'redis') });
}

/** A run that ended before its first trial. */
export function emptySummary(): Summary {
  return summaryOf({ keepTrials: 0, status: 'interrupted' });
}

/**
 * Everything that has a chart of its own: batch sizes, a ramp of clients, latencies over time, watts of the processor, and a
 * simulated cache.
 *
 * @param names for contenders, in the names of the two workloads and of the trace, where they shall have others
 */
export function chartsSummary(names: readonly string[] = []): Summary {
  const workload = (what: string): string =>
    names.length === 0 ? what : `${names[what === 'batch' ? 0 : 1] ?? ''} ${what}`;
  const result = makeResultFile({
    id: 'made-for-tests-charts',
    cases: [
      { id: `${workload('batch')}/10`, workload: workload('batch') },
      { id: `${workload('batch')}/1000`, workload: workload('batch') },
      { id: `${workload('concurrent')}/1`, workload: workload('concurrent') },
      { id: `${workload('concurrent')}/4`, workload: workload('concurrent') },
    ],
    blocks: 5,
    alpha: 0.05,
  });
  const cases = result.plan.cases.map((one) => {
    const size = Number(one.id.split('/').at(-1));
    return one.workload === workload('batch')
      ? { ...one, stream: { ...one.stream, requests: one.stream.operations / size } }
      : { ...one, clients: { workers: size, connections: 1 } };
  });
  const contenders = result.plan.contenders.map((one, at) => ({ ...one, label: names[at] ?? one.label }));
  const trials = result.trials.map((trial) =>
    trial.state === 'measured'
      ? {
          ...trial,
          measurements: {
            ...trial.measurements,
            intervalLatencies: madeUpIntervals(trial.contender === 'predis' ? 30 : 60),
            energy: { packages: 1, packageJoules: 50 + trial.position },
          },
        }
      : trial,
  );
  return summarise(
    [{ fileName: 'charts.json', result: { ...result, plan: { ...result.plan, contenders, cases }, trials } }],
    {
      cacheSimulations: [
        { fileName: 'simulation.json', sha256: 'b'.repeat(64), content: madeUpSimulation(names[2]) },
      ],
    },
  );
}

/** Ten intervals around one bucket, with a stall in the seventh. */
function madeUpIntervals(bucket: number): string {
  const counts = new Array<number>(10 * LATENCY_BUCKETS).fill(0);
  for (let interval = 0; interval < 10; interval++) {
    for (const [near, count] of [1, 40, 1000, 200, 5].entries()) {
      counts[interval * LATENCY_BUCKETS + bucket + near] = count;
    }
  }
  counts[7 * LATENCY_BUCKETS + bucket + 20] = 3;
  return encodeLatencyIntervals(counts);
}

function madeUpSimulation(name = 'made-up.lis'): CacheSimulation {
  const windowHits = Array.from({ length: 50 }, (_, window) => 20 + window);
  const hits = windowHits.reduce((sum, one) => sum + one, 0);
  return {
    format: 'predis-bench-cache-simulation',
    schemaVersion: 1,
    trace: {
      ...{ file: name, bytes: 1, sha256: 'a'.repeat(64), format: 'arc', compression: 'none' },
      ...{ accesses: 5000, requests: 5000, keys: 100, complete: true, timed: false, skew: null },
    },
    windowAccesses: windowHits.map(() => 100),
    results: ['LRU', 'MIN'].map((policy) => ({
      ...{ policy, size: '10%', fraction: 0.1, slots: 10, hits, misses: 5000 - hits, hitRatio: hits / 5000 },
      windowHits,
    })),
  };
}
