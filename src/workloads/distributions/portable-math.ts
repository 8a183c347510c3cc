/**
 * exp, log, log1p, expm1 and sin made of +, −, ×, ÷ alone. ECMAScript leaves the last digits of `Math.exp` and its siblings
 * to the implementation, and V8 has changed them between versions; the four basic operations are exact IEEE 754 everywhere.
 * A stream whose hash stands in a result file must not depend on the Node.js that made it, so generators use these.
 *
 * Relative error is below 1e-14, for exp and log below 1e-15. All functions are pure.
 */
import { float64At } from '../typed-array.js';

// ln 2 in two parts. The first has 24 bits, so that its product with an exponent or a step count (15 bits) is exact; the
// second holds the rest and what a double cannot say of ln 2.
const LN2 = 0.6931471805599453;
const LN2_HIGH = Math.fround(LN2);
const LN2_LOW = LN2 - LN2_HIGH + 2.319046813846299e-17;
const INVERSE_LN2 = 1.4426950408889634;
const SQRT2 = 1.4142135623730951;

/** 2^(i − 1023) for i in 0…2046, by exact doubling and halving. */
const POWERS_OF_TWO = new Float64Array(2047);
const POWER_BIAS = 1023;
POWERS_OF_TWO[POWER_BIAS] = 1;
for (let exponent = 1; exponent <= 1023; exponent++) {
  POWERS_OF_TWO[POWER_BIAS + exponent] = float64At(POWERS_OF_TWO, POWER_BIAS + exponent - 1) * 2;
  POWERS_OF_TWO[POWER_BIAS - exponent] = float64At(POWERS_OF_TWO, POWER_BIAS - exponent + 1) / 2;
}

/** 2^(j/32), j in 0…31: leaves an argument of at most ln 2 / 64 to the series of exp. */
const STEPS = 32;
const ROOTS = Float64Array.from({ length: STEPS }, (_, j) => expSeries((j / STEPS) * LN2, 22));

/** Taylor series of exp for |x| < 0.7, Horner form. */
function expSeries(x: number, terms: number): number {
  let sum = 1;
  for (let n = terms; n >= 1; n--) sum = 1 + (x / n) * sum;
  return sum;
}

/** e^x. Below −708 it is 0, above 709 Infinity; NaN gives NaN. */
export function portableExp(x: number): number {
  if (!(x > -708)) return x <= -708 ? 0 : NaN;
  if (x > 709) return Infinity;
  const steps = Math.floor(x * (INVERSE_LN2 * STEPS) + 0.5);
  const r = x - steps * (LN2_HIGH / STEPS) - steps * (LN2_LOW / STEPS);
  // |r| ≤ 0.0109, so the first term left out, r^7/5040, is below 4e-18.
  const series = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720))))));
  const power = Math.floor(steps / STEPS);
  return series * float64At(ROOTS, steps - power * STEPS) * float64At(POWERS_OF_TWO, POWER_BIAS + power);
}

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);
const HIGH_WORD = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Natural logarithm of x ≥ 2^−1022 (a normal number); −Infinity for 0, NaN below 0. @throws RangeError in between */
export function portableLog(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return Infinity;
  bits[0] = x;
  let exponent = ((words[HIGH_WORD] ?? 0) >>> 20) - 1023;
  let mantissa = x * float64At(POWERS_OF_TWO, POWER_BIAS - exponent);
  if (mantissa > SQRT2) {
    mantissa *= 0.5;
    exponent++;
  }
  // ln m = 2 artanh(s), s = (m − 1)/(m + 1), |s| ≤ 0.1716: the series in z = s² is cut where z^10/21 < 3e-17. Even and odd
  // powers are summed apart, which halves the chain of dependent operations.
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  const z2 = z * z;
  const even = 1 / 3 + z2 * (1 / 7 + z2 * (1 / 11 + z2 * (1 / 15 + z2 * (1 / 19))));
  const odd = 1 / 5 + z2 * (1 / 9 + z2 * (1 / 13 + z2 * (1 / 17 + z2 * (1 / 21))));
  const logMantissa = 2 * s + 2 * s * z * (even + z * odd);
  return exponent === 0 ? logMantissa : exponent * LN2_HIGH + (logMantissa + exponent * LN2_LOW);
}

/** ln(1 + x) for x > −1, accurate near 0 (Kahan; Higham, Accuracy and Stability of Numerical Algorithms, 2002, 1.14). */
export function portableLog1p(x: number): number {
  const shifted = 1 + x;
  return shifted === 1 ? x : (portableLog(shifted) * x) / (shifted - 1);
}

/** e^x − 1, accurate near 0 (Kahan; Higham 2002, algorithm 1.14.1). */
export function portableExpm1(x: number): number {
  const power = portableExp(x);
  if (power === 1) return x;
  const difference = power - 1;
  return difference === -1 || power === Infinity ? difference : (difference * x) / portableLog(power);
}

/** sin(2π·turns) for any finite `turns`, absolute error below 1e-15. */
export function portableSinTurns(turns: number): number {
  // To the nearest quarter turn, which is exact, then Taylor series of sin or cos on |x| ≤ π/4.
  const wrapped = turns - Math.floor(turns);
  const quarter = Math.floor(wrapped * 4 + 0.5);
  const x = (wrapped - quarter / 4) * 6.283185307179586;
  const series = quarter % 2 === 0 ? sinSeries(x) : cosSeries(x);
  return quarter === 2 || quarter === 3 ? -series : series;
}

function sinSeries(x: number): number {
  let sum = 1;
  for (let n = 9; n >= 1; n--) sum = 1 - ((x * x) / (2 * n * (2 * n + 1))) * sum;
  return x * sum;
}

function cosSeries(x: number): number {
  let sum = 1;
  for (let n = 9; n >= 1; n--) sum = 1 - ((x * x) / (2 * n * (2 * n - 1))) * sum;
  return sum;
}
