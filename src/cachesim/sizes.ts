import { BenchError } from '../errors.js';

/** A size as it was asked for. */
export interface CacheSize {
  /** As typed: '1%', '0.01', '500'. */
  readonly label: string;
  /** Of the different keys, above 0 and at most 1; `null` for a number of slots. */
  readonly fraction: number | null;
  /** The slots that it is. @param keys different keys of the trace */
  slots(keys: number): number;
}

/**
 * Reads a cache size: slots; or a percentage or a decimal fraction below 1 of the different keys, rounded down to whole slots.
 * The decimal digits are taken at their word: 0.29 of 100 keys are 29 slots, though the nearest double is a little less.
 *
 * @throws BenchError USAGE
 */
export function cacheSize(text: string): CacheSize {
  const label = text.trim();
  const [, whole = '', decimals = '', percent] = /^(\d{0,10})(?:\.(\d{1,15}))?\s*(%?)$/.exec(label) ?? [];
  if (percent === '' && decimals === '' && Number(whole) >= 1) {
    return { label, fraction: null, slots: () => Number(whole) };
  }
  const numerator = BigInt(`0${whole}${decimals}`);
  const denominator = 10n ** BigInt(decimals.length + (percent === '%' ? 2 : 0));
  if (percent !== undefined && numerator > 0n && numerator <= denominator) {
    return {
      label,
      fraction: Number(numerator) / Number(denominator),
      slots: (keys) => Number((numerator * BigInt(keys)) / denominator),
    };
  }
  throw new BenchError(
    'USAGE',
    `--sizes takes shares of the different keys (1% or 0.01) and numbers of slots (500), not "${text}".`,
  );
}
