import { createRandom } from '../../support/random.js';
import type { KeySpace } from '../workload.js';
import { hash32, readVersion } from './text.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const POOL_BYTES = 1 << 18;
/** Longest stretch taken from the pool at once; longer values are put together from unrelated stretches. */
const CHUNK_BYTES = 4096;
const POOL_SEED = 0x9d1d;
const SEMICOLON = 59;
/** In place of a version, for text that is no value. */
const FILLER_TEXT = 0xfffffffe;

/** Bytes of the longest header, `v4294967295;k4294967295;`: the smallest value size that every (index, version) fits in. */
export const SMALLEST_FILLER_VALUE_BYTES = 24;

let pool: string | null = null;

/** Pseudo-random printable text, the same in every process; 6 bits of entropy a character within a stretch. */
function fillerPool(): string {
  if (pool === null) {
    const random = createRandom(POOL_SEED);
    const bytes = Buffer.alloc(POOL_BYTES + CHUNK_BYTES);
    for (let position = 0; position < bytes.length; position++) {
      bytes[position] = ALPHABET.charCodeAt(random.nextUint32() >>> 26);
    }
    pool = bytes.toString('latin1');
  }
  return pool;
}

/** `length` characters that belong to `hash`. */
function filler(text: string, hash: number, length: number): string {
  let offset = hash & (POOL_BYTES - 1);
  if (length <= CHUNK_BYTES) return text.slice(offset, offset + length);
  let result = '';
  for (let chunk = 1; result.length < length; chunk++) {
    result += text.slice(offset, offset + Math.min(CHUNK_BYTES, length - result.length));
    offset = hash32(hash, chunk) & (POOL_BYTES - 1);
  }
  return result;
}

/**
 * A key space of values with a header, `v<version>;k<index>;`, and pseudo-random printable filler up to exactly
 * `valueBytes`. The header makes every (index, version) different. A value by itself hardly compresses (6 bits of entropy
 * a byte). Many values together do, and so do values of tens of KiB, because all filler is cut from one pool of 256 KiB: an
 * engine that compresses whole blocks would need other data. About 0.1 µs a value.
 *
 * @param options.size number of keys, 1 to 2^32
 * @param options.valueBytes size of every value, `SMALLEST_FILLER_VALUE_BYTES` and up; or the size of each key's values,
 *   from `smallest` up
 * @param options.key names the keys; must be pure and injective
 * @throws RangeError when valueBytes is too small
 */
export function fillerKeySpace(options: {
  readonly size: number;
  readonly valueBytes: number | { readonly smallest: number; readonly of: (index: number) => number };
  readonly key: (index: number) => string;
}): KeySpace {
  const { size, valueBytes, key } = options;
  const smallest = typeof valueBytes === 'number' ? valueBytes : valueBytes.smallest;
  if (!(smallest >= SMALLEST_FILLER_VALUE_BYTES)) {
    throw new RangeError(`valueBytes must be ${String(SMALLEST_FILLER_VALUE_BYTES)} or more`);
  }
  const text = fillerPool();
  const valueOf = (index: number, version: number, bytes: number): string => {
    const header = `v${String(version)};k${String(index)};`;
    return header + filler(text, hash32(index, version), bytes - header.length);
  };
  if (typeof valueBytes === 'number') {
    return {
      size,
      key,
      value: (index, version) => valueOf(index, version, valueBytes),
      versionOf: (value) => (value.length === valueBytes ? readVersion(value, 'v', SEMICOLON) : -1),
    };
  }
  return {
    size,
    key,
    value: (index, version) => valueOf(index, version, valueBytes.of(index)),
    versionOf: (value) => (value.length >= smallest ? readVersion(value, 'v', SEMICOLON) : -1),
  };
}

/** `bytes` printable characters that belong to `index` and look unrelated to those of its neighbours. */
export function fillerText(index: number, bytes: number): string {
  return filler(fillerPool(), hash32(index, FILLER_TEXT), bytes);
}
