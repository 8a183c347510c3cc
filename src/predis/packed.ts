/** Packed batches: many byte strings in one piece of memory, the form in which they cross into the engine fastest. */
import { PredisError } from './errors.js';

/** A key or a value: a string (UTF-8 in the engine) or bytes. */
export type Bytes = string | Uint8Array;

/**
 * Byte strings in one piece: string `i` is `blob.subarray(offsets[i], offsets[i + 1])`, so `n` strings have `n + 1`
 * offsets. A blob has at most 4 GiB - 1 bytes. Neither part may lie in a SharedArrayBuffer.
 */
export interface PackedBatch {
  readonly blob: Uint8Array;
  readonly offsets: Uint32Array;
}

/** Values read in packed form. Value `i` is there when `found[i]` is 1; a value may have no bytes. */
export interface PackedValues extends PackedBatch {
  readonly found: Uint8Array;
}

/** True for what can be a key or a value. */
export function isBytes(value: unknown): value is Bytes {
  return typeof value === 'string' || value instanceof Uint8Array;
}

/** Bytes that the offsets of a packed batch can reach. */
export const maxBatchBytes = 2 ** 32 - 1;

/**
 * Packs strings, as UTF-8 (a lone surrogate becomes U+FFFD).
 *
 * @throws PredisError BAD_ARGUMENT for what is no string, BAD_BATCH beyond 4 GiB - 1
 */
export function packStrings(strings: readonly string[]): PackedBatch {
  const text = new JoinedText();
  if (text.join(strings)) {
    const blob = Buffer.from(text.text, 'utf8');
    // As many bytes as UTF-16 units: all is ASCII, and the offsets in units are those in bytes.
    if (blob.length === text.text.length) return { blob, offsets: text.offsets.slice() };
  }
  for (let i = 0; i < strings.length; i++) {
    if (typeof strings[i] !== 'string') throw notBytes(i, 'a string');
  }
  return pack(strings);
}

/** The strings of a packed batch, decoded from UTF-8; the inverse of `packStrings`. */
export function unpackStrings({ blob, offsets }: PackedBatch): string[] {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  return Array.from({ length: Math.max(0, offsets.length - 1) }, (_, i) =>
    bytes.toString('utf8', offsets[i], offsets[i + 1]),
  );
}

/**
 * Packs strings and bytes, mixed as they come.
 *
 * @throws PredisError BAD_ARGUMENT for what is neither, BAD_BATCH beyond 4 GiB - 1
 */
export function pack(items: readonly Bytes[]): PackedBatch {
  const offsets = new Uint32Array(items.length + 1);
  let total = 0;
  for (let i = 0; i < items.length; i++) {
    const item: unknown = items[i];
    if (typeof item === 'string') total += Buffer.byteLength(item, 'utf8');
    else if (item instanceof Uint8Array) total += item.length;
    else throw notBytes(i, 'a string or a Uint8Array');
    if (total > maxBatchBytes) throw new PredisError('BAD_BATCH', 'the batch is larger than 4 GiB - 1');
    offsets[i + 1] = total;
  }
  const blob = Buffer.allocUnsafe(total);
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (typeof item === 'string') blob.write(item, offsets[i] ?? 0, 'utf8');
    else if (item !== undefined) blob.set(item, offsets[i]);
  }
  return { blob, offsets };
}

function notBytes(index: number, wanted: string): PredisError {
  return new PredisError('BAD_ARGUMENT', `item ${String(index)} of the batch is not ${wanted}`, { index });
}

/** Longest string that is joined; beyond, strings are packed one by one (V8 ends at 2^29 - 24). */
const maxJoinedUnits = 2 ** 28;
/** Offsets kept for the next batch; more are given back. */
const maxKeptOffsets = 2 ** 20;

/**
 * Many strings as one, with the offsets of each in UTF-16 units: one string crosses into the addon in a hundredth of the
 * time that a thousand take. Reused from batch to batch, so that a batch allocates nothing but the joined string.
 */
export class JoinedText {
  text = '';
  /** One more than there are strings; valid until the next `join`. */
  offsets: Uint32Array = new Uint32Array(1);
  #kept = new Uint32Array(1024);

  /** False when an item is no string, or when they are too long together: nothing is joined then. */
  join(items: readonly unknown[]): items is readonly string[] {
    const count = items.length;
    if (count >= this.#kept.length) this.#kept = new Uint32Array(count + 1 + (count >> 1));
    const offsets = this.#kept;
    let units = 0;
    for (let i = 0; i < count; i++) {
      const item = items[i];
      if (typeof item !== 'string') return false;
      units += item.length;
      if (units > maxJoinedUnits) return false;
      offsets[i + 1] = units;
    }
    this.offsets = offsets.subarray(0, count + 1);
    this.text = items.join('');
    if (offsets.length > maxKeptOffsets) this.#kept = new Uint32Array(1024);
    return true;
  }

  /** Lets go of the joined string. */
  clear(): void {
    this.text = '';
  }
}
