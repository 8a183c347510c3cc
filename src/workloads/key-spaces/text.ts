/** Building blocks of keys and values: cheap, printable, and readable back. */

const MAX_VERSION = 4294967295;
const DIGIT_0 = 48;
const DIGIT_9 = 57;

/** `value` in decimal with leading zeros up to `width` digits (at most 15); longer numbers keep all their digits. */
export function zeroPadded(value: number, width: number): string {
  const limit = 10 ** width;
  return value < limit ? String(limit + value).slice(1) : String(value);
}

/** Decimal digits of the largest index of a key space of `size` keys. */
export function indexWidth(size: number): number {
  return String(Math.max(size - 1, 0)).length;
}

/** '.00' to '.99': one concatenation fewer for each amount. */
const CENTS = Array.from({ length: 100 }, (_, cents) => `.${zeroPadded(cents, 2)}`);

/** An amount in hundredths as text with two decimals: 12345 is '123.45'. `hundredths` is an integer from 0 to 2^31 − 1. */
export function twoDecimals(hundredths: number): string {
  const cents = hundredths % 100;
  return String((hundredths - cents) / 100) + (CENTS[cents] ?? '');
}

/**
 * The version written in `value` as prefix, decimal digits without leading zeros, terminator; or -1 when the text does not
 * begin so or the number exceeds 32 bits. Never throws, looks at no more than the prefix and 11 characters.
 */
export function readVersion(value: string, prefix: string, terminator: number): number {
  if (!value.startsWith(prefix)) return -1;
  const first = prefix.length;
  let version = 0;
  let position = first;
  for (; position < first + 10; position++) {
    const code = value.charCodeAt(position);
    if (!(code >= DIGIT_0 && code <= DIGIT_9)) break;
    version = version * 10 + (code - DIGIT_0);
  }
  const digits = position - first;
  if (digits === 0 || (digits > 1 && value.charCodeAt(first) === DIGIT_0)) return -1;
  if (version > MAX_VERSION || value.charCodeAt(position) !== terminator) return -1;
  return version;
}

/**
 * A 32-bit hash of (index, version) from which values take their content: two rounds of multiply and xor-shift (after the
 * finaliser of Appleby's MurmurHash3), so that neighbouring indices and versions have unrelated values.
 */
export function hash32(index: number, version: number): number {
  let h = Math.imul(index ^ 0x2545f491, 0x85ebca6b);
  h = Math.imul((h ^ (h >>> 15)) + version, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 13), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 16), 0xc2b2ae35);
  return (h ^ (h >>> 15)) >>> 0;
}
