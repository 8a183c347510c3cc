/** The random calls of the oracle test. */
import type { RandomSource } from '../../src/support/random.js';

/** One call. Keys and values are bytes written as Latin-1 text, so that they can be compared and printed. */
export type Call =
  | { kind: 'get' | 'delete' | 'exists' | 'persist' | 'expiresAt'; key: string }
  /** `at`: Unix milliseconds far away, 0 for never. */
  | { kind: 'put' | 'putIfAbsent'; key: string; value: string; at: number }
  | { kind: 'compareAndSet'; key: string; expected: string | null; value: string; at: number }
  /** `at`: far away, or long gone. */
  | { kind: 'expire'; key: string; at: number }
  | { kind: 'increment' | 'decrement'; key: string; by: number | bigint }
  | { kind: 'mget' | 'mdelete'; keys: string[] }
  | { kind: 'mput'; keys: string[]; values: string[] }
  | { kind: 'batch'; calls: Call[] }
  | { kind: 'clear' | 'countKeys' | 'flushAll' };

/** A call on one of the namespaces. */
export interface PlacedCall {
  readonly call: Call;
  readonly space: number;
}

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

/** The year 2100: no test lives to see it. */
const farTime = 4_102_444_800_000;

const oddNumbers = [
  '', ' 1', '1 ', '+1', '01', '-0', '-', '1.0', '1e3', '0x1', 'abc', '1\0', '--1', '9223372036854775808',
  '-9223372036854775809', '99999999999999999999', '9223372036854775807', '-9223372036854775808', '0', '-1',
]; // prettier-ignore

export class CallMaker {
  readonly #random: RandomSource;
  readonly #keys: string[];
  readonly #lastValuesOf = [new Map<string, string>(), new Map<string, string>()];
  #lastValues = new Map<string, string>();

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

  /** A call on the first namespace, most of the time. */
  make(): PlacedCall {
    const space = this.#random.nextBelow(4) === 0 ? 1 : 0;
    this.#lastValues = this.#lastValuesOf[space] ?? this.#lastValues;
    const call = this.#make();
    for (const one of call.kind === 'batch' ? call.calls : [call]) {
      if (one.kind === 'put' || (one.kind === 'compareAndSet' && one.expected !== null)) {
        this.#lastValues.set(one.key, one.value);
      }
      if (one.kind === 'mput') one.keys.forEach((key, i) => this.#lastValues.set(key, one.values[i] ?? ''));
      if (one.kind === 'increment' || one.kind === 'decrement') this.#lastValues.delete(one.key);
    }
    return { call, space };
  }

  #make(): Call {
    const dice = this.#random.nextBelow(10_000);
    if (dice < 2) return { kind: 'flushAll' };
    if (dice < 4) return { kind: 'clear' };
    if (dice < 20) return { kind: 'countKeys' };
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
    if (dice < 25) return { kind: 'get', key };
    if (dice < 42) return { kind: 'put', key, value: this.#value(), at: this.#time() };
    if (dice < 55) return { kind: 'delete', key };
    if (dice < 61) return { kind: 'putIfAbsent', key, value: this.#value(), at: this.#time() };
    if (dice < 71) {
      const expected = this.#random.nextBelow(6) === 0 ? null : this.#expected(key);
      return { kind: 'compareAndSet', key, expected, value: this.#value(), at: this.#time() };
    }
    if (dice < 75) return { kind: 'expire', key, at: this.#time() || 1 + this.#random.nextBelow(1000) };
    if (dice < 79) return { kind: 'persist', key };
    if (dice < 83) return { kind: 'expiresAt', key };
    return { kind: dice < 93 ? 'increment' : 'decrement', key, by: this.#amount() };
  }

  /** What a key was last given, most of the time: a comparison with anything else never holds. */
  #expected(key: string): string {
    const last = this.#lastValues.get(key);
    return last === undefined || this.#random.nextBelow(4) === 0 ? this.#value() : last;
  }

  /** Never, more often than not. */
  #time(): number {
    return this.#random.nextBelow(5) < 3 ? 0 : farTime + this.#random.nextBelow(1_000_000_000);
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
