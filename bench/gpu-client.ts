/**
 * What the CUDA engine answers to one JavaScript thread: how long single calls and small batches take, call by call, and how
 * many strings come back in a second, over more keys than any cache of the host holds. The CPU engine does the same beside it.
 * Every answer is checked inside the timed run; the check's own time is in the rates, not in the latencies. Without a GPU there is
 * nothing to measure, and the bench says so.
 */
import {
  type EngineChoice,
  type PackedBatch,
  type PackedValues,
  PredisClient,
  PredisError,
} from '../src/predis/index.js';
import { createRandom, type RandomSource } from '../src/support/random.js';
import type { BenchRow } from './bench-row.js';

const KEYS = 10_000_000;
const KEY_BYTES = 24;
const VALUE_BYTES = 100;
const BATCH_KEYS = 1000;
const LOAD_KEYS = 100_000;
const CALLS = 20_000;
const WARM_UP_CALLS = 2000;
const STRING_BATCHES = 2000;
const LARGE_BATCH_KEYS = 65_536;
const LARGE_BATCHES = 60;

export function run(): BenchRow[] {
  const probe = new PredisClient({ engine: 'cuda' });
  try {
    probe.connectSync();
    probe.disconnectSync();
  } catch (error) {
    if (!(error instanceof PredisError)) throw error;
    return [row('the CUDA engine from JavaScript: not measured here', 0, '', null, error.message)];
  }
  return [...rowsOf('cuda'), ...rowsOf('cpu')];
}

function rowsOf(engine: EngineChoice): BenchRow[] {
  const isCuda = engine === 'cuda';
  const random = createRandom(20_261_121);
  const rows: BenchRow[] = [];
  // Without the host's cache first: the latency of the device itself.
  const client = connect({ engine, expectedKeys: KEYS, hotCacheKeys: 0 });
  try {
    load(client);
    rows.push(
      ...latencyRows(
        `${engine}: getSync, one key of ${millions(KEYS)}`,
        singleGets(client, random),
        4,
        6,
        isCuda,
      ),
      ...latencyRows(`${engine}: putSync, known key`, singlePuts(client, random), null, null, isCuda),
      ...latencyRows(
        `${engine}: packed mget of ${String(BATCH_KEYS)}`,
        packedGets(client, random, BATCH_KEYS, CALLS),
        25,
        null,
        isCuda,
      ),
      stringRow(engine, client, random, isCuda),
      rateRow(engine, packedGets(client, random, LARGE_BATCH_KEYS, LARGE_BATCHES)),
    );
  } finally {
    client.disconnectSync();
  }
  if (isCuda) {
    const cached = connect({ engine, expectedKeys: LOAD_KEYS });
    try {
      load(cached, LOAD_KEYS);
      rows.push(...latencyRows('cuda: getSync, one hot key', hotGets(cached), 0.5, null, true));
    } finally {
      cached.disconnectSync();
    }
  }
  return rows;
}

function connect(options: ConstructorParameters<typeof PredisClient>[0]): PredisClient {
  const client = new PredisClient(options);
  client.connectSync();
  return client;
}

// ---------------------------------------------------------------- data

function keyOf(index: number): string {
  return `user:${String(index).padStart(KEY_BYTES - 5, '0')}`;
}

/** Twenty-five words that follow from the key: what is read can be checked without being remembered. */
function writeValue(index: number, target: Uint8Array, at: number): void {
  let word = (index * 2_654_435_761 + 97) >>> 0;
  for (let i = 0; i < VALUE_BYTES; i += 4) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    // ASCII, so that strings of them are as short as they can be
    target[at + i] = 0x20 + ((word >>> 8) & 0x3f);
    target[at + i + 1] = 0x20 + ((word >>> 14) & 0x3f);
    target[at + i + 2] = 0x20 + ((word >>> 20) & 0x3f);
    target[at + i + 3] = 0x20 + (word >>> 26);
  }
}

function valueOf(index: number): string {
  const bytes = Buffer.alloc(VALUE_BYTES);
  writeValue(index, bytes, 0);
  return bytes.toString('latin1');
}

