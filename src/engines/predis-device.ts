import { BenchError } from '../errors.js';
import { type DeviceBuffer, missingValue, type PredisClient } from '../predis/index.js';
import type { DeliveredBatch, EngineDescription, EngineSession } from './engine.js';
import {
  asBenchErrors,
  attachClient,
  PredisEngine,
  PredisSession,
  type PredisEngineOptions,
  type PredisSessionSpec,
} from './predis.js';

export interface PredisDeviceSessionSpec extends PredisSessionSpec {
  readonly kind: 'predis-device';
  /** Room of one value in a delivered batch: the longest value that was loaded, rounded up. */
  readonly strideBytes: number;
}

/** The copy kernel writes rows of such multiples fastest. */
const STRIDE_UNIT_BYTES = 16;

const roundedUp = (bytes: number): number =>
  Math.max(1, Math.ceil(bytes / STRIDE_UNIT_BYTES)) * STRIDE_UNIT_BYTES;

/** The CUDA engine, whose sessions leave the values of an mget in GPU memory. Everything else is as with `PredisEngine`. */
export class PredisDeviceEngine extends PredisEngine {
  #longestValueBytes = 0;

  /** @throws BenchError PREDIS_NO_DEVICE when the CUDA engine does not run here; as `PredisEngine` */
  constructor(options: Pick<PredisEngineOptions, 'memoryLimitBytes'>) {
    try {
      super({ ...options, engine: 'cuda' });
    } catch (error) {
      if (!(error instanceof BenchError) || error.code !== 'PREDIS_ENGINE') throw error;
      throw noDevice(error.message, error);
    }
  }

  override async describe(): Promise<EngineDescription> {
    const { settings, ...facts } = await super.describe();
    return {
      ...facts,
      boundary: 'device',
      settings: {
        ...settings,
        delivery:
          'mget: keys are JavaScript strings, values stay in GPU memory at a fixed stride, only their lengths come to JavaScript; all else as predis, through host memory. The buffers of the sessions are not counted as memory',
        verification:
          'a verified batch is copied back to the host after its latency was taken; the copy counts in the throughput, as all verification does',
      },
    };
  }

  override async load(count: number, pair: (index: number) => { key: string; value: string }): Promise<void> {
    this.#longestValueBytes = 0;
    await super.load(count, (index) => {
      const made = pair(index);
      // values are printable ASCII: as many bytes as characters
      this.#longestValueBytes = Math.max(this.#longestValueBytes, made.value.length);
      return made;
    });
  }

  override sessionSpec(): PredisDeviceSessionSpec {
    return {
      ...super.sessionSpec(),
      kind: 'predis-device',
      strideBytes: roundedUp(this.#longestValueBytes),
    };
  }
}

/** Why `predis-device` cannot be measured. */
export function noDevice(reason: string, cause?: unknown): BenchError {
  return new BenchError(
    'PREDIS_NO_DEVICE',
    `predis-device leaves values in GPU memory, and there is none: ${reason}`,
    cause === undefined ? {} : { cause },
  );
}

/** @throws BenchError PREDIS_ENGINE when the engine is gone */
export function openPredisDeviceSession(spec: PredisDeviceSessionSpec): EngineSession {
  return new PredisDeviceSession(attachClient(spec.handle), spec.strideBytes);
}

/** Delivers every mget into a buffer of its own, which grows when a batch or a value needs it. */
class PredisDeviceSession extends PredisSession {
  #buffer: DeviceBuffer | null = null;
  #strideBytes: number;

  constructor(client: PredisClient, strideBytes: number) {
    super(client);
    this.#strideBytes = strideBytes;
  }

  /**
   * What is timed. A value that does not fit in its row is no delivery: the batch is asked for again with longer rows, and that
   * counts in its time.
   */
  mgetDelivered(keys: readonly string[]): DeliveredBatch {
    return asBenchErrors(() => {
      const lengths = this.#deliver(keys);
      const longest = longestOf(lengths);
      if (longest <= this.#strideBytes) return this.#batch(lengths);
      this.#strideBytes = roundedUp(longest);
      const again = this.#deliver(keys);
      // between the two, another session may have written a still longer value
      if (longestOf(again) > this.#strideBytes) return this.mgetDelivered(keys);
      return this.#batch(again);
    });
  }

  /** The same way, copied back at once: what reads values back after a window reads what was delivered. */
  override mget(keys: readonly string[]): (string | null)[] {
    const batch = this.mgetDelivered(keys);
    return Array.from(keys, (_, index) => batch.value(index));
  }

  override close(): Promise<void> {
    this.#buffer?.free();
    this.#buffer = null;
    return super.close();
  }

  #deliver(keys: readonly string[]): Uint32Array {
    const bytes = Math.max(1, keys.length * this.#strideBytes);
    if (this.#buffer === null || this.#buffer.bytes < bytes) {
      this.#buffer?.free();
      this.#buffer = null;
      this.#buffer = this.client.allocateDevice(bytes);
    }
    return this.client.mgetToDeviceSync(keys, this.#buffer, { strideBytes: this.#strideBytes });
  }

  #batch(lengths: Uint32Array): DeliveredBatch {
    const strideBytes = this.#strideBytes;
    const buffer = this.#buffer;
    let copy: Buffer | null = null;
    return {
      size: lengths.length,
      misses: () => lengths.reduce((count, bytes) => (bytes === missingValue ? count + 1 : count), 0),
      value: (index) => {
        const bytes = lengths[index] ?? missingValue;
        if (bytes === missingValue || buffer === null) return null;
        copy ??= asBenchErrors(() => Buffer.from(buffer.read(0, lengths.length * strideBytes).buffer));
        return copy.toString('latin1', index * strideBytes, index * strideBytes + bytes);
      },
    };
  }
}

function longestOf(lengths: Uint32Array): number {
  let longest = 0;
  for (const bytes of lengths) if (bytes !== missingValue && bytes > longest) longest = bytes;
  return longest;
}
