/**
 * Result files made for tests: seeded, schema-valid, and labelled as synthetic in every place a reader might look. Nothing
 * here was measured, and nothing made here may leave the tests and benches.
 */
import { createHash } from 'node:crypto';

import { createHistogram, encodeHistogram, type LatencyHistogram } from '../../src/results/histogram.js';
import { planControl } from '../../src/measure/control.js';
import type {
  CasePlan,
  ComparisonPlan,
  Contender,
  EngineFacts,
  LatencyRecord,
  Metric,
  ResultFile,
  Trial,
} from '../../src/results/schema.js';
import { RESULT_FORMAT, SCHEMA_VERSION } from '../../src/results/schema.js';
import { createRandom, type RandomSource } from '../../src/support/random.js';

/** A contender of a made-up run: what it is, and how fast the made-up numbers shall be. */
export interface FixtureContender {
  readonly id: string;
  readonly engine?: string;
  readonly boundary?: Contender['boundary'];
  readonly pipelineDepth?: number;
  readonly version?: string;
  /** Operations a second, before noise. */
  readonly throughput?: number;
  /** Median request latency, nanoseconds, before noise. */
  readonly latencyNs?: number;
  readonly memoryBytes?: number;
}

export interface FixtureCase {
  readonly id: string;
  readonly workload?: string;
  /** Changes the stream's SHA-256. */
  readonly streamSeed?: number;
}

export interface FixtureOptions {
  readonly id?: string;
  readonly seed?: number;
  readonly status?: ResultFile['status'];
  readonly quick?: boolean;
  /** ABBA blocks a case; each gives every contender two trials. */
  readonly blocks?: number;
  readonly cases?: readonly (string | FixtureCase)[];
  readonly contenders?: readonly FixtureContender[];
  readonly metrics?: readonly Metric[];
  /** Comparisons of the plan; by default every Redis contender against every Predis contender on every metric. */
  readonly comparisons?: readonly ComparisonPlan[];
  /** Standard deviation of ln(value) from trial to trial. */
  readonly trialSd?: number;
  /** Added to ln(throughput), and taken from ln(latency), of every contender: the machine's weather. */
  readonly sessionShift?: number;
  /** Multiplies the speed of the Predis contenders: 0.8 is a planted slowdown of 20 %. */
  readonly predisSpeed?: number;
  readonly fingerprint?: string;
  readonly workers?: number;
  readonly connections?: number;
  readonly windowMs?: number;
  readonly alpha?: number;
  readonly confidence?: number;
  /** Difference that does not matter, declared in the plan. */
  readonly margin?: number;
  /** Turns trials void or failed; the others stay measured. */
  readonly spoil?: (trial: {
    readonly caseId: string;
    readonly contender: string;
    readonly block: number;
    readonly position: number;
  }) => 'measured' | 'void' | 'failed';
  /** Only the first trials are kept: an interrupted run. */
  readonly keepTrials?: number;
  readonly commit?: string | null;
  /** A/A control: the contender, and how much faster its second arm seems to be (1: not at all). null: switched off. */
  readonly control?: { readonly contender: string; readonly speed?: number } | null;
  readonly createdAt?: string;
}

export const defaultContenders: readonly FixtureContender[] = [
  { id: 'redis', throughput: 60_000, latencyNs: 60_000, memoryBytes: 3_000_000 },
  {
    id: 'redis-pipelined',
    pipelineDepth: 16,
    throughput: 300_000,
    latencyNs: 200_000,
    memoryBytes: 3_000_000,
  },
  {
    id: 'predis',
    engine: 'predis',
    boundary: 'api',
    throughput: 900_000,
    latencyNs: 900,
    memoryBytes: 2_000_000,
  },
];

/**
 * Builds a result file out of a seed: no clock, no engine, the same file every time. By default one case, three contenders
 * (two of Redis, one of Predis) and 10 blocks, in which Predis is far ahead.
 */
