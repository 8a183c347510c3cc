import { createRandom, type RandomSource } from '../support/random.js';
import { checkChoice, checkFraction, checkInteger, checkValues } from './check.js';
import { normalCdf, normalQuantile } from './normal.js';
import { sortedQuantile } from './quantile.js';
import { quantilesWithoutOne, resampledQuantile } from './resampled-quantile.js';

export interface BootstrapOptions {
  /** What is compared: a quantile from 0 to 1 of the values (type 7), or their mean. Default 0.5, the median. */
  readonly statistic?: number | 'mean';
  /** Default 0.95. */
  readonly confidence?: number;
  /** 100 to 1,000,000, default 10,000. */
  readonly resamples?: number;
  /** Unsigned 32-bit integer; the same seed gives the same interval. Default 1. */
  readonly seed?: number;
  /** 'bca' (default): bias-corrected and accelerated; 'percentile': plain quantiles of the resampled ratios. */
  readonly method?: 'bca' | 'percentile';
  /** True: x[i] and y[i] were measured together (one block), and are drawn together. Default false. */
  readonly paired?: boolean;
}

export interface BootstrapInterval {
  /** statistic(x) / statistic(y). */
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly confidence: number;
  readonly resamples: number;
  readonly seed: number;
  readonly method: 'bca' | 'percentile';
  /** Fewer than 10 values in a sample: the interval may be too narrow. Prefer `hodgesLehmannRatio` there. */
  readonly fewValues: boolean;
}

/** Below this many values a bootstrap interval covers less often than it says. */
const FEW_VALUES = 10;

/**
 * Bootstrap interval for the ratio of a percentile (or the mean) of two samples of trials, each trial one number: whole
 * trials are drawn with replacement, on the scale of ln(ratio).
 *
 * BCa (Efron 1987; Efron and Tibshirani 1993, ch. 14.3): the ends are the quantiles Phi(z0 + (z0 + z) / (1 - a (z0 + z))) of
 * the resampled ratios, z = Phi^-1((1 -+ confidence) / 2), z0 = Phi^-1(share of resampled ratios below the estimate, ties
 * counting half), a = sum d^3 / (6 (sum d^2)^1.5) of the jackknife influences of both samples, d = (n - 1)(mean - theta(i)) / n
 * as in SciPy's bootstrap. Where every resampled ratio is the same, the interval is that point.
 *
 * Quantiles of unpaired samples take the same time whatever the sizes, once these are sorted (`resampledQuantile`); means and
 * pairs take resamples times values.
 *
 * @param x first sample, at least 2 finite numbers above 0; not changed
 * @param y second sample; as many as x when `paired`
 * @throws TypeError or RangeError naming the sample and the index, or the option
 */
export function bootstrapRatio(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: BootstrapOptions = {},
): BootstrapInterval {
  const { confidence = 0.95, resamples = 10_000, seed = 1, method = 'bca', paired = false } = options;
  checkFraction(confidence, 'confidence');
  checkInteger(resamples, 'resamples', 100);
  if (resamples > 1_000_000)
    throw new RangeError(`resamples must be at most 1000000; it is ${String(resamples)}`);
  checkInteger(seed, 'seed', 0);
  checkChoice(method, 'method', ['bca', 'percentile']);
  const wanted = options.statistic ?? 0.5;
  const statistic = statisticOf(wanted);
  const a = checkSample(x, 'x');
  const b = checkSample(y, 'y');
  if (paired && a.length !== b.length) {
    throw new RangeError(
      `x has ${String(a.length)} values and y has ${String(b.length)}; pairs need as many`,
    );
  }
  const design = paired || wanted === 'mean' ? { a, b, paired, statistic } : quantileDesign(a, b, wanted);
  const estimate = Math.log(statistic(a.slice()) / statistic(b.slice()));
  const draws = resample(design, resamples, createRandom(seed));
  const ends = method === 'bca' ? bcaEnds(design, draws, estimate, confidence) : percentileEnds(confidence);
  const [low, high] = ends.map((probability) => Math.exp(sortedQuantile(draws, probability)));
  return {
    estimate: Math.exp(estimate),
    low: low ?? NaN,
    high: high ?? NaN,
    confidence,
    resamples,
    seed,
    method,
    fewValues: Math.min(a.length, b.length) < FEW_VALUES,
  };
}

/** Takes a sample that it may sort. */
type Statistic = (sample: Float64Array) => number;

