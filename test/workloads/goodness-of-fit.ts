import { chiSquareTest, kolmogorovSmirnov } from '../../src/stats/index.js';

/** Exact probabilities of ranks 0…ranks − 1 under Zipf's law. */
export function zipfProbabilities(ranks: number, exponent: number): Float64Array {
  const weights = Float64Array.from({ length: ranks }, (_, rank) => (rank + 1) ** -exponent);
  let sum = 0;
  for (let rank = ranks - 1; rank >= 0; rank--) sum += weights[rank] ?? 0; // small ones first
  return weights.map((weight) => weight / sum);
}

/** Pearson's test of integer draws against probabilities; neighbouring cells are pooled up to an expected count of 5. */
export function chiSquarePValue(draws: readonly number[], probabilities: ArrayLike<number>): number {
  const counts = new Float64Array(probabilities.length);
  for (const draw of draws) counts[draw] = (counts[draw] ?? NaN) + 1;
  const observed: number[] = [];
  const expected: number[] = [];
  let seen = 0;
  let awaited = 0;
  for (let cell = 0; cell < probabilities.length; cell++) {
    seen += counts[cell] ?? NaN;
    awaited += (probabilities[cell] ?? NaN) * draws.length;
    if (awaited < 5) continue;
    observed.push(seen);
    expected.push(awaited);
    seen = 0;
    awaited = 0;
  }
  observed.push((observed.pop() ?? 0) + seen);
  expected.push((expected.pop() ?? 0) + awaited);
  return chiSquareTest(observed, expected).pValue;
}

/** Kolmogorov-Smirnov distance of integer draws from probabilities, atoms respected. */
export function ksDistance(draws: readonly number[], probabilities: ArrayLike<number>): number {
  const cumulative = new Float64Array(probabilities.length + 1);
  for (let cell = 0; cell < probabilities.length; cell++) {
    cumulative[cell + 1] = (cumulative[cell] ?? NaN) + (probabilities[cell] ?? NaN);
  }
  return kolmogorovSmirnov(
    draws,
    (x) => cumulative[x + 1] ?? NaN,
    (x) => cumulative[x] ?? NaN,
  );
}

/** The 1 % critical value of the Kolmogorov-Smirnov distance, asymptotic (conservative for discrete distributions). */
export function ksCriticalValue(draws: number): number {
  return 1.628 / Math.sqrt(draws);
}
