import { checkFraction } from './check.js';

const LN_SQRT_2PI = 0.9189385332046727; // ln(2 pi) / 2

/** Density of the standard normal distribution, exp(-z^2 / 2) / sqrt(2 pi). */
export function normalDensity(z: number): number {
  // Splitting z keeps the rounding error of z^2 out of the exponential (W. J. Cody, Math. Comp. 23, 1969).
  const head = Math.trunc(z * 16) / 16;
  const rest = (z - head) * (z + head);
  return Math.exp(-0.5 * head * head) * Math.exp(-0.5 * rest - LN_SQRT_2PI);
}

/**
 * P(Z <= z) for the standard normal distribution, that is erfc(-z / sqrt 2) / 2, to a relative error of about 1e-14 in
 * both tails (down to the smallest double, near z = -38.5).
 *
 * Within 1.5 of the mean: the series 1/2 + density * (z + z^3/3 + z^5/(3*5) + ...), Abramowitz and Stegun 26.2.11, whose
 * terms are all of one sign. Outside: the continued fraction of Mills' ratio, Abramowitz and Stegun 26.2.14.
 *
 * @param z any number; infinities give 0 and 1, NaN gives NaN
 */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) return NaN;
  if (z < -1.5) return upperTail(-z);
  if (z > 1.5) return 1 - upperTail(z);
  let term = z;
  let sum = z;
  for (let k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return 0.5 + normalDensity(z) * sum;
}

/** P(Z > z) for z >= 1.5: density / (z + 1/(z + 2/(z + 3/(...)))), evaluated from the inside. */
function upperTail(z: number): number {
  if (z > 40) return 0;
  // The number of levels that reaches double precision falls with z^2; 500 / z^2 + 25 was found by comparing with 2000.
  let fraction = z;
  for (let level = Math.ceil(500 / (z * z)) + 25; level >= 1; level--) fraction = z + level / fraction;
  return normalDensity(z) / fraction;
}

/**
 * The z with normalCdf(z) = probability, to a relative error of about 1e-15.
 *
 * Starts at Abramowitz and Stegun 26.2.23 (absolute error below 4.5e-4) and refines with Halley's iteration, in the lower
 * tail, where the distribution function keeps its relative precision.
 *
 * @param probability between 0 and 1, both excluded
 * @throws RangeError outside that range
 */
export function normalQuantile(probability: number): number {
  checkFraction(probability, 'probability');
  if (probability === 0.5) return 0;
  if (probability > 0.5) return -normalQuantile(1 - probability);
  const t = Math.sqrt(-2 * Math.log(probability));
  let z = -(
    t -
    (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  );
  for (let step = 0; step < 4; step++) {
    const newton = (normalCdf(z) - probability) / normalDensity(z);
    z -= newton / (1 + (z * newton) / 2);
  }
  return z;
}

/**
 * P(X <= h and Y <= k) for standard normal X and Y with this correlation: normalCdf(h) normalCdf(k) + 1 / (2 pi) times the integral of
 * exp(-(h^2 + k^2 - 2 h k sin t) / (2 cos^2 t)) over t from 0 to asin(correlation) (Plackett 1954; Genz 2004, eq. 3), by Simpson's
 * rule: good to 1e-8 for correlations up to 0.95 in size.
 *
 * @param h any number
 * @param k any number
 * @param correlation from -1 to 1
 * @throws RangeError outside that range
 */
export function bivariateNormalCdf(h: number, k: number, correlation: number): number {
  if (!(correlation >= -1 && correlation <= 1)) {
    throw new RangeError(`correlation must lie between -1 and 1; it is ${String(correlation)}`);
  }
  if (correlation > 1 - 1e-6) return normalCdf(Math.min(h, k));
  if (correlation < -1 + 1e-6) return Math.max(0, normalCdf(h) - normalCdf(-k));
  if (!Number.isFinite(h) || !Number.isFinite(k)) return normalCdf(h) * normalCdf(k);
  const steps = 200;
  const width = Math.asin(correlation) / steps;
  let sum = 0;
  for (let step = 0; step <= steps; step++) {
    const sine = Math.sin(step * width);
    const weight = step === 0 || step === steps ? 1 : step % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-(h * h + k * k - 2 * h * k * sine) / (2 * (1 - sine * sine)));
  }
  return normalCdf(h) * normalCdf(k) + (sum * width) / 3 / (2 * Math.PI);
}
