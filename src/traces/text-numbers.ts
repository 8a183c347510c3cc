/** Numbers straight from bytes: a string for each of a billion fields would be most of the work. */

const DIGIT_0 = 48;
const POINT = 46;

/**
 * Whole decimal number in `bytes[start, end)`.
 *
 * @returns 0 to 2^53 - 1; NaN for anything else: empty, a sign, a blank, too large
 */
export function wholeNumber(bytes: Buffer, start: number, end: number): number {
  if (end <= start || end - start > 16) return NaN;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - DIGIT_0;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : NaN;
}

/** A decimal number in two parts, so that a time of day keeps its nanoseconds. */
export class DecimalNumber {
  /** 0 to 2^53 - 1; NaN when the text was no number. */
  whole = NaN;
  /** Billionths, 0 to 999,999,999; further digits are cut. */
  billionths = 0;

  /** Reads `bytes[start, end)`: digits, and a point with more of them perhaps. Use one object for many numbers. */
  read(bytes: Buffer, start: number, end: number): boolean {
    let point = start;
    while (point < end && bytes[point] !== POINT) point++;
    this.whole = wholeNumber(bytes, start, point);
    this.billionths = 0;
    for (let at = point + 1, scale = 100_000_000; at < end; at++, scale = Math.floor(scale / 10)) {
      const digit = (bytes[at] ?? 0) - DIGIT_0;
      if (!(digit >= 0 && digit <= 9)) {
        this.whole = NaN;
        break;
      }
      this.billionths += digit * scale;
    }
    return !Number.isNaN(this.whole);
  }
}
