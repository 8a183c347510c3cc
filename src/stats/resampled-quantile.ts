import type { RandomSource } from '../support/random.js';

/**
 * Draws the quantile (type 7) of a resample without making the resample: n uniform places in ascending order have
 * U(j) ~ Beta(j, n + 1 - j), and the next one above it is the smallest of n - j uniform places that are left (Devroye 1986,
 * ch. V.3). A place u stands for the value at floor(n u) of the sorted sample. The distribution is that of drawing n values
 * with replacement, at a cost that does not depend on n.
 *
 * @param sorted ascending, at least one value
 * @param probability 0 to 1
 * @returns a function that draws once
 */
export function resampledQuantile(
  sorted: Float64Array,
  probability: number,
  random: RandomSource,
): () => number {
  const n = sorted.length;
  const position = (n - 1) * probability;
  const below = Math.floor(position);
  const share = position - below;
  const rest = n - below - 1;
  const at = (place: number): number => sorted[Math.min(n - 1, Math.floor(n * place))] ?? NaN;
  const [lower, upper] = [gammaDraws(below + 1, random), gammaDraws(n - below, random)];
  return () => {
    const before = lower();
    const place = before / (before + upper());
    const low = at(place);
    if (share === 0) return low;
    const next = place + (1 - place) * (1 - (1 - random.nextDouble()) ** (1 / rest));
    return low + share * (at(next) - low);
  };
}

/** `sortedQuantile` of the sample with each of its values left out in turn, in the order of the sample. */
export function quantilesWithoutOne(sorted: Float64Array, probability: number): Float64Array {
  const position = (sorted.length - 2) * probability;
  const below = Math.floor(position);
  const share = position - below;
  const last = sorted.length - 2;
  return sorted.map((_, left) => {
    const at = (index: number): number => sorted[index < left ? index : index + 1] ?? NaN;
    const low = at(below);
    return low + share * (at(Math.min(below + 1, last)) - low);
  });
}

/** Gamma variates of shape 1 and up by rejection (Marsaglia and Tsang 2000). */
function gammaDraws(shape: number, random: RandomSource): () => number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  return () => {
    for (;;) {
      const z = normalDraw(random);
      const v = (1 + c * z) ** 3;
      if (v <= 0) continue;
      const u = 1 - random.nextDouble();
      if (Math.log(u) < 0.5 * z * z + d - d * v + d * Math.log(v)) return d * v;
    }
  };
}

/** A standard normal draw (Box and Muller 1958). */
function normalDraw(random: RandomSource): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
  return radius * Math.cos(2 * Math.PI * random.nextDouble());
}
