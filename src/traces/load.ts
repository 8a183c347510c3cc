import { BenchError } from '../errors.js';
import { readTrace, type ReadOptions, type TraceFacts } from './read.js';
import { UNKNOWN_SIZE, type AccessKind, type KeyTable, type TraceConsumer } from './trace.js';

/**
 * A trace, or its beginning, in memory: structure of arrays, in shared memory, so that handing it to a thread copies
 * nothing. Accesses [requestStart[r], requestStart[r + 1]) form request r.
 */
export interface LoadedTrace {
  readonly facts: TraceFacts;
  /** `AccessKind` per access. */
  readonly kind: Uint8Array;
  /** Dense index of the key per access. */
  readonly keyIndex: Uint32Array;
  readonly requestStart: Uint32Array;
  /** Nanoseconds since the first request, ascending, one a request; `null` where the trace has no times. */
  readonly dueNs: Float64Array | null;
  /** Printable keys one after the other; key k is bytes [keyOffset[k], keyOffset[k + 1]). */
  readonly keyText: Uint8Array;
  readonly keyOffset: Uint32Array;
  /** Largest size that the trace tells of each key's value, bytes; `null` where it tells none. */
  readonly keyValueBytes: Uint32Array | null;
}

const MOST_KEY_TEXT_BYTES = 2 ** 32 - 1;

/**
 * Reads a trace into memory: 17 bytes an access at most, and the keys.
 *
 * @throws BenchError as `readTrace`
 */
export async function loadTrace(
  path: string,
  options: ReadOptions & { readonly limit: number },
): Promise<LoadedTrace> {
  const collector = new Collector();
  const { facts, keys } = await readTrace(path, collector, options);
  return collector.finish(facts, keys);
}

class Collector implements TraceConsumer {
  #accesses = 0;
  #requests = 0;
  #kind = new Uint8Array(1024);
  #keyIndex = new Uint32Array(1024);
  #requestStart = new Uint32Array(1024);
  #dueNs = new Float64Array(1024);
  #valueBytes = new Uint32Array(1024);
  #sized = false;

  access(kind: AccessKind, key: number, valueBytes: number): void {
    const at = this.#accesses;
    if (at === this.#kind.length) {
      this.#kind = copied(this.#kind, new Uint8Array(2 * at));
      this.#keyIndex = copied(this.#keyIndex, new Uint32Array(2 * at));
    }
    this.#kind[at] = kind;
    this.#keyIndex[at] = key;
    this.#accesses = at + 1;
    if (key >= this.#valueBytes.length) {
      this.#valueBytes = copied(this.#valueBytes, new Uint32Array(2 * this.#valueBytes.length));
    }
    if (valueBytes === UNKNOWN_SIZE) return;
    this.#sized = true;
    const size = Math.min(valueBytes, 0xffffffff);
    if (size > (this.#valueBytes[key] ?? 0)) this.#valueBytes[key] = size;
  }

  endRequest(timeNs: number): void {
    const request = this.#requests;
    this.#dueNs[request] = timeNs;
    this.#requests = request + 1;
    if (this.#requests === this.#requestStart.length) {
      this.#requestStart = copied(this.#requestStart, new Uint32Array(2 * this.#requests));
      this.#dueNs = copied(this.#dueNs, new Float64Array(2 * this.#requests));
    }
    this.#requestStart[this.#requests] = this.#accesses;
  }

  finish(facts: TraceFacts, keys: KeyTable | null): LoadedTrace {
    const first = this.#dueNs[0] ?? 0;
    const dueNs = facts.timed ? shareFloats(this.#dueNs.subarray(0, this.#requests)) : null;
    for (let request = 0; dueNs !== null && request < dueNs.length; request++) {
      dueNs[request] = Math.round((dueNs[request] ?? 0) - first);
    }
    return {
      facts,
      kind: copied(
        this.#kind.subarray(0, this.#accesses),
        new Uint8Array(new SharedArrayBuffer(this.#accesses)),
      ),
      keyIndex: shareWords(this.#keyIndex.subarray(0, this.#accesses)),
      requestStart: shareWords(this.#requestStart.subarray(0, this.#requests + 1)),
      dueNs,
      ...packKeys(keys),
      keyValueBytes: this.#sized ? shareWords(this.#valueBytes.subarray(0, facts.keys)) : null,
    };
  }
}

function packKeys(keys: KeyTable | null): Pick<LoadedTrace, 'keyText' | 'keyOffset'> {
  const size = keys?.size ?? 0;
  const keyOffset = new Uint32Array(new SharedArrayBuffer(4 * (size + 1)));
  let bytes = 0;
  for (let index = 0; index < size; index++) {
    bytes += keys?.text(index).length ?? 0;
    if (bytes > MOST_KEY_TEXT_BYTES) {
      throw new BenchError('TRACE_TOO_LARGE', 'The different keys of the trace take more than 4 GiB.');
    }
    keyOffset[index + 1] = bytes;
  }
  const keyText = new Uint8Array(new SharedArrayBuffer(bytes));
  const buffer = Buffer.from(keyText.buffer);
  for (let index = 0; index < size; index++) {
    buffer.write(keys?.text(index) ?? '', keyOffset[index] ?? 0, 'latin1');
  }
  return { keyText, keyOffset };
}

function shareWords(array: Uint32Array): Uint32Array {
  return copied(array, new Uint32Array(new SharedArrayBuffer(array.byteLength)));
}

function shareFloats(array: Float64Array): Float64Array {
  return copied(array, new Float64Array(new SharedArrayBuffer(array.byteLength)));
}

function copied<To extends { set(from: ArrayLike<number>): void }>(from: ArrayLike<number>, to: To): To {
  to.set(from);
  return to;
}
