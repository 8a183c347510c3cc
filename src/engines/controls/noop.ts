import { toolVersion } from '../../support/package-root.js';
import type {
  Boundary,
  DeliveredBatch,
  Engine,
  EngineDescription,
  EngineSession,
  PackedCalls,
  SessionSpec,
} from '../engine.js';
import type { PackedValues } from '../packed.js';

/** Where a no-op engine stands in for one of this process. */
export type NoopBoundary = Exclude<Boundary, 'socket'>;

export interface NoopSessionSpec extends SessionSpec {
  readonly kind: 'noop';
  readonly boundary: NoopBoundary;
  /** Length of every value that it answers with. */
  readonly valueBytes: number;
}

/**
 * An engine that answers and does nothing: what driver, workers and recording cost at a boundary, and so the speed that no
 * engine can pass there. Its answers have the right kind and size, and the wrong content: they cannot be verified.
 */
export class NoopEngine implements Engine {
  readonly #boundary: NoopBoundary;
  #valueBytes = 0;

  constructor(boundary: NoopBoundary) {
    this.#boundary = boundary;
  }

  describe(): Promise<EngineDescription> {
    return Promise.resolve({
      name: 'noop',
      version: toolVersion(),
      boundary: this.#boundary,
      synchronous: true,
      managed: true,
      settings: {
        implementation: 'answers at once, looks at nothing and stores nothing',
        values: 'all of the mean length of those of the workload',
        verified: false,
      },
    });
  }

  load(count: number, pair: (index: number) => { key: string; value: string }): Promise<void> {
    this.#valueBytes = meanValueBytes(count, pair);
    return Promise.resolve();
  }

  sessionSpec(): NoopSessionSpec {
    return { kind: 'noop', boundary: this.#boundary, valueBytes: this.#valueBytes };
  }

  memoryBytes(): Promise<number> {
    return Promise.resolve(0);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Mean length of the values, rounded; 0 when there is none. Values are ASCII. */
export function meanValueBytes(
  count: number,
  pair: (index: number) => { key: string; value: string },
): number {
  let bytes = 0;
  for (let index = 0; index < count; index++) bytes += pair(index).value.length;
  return count === 0 ? 0 : Math.round(bytes / count);
}

export function openNoopSession(spec: NoopSessionSpec): EngineSession {
  return new NoopSession(spec);
}

class NoopSession implements EngineSession {
  readonly packed?: PackedCalls;
  readonly mgetDelivered?: (keys: readonly string[]) => DeliveredBatch;
  readonly #value: string;

  constructor({ boundary, valueBytes }: NoopSessionSpec) {
    this.#value = 'x'.repeat(valueBytes);
    if (boundary === 'packed') this.packed = packedCalls(valueBytes);
    if (boundary === 'device') this.mgetDelivered = ({ length }) => deliveredBatch(length, this.#value);
  }

  get(): string {
    return this.#value;
  }

  put(): void {
    // nothing is what it is for
  }

  delete(): boolean {
    return true;
  }

  increment(): string {
    return '1';
  }

  mget(keys: readonly string[]): string[] {
    return new Array<string>(keys.length).fill(this.#value);
  }

  mput(): void {
    // nothing is what it is for
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** What a session at the boundary `device` hands out: how many values there are, and none of them before it is asked for. */
function deliveredBatch(size: number, value: string): DeliveredBatch {
  return { size, misses: () => 0, value: () => value };
}

function packedCalls(valueBytes: number): PackedCalls {
  let prepared = packedValues(1, valueBytes);
  return {
    mget: (keys) => {
      const count = keys.offsets.length - 1;
      // Made once for the largest request, as an engine that uses the memory of its answers again would have it.
      if (prepared.found.length < count) prepared = packedValues(count, valueBytes);
      return prepared;
    },
    mput: () => undefined,
    mdelete: (keys) => keys.offsets.length - 1,
  };
}

function packedValues(count: number, valueBytes: number): PackedValues {
  return {
    blob: new Uint8Array(count * valueBytes).fill(0x78),
    offsets: Uint32Array.from({ length: count + 1 }, (_, index) => index * valueBytes),
    found: new Uint8Array(count).fill(1),
  };
}