export function makeResultFile(options: FixtureOptions = {}): ResultFile {
  const seed = options.seed ?? 1;
  const contenders = options.contenders ?? defaultContenders;
  const blocks = options.blocks ?? 10;
  const control = options.control
    ? {
        ...planControl(
          options.control.contender,
          contenders.map(makeContender),
          options.metrics ?? ['throughput', 'latencyP95', 'memory'],
        ),
        extraTrials: (options.cases?.length ?? 1) * blocks * 2,
      }
    : null;
  const driven = [
    ...contenders,
    ...contenders
      .filter(({ id }) => id === control?.contender)
      .map((own) => ({
        ...own,
        id: control?.arm ?? '',
        throughput: (own.throughput ?? 60_000) * (options.control?.speed ?? 1),
      })),
  ];
  const cases = (options.cases ?? ['hft']).map((entry) =>
    makeCase(
      typeof entry === 'string' ? { id: entry } : entry,
      [...contenders, ...(control ? [{ id: control.arm }] : [])],
      blocks,
    ),
  );
  const createdAt = options.createdAt ?? '2026-01-01T00:00:00.000Z';
  const trials = cases.flatMap((plan, index) =>
    makeTrials(plan, driven, options, createRandom(seed, index + 1), Date.parse(createdAt)),
  );
  return {
    format: RESULT_FORMAT,
    schemaVersion: SCHEMA_VERSION,
    id: options.id ?? `made-for-tests-${String(seed)}`,
    status: options.status ?? 'complete',
    createdAt,
    updatedAt: createdAt,
    tool: {
      version: '0.0.0-made-for-tests',
      commit: options.commit === undefined ? '0'.repeat(40) : options.commit,
      dirty: false,
    },
    command: ['predis-bench', 'run', 'made-for-tests'],
    plan: {
      seed,
      quick: options.quick ?? false,
      blocksPerCase: blocks,
      warmupMs: 500,
      windowMs: options.windowMs ?? 1000,
      workers: options.workers ?? 1,
      connections: options.connections ?? 4,
      verifyEvery: 16,
      loadModel: 'closed',
      alpha: options.alpha ?? 0.001,
      confidence: options.confidence ?? 0.95,
      ...(options.margin === undefined ? {} : { margin: options.margin }),
      contenders: contenders.map(makeContender),
      cases,
      comparisons: [...(options.comparisons ?? allComparisons(cases, contenders, options.metrics))],
      ...(options.control === undefined ? {} : { control }),
    },
    environment: {
      fingerprint: options.fingerprint ?? '0123456789abcdef',
      cpuModel: 'Made-up CPU for tests',
      logicalCpus: 2,
      memoryBytes: 8_589_934_592,
      architecture: 'x64',
      platform: 'linux',
      kernel: '0.0.0-made-for-tests',
      distribution: 'Made-up Linux',
      virtualisation: null,
      cpuGovernor: null,
      transparentHugePages: 'madvise',
      gpu: null,
      nodeVersion: 'v20.0.0',
      v8Version: '11.3',
      loadAverage1m: 0.1,
      clockResolutionNs: 41,
      clockOverheadNs: 30,
    },
    engines: Object.fromEntries(contenders.map((contender) => [contender.id, makeEngine(contender)])),
    trials: trials.slice(0, options.keepTrials ?? trials.length),
  };
}

const engineOf = (contender: FixtureContender) => contender.engine ?? 'redis';
const boundaryOf = (contender: FixtureContender) => contender.boundary ?? 'socket';

function makeContender(contender: FixtureContender): Contender {
  return {
    id: contender.id,
    label: `${contender.id} (made for tests)`,
    engine: engineOf(contender),
    boundary: boundaryOf(contender),
    pipelineDepth: contender.pipelineDepth ?? 1,
    settings: {},
  };
}

function makeEngine(contender: FixtureContender): EngineFacts {
  const predis = engineOf(contender) === 'predis';
  return {
    name: engineOf(contender),
    version: contender.version ?? (predis ? '0.0.0-made-for-tests' : '7.0.15'),
    boundary: boundaryOf(contender),
    synchronous: predis,
    managed: true,
    settings: predis ? { device: 'cpu' } : { transport: 'unix' },
  };
}

function makeCase(entry: FixtureCase, contenders: readonly FixtureContender[], blocks: number): CasePlan {
  const ids = contenders.map(({ id }) => id);
  return {
    id: entry.id,
    workload: entry.workload ?? entry.id.split('/')[0] ?? entry.id,
    label: `Case ${entry.id} (made for tests)`,
    summary: 'Numbers made up by a seeded generator for tests.',
    derivedFrom: 'Synthetic; nothing was measured.',
    parameters: { keys: 10_000, readShare: 0.9 },
    stream: {
      sha256: createHash('sha256')
        .update(`${entry.id}:${String(entry.streamSeed ?? 1)}`)
        .digest('hex'),
      operations: 100_000,
      requests: 100_000,
      reads: 90_000,
      writes: 10_000,
      keys: 10_000,
      meanKeyBytes: 17,
      meanValueBytes: 100,
      maxValueBytes: 120,
      distinctKeysRead: 9_990,
      hottestKeyShare: 0.01,
      prefetchHints: 0,
    },
    blocks: Array.from({ length: blocks }, (_, block) => {
      const order = block % 2 === 0 ? ids : [...ids].reverse();
      return [...order, ...[...order].reverse()];
    }),
  };
}

function allComparisons(
  cases: readonly CasePlan[],
  contenders: readonly FixtureContender[],
  metrics: readonly Metric[] = ['throughput', 'latencyP95', 'memory'],
): ComparisonPlan[] {
  const of = (engine: string) => contenders.filter((contender) => engineOf(contender) === engine);
  return cases.flatMap(({ id: caseId }) =>
    of('predis').flatMap((candidate) =>
      of('redis').flatMap((baseline) =>
        metrics.map((metric) => ({ caseId, metric, baseline: baseline.id, candidate: candidate.id })),
      ),
    ),
  );
}

