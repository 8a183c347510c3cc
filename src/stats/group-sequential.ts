import { checkChoice, checkFraction, checkValues } from './check.js';
import { normalCdf, normalDensity, normalQuantile } from './normal.js';

/** How the level is spent over the looks, as a function of the share of the trials that are done. */
export const spendingFunctions = ['obrien-fleming', 'pocock'] as const;
export type SpendingFunction = (typeof spendingFunctions)[number];

export interface SequentialLook {
  /** Share of the planned trials that are done at this look, above 0 to 1. */
  readonly fraction: number;
  /** Level spent up to and with this look. */
  readonly spent: number;
  /** Stop and reject when |z| is at least this. Infinity where nothing is spent. */
  readonly boundary: number;
  /** The same for a p-value: stop and reject when the two-sided p of this look is below it. */
  readonly nominalAlpha: number;
}

/** Points of the density between the boundaries. */
const GRID = 401;
/** Beyond this the density of a standard normal is nothing to a double that is added to 1. */
const REACH = 8.5;

/**
 * A stopping rule fixed before the first trial: at which looks one may stop, and how small p must be there, so that the
 * probability of ever rejecting a true null hypothesis is alpha (Lan and DeMets 1983, Biometrika 70).
 *
 * Level spent at a share t of the trials: 'obrien-fleming' 4 (1 - Phi(z(1 - alpha / 4) / sqrt t)), little at first;
 * 'pocock' alpha ln(1 + (e - 1) t), about evenly. (The O'Brien-Fleming form is that of the two one-sided rules at alpha / 2
 * together.) Boundaries by numerical integration of the density of the statistic that has not stopped yet, whose increments
 * between looks are independent and normal (Armitage, McPherson and Rowe 1969; Jennison and Turnbull 2000, ch. 19). Rank
 * statistics have such increments only for many values; on samples of trials the error is what `npm run bench:stats` shows.
 *
 * The rule holds only as declared: a look more, or a p-value that is glanced at, spoils it.
 *
 * @param options `looks`: shares of the planned trials, ascending, the last one 1; 1 to 20 of them; two-sided `alpha`;
 *   `spending`, default 'obrien-fleming'
 * @throws TypeError or RangeError naming the look or the option
 */
export function groupSequential(options: {
  readonly looks: readonly number[];
  readonly alpha: number;
  readonly spending?: SpendingFunction;
}): SequentialLook[] {
  const { looks, alpha, spending = 'obrien-fleming' } = options;
  checkFraction(alpha, 'alpha');
  checkChoice(spending, 'spending', spendingFunctions);
  checkLooks(looks);
  const key = [alpha, spending, ...looks].join(' ');
  let found = designs.get(key);
  if (found === undefined) {
    found = boundariesOf(looks, alpha, spending);
    if (designs.size > 1000) designs.clear();
    designs.set(key, found);
  }
  return found.map((look) => ({ ...look }));
}

/** The last designs: one is asked for again and again, for every comparison of a run. */
const designs = new Map<string, readonly SequentialLook[]>();

function boundariesOf(looks: readonly number[], alpha: number, spending: SpendingFunction): SequentialLook[] {
  const result: SequentialLook[] = [];
  let density: Density | null = null;
  let spentBefore = 0;
  let fractionBefore = 0;
  for (const fraction of looks) {
    const spent = spentAt(fraction, alpha, spending);
    const step: number = Math.sqrt(fraction - fractionBefore);
    // on the scale of the sum of increments: score = z sqrt(fraction)
    const bound = boundaryScore(density, step, spent - spentBefore);
    const z = bound / Math.sqrt(fraction);
    result.push({ fraction, spent, boundary: z, nominalAlpha: 2 * normalCdf(-z) });
    if (fraction < 1) density = remaining(density, step, Math.min(bound, REACH * Math.sqrt(fraction)));
    spentBefore = spent;
    fractionBefore = fraction;
  }
  return result;
}

function checkLooks(looks: readonly number[]): void {
  checkValues(looks, 'looks');
  if (looks.length > 20)
    throw new RangeError(`looks has ${String(looks.length)} entries; at most 20 are taken`);
  let before = 0;
  looks.forEach((look, index) => {
    if (!(look > before && look <= 1)) {
      throw new RangeError(
        `looks[${String(index)}] must be above ${String(before)} and at most 1; it is ${String(look)}`,
      );
    }
    before = look;
  });
  if (before !== 1)
    throw new RangeError(`the last of looks must be 1, all of the trials; it is ${String(before)}`);
}

function spentAt(fraction: number, alpha: number, spending: SpendingFunction): number {
  return spending === 'pocock'
    ? alpha * Math.log(1 + (Math.E - 1) * fraction)
    : 4 * normalCdf(normalQuantile(alpha / 4) / Math.sqrt(fraction));
}

/** Density of the score among those that have not stopped: values at equal steps from -bound to bound. */
interface Density {
  readonly bound: number;
  readonly values: Float64Array;
}

/** P(|score| >= bound) at the next look, among all that started. */
function exitProbability(density: Density | null, step: number, bound: number): number {
  if (density === null) return 2 * normalCdf(-bound / step);
  return integrate(
    density,
    (score) => normalCdf((score - bound) / step) + normalCdf((-score - bound) / step),
  );
}

function boundaryScore(density: Density | null, step: number, wanted: number): number {
  let low = 0;
  let high = REACH + (density?.bound ?? 0);
  if (exitProbability(density, step, high) > wanted) return Infinity; // too little is spent for a double to tell
  // false position on logarithms (the Illinois form), which are nearly straight; each step costs an integral
  const above = (bound: number): number => Math.log(exitProbability(density, step, bound) / wanted);
  let [aboveLow, aboveHigh] = [above(low), above(high)];
  for (let round = 0; round < 100 && high - low > 1e-14 * high; round++) {
    const guess = low + ((high - low) * aboveLow) / (aboveLow - aboveHigh);
    const middle = guess > low && guess < high ? guess : (low + high) / 2;
    const found = above(middle);
    if (Math.abs(found) < 1e-13) return middle;
    if (found > 0) {
      [low, aboveLow] = [middle, found];
      aboveHigh /= 2;
    } else {
      [high, aboveHigh] = [middle, found];
      aboveLow /= 2;
    }
  }
  return high;
}

function remaining(density: Density | null, step: number, bound: number): Density {
  const values = Float64Array.from({ length: GRID }, (_, index) => {
    const score = -bound + (2 * bound * index) / (GRID - 1);
    return density === null
      ? normalDensity(score / step) / step
      : integrate(density, (from) => normalDensity((score - from) / step) / step);
  });
  return { bound, values };
}

/** Integral of density times `of`, by Simpson's rule. */
function integrate({ bound, values }: Density, of: (score: number) => number): number {
  const width = (2 * bound) / (GRID - 1);
  let sum = 0;
  for (let index = 0; index < GRID; index++) {
    const weight = index === 0 || index === GRID - 1 ? 1 : index % 2 === 1 ? 4 : 2;
    sum += weight * (values[index] ?? 0) * of(-bound + index * width);
  }
  return (sum * width) / 3;
}
