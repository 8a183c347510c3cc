import { createRandom, shuffle, type RandomSource } from '../support/random.js';
import { checkFraction, checkInteger, checkValues } from './check.js';
import { hodgesLehmann, type ShiftEstimate } from './hodges-lehmann.js';

export interface ChangePointOptions {
  /** Level of each permutation test; default 0.01. */
  readonly alpha?: number;
  /** Fewest values between two changes; default 5, at least 2. */
  readonly minimumSegment?: number;
  /** Permutations of a test, default 999; 1 / (permutations + 1) must be at most alpha. */
  readonly permutations?: number;
  /** Unsigned 32-bit integer; the same seed gives the same answer. Default 1. */
  readonly seed?: number;
  /** Of the interval of place and of shift; default 0.95. */
  readonly confidence?: number;
}

export interface ChangePoint {
  /** Index of the first value after the change. */
  readonly index: number;
  readonly pValue: number;
  /** Where the change may lie, as indices of the first value after it: resampled with the given confidence. */
  readonly low: number;
  readonly high: number;
  /** Hodges-Lehmann shift from the segment before to the segment after (up to the neighbouring changes). */
  readonly shift: ShiftEstimate;
}

/** Time grows with the square; 2,000 values without a change take seconds. */
const MOST_VALUES = 2000;
const RESAMPLES = 500;

/**
 * Points at which the distribution of a series changes: divisive estimation by energy distance (Matteson and James 2014,
 * JASA 109, "E-divisive"), with distance |x - y|.
 *
 * For a segment cut at tau, compared with the values up to kappa, with n = tau and m = kappa - tau values on the two sides:
 * Q = (m n / (m + n)) (2 / (m n) sum |x_i - y_j| - sum |x_i - x_k| / C(n, 2) - sum |y_j - y_k| / C(m, 2)). The cut with the
 * largest Q over all segments is a change when its permutation p, (1 + permutations that reach it) / (1 + permutations),
 * values shuffled within the present segments, is at most alpha; then the search goes on in the two parts. Shuffling stops
 * as soon as p cannot come to alpha any more.
 *
 * The interval of the place: values are drawn with replacement on both sides of the change, and the best cut is found again
 * (Huskova and Kirch 2008). Values are taken as independent between changes: a series that drifts, or that correlates with
 * itself, has changes by this definition.
 *
 * @param values finite numbers in order of time, 2,000 at most; shorter than two segments: no change can be found
 * @returns ascending in index
 * @throws TypeError or RangeError naming the index or the option
 */
export function changePoints(values: ArrayLike<number>, options: ChangePointOptions = {}): ChangePoint[] {
  const { alpha = 0.01, minimumSegment = 5, permutations = 999, seed = 1, confidence = 0.95 } = options;
  checkFraction(alpha, 'alpha');
  checkFraction(confidence, 'confidence');
  checkInteger(minimumSegment, 'minimumSegment', 2);
  checkInteger(permutations, 'permutations', 1);
  checkInteger(seed, 'seed', 0);
  if (1 / (permutations + 1) > alpha) {
    throw new RangeError(`${String(permutations)} permutations cannot give a p of ${String(alpha)}`);
  }
  checkValues(values, 'values');
  if (values.length > MOST_VALUES) {
    throw new RangeError(
      `values has ${String(values.length)} entries; at most ${String(MOST_VALUES)} are taken`,
    );
  }
  const series = Float64Array.from(values);
  const random = createRandom(seed, 0x3d17);
  const found = new Map<number, number>();
  let edges = [0, series.length];
  for (;;) {
    const best = bestOfSegments(series, edges, minimumSegment);
    if (best === null) break;
    const pValue = permutationP(series, edges, minimumSegment, best.q, { alpha, permutations }, random);
    if (pValue > alpha) break;
    found.set(best.cut, pValue);
    edges = [...edges, best.cut].sort((a, b) => a - b);
  }
  return edges.slice(1, -1).map((index, place): ChangePoint => {
    const before = series.subarray(edges[place] ?? 0, index);
    const after = series.subarray(index, edges[place + 2] ?? series.length);
    const [low, high] = placeInterval(before, after, minimumSegment, confidence, random);
    return {
      index,
      pValue: found.get(index) ?? NaN,
      low: (edges[place] ?? 0) + low,
      high: (edges[place] ?? 0) + high,
      shift: hodgesLehmann(after, before, { confidence }),
    };
  });
}

