const SQRT_2PI = 2.5066282746310002;

/** What Stirling's formula leaves: ln Gamma(a) - ((a - 1/2) ln a - a + ln sqrt(2 pi)), for a >= 10 (A&S 6.1.41). */
function stirlingRest(a: number): number {
  const r = 1 / (a * a);
  return (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r * (1 / 1188 - (r * 691) / 360360))))) / a;
}

/** ln(x / a) - (x / a - 1) without cancellation near x = a. */
function logRatioMinus(x: number, a: number): number {
  const d = (x - a) / a;
  if (Math.abs(d) > 0.2) return Math.log(x / a) - d;
  let power = d;
  let sum = 0;
  for (let k = 2; k < 40; k++) {
    power *= -d;
    sum += power / k;
  }
  return sum;
}

/** x^a e^-x / Gamma(a + 1) for a > 0, x > 0, without the cancellation of large logarithms when a is large. */
function powerTerm(a: number, x: number): number {
  let logShift = 0;
  let big = a;
  while (big < 10) {
    big += 1;
    logShift += Math.log(big / x);
  }
  return Math.exp(big * logRatioMinus(x, big) - stirlingRest(big) + logShift) / (SQRT_2PI * Math.sqrt(big));
}

/**
 * The regularised upper incomplete gamma function Q(a, x) = Gamma(a, x) / Gamma(a).
 *
 * For x < a + 1 one minus the series of P (Abramowitz and Stegun 6.5.29), otherwise the continued fraction (6.5.31) by the
 * modified Lentz method (Thompson and Barnett, J. Comput. Phys. 64, 1986).
 *
 * @param a above 0
 * @param x 0 or above
 * @throws RangeError outside these ranges
 */
export function regularisedGammaQ(a: number, x: number): number {
  if (!(a > 0) || !Number.isFinite(a)) throw new RangeError(`a must be above 0; it is ${String(a)}`);
  if (!(x >= 0)) throw new RangeError(`x must not be negative; it is ${String(x)}`);
  if (x === 0) return 1;
  if (x === Infinity) return 0;
  const scale = powerTerm(a, x);
  if (x < a + 1) {
    let term = 1;
    let sum = 1;
    for (let k = 1; term > 1e-17 * sum; k++) {
      term *= x / (a + k);
      sum += term;
    }
    return Math.max(0, 1 - scale * sum);
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let k = 1; ; k++) {
    const numerator = -k * (k - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    const factor = c * d;
    fraction *= factor;
    if (Math.abs(factor - 1) < 1e-16 || k > 1e7) break;
  }
  return scale * a * fraction;
}

/** ln Gamma(a) for a > 0: Stirling's formula (Abramowitz and Stegun 6.1.40), from 10 up by the recurrence. */
export function logGamma(a: number): number {
  let shift = 0;
  let big = a;
  while (big < 10) {
    shift += Math.log(big);
    big += 1;
  }
  return (big - 0.5) * Math.log(big) - big + Math.log(SQRT_2PI) + stirlingRest(big) - shift;
}
