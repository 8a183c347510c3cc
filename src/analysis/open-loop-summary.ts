import type { MeasuredTrial, OpenLoopPlan, Plan, TrialOpenLoop } from '../results/schema.js';
import { median, medianInterval } from '../stats/index.js';
import { mergeLatency } from './latency.js';
import type { Interval, LatencyDistribution } from './summary.js';

/** What one contender did with the requests that fell due. Counts are sums over the measured trials. */
export interface OpenLoopSummary {
  /** Operations that fell due a second: the same in every trial, but for the median of a capacity search. */
  readonly offeredPerSecond: number;
  /** Median over trials. */
  readonly achievedPerSecond: Interval;
  readonly offeredRequests: number;
  readonly lateRequests: number;
  readonly droppedRequests: number;
  readonly largestInFlight: number;
  /** Trials that could not keep up: see docs/methodology.md for the rule. */
  readonly saturatedTrials: number;
  readonly trials: number;
  /** Merged over trials: from real start to answer, from intended to real start, and the generator's own part of that. */
  readonly serviceTime: LatencyDistribution;
  readonly startDelay: LatencyDistribution;
  readonly generatorLag: LatencyDistribution;
}

/** null when nothing was measured in open loop. */
export function summariseOpenLoop(
  fileName: string,
  trials: readonly MeasuredTrial[],
  confidence: number,
): OpenLoopSummary | null {
  const seen = trials.flatMap(({ measurements }) =>
    measurements.openLoop === undefined ? [] : [measurements.openLoop],
  );
  if (seen.length === 0) return null;
  const total = (of: (trial: TrialOpenLoop) => number): number =>
    seen.reduce((sum, trial) => sum + of(trial), 0);
  const distribution = (name: 'serviceTime' | 'startDelay' | 'generatorLag'): LatencyDistribution | null =>
    mergeLatency(fileName, trials, ({ measurements }) => measurements.openLoop?.[name]);
  const [serviceTime, startDelay, generatorLag] = [
    distribution('serviceTime'),
    distribution('startDelay'),
    distribution('generatorLag'),
  ];
  if (serviceTime === null || startDelay === null || generatorLag === null) return null;
  const { estimate, low, high } = medianInterval(
    seen.map(({ achievedPerSecond }) => achievedPerSecond),
    { confidence },
  );
  return {
    offeredPerSecond: median(seen.map(({ offeredPerSecond }) => offeredPerSecond)),
    achievedPerSecond: { estimate, low, high },
    offeredRequests: total(({ offeredRequests }) => offeredRequests),
    lateRequests: total(({ lateRequests }) => lateRequests),
    droppedRequests: total(({ droppedRequests }) => droppedRequests),
    largestInFlight: Math.max(...seen.map(({ largestInFlight }) => largestInFlight)),
    saturatedTrials: seen.filter(({ saturated }) => saturated).length,
    trials: seen.length,
    ...{ serviceTime, startDelay, generatorLag },
  };
}

/**
 * How a plan loads the engines, as one text: numbers of two loads do not compare. Latency in open loop counts from the
 * intended start, in closed loop from the real one.
 */
export function describeLoad({
  loadModel,
  openLoop,
  capacity,
}: Pick<Plan, 'loadModel' | 'openLoop' | 'capacity'>): string {
  if (openLoop === undefined) return `${loadModel} loop`;
  const search =
    capacity === undefined
      ? ''
      : `, search for the most ${capacity.search} at ${capacity.objective.text} from ${String(capacity.from)} to ` +
        `${String(capacity.to)} by ${String(capacity.growth)}, resolution ${String(capacity.resolution)}`;
  return `open loop, ${describeOpenLoop(openLoop)}${search}`;
}

/** `poisson arrivals at 5000 operations/s, up to 10000 requests in flight on each connection`. */
function describeOpenLoop(openLoop: OpenLoopPlan): string {
  const { arrivals, ratePerSecond, timeScale, maxInFlight, drainMs } = openLoop;
  const pace =
    ratePerSecond === null
      ? `${String(timeScale)} times as fast as recorded`
      : `at ${String(ratePerSecond)} operations/s`;
  return (
    `${arrivals} arrivals ${pace}, up to ${String(maxInFlight)} requests in flight on each connection, ` +
    `${String(drainMs)} ms to drain`
  );
}
