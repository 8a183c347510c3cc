import {
  cliffsDelta,
  equivalence,
  hodgesLehmann,
  hodgesLehmannRatio,
  holm,
  mannWhitneyU,
  median,
  smallestMannWhitneyPValue,
} from '../stats/index.js';
import { detectableEffect, type Detectable } from './detectable.js';
import type { Interval } from './summary.js';

/** Two samples of independent numbers, one a trial. */
export interface SamplePair {
  readonly a: readonly number[];
  readonly b: readonly number[];
  /** The difference that does not matter: a fraction below 1 on the scale 'ratio', else in the unit of the values. */
  readonly margin: number;
  /** 'ratio': values above 0, b over a. 'difference': b - a. */
  readonly scale: 'ratio' | 'difference';
}

export type SampleVerdict =
  | 'b-higher' // adjusted p < alpha
  | 'b-lower'
  | 'equivalent' // no difference shown, and shown to be smaller than the margin
  | 'inconclusive' // neither: see the detectable effect
  | 'too-few'; // neither, and no values could have shown a difference

export interface SampleComparison {
  readonly sizes: { readonly a: number; readonly b: number };
  readonly medians: { readonly a: number; readonly b: number };
  readonly scale: 'ratio' | 'difference';
  /** b over a, or b - a (Hodges-Lehmann), with its interval of confidence 1 - alpha; bounds null when there is none. */
  readonly effect: Interval;
  /** Above 0: b tends to be higher. */
  readonly cliffsDelta: number;
  readonly method: 'exact' | 'asymptotic';
  readonly pValue: number;
  readonly adjustedPValue: number;
  readonly smallestPValue: number;
  readonly equivalence: {
    readonly margin: number;
    readonly bounds: { readonly low: number; readonly high: number };
    readonly pValue: number;
    /** Holm over the equivalence tests of the family. */
    readonly adjustedPValue: number;
    /** Adjusted p < alpha. */
    readonly shown: boolean;
    /** Of confidence 1 - 2 alpha; bounds null when there is none. */
    readonly interval: Interval;
  };
  /** Effects below `low` or above `high` would be found in four of five cases; null when none would. */
  readonly detectable: Detectable | null;
  readonly verdict: SampleVerdict;
}

/**
 * Compares pairs of samples that form one family: effect with interval, exact test with Holm's correction, equivalence
 * within the declared margin, and the effect that so many values with so much noise would have shown.
 *
 * @param pairs at least one number on each side; above 0 where the scale is 'ratio'
 * @param alpha two-sided level of the family
 * @throws TypeError or RangeError naming the index of a value that cannot be
 */
export function compareSamples(pairs: readonly SamplePair[], alpha: number): SampleComparison[] {
  const tests = pairs.map(({ a, b }) => mannWhitneyU(b, a));
  const adjusted = holm(tests.map(({ pValue }) => pValue));
  const tosts = pairs.map(({ a, b, margin, scale }) => equivalence(b, a, { margin, alpha, scale }));
  const adjustedTosts = holm(tosts.map(({ pValue }) => pValue));
  return pairs.map((pair, index): SampleComparison => {
    const { a, b, margin, scale } = pair;
    const tost = tosts[index];
    if (tost === undefined) throw new Error('a test is missing');
    const adjustedTost = adjustedTosts[index] ?? 1;
    const equivalent = adjustedTost < alpha;
    const { pValue = 1, method = 'exact' } = tests[index] ?? {};
    const adjustedPValue = adjusted[index] ?? 1;
    const estimate = scale === 'ratio' ? hodgesLehmannRatio : hodgesLehmann;
    const delta = cliffsDelta(b, a);
    const smallestPValue = smallestMannWhitneyPValue(a.length, b.length);
    const outOfReach = smallestPValue * pairs.length >= alpha;
    return {
      sizes: { a: a.length, b: b.length },
      medians: { a: median(a), b: median(b) },
      scale,
      effect: boundedBy(estimate(b, a, { confidence: 1 - alpha }), 1 - alpha),
      cliffsDelta: delta,
      method,
      pValue,
      adjustedPValue,
      smallestPValue,
      equivalence: {
        margin,
        bounds: tost.bounds,
        pValue: tost.pValue,
        adjustedPValue: adjustedTost,
        shown: equivalent,
        interval: boundedBy(tost.interval, 1 - 2 * alpha),
      },
      detectable: detectableEffect(a, b, alpha / pairs.length, scale),
      verdict:
        adjustedPValue < alpha
          ? delta > 0
            ? 'b-higher'
            : 'b-lower'
          : equivalent
            ? 'equivalent'
            : outOfReach
              ? 'too-few'
              : 'inconclusive',
    };
  });
}

/** The fewest values in each sample with which a difference can be shown at all, after correction over the family. */
export function requiredValues(alpha: number, familySize: number): number {
  let n = 1;
  while (smallestMannWhitneyPValue(n, n) * familySize >= alpha) n++;
  return n;
}

function boundedBy(
  { estimate, low, high, achievedConfidence }: ReturnType<typeof hodgesLehmann>,
  confidence: number,
): Interval {
  const enough = achievedConfidence >= confidence - 1e-12;
  return { estimate, low: enough ? low : null, high: enough ? high : null };
}
