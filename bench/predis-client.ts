/**
 * Speed of the client on one JavaScript thread: 1,000,000 keys of 24 bytes with random values of 100, asked for in random
 * order. Every timed iteration checks what it read or wrote, and the time of the check is in the figure. Beside the targets
 * stand the ceilings of the same machine in the same run: what its memory gives, and what leaving JavaScript costs.
 */
import { Bench } from 'tinybench';
import {
  type PackedBatch,
  type PackedValues,
  PredisClient,
  packStrings,
  unpackStrings,
} from '../src/predis/index.js';
import { createRandom, shuffle } from '../src/support/random.js';
import type { BenchRow } from './bench-row.js';

const KEYS = 1_000_000;
const VALUE_BYTES = 100;
/** Keys of a packed batch: 4,096 lie at the edge of what promise calls do on this thread; this is well beyond. */
const PACKED_KEYS = 10_000;
const STRING_KEYS = 1000;
/** Single calls in one timed iteration: one alone is too short for the clock. */
const SINGLE_CALLS = 1000;
const FIRST_FILLS = 5;
const TIME_MS = 1500;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Keys in an order of their own, with the values that belong to them. */
interface Pairs {
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

interface PackedPairs {
  readonly keys: PackedBatch;
  readonly values: PackedBatch;
}

export async function run(): Promise<BenchRow[]> {
  const pairs = randomPairs();
  const packed = slices(pairs, PACKED_KEYS).map(pack);
  const ceiling = measureCeilings();
  const rows = ceilingRows(ceiling);

  rows.push(firstFill(packed));

  const client = newClient();
  try {
    fill(client, packed);
    rows.push(...(await packedRows(client, packed, ceiling.piecesPerSecond)));
    rows.push(...(await stringRows(client, slices(pairs, STRING_KEYS))));
    rows.push(...(await singleRows(client, pairs)));
    checkAll(client, packed);
  } finally {
    client.disconnectSync();
  }
  return rows;
}

// ---------------------------------------------------------------- data

function randomPairs(): Pairs {
  const random = createRandom(20_261_120);
  const order = shuffle(
    Array.from({ length: KEYS }, (_, i) => i),
    random,
  );
  const bytes = Buffer.alloc(VALUE_BYTES);
  const values = order.map(() => {
    for (let i = 0; i < VALUE_BYTES; i++) bytes[i] = ALPHABET.charCodeAt(random.nextUint32() >>> 26);
    return bytes.toString('latin1');
  });
  // through a Buffer: strings joined by + are put together only when somebody reads them, which would be timed
  const keys = order.map((index) =>
    Buffer.from(`user:${String(index).padStart(19, '0')}`).toString('latin1'),
  );
  return { keys, values };
}

function slices({ keys, values }: Pairs, size: number): Pairs[] {
  return Array.from({ length: keys.length / size }, (_, i) => ({
    keys: keys.slice(i * size, (i + 1) * size),
    values: values.slice(i * size, (i + 1) * size),
  }));
}

function pack({ keys, values }: Pairs): PackedPairs {
  return { keys: packStrings(keys), values: packStrings(values) };
}

/** Hands its items out one after another, for ever. */
function cycle<T>(items: readonly T[]): () => T {
  let next = 0;
  return () => {
    const item = items[next++ % items.length];
    if (item === undefined) throw new Error('nothing to hand out');
    return item;
  };
}

// ---------------------------------------------------------------- ceilings

interface Ceilings {
  /** Reads of 128 random bytes each (what a record of this size spans), independent of each other. */
  readonly piecesPerSecond: number;
  /** The same, where each read says where the next one is. */
  readonly dependentReadNs: number;
  readonly copyBytesPerSecond: number;
}

function measureCeilings(): Ceilings {
  const pieceWords = 32;
  const memory = new Int32Array(KEYS * pieceWords);
  const order = shuffle(
    Array.from({ length: KEYS }, (_, i) => i),
    createRandom(1),
  );
  for (const [i, piece] of order.entries()) memory[piece * pieceWords] = order[(i + 1) % KEYS] ?? 0;
  const pieces = Int32Array.from(order);

  const independent = fastestSeconds(() => {
    let sum = 0;
    for (let i = 0; i < KEYS; i++) {
      const first = (pieces[i] ?? 0) * pieceWords;
      sum = (sum + (memory[first] ?? 0) + (memory[first + pieceWords / 2] ?? 0)) | 0;
    }
    return sum;
  });
  const dependent = fastestSeconds(() => {
    let piece = 0;
    for (let i = 0; i < KEYS; i++) piece = memory[piece * pieceWords] ?? 0;
    return piece;
  });
  const target = new Int32Array(memory.length);
  const copy = fastestSeconds(() => {
    target.set(memory);
    return target[1] ?? 0;
  });
  return {
    piecesPerSecond: KEYS / independent,
    dependentReadNs: (dependent / KEYS) * 1e9,
    copyBytesPerSecond: memory.byteLength / copy,
  };
}

/** Of several runs: other programs can only slow one down. The result is used, so that the work is not optimised away. */
function fastestSeconds(work: () => number): number {
  let best = Infinity;
  let kept = 0;
  for (let repeat = 0; repeat < 15; repeat++) {
    const start = process.hrtime.bigint();
    kept ^= work();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e9);
  }
  if (!Number.isInteger(kept)) throw new Error('the ceiling was not measured');
  return best;
}