function packKeys(client: PredisClient, indexes: readonly number[]): PackedBatch {
  const blob = client.allocatePinned(indexes.length * KEY_BYTES);
  const offsets = new Uint32Array(
    client.allocatePinned((indexes.length + 1) * 4).buffer,
    0,
    indexes.length + 1,
  );
  for (const [i, index] of indexes.entries()) {
    Buffer.from(blob.buffer, blob.byteOffset, blob.length).write(keyOf(index), i * KEY_BYTES, 'latin1');
    offsets[i + 1] = (i + 1) * KEY_BYTES;
  }
  return { blob, offsets };
}

function load(client: PredisClient, keys = KEYS): void {
  for (let first = 0; first < keys; first += LOAD_KEYS) {
    const blob = Buffer.alloc(LOAD_KEYS * KEY_BYTES);
    const values = Buffer.alloc(LOAD_KEYS * VALUE_BYTES);
    const keyOffsets = new Uint32Array(LOAD_KEYS + 1);
    const valueOffsets = new Uint32Array(LOAD_KEYS + 1);
    for (let i = 0; i < LOAD_KEYS; i++) {
      blob.write(keyOf(first + i), i * KEY_BYTES, 'latin1');
      writeValue(first + i, values, i * VALUE_BYTES);
      keyOffsets[i + 1] = (i + 1) * KEY_BYTES;
      valueOffsets[i + 1] = (i + 1) * VALUE_BYTES;
    }
    client.mputPackedSync({ blob, offsets: keyOffsets }, { blob: values, offsets: valueOffsets });
  }
  const stored = client.getStatsSync().keys;
  if (stored !== keys) throw new Error(`loaded ${String(keys)} keys, ${String(stored)} are there`);
}

function randomIndexes(random: RandomSource, count: number): number[] {
  return Array.from({ length: count }, () => random.nextBelow(KEYS));
}

// ---------------------------------------------------------------- calls

/** Latencies of calls in microseconds, ascending, and what they moved in a second. */
interface Timed {
  readonly latencyUs: Float64Array;
  readonly keysPerSecond: number;
}

/** Times calls one by one; `prepare` and `check` are not in the latencies. */
function timeCalls<T>(
  calls: number,
  keysEach: number,
  call: (i: number) => T,
  check: (answer: T, i: number) => void,
): Timed {
  const latencyUs = new Float64Array(calls);
  let sumNs = 0;
  for (let i = -Math.min(WARM_UP_CALLS, calls); i < calls; i++) {
    const start = process.hrtime.bigint();
    const answer = call(i + calls);
    const elapsedNs = Number(process.hrtime.bigint() - start);
    check(answer, i + calls);
    if (i < 0) continue;
    latencyUs[i] = elapsedNs / 1000;
    sumNs += elapsedNs;
  }
  return { latencyUs: latencyUs.sort(), keysPerSecond: (calls * keysEach) / (sumNs / 1e9) };
}

function singleGets(client: PredisClient, random: RandomSource): Timed {
  const indexes = randomIndexes(random, 2 * CALLS);
  const keys = indexes.map((index) => Buffer.from(keyOf(index)).toString('latin1'));
  return timeCalls(
    CALLS,
    1,
    (i) => client.getSync(keys[i] ?? ''),
    (value, i) => {
      if (value !== valueOf(indexes[i] ?? 0)) throw new Error('getSync read a wrong value');
    },
  );
}

function hotGets(client: PredisClient): Timed {
  const key = Buffer.from(keyOf(7)).toString('latin1');
  const wanted = valueOf(7);
  return timeCalls(
    CALLS,
    1,
    () => client.getSync(key),
    (value) => {
      if (value !== wanted) throw new Error('getSync read a wrong value');
    },
  );
}

function singlePuts(client: PredisClient, random: RandomSource): Timed {
  const indexes = randomIndexes(random, 2 * CALLS);
  const keys = indexes.map((index) => Buffer.from(keyOf(index)).toString('latin1'));
  const values = indexes.map(valueOf);
  return timeCalls(
    CALLS,
    1,
    (i) => {
      client.putSync(keys[i] ?? '', values[i] ?? '');
    },
    (_, i) => {
      if (i % 64 === 0 && client.getSync(keys[i] ?? '') !== values[i])
        throw new Error('putSync wrote a wrong value');
    },
  );
}

