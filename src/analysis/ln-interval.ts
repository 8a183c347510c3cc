import { sum } from 'simple-statistics';

/** An estimate on the logarithmic scale with its one-sided bounds. */
export interface LnInterval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** False when the trials were too few for bounds of that confidence; low and high are then only the widest there are. */
  readonly bounded: boolean;
}

/**
 * Mean of independent estimates, each weighted by the inverse square of its interval's width, so that a control that shook
 * counts little; distances to the bounds add up in squares (MOVER).
 */
export function weightedMean(intervals: readonly LnInterval[]): LnInterval | null {
  if (intervals.length === 0) return null;
  const widths = intervals.map(({ low, high }) => high - low);
  const inverse = widths.map((width) => (Math.min(...widths) > 0 ? 1 / width ** 2 : 1));
  const total = sum(inverse);
  const weights = inverse.map((value) => value / total);
  const weigh = (of: (interval: LnInterval) => number) =>
    intervals.map((interval, index) => (weights[index] ?? 0) * of(interval));
  const estimate = sum(weigh((interval) => interval.estimate));
  return {
    estimate,
    low: estimate - Math.hypot(...weigh((interval) => interval.estimate - interval.low)),
    high: estimate + Math.hypot(...weigh((interval) => interval.high - interval.estimate)),
    bounded: intervals.every(({ bounded }) => bounded),
  };
}

/** a - b with the bounds of MOVER, widened by an allowance that is added in squares. */
export function difference(a: LnInterval, b: LnInterval, allowance: number): LnInterval {
  const estimate = a.estimate - b.estimate;
  return {
    estimate,
    low: estimate - Math.hypot(a.estimate - a.low, b.high - b.estimate, allowance),
    high: estimate + Math.hypot(a.high - a.estimate, b.estimate - b.low, allowance),
    bounded: a.bounded && b.bounded,
  };
}
