import { OperationKind, type OperationStream } from '../workloads/workload.js';
import { laneOfRequest } from './program.js';
import { present } from './present.js';

/** Flags of what a stream does to a key, beside reading it. */
export const KeyUse = { put: 1, deleted: 2, incremented: 4 } as const;

/**
 * Which versions of each key a stream writes and which lane writes each: what a read may find when several lanes work on
 * one key space. Rows by key, compressed (offsets and two flat arrays); 8 bytes a put and 5 bytes a key.
 */
export class WriteIndex {
  readonly #use: Uint8Array;
  readonly #offset: Uint32Array;
  readonly #version: Uint32Array;
  readonly #lane: Uint32Array;

  constructor(stream: OperationStream, keys: number, lanes: number) {
    this.#use = new Uint8Array(keys);
    this.#offset = new Uint32Array(keys + 1);
    const { kind, keyIndex, version, requestStart } = stream;
    for (let at = 0; at < kind.length; at++) {
      const key = present(keyIndex[at]);
      if (kind[at] === OperationKind.put) {
        this.#use[key] = present(this.#use[key]) | KeyUse.put;
        this.#offset[key + 1] = present(this.#offset[key + 1]) + 1;
      } else if (kind[at] === OperationKind.delete) {
        this.#use[key] = present(this.#use[key]) | KeyUse.deleted;
      } else if (kind[at] === OperationKind.increment) {
        this.#use[key] = present(this.#use[key]) | KeyUse.incremented;
      }
    }
    for (let key = 0; key < keys; key++) {
      this.#offset[key + 1] = present(this.#offset[key + 1]) + present(this.#offset[key]);
    }
    const puts = present(this.#offset[keys]);
    this.#version = new Uint32Array(puts);
    this.#lane = new Uint32Array(puts);
    const next = this.#offset.slice(0, keys);
    for (let request = 0; request + 1 < requestStart.length; request++) {
      for (let at = present(requestStart[request]); at < present(requestStart[request + 1]); at++) {
        if (kind[at] !== OperationKind.put) continue;
        const key = present(keyIndex[at]);
        const place = present(next[key]);
        next[key] = place + 1;
        this.#version[place] = present(version[at]);
        this.#lane[place] = laneOfRequest(request, lanes);
      }
    }
  }

  /** `KeyUse` flags of a key. */
  use(key: number): number {
    return present(this.#use[key]);
  }

  /** The lane that writes this version of a key, or -1 when the stream never writes it. */
  laneOfVersion(key: number, version: number): number {
    let low = present(this.#offset[key]);
    let high = present(this.#offset[key + 1]);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (present(this.#version[middle]) < version) low = middle + 1;
      else high = middle;
    }
    return low < present(this.#offset[key + 1]) && this.#version[low] === version
      ? present(this.#lane[low])
      : -1;
  }
}