function packedGets(client: PredisClient, random: RandomSource, keysEach: number, calls: number): Timed {
  const batches = Array.from({ length: 8 }, () => {
    const indexes = randomIndexes(random, keysEach);
    const values = Buffer.alloc(keysEach * VALUE_BYTES);
    indexes.forEach((index, i) => {
      writeValue(index, values, i * VALUE_BYTES);
    });
    return { keys: packKeys(client, indexes), values };
  });
  let out: PackedValues = {
    blob: client.allocatePinned(keysEach * VALUE_BYTES),
    offsets: new Uint32Array(client.allocatePinned((keysEach + 1) * 4).buffer, 0, keysEach + 1),
    found: client.allocatePinned(keysEach),
  };
  return timeCalls(
    calls,
    keysEach,
    (i) => {
      const batch = batches[i % batches.length];
      if (batch === undefined) throw new Error('no batch');
      out = client.mgetPackedSync(batch.keys, out);
      return batch.values;
    },
    (wanted) => {
      if (Buffer.compare(out.blob.subarray(0, out.offsets[keysEach]), wanted) !== 0) {
        throw new Error('packed mget read a wrong value');
      }
      out.blob.fill(0);
    },
  );
}

function stringRow(
  engine: EngineChoice,
  client: PredisClient,
  random: RandomSource,
  isTarget: boolean,
): BenchRow {
  const batches = Array.from({ length: 50 }, () => {
    const indexes = randomIndexes(random, BATCH_KEYS);
    return {
      keys: indexes.map((index) => Buffer.from(keyOf(index)).toString('latin1')),
      values: indexes.map(valueOf),
    };
  });
  const timed = timeCalls(
    STRING_BATCHES,
    BATCH_KEYS,
    (i) => client.mgetSync(batches[i % batches.length]?.keys ?? []),
    (got, i) => {
      const wanted = batches[i % batches.length]?.values ?? [];
      for (let k = 0; k < BATCH_KEYS; k++) {
        if (got[k] !== wanted[k]) throw new Error('mget read a wrong string');
      }
    },
  );
  return row(
    `${engine}: mget of 1,000 strings`,
    timed.keysPerSecond,
    'keys/s',
    isTarget ? 6e6 : null,
    `${spread(timed)}; every string compared, outside of the time`,
  );
}

// ---------------------------------------------------------------- rows

function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}

function spread({ latencyUs }: Timed): string {
  const at = (q: number): string => quantile(latencyUs, q).toPrecision(3);
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, p99.9 ${at(0.999)} µs of ${String(latencyUs.length)} calls`;
}

function latencyRows(
  name: string,
  timed: Timed,
  p50Target: number | null,
  p99Target: number | null,
  isTarget: boolean,
): BenchRow[] {
  const note = `${spread(timed)}; every answer compared, outside of the time; the clock's own two readings are inside`;
  return [
    lowRow(`${name}, p50`, quantile(timed.latencyUs, 0.5), isTarget ? p50Target : null, note),
    lowRow(`${name}, p99`, quantile(timed.latencyUs, 0.99), isTarget ? p99Target : null, note),
  ];
}

function rateRow(engine: EngineChoice, timed: Timed): BenchRow {
  return row(
    `${engine}: packed mget of ${LARGE_BATCH_KEYS.toLocaleString('en')}, one thread`,
    timed.keysPerSecond,
    'keys/s',
    null,
    `${spread(timed)}; pinned memory on both sides; every byte compared, outside of the time`,
  );
}

function row(name: string, value: number, unit: string, target: number | null, note: string): BenchRow {
  return { name, value, unit, target, met: target === null ? null : value >= target, note };
}

/** A figure of which less is better. */
function lowRow(name: string, value: number, target: number | null, note: string): BenchRow {
  return { name, value, unit: 'µs', target, met: target === null ? null : value <= target, note };
}

function millions(count: number): string {
  return `${String(count / 1e6)} M`;
}