function makeTrials(
  plan: CasePlan,
  contenders: readonly FixtureContender[],
  options: FixtureOptions,
  random: RandomSource,
  startMs: number,
): Trial[] {
  const byId = new Map(contenders.map((contender) => [contender.id, contender]));
  return plan.blocks.flatMap((order, block) =>
    order.map((id, position): Trial => {
      const contender = byId.get(id) ?? { id };
      const identity = { caseId: plan.id, contender: id, block, position };
      const startedAt = new Date(startMs + (block * order.length + position) * 2000).toISOString();
      const state = options.spoil?.(identity) ?? 'measured';
      if (state === 'failed') {
        return { ...identity, startedAt, state, reason: 'Made to fail for a test.' };
      }
      const correctness = {
        readsVerified: 5_000,
        readBackKeys: 10_000,
        misses: 0,
        errors: 0,
        wrong: 0,
        examples: [],
      };
      if (state === 'void') {
        return {
          ...identity,
          startedAt,
          state,
          reason: 'Made void for a test.',
          correctness: { ...correctness, wrong: 1, examples: ['made-up key: made-up value'] },
        };
      }
      return {
        ...identity,
        startedAt,
        state,
        correctness,
        measurements: makeMeasurements(contender, options, random),
      };
    }),
  );
}

function makeMeasurements(contender: FixtureContender, options: FixtureOptions, random: RandomSource) {
  const windowMs = options.windowMs ?? 1000;
  const sd = options.trialSd ?? 0.03;
  const speed =
    (engineOf(contender) === 'predis' ? (options.predisSpeed ?? 1) : 1) * Math.exp(options.sessionShift ?? 0);
  const trialSpeed = speed * Math.exp(sd * normal(random));
  const throughput = (contender.throughput ?? 60_000) * trialSpeed;
  const operations = Math.round((throughput * windowMs) / 1000);
  const all = makeLatency((contender.latencyNs ?? 60_000) / trialSpeed, operations, random);
  const intervals = 10;
  return {
    windowNs: windowMs * 1e6,
    operations,
    requests: operations,
    throughputPerSecond: throughput,
    latency: { all, read: null, write: null },
    intervalMs: windowMs / intervals,
    intervalOperations: Array.from({ length: intervals }, () => Math.floor(operations / intervals)),
    memoryBytes: Math.round((contender.memoryBytes ?? 3_000_000) * Math.exp(0.002 * normal(random))),
    loadMs: 40,
    client: { cpuUserMs: windowMs * 0.7, cpuSystemMs: windowMs * 0.2, eventLoopUtilization: 0.9 },
  };
}

/** A real HdrHistogram of a log-normal latency around `medianNs`, drawn at 200 points that share the requests. */
function makeLatency(medianNs: number, requests: number, random: RandomSource): LatencyRecord {
  const histogram = createHistogram();
  const points = 200;
  const each = Math.max(1, Math.floor(requests / points));
  for (let point = 0; point < points; point++) {
    histogram.recordValueWithCount(Math.max(1, Math.round(medianNs * Math.exp(0.3 * normal(random)))), each);
  }
  return latencyRecord(histogram);
}

/** The numbers that a result file holds about one histogram. */
export function latencyRecord(histogram: LatencyHistogram): LatencyRecord {
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile);
  return {
    count: histogram.totalCount,
    minNs: histogram.minNonZeroValue,
    meanNs: histogram.mean,
    p50Ns: at(50),
    p90Ns: at(90),
    p95Ns: at(95),
    p99Ns: at(99),
    p999Ns: at(99.9),
    p9999Ns: at(99.99),
    maxNs: histogram.maxValue,
    histogram: encodeHistogram(histogram),
  };
}

/** A standard normal draw (Box and Muller 1958). */
export function normal(random: RandomSource): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
  return radius * Math.cos(2 * Math.PI * random.nextDouble());
}

/** Open loop, in which these contenders could not keep up. */
export function saturate(result: ResultFile, contenders: readonly string[]): ResultFile {
  result.plan.loadModel = 'open';
  for (const trial of result.trials) {
    if (trial.state !== 'measured') continue;
    const { contender, measurements } = trial;
    measurements.openLoop = {
      ...{ offeredRequests: 10, offeredOperations: 10, offeredPerSecond: 3e6, achievedPerSecond: 1e6 },
      ...{ droppedRequests: 5, lateRequests: 5, largestInFlight: 5, drainNs: 1 },
      saturated: contenders.includes(contender),
      ...{ serviceTime: measurements.latency.all, startDelay: measurements.latency.all },
      generatorLag: { ...measurements.latency.all, p50Ns: 0 },
    };
  }
  return result;
}
