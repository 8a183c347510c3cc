/** Dense numbering of keys in open-addressing hash tables of typed arrays: no object and no string a key. */
import { BenchError } from '../errors.js';
import { uint32At } from '../support/typed-array.js';
import type { KeyTable } from './trace.js';

const FIRST_SLOTS = 1 << 12;
/** More would not fit into a typed array with the table half empty. */
const MOST_KEYS = 1 << 29;

/** Slots that hold key index + 1, 0 for none; at most half of them are taken. */
abstract class HashedKeys implements KeyTable {
  protected slots = new Uint32Array(FIRST_SLOTS);
  protected count = 0;

  get size(): number {
    return this.count;
  }

  abstract text(index: number): string;

  /** Hash of a key that is in the table. */
  protected abstract hashOf(index: number): number;

  /** Puts the key that was just stored under index `count` into the slot where the search for it ended. */
  protected added(slot: number): number {
    const index = this.count;
    this.count = index + 1;
    this.slots[slot] = index + 1;
    if (this.count * 2 > this.slots.length) this.#grow();
    return index;
  }

  #grow(): void {
    if (this.count >= MOST_KEYS) {
      throw new BenchError('TRACE_TOO_LARGE', `The trace has more than ${String(MOST_KEYS)} different keys.`);
    }
    const slots = new Uint32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let index = 0; index < this.count; index++) {
      let slot = this.hashOf(index) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = index + 1;
    }
    this.slots = slots;
  }
}

/** Keys that are unsigned 64-bit integers, given as two halves. */
export class IntegerKeys extends HashedKeys {
  #high = new Uint32Array(FIRST_SLOTS);
  #low = new Uint32Array(FIRST_SLOTS);

  /** Index of a key, a new one when it was not there. @param high @param low unsigned 32-bit halves */
  index(high: number, low: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = mixed(high, low) & mask;
    for (;;) {
      const entry = uint32At(slots, slot);
      if (entry === 0) break;
      if (this.#low[entry - 1] === low && this.#high[entry - 1] === high) return entry - 1;
      slot = (slot + 1) & mask;
    }
    if (this.count === this.#low.length) {
      this.#high = grown(this.#high);
      this.#low = grown(this.#low);
    }
    this.#high[this.count] = high;
    this.#low[this.count] = low;
    return this.added(slot);
  }

  /** As `index`, for a whole number from 0 to 2^53 - 1. */
  indexOfNumber(value: number): number {
    return this.index(Math.floor(value / 4294967296), value >>> 0);
  }

  /** Decimal digits. */
  text(index: number): string {
    const high = uint32At(this.#high, index);
    const low = uint32At(this.#low, index);
    return high === 0 ? String(low) : String((BigInt(high) << 32n) | BigInt(low));
  }

  protected hashOf(index: number): number {
    return mixed(uint32At(this.#high, index), uint32At(this.#low, index));
  }
}

/** Bytes of one arena; no key lies across two. */
const ARENA_BYTES = 1 << 22;
const ALIGNMENT = 4;
/** Longest key: what `KeySpace` allows, less room for escapes. */
export const LONGEST_TEXT_KEY = 16_384;

/** Keys that are byte strings of 1 to `LONGEST_TEXT_KEY` bytes. */
export class TextKeys extends HashedKeys {
  #arenas: Buffer[] = [Buffer.allocUnsafe(ARENA_BYTES)];
  /** Bytes used of the last arena. */
  #used = 0;
  /** Arena number and place in it, in units of `ALIGNMENT`. */
  #place = new Uint32Array(FIRST_SLOTS);
  #length = new Uint32Array(FIRST_SLOTS);
  #hash = new Uint32Array(FIRST_SLOTS);

  /** Index of the key `bytes[start, end)`, a new one when it was not there. */
  index(bytes: Buffer, start: number, end: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    const hash = hashBytes(bytes, start, end);
    let slot = hash & mask;
    for (;;) {
      const entry = uint32At(slots, slot);
      if (entry === 0) break;
      if (this.#hash[entry - 1] === hash && this.#equals(entry - 1, bytes, start, end)) return entry - 1;
      slot = (slot + 1) & mask;
    }
    if (this.count === this.#place.length) {
      this.#place = grown(this.#place);
      this.#length = grown(this.#length);
      this.#hash = grown(this.#hash);
    }
    this.#place[this.count] = this.#store(bytes, start, end);
    this.#length[this.count] = end - start;
    this.#hash[this.count] = hash;
    return this.added(slot);
  }

  text(index: number): string {
    const { arena, offset } = this.#locate(index);
    return printableKey(arena.subarray(offset, offset + uint32At(this.#length, index)));
  }

  protected hashOf(index: number): number {
    return uint32At(this.#hash, index);
  }

  #equals(index: number, bytes: Buffer, start: number, end: number): boolean {
    if (this.#length[index] !== end - start) return false;
    const { arena, offset } = this.#locate(index);
    return arena.compare(bytes, start, end, offset, offset + (end - start)) === 0;
  }

  #locate(index: number): { readonly arena: Buffer; readonly offset: number } {
    const place = uint32At(this.#place, index);
    const arena = this.#arenas[Math.floor(place / (ARENA_BYTES / ALIGNMENT))];
    if (arena === undefined) throw new RangeError(`key ${String(index)} has no place`);
    return { arena, offset: (place % (ARENA_BYTES / ALIGNMENT)) * ALIGNMENT };
  }

  #store(bytes: Buffer, start: number, end: number): number {
    const length = end - start;
    if (this.#used + length > ARENA_BYTES) {
      if (this.#arenas.length * (ARENA_BYTES / ALIGNMENT) >= 2 ** 32) {
        throw new BenchError('TRACE_TOO_LARGE', 'The different keys of the trace take more than 16 GiB.');
      }
      this.#arenas.push(Buffer.allocUnsafe(ARENA_BYTES));
      this.#used = 0;
    }
    const arena = this.#arenas.length - 1;
    const offset = this.#used;
    bytes.copy(this.#arenas[arena] ?? bytes, offset, start, end);
    this.#used = Math.ceil((offset + length) / ALIGNMENT) * ALIGNMENT;
    return arena * (ARENA_BYTES / ALIGNMENT) + offset / ALIGNMENT;
  }
}

/**
 * A key as printable ASCII: bytes outside of 0x21 to 0x7e, and the percent sign, become %XX. Injective: each result stands
 * for one key.
 */
export function printableKey(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  if (/^[!-$&-~]*$/.test(text)) return text;
  return text.replace(
    /[^!-$&-~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** Two rounds of multiply and xor-shift after the finaliser of Appleby's MurmurHash3. */
function mixed(high: number, low: number): number {
  let h = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** FNV-1a (Fowler, Noll, Vo), then mixed, because tables take the low bits. */
function hashBytes(bytes: Buffer, start: number, end: number): number {
  let h = 0x811c9dc5;
  for (let at = start; at < end; at++) h = Math.imul(h ^ (bytes[at] ?? 0), 0x01000193);
  return mixed(0, h >>> 0);
}

function grown(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