interface Cut {
  readonly cut: number;
  readonly q: number;
}

function bestOfSegments(series: Float64Array, edges: readonly number[], minimumSegment: number): Cut | null {
  let best: Cut | null = null;
  for (let index = 0; index + 1 < edges.length; index++) {
    const start = edges[index] ?? 0;
    const found = bestCut(series.subarray(start, edges[index + 1]), minimumSegment);
    if (found !== null && (best === null || found.q > best.q)) best = { cut: start + found.cut, q: found.q };
  }
  return best;
}

/** The largest Q over tau and kappa in O(n^2) time; null when the segment is too short, or constant. */
function bestCut(segment: Float64Array, minimumSegment: number): Cut | null {
  const n = segment.length;
  // within[k]: sum of distances among the first k; all sums grow by one value at a time
  const within = new Float64Array(n + 1);
  for (let k = 1; k <= n; k++) {
    const last = segment[k - 1] ?? NaN;
    let sum = within[k - 1] ?? 0;
    for (let i = 0; i < k - 1; i++) sum += Math.abs((segment[i] ?? NaN) - last);
    within[k] = sum;
  }
  // toEarlier[k]: sum of distances from value k to those from tau up, brought down as tau falls
  const toEarlier = new Float64Array(n);
  let best: Cut | null = null;
  for (let tau = n - 1; tau >= minimumSegment; tau--) {
    const first = segment[tau] ?? NaN;
    for (let k = tau + 1; k < n; k++) {
      toEarlier[k] = (toEarlier[k] ?? 0) + Math.abs(first - (segment[k] ?? NaN));
    }
    const left = within[tau] ?? 0;
    const leftMean = left / ((tau * (tau - 1)) / 2);
    let right = 0;
    for (let k = tau; k < n; k++) {
      right += toEarlier[k] ?? 0;
      const m = k + 1 - tau;
      if (m < minimumSegment) continue;
      const between = (within[k + 1] ?? 0) - left - right;
      const energy = (2 * between) / (tau * m) - leftMean - right / ((m * (m - 1)) / 2);
      const q = ((tau * m) / (tau + m)) * energy;
      if (q > (best?.q ?? 0)) best = { cut: tau, q };
    }
  }
  return best;
}

function permutationP(
  series: Float64Array,
  edges: readonly number[],
  minimumSegment: number,
  q: number,
  { alpha, permutations }: { readonly alpha: number; readonly permutations: number },
  random: RandomSource,
): number {
  let reached = 0;
  // sums come in another order, so that equal values must not lose by their rounding
  const bar = q * (1 - 1e-9);
  for (let done = 1; done <= permutations; done++) {
    const shuffled = Float64Array.from(
      edges
        .slice(1)
        .flatMap((end, index) => shuffle(Array.from(series.subarray(edges[index] ?? 0, end)), random)),
    );
    if ((bestOfSegments(shuffled, edges, minimumSegment)?.q ?? 0) >= bar) reached++;
    if ((1 + reached) / (1 + permutations) > alpha) return (1 + reached) / (1 + done);
  }
  return (1 + reached) / (1 + permutations);
}

/** Quantiles of where the best cut lies when both sides are drawn again, relative to the start of `before`. */
function placeInterval(
  before: Float64Array,
  after: Float64Array,
  minimumSegment: number,
  confidence: number,
  random: RandomSource,
): [number, number] {
  const cuts = new Float64Array(RESAMPLES);
  const drawn = new Float64Array(before.length + after.length);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    for (let i = 0; i < drawn.length; i++) {
      const side = i < before.length ? before : after;
      drawn[i] = side[random.nextBelow(side.length)] ?? NaN;
    }
    cuts[resample] = bestCut(drawn, minimumSegment)?.cut ?? before.length;
  }
  cuts.sort();
  const tail = Math.floor(((1 - confidence) / 2) * RESAMPLES);
  const [low, high] = [cuts[tail] ?? NaN, cuts[RESAMPLES - 1 - tail] ?? NaN];
  return [Math.min(low, before.length), Math.max(high, before.length)];
}
