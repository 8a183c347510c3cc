/**
 * XXH64 with seed 0 (Collet, "XXH64 algorithm", doc/xxhash_spec.md of https://github.com/Cyan4973/xxHash), whose low half is
 * the checksum of a zstd frame. Numbers of 64 bits are pairs of 32-bit halves: with BigInt the check would take longer than
 * the decompression.
 */
export class XxHash64 {
  readonly #first = PRIME_1.copy().add(PRIME_2);
  readonly #second = PRIME_2.copy();
  readonly #third = new Word64(0, 0);
  readonly #fourth = new Word64(0, 0).subtract(PRIME_1);
  readonly #stripe = Buffer.alloc(STRIPE_BYTES);
  /** Bytes that wait in the stripe. */
  #pending = 0;
  #total = 0;

  update(bytes: Buffer): void {
    this.#total += bytes.length;
    let at = 0;
    if (this.#pending > 0) {
      at = bytes.copy(this.#stripe, this.#pending);
      this.#pending += at;
      if (this.#pending < STRIPE_BYTES) return;
      this.#round(this.#stripe, 0);
    }
    for (; at + STRIPE_BYTES <= bytes.length; at += STRIPE_BYTES) this.#round(bytes, at);
    this.#pending = bytes.copy(this.#stripe, 0, at);
  }

  /** Low 32 bits of the hash of all bytes so far, unsigned. */
  low(): number {
    const hash = this.#merged();
    hash.add(new Word64(Math.floor(this.#total / 2 ** 32), this.#total));
    let at = 0;
    for (; at + 8 <= this.#pending; at += 8) {
      hash
        .xor(lane(new Word64(0, 0), this.#stripe, at))
        .rotate(27)
        .multiply(PRIME_1)
        .add(PRIME_4);
    }
    for (; at + 4 <= this.#pending; at += 4) {
      const word = new Word64(0, this.#stripe.readInt32LE(at));
      hash.xor(word.multiply(PRIME_1)).rotate(23).multiply(PRIME_2).add(PRIME_3);
    }
    for (; at < this.#pending; at++) {
      const byte = new Word64(0, this.#stripe.readUInt8(at));
      hash.xor(byte.multiply(PRIME_5)).rotate(11).multiply(PRIME_1);
    }
    hash.xor(hash.shifted(33)).multiply(PRIME_2).xor(hash.shifted(29)).multiply(PRIME_3);
    return hash.xor(hash.shifted(32)).low >>> 0;
  }

  #round(bytes: Buffer, at: number): void {
    lane(this.#first, bytes, at);
    lane(this.#second, bytes, at + 8);
    lane(this.#third, bytes, at + 16);
    lane(this.#fourth, bytes, at + 24);
  }

  #merged(): Word64 {
    if (this.#total < STRIPE_BYTES) return PRIME_5.copy();
    const lanes = [this.#first, this.#second, this.#third, this.#fourth];
    const hash = new Word64(0, 0);
    for (const [index, turns] of [1, 7, 12, 18].entries())
      hash.add((lanes[index] ?? hash).copy().rotate(turns));
    for (const one of lanes) {
      hash.xor(one.copy().multiply(PRIME_2).rotate(31).multiply(PRIME_1)).multiply(PRIME_1).add(PRIME_4);
    }
    return hash;
  }
}

/** A number of 64 bits that is changed in place; its halves are signed, as the operators of JavaScript leave them. */
class Word64 {
  high: number;
  low: number;

  constructor(high: number, low: number) {
    this.high = high | 0;
    this.low = low | 0;
  }

  copy(): Word64 {
    return new Word64(this.high, this.low);
  }

  add(other: Word64): this {
    const low = (this.low >>> 0) + (other.low >>> 0);
    this.high = (this.high + other.high + (low > 0xffffffff ? 1 : 0)) | 0;
    this.low = low | 0;
    return this;
  }

  subtract(other: Word64): this {
    const borrow = this.low >>> 0 < other.low >>> 0 ? 1 : 0;
    this.high = (this.high - other.high - borrow) | 0;
    this.low = (this.low - other.low) | 0;
    return this;
  }

  multiply(other: Word64): this {
    const a = this.low & 0xffff;
    const b = this.low >>> 16;
    const c = other.low & 0xffff;
    const d = other.low >>> 16;
    const inner = b * c + ((a * c) >>> 16);
    const outer = a * d + (inner & 0xffff);
    const carried = b * d + (inner >>> 16) + (outer >>> 16);
    this.high = (carried + Math.imul(this.high, other.low) + Math.imul(this.low, other.high)) | 0;
    this.low = Math.imul(this.low, other.low);
    return this;
  }

  xor(other: Word64): this {
    this.high ^= other.high;
    this.low ^= other.low;
    return this;
  }

  /** To the left. @param turns 1 to 31 */
  rotate(turns: number): this {
    const { high, low } = this;
    this.high = (high << turns) | (low >>> (32 - turns));
    this.low = (low << turns) | (high >>> (32 - turns));
    return this;
  }

  /** A copy, shifted to the right, zeros from the left. @param bits 1 to 63 */
  shifted(bits: number): Word64 {
    if (bits >= 32) return new Word64(0, bits === 32 ? this.high : this.high >>> (bits - 32));
    return new Word64(this.high >>> bits, (this.low >>> bits) | (this.high << (32 - bits)));
  }
}

const STRIPE_BYTES = 32;
const PRIME_1 = new Word64(0x9e3779b1, 0x85ebca87);
const PRIME_2 = new Word64(0xc2b2ae3d, 0x27d4eb4f);
const PRIME_3 = new Word64(0x165667b1, 0x9e3779f9);
const PRIME_4 = new Word64(0x85ebca77, 0xc2b2ae63);
const PRIME_5 = new Word64(0x27d4eb2f, 0x165667c5);

/** Takes 8 bytes, little-endian, into an accumulator. */
function lane(accumulator: Word64, bytes: Buffer, at: number): Word64 {
  input.low = bytes.readInt32LE(at);
  input.high = bytes.readInt32LE(at + 4);
  return accumulator.add(input.multiply(PRIME_2)).rotate(31).multiply(PRIME_1);
}

const input = new Word64(0, 0);