function statisticOf(statistic: number | 'mean'): Statistic {
  if (statistic === 'mean') return (sample) => sample.reduce((sum, value) => sum + value, 0) / sample.length;
  if (!(statistic >= 0 && statistic <= 1)) {
    throw new RangeError(`statistic must be 'mean' or a quantile from 0 to 1; it is ${String(statistic)}`);
  }
  return (sample) => sortedQuantile(sample.sort(), statistic);
}

function checkSample(values: ArrayLike<number>, name: string): Float64Array {
  checkValues(values, name, 2);
  return Float64Array.from(values, (value, index) => {
    if (value > 0) return value;
    throw new RangeError(`${name}[${String(index)}] is ${String(value)}; a ratio needs values above 0`);
  });
}

/** Two samples and the statistic of each; `probability` where a quantile need not be found by drawing whole samples. */
interface Design {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly paired: boolean;
  readonly statistic: Statistic;
  readonly probability?: number;
}

/** Two samples that ascend. */
function quantileDesign(a: Float64Array, b: Float64Array, probability: number): Design {
  return { a: a.sort(), b: b.sort(), paired: false, statistic: statisticOf(probability), probability };
}

/** ln(ratio) of each resample, ascending. */
function resample(
  { a, b, paired, statistic, probability }: Design,
  resamples: number,
  random: RandomSource,
): Float64Array {
  const draws = new Float64Array(resamples);
  if (probability !== undefined) {
    const drawA = resampledQuantile(a, probability, random);
    const drawB = resampledQuantile(b, probability, random);
    return draws.map(() => Math.log(drawA() / drawB())).sort();
  }
  const [drawnA, drawnB] = [new Float64Array(a.length), new Float64Array(b.length)];
  for (let draw = 0; draw < resamples; draw++) {
    for (let i = 0; i < a.length; i++) {
      const from = random.nextBelow(a.length);
      drawnA[i] = a[from] ?? NaN;
      if (paired) drawnB[i] = b[from] ?? NaN;
    }
    if (!paired) for (let i = 0; i < b.length; i++) drawnB[i] = b[random.nextBelow(b.length)] ?? NaN;
    draws[draw] = Math.log(statistic(drawnA) / statistic(drawnB));
  }
  return draws.sort();
}

function percentileEnds(confidence: number): [number, number] {
  return [(1 - confidence) / 2, (1 + confidence) / 2];
}

/** Which quantiles of the resampled values are the ends. */
function bcaEnds(
  design: Design,
  draws: Float64Array,
  estimate: number,
  confidence: number,
): [number, number] {
  let below = 0;
  let equal = 0;
  for (const draw of draws) {
    if (draw < estimate) below++;
    else if (draw === estimate) equal++;
  }
  // kept off 0 and 1, where the correction would be infinite, by half a draw
  const share = Math.min(
    1 - 0.5 / draws.length,
    Math.max(0.5 / draws.length, (below + equal / 2) / draws.length),
  );
  const z0 = normalQuantile(share);
  const acceleration = jackknifeAcceleration(design);
  const end = (z: number): number => {
    const scale = 1 - acceleration * (z0 + z);
    return scale <= 0 ? Number(z > 0) : normalCdf(z0 + (z0 + z) / scale);
  };
  const z = normalQuantile((1 + confidence) / 2);
  return [end(-z), end(z)];
}

function jackknifeAcceleration({ a, b, paired, statistic, probability }: Design): number {
  const without = (values: Float64Array, left: number) => values.filter((_, index) => index !== left);
  const each = (values: Float64Array): Float64Array =>
    probability === undefined
      ? values.map((_, left) => statistic(without(values, left)))
      : quantilesWithoutOne(values, probability);
  const influences = (thetas: Float64Array): Float64Array => {
    const mean = thetas.reduce((sum, theta) => sum + theta, 0) / thetas.length;
    return thetas.map((theta) => ((thetas.length - 1) * (mean - theta)) / thetas.length);
  };
  const [thetasA, thetasB] = [each(a), each(b)];
  // what the other sample adds to ln(ratio) is the same whichever value is left out
  const groups = paired
    ? [influences(thetasA.map((theta, index) => Math.log(theta / (thetasB[index] ?? NaN))))]
    : [influences(thetasA.map(Math.log)), influences(thetasB.map((theta) => -Math.log(theta)))];
  let cubes = 0;
  let squares = 0;
  for (const group of groups) {
    for (const d of group) {
      cubes += d ** 3;
      squares += d * d;
    }
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}
