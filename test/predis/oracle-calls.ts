/** The random calls of the oracle test. */
import type { RandomSource } from '../../src/support/random.js';

/** One call. Keys and values are bytes written as Latin-1 text, so that they can be compared and printed. */
export type Call =
  | { kind: 'get' | 'delete' | 'exists'; key: string }
  | { kind: 'put'; key: string; value: string }
  | { kind: 'increment' | 'decrement'; key: string; by: number | bigint }
  | { kind: 'mget' | 'mdelete'; keys: string[] }
  | { kind: 'mput'; keys: string[]; values: string[] }
  | { kind: 'batch'; calls: Call[] }
  | { kind: 'flushAll' };

/** What a call gives: values as Latin-1 text, errors as "error: …". */
export type Answer = string | number | boolean | null | Answer[];

/** How many operations a call counts for: each key of a batch is one. */
export function operationsOf(call: Call): number {
  if ('keys' in call) return call.keys.length;
  return call.kind === 'batch' ? call.calls.length : 1;
}

/** For the messages of a failing test. */
export function describeCall(call: Call): string {
  return JSON.stringify(call, (_, value: unknown) =>
    typeof value === 'bigint' ? `${String(value)}n` : value,
  ).slice(0, 600);
}

/** Bytes as Latin-1 text, one character a byte. */
export function latin1(value: Buffer | null): string | null {
  return value === null ? null : value.toString('latin1');
}

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

const oddNumbers = [
  '', ' 1', '1 ', '+1', '01', '-0', '-', '1.0', '1e3', '0x1', 'abc', '1\0', '--1', '9223372036854775808',
  '-9223372036854775809', '99999999999999999999', '9223372036854775807', '-9223372036854775808', '0', '-1',
]; // prettier-ignore

export class CallMaker {
  readonly #random: RandomSource;
  readonly #keys: string[];

  constructor(random: RandomSource) {
    this.#random = random;
    const texts = Array.from({ length: 1200 }, (_, i) => `key:${String(i)}`);
    const binary = Array.from({ length: 700 }, () => this.#bytes(1 + random.nextBelow(40)));
    const wide = Array.from({ length: 96 }, (_, i) =>
      Buffer.from(`ключ-é-${String(i)}-😀`).toString('latin1'),
    );
    const long = [this.#bytes(65536), 'x'.repeat(65536), this.#bytes(5000), 'y'.repeat(1024)];
    this.#keys = [...texts, ...binary, ...wide, ...long];
  }

  /** Every key that calls may use. */
  get keys(): readonly string[] {
    return this.#keys;
  }

  make(): Call {
    const dice = this.#random.nextBelow(10_000);
    if (dice < 3) return { kind: 'flushAll' };
    if (dice < 7000) return this.#single();
    const size =
      this.#random.nextBelow(8) === 0 ? this.#random.nextBelow(200) + 1 : this.#random.nextBelow(12) + 1;
    if (dice < 8000) return { kind: 'mget', keys: this.#some(size) };
    if (dice < 9000) {
      return {
        kind: 'mput',
        keys: this.#some(size),
        values: Array.from({ length: size }, () => this.#value()),
      };
    }
    if (dice < 9400) return { kind: 'mdelete', keys: this.#some(size) };
    return { kind: 'batch', calls: Array.from({ length: size }, () => this.#batchable()) };
  }

  #single(): Call {
    const call = this.#batchable();
    return call.kind === 'delete' && this.#random.nextBelow(3) === 0
      ? { kind: 'exists', key: call.key }
      : call;
  }

  #batchable(): Call {
    const dice = this.#random.nextBelow(100);
    const key = this.#key();
    if (dice < 35) return { kind: 'get', key };
    if (dice < 60) return { kind: 'put', key, value: this.#value() };
    if (dice < 75) return { kind: 'delete', key };
    return { kind: dice < 90 ? 'increment' : 'decrement', key, by: this.#amount() };
  }

  /** Half of the time one of few keys, so that calls meet each other's traces. */
  #key(): string {
    const bound = this.#random.nextBelow(2) === 0 ? 40 : this.#keys.length;
    return this.#keys[this.#random.nextBelow(bound)] ?? 'key:0';
  }

  /** Keys of a batch: often some twice. */
  #some(count: number): string[] {
    const keys: string[] = [];
    while (keys.length < count) {
      const again = keys.length > 0 && this.#random.nextBelow(8) === 0;
      keys.push((again ? keys[this.#random.nextBelow(keys.length)] : undefined) ?? this.#key());
    }
    return keys;
  }

  #value(): string {
    const dice = this.#random.nextBelow(100);
    if (dice < 10) return '';
    if (dice < 40) return String(this.#random.nextBelow(2000) - 1000);
    if (dice < 50) return oddNumbers[this.#random.nextBelow(oddNumbers.length)] ?? '';
    if (dice < 70) return `text of ${String(this.#random.nextUint32())}`;
    if (dice < 75) return Buffer.from(`wertä ${String(dice)} 日本 😀`).toString('latin1');
    if (dice === 99) return this.#bytes(this.#random.nextBelow(3000));
    return this.#bytes(this.#random.nextBelow(60));
  }

  #amount(): number | bigint {
    const dice = this.#random.nextBelow(100);
    if (dice < 70) return this.#random.nextBelow(200) - 100;
    if (dice < 80) return BigInt(this.#random.nextBelow(1000));
    const odd = [
      1.5,
      int64Min,
      int64Max,
      int64Max + 1n,
      int64Min - 1n,
      int64Max - 5n,
      9007199254740991,
      -0.5,
      0,
      -0n,
    ];
    return odd[this.#random.nextBelow(odd.length)] ?? 1;
  }

  #bytes(count: number): string {
    const bytes = Buffer.alloc(count);
    for (let i = 0; i < count; i++) bytes[i] = this.#random.nextBelow(256);
    return bytes.toString('latin1');
  }
}
