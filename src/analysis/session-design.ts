/** What two sessions of so many blocks and so much noise can show: see docs/gate.md. */
import {
  bivariateNormalCdf,
  minimumDetectableEffect,
  normalQuantile,
  requiredPerSample,
  smallestMannWhitneyPValue,
} from '../stats/index.js';

const ONE_SIDED_ALPHA = 0.05;
/**
 * Of the detectable loss: 80 % is what is promised. All deviations are estimates, and a loss computed from them is on average found
 * a little less often than they say (by 3 % with 16 values of each: `npm run bench:gate`), which this makes up for.
 */
const POWER = 0.83;
/** No run takes more; what needs more is not a matter of blocks. */
const MOST_BLOCKS = 1000;

/** Standard deviations, losses and thresholds of one comparison, all of ln(metric). */
export interface SessionDesign {
  /** Of one value within a session. */
  readonly trialDeviation: number;
  /** Standard error of the loss as measured, by the noise of its trials. */
  readonly lossError: number;
  /** Standard error of the drift of the controls, by the noise of theirs; 0 where no drift is subtracted. */
  readonly driftError: number;
  /** By which a contender moves between sessions on its own. */
  readonly sessionDeviation: number;
  /** Of the controls, whose mean is the drift. */
  readonly controls: number;
  /** What the controls lost between the sessions; null where the loss is one of ratios, which the machine does not move. */
  readonly drift: number | null;
  readonly sizes: readonly [number, number];
  readonly familyAlpha: number;
  /** Of the guarded lower bound. */
  readonly allowance: number;
  readonly lnMargin: number;
}

/**
 * The shift of ln(metric) that meets all conditions of a regression (src/gate/verdict.ts) in four of five cases, between sessions as
 * noisy as these and a machine that moved as it did: as measured, the rank test below its level and the loss at least the margin;
 * beside the controls, the loss at least the margin and its guarded lower bound above 0.
 *
 * Both losses shake by the noise of their trials and by that between sessions. What was measured adds the drift, of which the
 * controls tell only an estimate; so both have one variance, lossError^2 + driftError^2 + sessionDeviation^2 (1 + 1/controls), and share
 * of it what is the contender's own. The probability that both pass is one of the bivariate normal distribution.
 *
 * @returns Infinity when the trials are too few
 */
export function detectableShift(design: SessionDesign): number {
  const { trialDeviation, lossError, driftError, sessionDeviation, controls, drift } = design;
  const { sizes, familyAlpha, allowance, lnMargin } = design;
  const own = lossError ** 2 + sessionDeviation ** 2;
  const spread = Math.sqrt(own + driftError ** 2 + sessionDeviation ** 2 / controls);
  const z = normalQuantile(1 - ONE_SIDED_ALPHA);
  // the shift that just passes the test, which is what a power of one half means
  const byTest = minimumDetectableEffect({
    deviation: trialDeviation,
    perSample: sizes,
    alpha: familyAlpha,
    power: 0.5,
  });
  const asMeasured = Math.max(lnMargin, byTest) - (drift ?? 0);
  const besideControls = Math.max(lnMargin, Math.hypot(z * lossError, z * driftError, allowance));
  const highest = Math.max(asMeasured, besideControls);
  if (!Number.isFinite(highest) || spread === 0) return highest;
  const correlation = drift === null ? 1 : own / spread ** 2;
  const passes = (shift: number) =>
    bivariateNormalCdf((shift - asMeasured) / spread, (shift - besideControls) / spread, correlation);
  let [low, high] = [highest, highest + 4 * spread];
  while (high - low > 1e-4 * spread) {
    const middle = (low + high) / 2;
    if (passes(middle) < POWER) low = middle;
    else high = middle;
  }
  return high;
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
