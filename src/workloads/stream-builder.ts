import { uint32At } from './typed-array.js';
import { OperationKind, type OperationStream } from './workload.js';

/** What a stream may carry beside its operations; see `OperationStream`. One entry a request each. */
export interface StreamExtras {
  readonly dueNs?: Float64Array;
  readonly prefetchRequest?: Uint32Array;
}

/**
 * Builds an `OperationStream` in growing typed arrays, with no object per operation. Versions are counted here, per key
 * from 1 up, so they ascend whatever a generator does. Not thread-safe.
 */
export class StreamBuilder {
  #operations = 0;
  #requests = 0;
  #kind: Uint8Array;
  #keyIndex: Uint32Array;
  #version: Uint32Array;
  #requestStart: Uint32Array;
  readonly #lastVersion: Uint32Array;

  /**
   * @param keys size of the key space, 1 to 2^32
   * @param expectedOperations room made at once; the arrays grow when there are more
   * @param expectedRequests likewise
   */
  constructor(keys: number, expectedOperations: number, expectedRequests = expectedOperations) {
    this.#lastVersion = new Uint32Array(keys);
    this.#kind = new Uint8Array(expectedOperations);
    this.#keyIndex = new Uint32Array(expectedOperations);
    this.#version = new Uint32Array(expectedOperations);
    this.#requestStart = new Uint32Array(expectedRequests + 1);
  }

  /**
   * Adds an operation to the open request; all of one request must be of one kind.
   * @throws RangeError when keyIndex is outside of the key space
   */
  append(kind: OperationKind, keyIndex: number): void {
    const operation = this.#operations;
    if (operation === this.#kind.length) this.#growOperations();
    const last = uint32At(this.#lastVersion, keyIndex);
    this.#kind[operation] = kind;
    this.#keyIndex[operation] = keyIndex;
    if (kind === OperationKind.put) {
      this.#version[operation] = last + 1;
      this.#lastVersion[keyIndex] = last + 1;
    }
    this.#operations = operation + 1;
  }

  /** Closes the open request; the next `append` begins another. */
  endRequest(): void {
    const request = this.#requests + 1;
    if (request === this.#requestStart.length) this.#requestStart = grown(this.#requestStart);
    this.#requestStart[request] = this.#operations;
    this.#requests = request;
  }

  /** A request of one operation: `append` and `endRequest`. */
  single(kind: OperationKind, keyIndex: number): void {
    this.append(kind, keyIndex);
    this.endRequest();
  }

  /**
   * The stream; the builder must not be used afterwards.
   * @throws RangeError when an array of `extras` does not have one entry a request
   */
  build(extras: StreamExtras = {}): OperationStream {
    const { dueNs = null, prefetchRequest = null } = extras;
    for (const extra of [dueNs, prefetchRequest]) {
      if (extra !== null && extra.length !== this.#requests) {
        throw new RangeError(
          `${String(extra.length)} entries were given for ${String(this.#requests)} requests`,
        );
      }
    }
    return {
      kind: trimmed(this.#kind, this.#operations),
      keyIndex: trimmed(this.#keyIndex, this.#operations),
      version: trimmed(this.#version, this.#operations),
      requestStart: trimmed(this.#requestStart, this.#requests + 1),
      dueNs,
      prefetchRequest,
    };
  }

  #growOperations(): void {
    const kind = new Uint8Array(Math.max(1024, this.#kind.length * 2));
    kind.set(this.#kind);
    this.#kind = kind;
    this.#keyIndex = grown(this.#keyIndex);
    this.#version = grown(this.#version);
  }
}

function grown(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(Math.max(1024, array.length * 2));
  larger.set(array);
  return larger;
}

/** Exactly `length` entries with memory of their own, so that handing a stream to a thread copies no slack. */
function trimmed<T extends Uint8Array | Uint32Array>(array: T, length: number): T {
  return array.length === length ? array : (array.slice(0, length) as T);
}
