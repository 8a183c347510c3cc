/** Expiry times: as callers give them, and as the engine takes them (Unix milliseconds, 0 for never). */
import { PredisError } from './errors.js';
import type { BatchExpiryOptions, ExpiryOptions } from './options.js';

const never = 0;

/** @throws PredisError BAD_ARGUMENT for what is no time, or two of them */
export function expiresAt(options: ExpiryOptions | undefined): number {
  const given: unknown = options;
  if (given === undefined) return never;
  if (typeof given !== 'object' || given === null) throw bad('the options are not an object');
  const { ttlMs, expiresAtMs } = given as { ttlMs?: unknown; expiresAtMs?: unknown };
  if (ttlMs !== undefined && expiresAtMs !== undefined) {
    throw bad('ttlMs and expiresAtMs say the same thing: give one of them');
  }
  if (ttlMs !== undefined) return wholeTime('ttlMs', ttlMs, Date.now());
  return expiresAtMs === undefined ? never : wholeTime('expiresAtMs', expiresAtMs, 0);
}

/** The same where a time must be given. @throws PredisError BAD_ARGUMENT */
export function someExpiry(options: ExpiryOptions): number {
  const at = expiresAt(options);
  if (at === never) throw bad('give ttlMs or expiresAtMs; to let a key live for ever, call persist');
  return at;
}

/**
 * Times of a batch, one for each pair; undefined when none expires.
 *
 * @throws PredisError BAD_ARGUMENT; BAD_BATCH when there are not as many times as pairs
 */
export function batchExpiry(
  options: BatchExpiryOptions | undefined,
  count: number,
): BigInt64Array | undefined {
  const given: unknown = options?.expiresAtMs;
  if (!(given instanceof BigInt64Array)) {
    const at = expiresAt(options as ExpiryOptions | undefined);
    return at === never ? undefined : new BigInt64Array(count).fill(BigInt(at));
  }
  if (options?.ttlMs !== undefined) throw bad('ttlMs and expiresAtMs say the same thing: give one of them');
  if (given.length !== count) {
    throw new PredisError('BAD_BATCH', `${String(count)} keys but ${String(given.length)} expiry times`);
  }
  return given;
}

/** Milliseconds left until a time that the engine gave; null for never. */
export function remaining(at: number): number | null {
  return at === never ? null : Math.max(0, at - Date.now());
}

function wholeTime(name: string, value: unknown, from: number): number {
  const at = typeof value === 'number' && Number.isInteger(value) && value >= 1 ? from + value : Number.NaN;
  if (!Number.isSafeInteger(at)) throw bad(`${name} is a whole number of milliseconds, 1 and up`);
  return at;
}

function bad(message: string): PredisError {
  return new PredisError('BAD_ARGUMENT', message);
}
