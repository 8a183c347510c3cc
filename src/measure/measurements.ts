import { createHistogram, decodeHistogram, encodeHistogram } from '../results/histogram.js';
import { encodeLatencyIntervals } from '../results/latency-intervals.js';
import type {
  Correctness,
  LatencyRecord,
  TrialConditions,
  TrialEnergy,
  TrialGpu,
  TrialMeasurements,
} from '../results/schema.js';
import type { LatencyReport, OpenLoopReport, ReadBackReport, WindowReport } from './crew.js';
import { MAX_EXAMPLES } from './verifier.js';

/** What is known of a trial besides the reports of its workers. */
export interface TrialFacts {
  /** As planned. */
  readonly windowMs: number;
  readonly intervalMs: number;
  readonly memoryBytes: number;
  readonly loadMs: number;
  /** Where the engine ran on a GPU. */
  readonly gpu?: TrialGpu | undefined;
  /** Where the processor tells. */
  readonly energy?: TrialEnergy | undefined;
  readonly conditions?: TrialConditions;
}

/**
 * One window from the reports of all workers: operations over the time from the first start to the last end; histograms
 * merged, never percentiles averaged.
 */
export function mergeWindow(reports: readonly WindowReport[], facts: TrialFacts): TrialMeasurements {
  const sum = (field: (report: WindowReport) => number): number =>
    reports.reduce((total, report) => total + field(report), 0);
  const firstStartMs = Math.min(...reports.map((report) => report.firstStartMs));
  const lastEndMs = Math.max(...reports.map((report) => report.lastEndMs));
  const windowNs = Math.round((lastEndMs - firstStartMs) * 1e6);
  const operations = sum((report) => report.operations);
  const reads = reports.map((report) => report.reads);
  const writes = reports.map((report) => report.writes);
  const intervals = Math.max(...reports.map((report) => report.intervals.length));
  return {
    windowNs,
    operations,
    requests: sum((report) => report.requests),
    throughputPerSecond: windowNs > 0 ? operations / (windowNs / 1e9) : 0,
    latency: {
      all: mergeLatency([...reads, ...writes]),
      read: reads.some(({ count }) => count > 0) ? mergeLatency(reads) : null,
      write: writes.some(({ count }) => count > 0) ? mergeLatency(writes) : null,
    },
    intervalMs: facts.intervalMs,
    intervalOperations: Array.from({ length: intervals }, (_, interval) =>
      sum((report) => report.intervals[interval] ?? 0),
    ),
    intervalLatencies: encodeLatencyIntervals(addedUp(reports.map((report) => report.intervalLatencies))),
    memoryBytes: facts.memoryBytes,
    loadMs: facts.loadMs,
    client: {
      // Each worker saw the whole process during its window; the windows coincide, so any of them serves.
      cpuUserMs: Math.max(...reports.map((report) => report.cpuUserMs)),
      cpuSystemMs: Math.max(...reports.map((report) => report.cpuSystemMs)),
      eventLoopUtilization: sum((report) => report.eventLoopUtilization) / reports.length,
      gcPauses: sum((report) => report.gcPauses),
      gcMs: sum((report) => report.gcMs),
    },
    ...(facts.gpu === undefined ? {} : { gpu: facts.gpu }),
    ...(facts.energy === undefined ? {} : { energy: facts.energy }),
    ...(facts.conditions === undefined ? {} : { conditions: facts.conditions }),
    ...mergeOpenLoop(reports, facts, windowNs, operations),
  };
}

function addedUp(tables: readonly Uint32Array[]): Float64Array {
  const total = new Float64Array(Math.max(...tables.map(({ length }) => length)));
  for (const table of tables) {
    for (const [index, count] of table.entries()) total[index] = (total[index] ?? 0) + count;
  }
  return total;
}

/**
 * A trial is saturated when requests were dropped, or when the last answer came later after the end of the window than this
 * share of its length, and than `SATURATED_AFTER_MS`: what was asked for was then more than could be done.
 */
const SATURATED_AFTER_SHARE = 0.02;
/** A pause that a machine may take at the end of a window without being called saturated. */
const SATURATED_AFTER_MS = 10;

function mergeOpenLoop(
  workers: readonly WindowReport[],
  { windowMs }: TrialFacts,
  windowNs: number,
  operations: number,
): Pick<TrialMeasurements, 'openLoop'> {
  const reports = workers.flatMap(({ openLoop }) => (openLoop === null ? [] : [openLoop]));
  if (reports.length === 0) return {};
  const sum = (field: (report: OpenLoopReport) => number): number =>
    reports.reduce((total, report) => total + field(report), 0);
  const offeredOperations = sum((report) => report.offeredOperations);
  const droppedRequests = sum((report) => report.droppedRequests);
  const drainNs = Math.max(0, windowNs - Math.round(windowMs * 1e6));
  const saturatedAfterNs = Math.max(SATURATED_AFTER_MS, windowMs * SATURATED_AFTER_SHARE) * 1e6;
  return {
    openLoop: {
      offeredRequests: sum((report) => report.offeredRequests),
      offeredOperations,
      offeredPerSecond: offeredOperations / (windowMs / 1e3),
      achievedPerSecond: windowNs > 0 ? operations / (windowNs / 1e9) : 0,
      droppedRequests,
      lateRequests: sum((report) => report.lateRequests),
      largestInFlight: Math.max(...reports.map((report) => report.largestInFlight)),
      drainNs,
      saturated: droppedRequests > 0 || drainNs > saturatedAfterNs,
      serviceTime: mergeLatency(reports.map((report) => report.serviceTime)),
      startDelay: mergeLatency(reports.map((report) => report.startDelay)),
      generatorLag: mergeLatency(reports.map((report) => report.generatorLag)),
    },
  };
}

/** Counts of checks over all workers, inside the window and after it. */
export function mergeCorrectness(
  reports: readonly WindowReport[],
  readBacks: readonly ReadBackReport[],
): Correctness {
  const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);
  return {
    readsVerified: total(reports.map((report) => report.readsVerified)),
    readBackKeys: total(readBacks.map((report) => report.keys)),
    misses: total(reports.map((report) => report.misses)),
    errors: total(reports.map((report) => report.errors)),
    wrong: total([...reports, ...readBacks].map((report) => report.wrong)),
    examples: [...reports, ...readBacks].flatMap((report) => report.examples).slice(0, MAX_EXAMPLES),
  };
}

function mergeLatency(reports: readonly LatencyReport[]): LatencyRecord {
  const merged = createHistogram();
  const recorded = reports.filter(({ count }) => count > 0);
  for (const { histogram } of recorded) merged.add(decodeHistogram(histogram));
  const count = recorded.reduce((sum, report) => sum + report.count, 0);
  const sumNs = recorded.reduce((sum, report) => sum + report.sumNs, 0);
  const minNs = count === 0 ? 0 : Math.min(...recorded.map((report) => report.minNs));
  const maxNs = Math.max(0, ...recorded.map((report) => report.maxNs));
  // A percentile is the upper end of its bin; none lies beyond the largest latency seen.
  const percentile = (percent: number): number => Math.min(maxNs, merged.getValueAtPercentile(percent));
  return {
    count,
    minNs,
    meanNs: count === 0 ? 0 : sumNs / count,
    p50Ns: percentile(50),
    p90Ns: percentile(90),
    p95Ns: percentile(95),
    p99Ns: percentile(99),
    p999Ns: percentile(99.9),
    p9999Ns: percentile(99.99),
    maxNs,
    histogram: encodeHistogram(merged),
  };
}
