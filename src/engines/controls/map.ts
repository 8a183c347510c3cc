import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BenchError } from '../../errors.js';
import type { Engine, EngineDescription, EngineSession, SessionSpec } from '../engine.js';

/**
 * A JavaScript `Map` in the worker's own heap, as a control: what a key-value store costs when nothing leaves the language.
 * The heap of a thread belongs to that thread, so one load serves one worker. The pairs travel to it as packed bytes in
 * shared memory, and the map is made there.
 */
export interface MapSessionSpec extends SessionSpec {
  readonly kind: 'map';
  /** Names one load. */
  readonly loadId: string;
  readonly count: number;
  /** Key length and value length of each pair, then the text of all pairs. */
  readonly lengths: SharedArrayBuffer;
  readonly text: SharedArrayBuffer;
  /** An int32: 1 as soon as a thread has made the map. A double at byte 8: bytes of heap that it took there. */
  readonly report: SharedArrayBuffer;
}

export class MapEngine implements Engine {
  #spec: MapSessionSpec = packPairs([], []);

  describe(): Promise<EngineDescription> {
    return Promise.resolve({
      name: 'map',
      version: process.versions.v8,
      boundary: 'api',
      synchronous: true,
      managed: true,
      settings: { implementation: 'JavaScript Map', memory: 'heap growth at load, after a full collection' },
    });
  }

  load(count: number, pair: (index: number) => { key: string; value: string }): Promise<void> {
    const keys: string[] = [];
    const values: string[] = [];
    for (let index = 0; index < count; index++) {
      const { key, value } = pair(index);
      keys.push(key);
      values.push(value);
    }
    this.#spec = packPairs(keys, values);
    return Promise.resolve();
  }

  sessionSpec(): MapSessionSpec {
    return this.#spec;
  }

  /** Heap that the map took when a session made it; 0 before. Writes afterwards replace values and are not followed. */
  memoryBytes(): Promise<number> {
    return Promise.resolve(new Float64Array(this.#spec.report)[1] ?? 0);
  }

  flush(): Promise<void> {
    this.#spec = packPairs([], []);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return this.flush();
  }
}

function packPairs(keys: readonly string[], values: readonly string[]): MapSessionSpec {
  const count = keys.length;
  const lengths = new SharedArrayBuffer(count * 8);
  const lengthOf = new Uint32Array(lengths);
  let bytes = 0;
  for (let index = 0; index < count; index++) {
    lengthOf[2 * index] = keys[index]?.length ?? 0;
    lengthOf[2 * index + 1] = values[index]?.length ?? 0;
    bytes += (lengthOf[2 * index] ?? 0) + (lengthOf[2 * index + 1] ?? 0);
  }
  const text = new SharedArrayBuffer(bytes);
  const target = Buffer.from(text);
  let at = 0;
  for (let index = 0; index < count; index++) {
    at += target.write(keys[index] ?? '', at, 'latin1');
    at += target.write(values[index] ?? '', at, 'latin1');
  }
  const report = new SharedArrayBuffer(16);
  return { kind: 'map', loadId: randomUUID(), count, lengths, text, report };
}

/** The map of this thread. It goes with its last session, so that other contenders' trials run in a heap without it. */
let held: { readonly loadId: string; readonly map: Map<string, string>; sessions: number } | null = null;

/** @throws BenchError PARAMETER_OUT_OF_RANGE when the map of this load was made before, elsewhere or for sessions now closed */
export function openMapSession(spec: MapSessionSpec): EngineSession {
  if (held?.loadId !== spec.loadId) {
    const made = new Int32Array(spec.report, 0, 1);
    if (Atomics.compareExchange(made, 0, 0, 1) !== 0) {
      throw new BenchError(
        'PARAMETER_OUT_OF_RANGE',
        'The contender map lives in the heap of one worker thread: --workers must be 1.',
      );
    }
    held = null;
    const before = heapBytesInUse();
    held = { loadId: spec.loadId, map: unpackPairs(spec), sessions: 0 };
    new Float64Array(spec.report)[1] = Math.max(0, heapBytesInUse() - before);
  }
  const own = held;
  own.sessions++;
  return new MapSession(own.map, () => {
    if (--own.sessions === 0 && held === own) held = null;
  });
}

function unpackPairs(spec: MapSessionSpec): Map<string, string> {
  const lengths = new Uint32Array(spec.lengths);
  const text = Buffer.from(spec.text);
  const map = new Map<string, string>();
  let at = 0;
  for (let index = 0; index < spec.count; index++) {
    const valueAt = at + (lengths[2 * index] ?? 0);
    const end = valueAt + (lengths[2 * index + 1] ?? 0);
    map.set(text.toString('latin1', at, valueAt), text.toString('latin1', valueAt, end));
    at = end;
  }
  return map;
}

/**
 * Live bytes of this thread's heap: garbage is collected first, else it would count as data. Memory outside the heap is left
 * out, since buffers of earlier messages come and go there.
 */
function heapBytesInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

class MapSession implements EngineSession {
  #map: Map<string, string>;
  #release: (() => void) | null;

  constructor(map: Map<string, string>, release: () => void) {
    this.#map = map;
    this.#release = release;
  }

  get(key: string): string | null {
    return this.#map.get(key) ?? null;
  }

  put(key: string, value: string): void {
    this.#map.set(key, value);
  }

  delete(key: string): boolean {
    return this.#map.delete(key);
  }

  /** With the bounds and the words of Redis' INCRBY. */
  increment(key: string, by: number): string {
    const text = this.#map.get(key) ?? '0';
    const current = /^(0|-?[1-9]\d{0,18})$/.test(text) ? BigInt(text) : null;
    if (current === null || current > INT64_MAX || current < INT64_MIN) {
      throw new Error('ERR value is not an integer or out of range');
    }
    const sum = current + BigInt(by);
    if (sum > INT64_MAX || sum < INT64_MIN) throw new Error('ERR increment or decrement would overflow');
    const result = sum.toString();
    this.#map.set(key, result);
    return result;
  }

  mget(keys: readonly string[]): (string | null)[] {
    return keys.map((key) => this.#map.get(key) ?? null);
  }

  mput(keys: readonly string[], values: readonly string[]): void {
    for (let index = 0; index < keys.length; index++) this.#map.set(keys[index] ?? '', values[index] ?? '');
  }

  close(): Promise<void> {
    this.#release?.();
    this.#release = null;
    this.#map = new Map();
    return Promise.resolve();
  }
}
