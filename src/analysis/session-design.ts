/** What two sessions of so many blocks and so much noise can show: see docs/gate.md. */
import {
  hodgesLehmannError,
  minimumDetectableEffect,
  normalQuantile,
  requiredPerSample,
  smallestMannWhitneyPValue,
} from '../stats/index.js';

const ONE_SIDED_ALPHA = 0.05;
/** Of the detectable loss. */
const POWER = 0.8;
/** No run takes more; what needs more is not a matter of blocks. */
const MOST_BLOCKS = 1000;

/**
 * The shift of ln(metric) that meets each condition of a regression (src/gate/verdict.ts) in four of five cases: the rank
 * test falls below its level; the estimates reach the margin; the guarded lower bound of the corrected loss lies above 0.
 * The loss itself shakes by the noise of its trials and by that between sessions. Infinity when the trials are too few.
 */
export function detectableShift(design: {
  readonly trialDeviation: number;
  readonly correctedDeviation: number;
  readonly sessionDeviation: number;
  readonly sizes: readonly [number, number];
  readonly familyAlpha: number;
  readonly allowance: number;
  readonly lnMargin: number;
}): number {
  const { trialDeviation, correctedDeviation, sessionDeviation, sizes, familyAlpha, allowance, lnMargin } =
    design;
  const trialError = hodgesLehmannError({ deviation: correctedDeviation, sizes });
  const headroom = normalQuantile(POWER) * Math.hypot(trialError, sessionDeviation);
  const byTest = minimumDetectableEffect({
    deviation: trialDeviation,
    perSample: sizes,
    alpha: familyAlpha,
    power: POWER,
  });
  const byBound = Math.hypot(normalQuantile(1 - ONE_SIDED_ALPHA) * trialError, allowance) + headroom;
  return Math.max(byTest, lnMargin + headroom, byBound);
}

/**
 * Blocks a session with enough trials to show that a loss below the margin is one, or that a loss above it is above 0.
 *
 * @param design `loss`, `lnMargin`, `deviation` of one value and `allowance` on the logarithmic scale; `valuesPerBlock` 1 or 2
 * @returns null where more blocks cannot settle it
 */
export function blocksToSettle(design: {
  readonly loss: number;
  readonly lnMargin: number;
  readonly deviation: number;
  readonly allowance: number;
  readonly valuesPerBlock: number;
}): number | null {
  const { loss, lnMargin, deviation, allowance, valuesPerBlock } = design;
  const reach =
    loss < lnMargin ? lnMargin - Math.max(0, loss) : Math.sqrt(Math.max(0, loss ** 2 - allowance ** 2));
  if (!(reach > 0)) return null;
  const values = requiredPerSample({ deviation, effect: reach, alpha: ONE_SIDED_ALPHA });
  const blocks = Math.ceil(values / valuesPerBlock);
  return blocks <= MOST_BLOCKS ? blocks : null;
}

/** The fewest blocks a session with which the one-sided rank test can fall below the level of one comparison. */
export function fewestBlocks(familyAlpha: number, valuesPerBlock: number): number {
  for (let blocks = 1; ; blocks++) {
    const values = blocks * valuesPerBlock;
    // without ties the smallest one-sided p is half of the smallest two-sided one
    if (smallestMannWhitneyPValue(values, values) / 2 < familyAlpha) return blocks;
  }
}