function ceilingRows({ piecesPerSecond, dependentReadNs, copyBytesPerSecond }: Ceilings): BenchRow[] {
  return [
    row(
      'ceiling: random reads of 128 bytes, independent',
      piecesPerSecond,
      'pieces/s',
      null,
      'a get needs one, and one of the index before it',
    ),
    row(
      'ceiling: random read, each after the other',
      dependentReadNs / 1000,
      'µs',
      null,
      'a single get waits for two: index, then record',
    ),
    row('ceiling: memory copied', copyBytesPerSecond, 'bytes/s', null, 'read and written, counted once'),
  ];
}

// ---------------------------------------------------------------- packed

function firstFill(batches: readonly PackedPairs[]): BenchRow {
  const seconds = Array.from({ length: FIRST_FILLS }, () => {
    const client = newClient();
    const start = process.hrtime.bigint();
    fill(client, batches);
    const elapsed = Number(process.hrtime.bigint() - start) / 1e9;
    const { keys } = client.getStatsSync();
    client.disconnectSync();
    if (keys !== KEYS) throw new Error('not every key was stored');
    return elapsed;
  }).sort((a, b) => a - b);
  const median = seconds[FIRST_FILLS >> 1] ?? NaN;
  return row(
    `packed mput of ${PACKED_KEYS.toLocaleString('en')}, new keys`,
    KEYS / median,
    'keys/s',
    5e6,
    `median of ${String(FIRST_FILLS)} empty engines that expect ${KEYS.toLocaleString('en')} keys; page faults included`,
  );
}

function newClient(): PredisClient {
  const client = new PredisClient({ expectedKeys: KEYS });
  client.connectSync();
  return client;
}

function fill(client: PredisClient, batches: readonly PackedPairs[]): void {
  for (const { keys, values } of batches) client.mputPackedSync(keys, values);
}

async function packedRows(
  client: PredisClient,
  batches: readonly PackedPairs[],
  ceiling: number,
): Promise<BenchRow[]> {
  const [nextRead, nextWrite] = [cycle(batches), cycle(batches)];
  let out: PackedValues | undefined;
  const read = await measure(PACKED_KEYS, () => {
    const { keys, values } = nextRead();
    out = client.mgetPackedSync(keys, out);
    if (!sameBytes(out, values)) throw new Error('packed mget read a wrong value');
  });
  const write = await measure(PACKED_KEYS, () => {
    const { keys, values } = nextWrite();
    client.mputPackedSync(keys, values);
    const { blob, offsets } = values;
    const key = keys.blob.subarray(0, keys.offsets[1]);
    if (!client.getBufferSync(key)?.equals(blob.subarray(0, offsets[1])))
      throw new Error('packed mput wrote a wrong value');
  });
  const size = PACKED_KEYS.toLocaleString('en');
  const share = ((read.perSecond / ceiling) * 100).toFixed(0);
  return [
    row(
      `packed mget of ${size}`,
      read.perSecond,
      'keys/s',
      10e6,
      `${read.note}; every byte compared; ${share} % of the random reads`,
    ),
    row(
      `packed mput of ${size}, known keys`,
      write.perSecond,
      'keys/s',
      5e6,
      `${write.note}; one key of each batch read back, all at the end`,
    ),
  ];
}

function sameBytes(got: PackedValues, wanted: PackedBatch): boolean {
  const count = wanted.offsets.length - 1;
  return (
    Buffer.compare(got.blob.subarray(0, got.offsets[count]), wanted.blob) === 0 &&
    Buffer.compare(bytesOf(got.offsets, count + 1), bytesOf(wanted.offsets, count + 1)) === 0
  );
}

function bytesOf(words: Uint32Array, count: number): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, count * 4);
}

// ---------------------------------------------------------------- strings

