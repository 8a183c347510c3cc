/** Pieces of GPU memory that JavaScript holds. */
import { PredisError, fromNative } from './errors.js';
import type { NativeAddon, NativeDeviceMemory } from './native.js';

/**
 * A piece of GPU memory, made by `PredisClient.allocateDevice`: `mgetToDevice` delivers batches into it, and consumers on the
 * GPU read them at `pointer`. Belongs to the thread that made it.
 *
 * GPU memory is scarce and the garbage collector does not see it: `free` it (or declare it with `using`). What is forgotten is
 * freed when the object is collected.
 */
export class DeviceBuffer {
  readonly bytes: number;
  readonly #native: NativeAddon;
  readonly #memory: NativeDeviceMemory;
  #freed = false;

  /** @internal */
  constructor(native: NativeAddon, memory: NativeDeviceMemory, bytes: number) {
    this.#native = native;
    this.#memory = memory;
    this.bytes = bytes;
  }

  /**
   * The addon's object of a buffer.
   *
   * @throws PredisError BAD_ARGUMENT for what is no buffer
   * @internal
   */
  static memoryOf(buffer: unknown): NativeDeviceMemory {
    if (typeof buffer === 'object' && buffer !== null && #memory in buffer) return buffer.#memory;
    throw new PredisError('BAD_ARGUMENT', 'the buffer is not one of allocateDevice');
  }

  /** True after `free`. */
  get freed(): boolean {
    return this.#freed;
  }

  /**
   * Address in the GPU's memory, for consumers on the GPU in this process (a CUDA device pointer of the primary context). Good
   * until `free`; keep this object as long as anybody reads there.
   *
   * @throws PredisError BUFFER_FREED
   */
  get pointer(): bigint {
    return this.#call(() => this.#native.deviceAddress(this.#memory));
  }

  /**
   * Copies bytes to the host. Needs the engine, so some client of it must be connected still.
   *
   * @param offsetBytes first byte
   * @param bytes how many; by default all from there on
   * @throws PredisError BUFFER_FREED, BUFFER_TOO_SMALL, BAD_ARGUMENT, CLOSED, OUT_OF_MEMORY, GPU_FAILED
   */
  read(offsetBytes = 0, bytes: number = Math.max(0, this.bytes - offsetBytes)): Uint8Array {
    return this.#call(() => this.#native.readDevice(this.#memory, offsetBytes, bytes, undefined));
  }

  /**
   * Copies the first bytes to memory of the host, as many as fit: memory of `allocatePinned`, say, that is used again.
   *
   * @returns `target`
   * @throws PredisError as `read`
   */
  copyToHost(target: Uint8Array): Uint8Array {
    const bytes = target instanceof Uint8Array ? Math.min(target.length, this.bytes) : 0;
    return this.#call(() => this.#native.readDevice(this.#memory, 0, bytes, target));
  }

  /**
   * Gives the memory back; when a batch is being delivered into it, as soon as that is done. Every later use is
   * BUFFER_FREED; freeing again does nothing.
   */
  free(): void {
    this.#freed = true;
    this.#native.freeDevice(this.#memory);
  }

  /** `free`, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.free();
  }

  #call<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw fromNative(error);
    }
  }
}
