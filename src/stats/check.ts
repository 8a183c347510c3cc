/**
 * Refuses what no statistic is defined for, and says where it stands.
 *
 * @throws TypeError when an entry is not a number; RangeError when one is NaN or infinite, or when there are fewer than
 *   `atLeast` values
 */
export function checkValues(values: ArrayLike<number>, name: string, atLeast = 1): void {
  if (values.length < atLeast) {
    throw new RangeError(
      values.length === 0
        ? `${name} is empty`
        : `${name} has ${String(values.length)} values; at least ${String(atLeast)} are needed`,
    );
  }
  for (let index = 0; index < values.length; index++) {
    const value: unknown = values[index];
    if (typeof value !== 'number') throw new TypeError(`${name}[${String(index)}] is not a number`);
    if (!Number.isFinite(value)) throw new RangeError(`${name}[${String(index)}] is ${String(value)}`);
  }
}

/** @throws RangeError unless 0 < value < 1 */
export function checkFraction(value: number, name: string): void {
  if (!(value > 0 && value < 1)) {
    throw new RangeError(`${name} must lie between 0 and 1, both excluded; it is ${String(value)}`);
  }
}

/** @throws RangeError unless `value` is an integer of at least `minimum` */
export function checkInteger(value: number, name: string, minimum: number): void {
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw new RangeError(`${name} must be an integer of at least ${String(minimum)}; it is ${String(value)}`);
  }
}

/** @throws RangeError unless `value` is one of `allowed`, for callers without types */
export function checkChoice(value: string, name: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw new RangeError(`${name} must be one of ${allowed.join(', ')}; it is ${value}`);
  }
}
