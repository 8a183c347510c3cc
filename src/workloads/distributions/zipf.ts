import type { RandomSource } from '../../support/random.js';
import { float64At, uint32At } from '../typed-array.js';
import { portableExp, portableExpm1, portableLog, portableLog1p } from './portable-math.js';

/** Largest number of ranks: `OperationStream` stores key indices in 32 bits. */
const MAX_RANKS = 4294967296;
/** 80 KiB of tables. */
const TABLED_RANKS = 4096;
const REJECTED = -1;

/**
 * A Zipf sampler: rank r in 0…ranks − 1 is drawn with probability proportional to (r + 1)^−exponent, exactly (up to
 * rounding), in constant time and memory (80 KiB of tables at most).
 *
 * Method: rejection-inversion (W. Hörmann and G. Derflinger, "Rejection-inversion to generate variates from monotone
 * discrete distributions", ACM TOMACS 6(3), 1996). The histogram of h(x) = x^−exponent lies under its continuous integral H
 * shifted by one half; a uniform area u is inverted through H, rounded to the nearest rank k, and rejected when it falls
 * into the part of the cell that the bar of k does not fill. The popular generator of Gray et al. (SIGMOD 1994), as in
 * YCSB, only approximates ranks above 2 and fails a goodness-of-fit test; see test/workloads/zipf.test.ts.
 *
 * @param ranks number of ranks, an integer in [1, 2^32]
 * @param exponent skew, any finite number above 0 (1 is allowed; 0.99 is YCSB's)
 * @param random consumed by the returned function; not thread-safe
 * @returns draws the next rank
 * @throws RangeError when ranks or exponent is outside
 */
export function createZipf(ranks: number, exponent: number, random: RandomSource): () => number {
  if (!Number.isInteger(ranks) || ranks < 1 || ranks > MAX_RANKS) {
    throw new RangeError(`ranks must be an integer in [1, 2^32], not ${String(ranks)}`);
  }
  if (!Number.isFinite(exponent) || exponent <= 0) {
    throw new RangeError(`the Zipf exponent must be above 0, not ${String(exponent)}`);
  }
  const oneMinus = 1 - exponent;

  const bar = (x: number): number => portableExp(-exponent * portableLog(x));
  /** H(x) = ∫₁ˣ t^−exponent dt = (x^(1−e) − 1)/(1 − e), or ln x for e = 1. */
  const area = (x: number): number => {
    const log = portableLog(x);
    return oneMinus === 0 ? log : portableExpm1(oneMinus * log) / oneMinus;
  };
  // ln(1 + t)/(1 − e) carries an error of 1e-16/|1 − e| into ln x: harmless, unless e is so near 1 that log1p is needed.
  const nearOne = Math.abs(oneMinus) < 0.001;
  const perOneMinus = 1 / oneMinus;
  const inverseArea = (u: number): number => {
    if (oneMinus === 0) return portableExp(u);
    const t = Math.max(u * oneMinus, -1);
    return portableExp((nearOne ? portableLog1p(t) : portableLog(1 + t)) * perOneMinus);
  };

  // The first bar is cut to its own height (its cell would otherwise begin at H(1/2), which wastes draws).
  const low = area(1.5) - 1;
  const high = area(ranks + 0.5);
  const width = high - low;
  // For k − x ≤ squeeze the point lies under the bar for every k (the bound is attained at k = 2): no bar is computed.
  const squeeze = 2 - inverseArea(area(2.5) - bar(2));

  const rankByInversion = (u: number): number => {
    const x = inverseArea(u);
    const k = Math.min(Math.max(Math.floor(x + 0.5), 1), ranks);
    return k - x <= squeeze || u >= area(k + 0.5) - bar(k) ? k - 1 : REJECTED;
  };

  // For the first ranks, which take most draws, the same inversion is looked up: area u belongs to the first k with
  // u < upper[k] = H(k + ½), and is accepted from filled[k] on. The guide gives a k to begin at (Chen and Asau's index
  // table; Devroye 1986, III.2.4): the smallest whose cell reaches the one of u.
  const tabled = Math.min(ranks, TABLED_RANKS);
  const upper = new Float64Array(tabled + 1);
  const filled = new Float64Array(tabled + 1);
  upper[0] = low;
  for (let k = 1; k <= tabled; k++) {
    upper[k] = area(k + 0.5);
    filled[k] = area(k + 0.5) - bar(k);
  }
  const tabledHigh = float64At(upper, tabled);
  const cells = 2 * tabled;
  const cellsPerArea = cells / (tabledHigh - low);
  const cellOf = (u: number): number => Math.min(Math.floor((u - low) * cellsPerArea), cells);
  const guide = new Uint32Array(cells + 1);
  for (let cell = 0, k = 1; cell <= cells; cell++) {
    while (k < tabled && cellOf(float64At(upper, k)) < cell) k++;
    guide[cell] = k;
  }

  return () => {
    for (;;) {
      const u = low + random.nextDouble() * width;
      if (u < tabledHigh) {
        let k = uint32At(guide, cellOf(u));
        while (u >= float64At(upper, k)) k++;
        if (u >= float64At(filled, k)) return k - 1;
      } else {
        const rank = rankByInversion(u);
        if (rank !== REJECTED) return rank;
      }
    }
  };
}
