/** Whether a number depends on when it was taken: inside of a window, over the session, from trial to trial. */
import type { TrialMeasurements } from '../../results/schema.js';
import {
  holm,
  lagCorrelation,
  mannKendall,
  median,
  medianInterval,
  theilSenSlope,
} from '../../stats/index.js';
import type { AssumptionCheck } from '../summary.js';
import { judged, unmade, type Card, type Finding, type Series, type Session } from './check.js';

/** Twice what trials of a quiet machine differ by: a smaller change decides nothing that this tool says. */
const MOST_CHANGE = 0.1;
/** Of all series of a session together. */
const LEVEL = 0.01;
const FEWEST_INTERVALS = 6;
/**
 * Requests of one interval for each that is in flight: those that are under way when the window begins are missing in its first
 * interval, and a batch of thousands of keys counts as a whole when it ends.
 */
const FEWEST_REQUESTS = 20;
/** Below, no order of the values is rare enough to be noticed after correction. */
const FEWEST_TRIALS = 8;

const windowCard: Card = {
  id: 'stationary-window',
  title: 'Steady inside the window',
  unit: 'share',
  limit: MOST_CHANGE,
  rule: 'Theil-Sen change of throughput from the first to the last interval of a window, median over trials; violated where it is beyond the limit and its interval (99 % for all series together) does not contain 0',
  consequence: 'what a window gives depends on how long it is',
};
const warmUpCard: Card = {
  id: 'warm-up',
  title: 'Warm-up long enough',
  unit: 'ratio',
  limit: 1 - MOST_CHANGE,
  rule: 'throughput of the first tenth of the window over the median of the rest, median over trials; violated where it is below the limit and its interval (99 % for all series together) lies below 1',
  consequence: 'the window still holds some of the warm-up: a longer --warmup-ms is needed',
};
const sessionCard: Card = {
  id: 'stationary-session',
  title: 'Steady over the session',
  unit: 'share',
  limit: MOST_CHANGE,
  rule: 'Theil-Sen change of throughput from the first to the last trial of a contender; violated where it is beyond the limit and Mann-Kendall finds a trend (p below 0.01 after Holm)',
  consequence:
    'the machine changed while it was measured: the comparison by blocks takes even drift out, absolute numbers belong to this session alone',
};
const independenceCard: Card = {
  id: 'independence',
  title: 'Trials independent of each other',
  unit: 'p',
  limit: LEVEL,
  rule: "p of Spearman's correlation of a contender's throughput with that of its next trial, its Theil-Sen trend taken out, after Holm; violated below the limit",
  consequence:
    'trials in a row resemble each other, so that p-values may be too small: trust the comparison by blocks',
};

/** Intervals of the window alone: the last one also takes what came after its end. */
const intervalsOf = ({ intervalOperations }: TrialMeasurements): number[] => intervalOperations.slice(0, -1);

/** One number a trial, judged over trials by its median: those of whole series in which every window can be told. */
function overTrials(
  { series }: Session,
  of: (intervals: readonly number[]) => number | null,
): { readonly one: Series; readonly estimate: number; readonly low: number; readonly high: number }[] {
  const found = series.flatMap((one) => {
    const values = one.trials.map(({ measurements }) => {
      const intervals = intervalsOf(measurements);
      const enough = measurements.requests / intervals.length >= FEWEST_REQUESTS * one.inFlight;
      return intervals.length < FEWEST_INTERVALS || !enough || median(intervals) <= 0 ? null : of(intervals);
    });
    return values.includes(null) ? [] : [{ one, values: values.filter((value) => value !== null) }];
  });
  const confidence = 1 - LEVEL / Math.max(1, found.length);
  return found.flatMap(({ one, values }) => {
    const { estimate, low, high } = medianInterval(values, { confidence });
    return low === null || high === null ? [] : [{ one, estimate, low, high }];
  });
}

export function stationaryWindow(session: Session): AssumptionCheck {
  // in open loop throughput is what was asked for, and a schedule rises and falls on purpose
  if (session.result.plan.loadModel === 'open') return unmade(windowCard, 'cannot-tell');
  const changes = overTrials(
    session,
    (intervals) => (theilSenSlope(intervals) * (intervals.length - 1)) / median(intervals),
  );
  return judged(
    windowCard,
    changes.map(({ one, estimate, low, high }): Finding => ({
      series: one,
      figure: estimate,
      violated: Math.abs(estimate) > MOST_CHANGE && (low > 0 || high < 0),
    })),
  );
}

export function warmUp(session: Session): AssumptionCheck {
  if (session.result.plan.loadModel === 'open') return unmade(warmUpCard, 'cannot-tell');
  const starts = overTrials(session, (intervals) => {
    const first = Math.max(1, Math.round(intervals.length / 10));
    const mean = intervals.slice(0, first).reduce((sum, operations) => sum + operations, 0) / first;
    const rest = median(intervals.slice(first));
    return rest > 0 ? mean / rest : null;
  });
  return judged(
    warmUpCard,
    starts.map(({ one, estimate, high }): Finding => ({
      series: one,
      figure: estimate,
      violated: estimate < 1 - MOST_CHANGE && high < 1,
    })),
    (ratio) => 1 - ratio,
  );
}

const throughputs = ({ trials }: Series): number[] =>
  trials.map(({ measurements }) => measurements.throughputPerSecond);
const long = ({ series }: Session): readonly Series[] =>
  series.filter(({ trials }) => trials.length >= FEWEST_TRIALS);

export function stationarySession(session: Session): AssumptionCheck {
  const series = long(session);
  const adjusted = holm(series.map((one) => mannKendall(throughputs(one)).pValue));
  return judged(
    sessionCard,
    series.map((one, index): Finding => {
      const values = throughputs(one);
      const middle = median(values);
      const change = middle > 0 ? (theilSenSlope(values) * (values.length - 1)) / middle : 0;
      return {
        series: one,
        figure: change,
        violated: Math.abs(change) > MOST_CHANGE && (adjusted[index] ?? 1) < LEVEL,
      };
    }),
  );
}

/** A trend is a check of its own: without it, two trials in a row resemble each other only where something else binds them. */
function withoutTrend(values: readonly number[]): number[] {
  const slope = theilSenSlope(values);
  return values.map((value, index) => value - slope * index);
}

export function independence(session: Session): AssumptionCheck {
  const series = long(session);
  const adjusted = holm(series.map((one) => lagCorrelation(withoutTrend(throughputs(one))).pValue));
  return judged(
    independenceCard,
    series.map((one, index): Finding => {
      const pValue = adjusted[index] ?? 1;
      return { series: one, figure: pValue, violated: pValue < LEVEL };
    }),
    (pValue) => -pValue,
  );
}