async function stringRows(client: PredisClient, batches: readonly Pairs[]): Promise<BenchRow[]> {
  const [nextRead, nextWrite, nextMap] = [cycle(batches), cycle(batches), cycle(batches)];
  const read = await measure(STRING_KEYS, () => {
    const { keys, values } = nextRead();
    requireSame(client.mgetSync(keys), values);
  });
  const write = await measure(STRING_KEYS, () => {
    const { keys, values } = nextWrite();
    client.mputSync(keys, values);
    if (client.getSync(keys[0] ?? '') !== values[0]) throw new Error('mput wrote a wrong value');
  });
  const map = new Map(batches.flatMap(({ keys, values }) => keys.map((key, i) => [key, values[i]] as const)));
  const inMap = await measure(STRING_KEYS, () => {
    const { keys, values } = nextMap();
    requireSame(
      keys.map((key) => map.get(key)),
      values,
    );
  });
  return [
    row('mget of 1,000 strings', read.perSecond, 'keys/s', 3e6, `${read.note}; every string compared`),
    row('mput of 1,000 strings', write.perSecond, 'keys/s', null, write.note),
    row(
      'for comparison: 1,000 strings of a JavaScript Map',
      inMap.perSecond,
      'keys/s',
      null,
      `${inMap.note}; the same comparison, nothing copied`,
    ),
  ];
}

function requireSame(got: readonly unknown[], wanted: readonly string[]): void {
  for (let i = 0; i < wanted.length; i++) {
    if (got[i] !== wanted[i]) throw new Error(`value ${String(i)} of a batch is wrong`);
  }
}

// ---------------------------------------------------------------- single calls

async function singleRows(client: PredisClient, { keys, values }: Pairs): Promise<BenchRow[]> {
  // Checksums instead of the values: comparing with a string elsewhere in memory would time that memory, too.
  const marks = Uint8Array.from(values, (value) => markOf(value));
  let at = 0;
  const read = await measure(SINGLE_CALLS, () => {
    for (let i = 0; i < SINGLE_CALLS; i++) {
      const value = client.getSync(keys[at] ?? '');
      if (value?.length !== VALUE_BYTES || markOf(value) !== marks[at])
        throw new Error('getSync read a wrong value');
      at = (at + 1) % KEYS;
    }
  });
  let promised = 0;
  const awaited = await measure(SINGLE_CALLS, async () => {
    for (let i = 0; i < SINGLE_CALLS; i++) {
      const value = await client.get(keys[promised] ?? '');
      if (value?.length !== VALUE_BYTES || markOf(value) !== marks[promised])
        throw new Error('get read a wrong value');
      promised = (promised + 1) % KEYS;
    }
  });
  let written = 0;
  const write = await measure(SINGLE_CALLS, () => {
    for (let i = 0; i < SINGLE_CALLS; i++) {
      client.putSync(keys[written] ?? '', values[written] ?? '');
      written = (written + 1) % KEYS;
    }
  });
  const us = ({ perSecond }: Measured): number => 1e6 / perSecond;
  const target = 0.8;
  return [
    {
      ...row('getSync', us(read), 'µs', target, `${read.note}; length and a checksum compared`),
      met: us(read) <= target,
    },
    row('get, awaited', us(awaited), 'µs', null, awaited.note),
    row('putSync, known keys', us(write), 'µs', null, `${write.note}; all read back at the end`),
  ];
}

/** Some characters of a value, mixed. */
function markOf(value: string): number {
  return (value.charCodeAt(0) * 31 + value.charCodeAt(50) * 7 + value.charCodeAt(99)) & 255;
}

// ---------------------------------------------------------------- measuring

interface Measured {
  readonly perSecond: number;
  readonly note: string;
}

/** @param count operations in one iteration */
async function measure(count: number, work: () => void | Promise<void>): Promise<Measured> {
  const bench = new Bench({ time: TIME_MS, warmupTime: TIME_MS / 5, throws: true });
  bench.add('work', work);
  const [start, cpuStart] = [performance.now(), process.cpuUsage()];
  const [task] = await bench.run();
  const cpu = process.cpuUsage(cpuStart);
  const onProcessor = (cpu.user + cpu.system) / 1000 / (performance.now() - start);
  if (task?.result.state !== 'completed') throw new Error('the bench did not complete');
  const { mean, p50, p99, samplesCount } = task.result.latency;
  const ns = (milliseconds: number | undefined): string => (((milliseconds ?? NaN) * 1e6) / count).toFixed(0);
  const parts = [`${String(samplesCount)} runs; ns each: mean ${ns(mean)}, p50 ${ns(p50)}, p99 ${ns(p99)}`];
  if (onProcessor < 0.95) {
    parts.push(`busy machine: this program had a processor ${(onProcessor * 100).toFixed(0)} % of the time`);
  }
  return { perSecond: (count / mean) * 1000, note: parts.join('; ') };
}

/** After all the writing, untimed: every key holds its value. */
function checkAll(client: PredisClient, batches: readonly PackedPairs[]): void {
  for (const { keys, values } of batches) {
    if (!sameBytes(client.mgetPackedSync(keys), values)) {
      throw new Error(`a value is wrong near ${unpackStrings(keys)[0] ?? ''}`);
    }
  }
}

function row(name: string, value: number, unit: string, target: number | null, note: string): BenchRow {
  return { name, value, unit, target, met: target === null ? null : value >= target, note };
}
