import type { Metric } from '../results/schema.js';
import { hodgesLehmannRatio } from '../stats/index.js';
import type { CaseSummary, ContenderSummary, Interval, RampStep, RampSummary } from './summary.js';

/** A later number of clients counts as faster from this ratio of throughputs on: less is within what anybody would notice. */
export const GROWTH_RATIO = 1.05;
/** From this multiple of the p99 latency at the fewest clients on, a contender counts as degraded. */
export const P99_MULTIPLE = 2;

/** One number of clients: one number a trial for each metric. */
export interface RampPoint {
  readonly caseId: string;
  readonly clients: number;
  readonly workers: number;
  /** Median over trials with its interval, and the trials' numbers, all above 0. */
  readonly throughput: { readonly median: Interval; readonly values: readonly number[] };
  readonly latencyP99: { readonly median: Interval; readonly values: readonly number[] };
}

/**
 * The ramps of all workloads that have measured cases of at least two numbers of clients, by workload and contender.
 *
 * @param confidence of the intervals, in (0, 1)
 */
export function summariseRamps(cases: readonly CaseSummary[], confidence: number): RampSummary[] {
  const ramping = cases.filter(({ clients }) => clients !== null);
  const workloads = [...new Set(ramping.map(({ workload }) => workload))];
  return workloads.flatMap((workload) => {
    const own = ramping.filter((oneCase) => oneCase.workload === workload);
    const contenders = new Map(
      own.flatMap((oneCase) => oneCase.contenders.map(({ id, label }) => [id, label])),
    );
    return [...contenders].flatMap(([contender, label]) => {
      const points = own.flatMap((oneCase) => pointOf(oneCase, contender));
      const counts = new Set(points.map(({ clients }) => clients));
      return counts.size < 2 || counts.size < points.length
        ? []
        : [{ workload, contender, label, ...findDegradation(points, confidence) }];
    });
  });
}

/**
 * Where throughput stops growing and p99 latency passes `P99_MULTIPLE` of what it is at the fewest clients. Both are said
 * only where the interval of a Hodges-Lehmann ratio shows it. The intervals are not corrected for the number of steps: this
 * describes a curve and tests nothing.
 *
 * @param points at least two, of different numbers of clients, in any order
 */
export function findDegradation(
  points: readonly RampPoint[],
  confidence: number,
): Omit<RampSummary, 'workload' | 'contender' | 'label'> {
  const ascending = points.toSorted((a, b) => a.clients - b.clients);
  const ratio = (from: RampPoint, to: RampPoint, metric: 'throughput' | 'latencyP99'): Interval => {
    const shift = hodgesLehmannRatio(to[metric].values, from[metric].values, { confidence });
    const enough = shift.achievedConfidence >= confidence - 1e-12;
    return { estimate: shift.estimate, low: enough ? shift.low : null, high: enough ? shift.high : null };
  };
  const [first] = ascending;
  if (first === undefined || ascending.length < 2) throw new RangeError('a ramp has at least two steps');
  const steps = ascending.map((point, index): RampStep => ({
    caseId: point.caseId,
    clients: point.clients,
    workers: point.workers,
    throughput: point.throughput.median,
    latencyP99: point.latencyP99.median,
    throughputRatio: index === 0 ? null : ratio(first, point, 'throughput'),
    latencyP99Ratio: index === 0 ? null : ratio(first, point, 'latencyP99'),
  }));
  return {
    steps,
    growthRatio: GROWTH_RATIO,
    p99Multiple: P99_MULTIPLE,
    throughput: endOfGrowth(ascending, (from, to) => ratio(from, to, 'throughput')),
    latencyP99: startOfDelay(steps),
  };
}

function endOfGrowth(
  points: readonly RampPoint[],
  ratio: (from: RampPoint, to: RampPoint) => Interval,
): RampSummary['throughput'] {
  for (const [index, point] of points.entries()) {
    const later = points.slice(index + 1).map((other) => ratio(point, other));
    if (later.some(({ low }) => low === null)) return { state: 'too-few-trials', step: null };
    const grows = later.some(({ estimate, low }) => estimate >= GROWTH_RATIO && low !== null && low > 1);
    if (!grows) return { state: later.length === 0 ? 'grows' : 'stops', step: index };
  }
  return { state: 'grows', step: points.length - 1 };
}

function startOfDelay(steps: readonly RampStep[]): RampSummary['latencyP99'] {
  const later = steps.slice(1);
  if (later.some(({ latencyP99Ratio }) => latencyP99Ratio?.low === null))
    return { state: 'too-few-trials', step: null };
  const passing = steps.findIndex(({ latencyP99Ratio }) => (latencyP99Ratio?.low ?? 0) > P99_MULTIPLE);
  return passing === -1 ? { state: 'within', step: null } : { state: 'passes', step: passing };
}

function pointOf(oneCase: CaseSummary, contenderId: string): RampPoint[] {
  const { id: caseId, clients } = oneCase;
  const contender = oneCase.contenders.find(({ id }) => id === contenderId);
  if (clients === null || contender === undefined) return [];
  const throughput = metricOf(contender, 'throughput');
  const latencyP99 = metricOf(contender, 'latencyP99');
  if (throughput === null || latencyP99 === null) return [];
  const { workers, connections } = clients;
  return [{ caseId, clients: workers * connections, workers, throughput, latencyP99 }];
}

/** null where nothing was measured, or a value of 0 that no ratio can be made of. */
function metricOf({ metrics }: ContenderSummary, metric: Metric): RampPoint['throughput'] | null {
  const found = metrics.find((summary) => summary.metric === metric);
  return found?.values.every((value) => value > 0) === true ? found : null;
}
