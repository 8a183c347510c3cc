import { loadAddon } from './addon.js';
import { checkIndexFits, checkOptions } from './arguments.js';
import { CallOrder } from './call-order.js';
import { PredisError, fromNative } from './errors.js';
import { type NativeAddon, consistencies, devicePaths, evictions } from './native.js';
import type { PredisOptions, SharedHandle } from './options.js';
import { type PredisInfo, type PredisStats, readInfo, readStats } from './stats.js';

const defaultHotCacheKeys = 2 ** 16;

/** The part of a client that finds its engine, lets go of it, and tells about it. */
export class PredisConnection {
  /** Keeps promise calls in their order. @internal */
  protected readonly order = new CallOrder();
  readonly #options: PredisOptions;
  /** The addon's methods while connected, else null. */
  #native: NativeAddon | null = null;
  #client = -1;

  /** @throws PredisError BAD_ARGUMENT for an option of the wrong type or out of range */
  constructor(options: PredisOptions = {}) {
    checkOptions(options);
    this.#options = { ...options };
  }

  /** True between `connect` and `disconnect`. */
  get connected(): boolean {
    return this.#native !== null;
  }

  /**
   * Makes the engine, or attaches to it. Does nothing when connected.
   *
   * @throws PredisError ADDON_UNAVAILABLE, ENGINE_UNAVAILABLE, OUT_OF_MEMORY, TOO_MANY_NAMESPACES; CLOSED when the engine to
   *   attach to is gone
   */
  connectSync(): void {
    if (this.#native !== null) return;
    const { native } = loadAddon();
    const { expectedKeys = 0, attach, namespace = '', consistency = 'strong' } = this.#options;
    checkIndexFits(expectedKeys);
    try {
      const client =
        attach === undefined ? createEngine(native, this.#options) : native.attach(attach.engineId);
      try {
        native.setScope(client, namespace, consistencies.indexOf(consistency));
      } catch (error) {
        native.release(client);
        throw error;
      }
      this.#client = client;
    } catch (error) {
      throw fromNative(error);
    }
    this.#native = native;
  }

  connect(): Promise<void> {
    return this.order.short(() => {
      this.connectSync();
    });
  }

  /**
   * Lets go of the engine, which ends with its last client. Does nothing when not connected. Promise calls that still wait
   * their turn reject with CLOSED; one that is on the thread pool ends well.
   */
  disconnectSync(): void {
    if (this.#native === null) return;
    this.#native.release(this.#client);
    this.#native = null;
    this.#client = -1;
  }

  /** Lets go of the engine after the promise calls made before. */
  disconnect(): Promise<void> {
    return this.order.short(() => {
      this.disconnectSync();
    });
  }

  /**
   * A handle for clients of this process, in any thread, to `attach` to; good while any client is connected. It names the
   * engine alone: namespace and consistency are each client's own.
   */
  share(): SharedHandle {
    return this.now((native, client) => ({
      kind: 'predis-engine',
      engineId: native.engineId(client),
      processId: process.pid,
    }));
  }

  /** Counters of the engine, from all its clients together. */
  getStatsSync(): PredisStats {
    return this.now(readStats);
  }

  getStats(): Promise<PredisStats> {
    return this.order.short(() => this.getStatsSync());
  }

  /** Sets the counters to zero, for all clients of the engine; keys and bytes are what they are. */
  resetStatsSync(): void {
    this.now((native, client) => {
      native.resetStats(client);
    });
  }

  resetStats(): Promise<void> {
    return this.order.short(() => {
      this.resetStatsSync();
    });
  }

  /** Engine and device, version, compiler, limits and settings. */
  infoSync(): PredisInfo {
    return this.now((native, client) => readInfo(native, client, this.#options));
  }

  info(): Promise<PredisInfo> {
    return this.order.short(() => this.infoSync());
  }

  /**
   * Memory for packed batches that a GPU copies from and to without a detour: pack keys and values into it, and give it as
   * `out` of `mgetPackedSync`. Ordinary memory, all the same, with the CPU engine. Zeroed; lives as long as the array, and may
   * outlive the client. Page-locked memory is scarce: allocate it once and use it again.
   *
   * @param bytes 1 to 2^32 - 1
   * @throws PredisError BAD_ARGUMENT, OUT_OF_MEMORY
   */
  allocatePinned(bytes: number): Uint8Array {
    return this.now((native, client) => native.allocatePinned(client, bytes));
  }

  /** The client's index in the addon, for the calls that cannot afford a closure. @internal */
  protected get client(): number {
    return this.#client;
  }

  /** The addon's methods. @throws PredisError CLOSED @internal */
  protected open(): NativeAddon {
    if (this.#native === null) throw new PredisError('CLOSED');
    return this.#native;
  }

  /** A call that runs on this thread. @internal */
  protected now<T>(call: (native: NativeAddon, client: number) => T): T {
    try {
      return call(this.open(), this.#client);
    } catch (error) {
      throw fromNative(error);
    }
  }

  /** A call that runs on the thread pool, in its turn. @internal */
  protected later<T>(call: (native: NativeAddon, client: number) => Promise<T>): Promise<T> {
    return this.order.long(async () => {
      try {
        return await call(this.open(), this.#client);
      } catch (error) {
        throw fromNative(error);
      }
    });
  }
}

function createEngine(native: NativeAddon, options: PredisOptions): number {
  const { engine = 'auto', memoryLimitBytes = 0, expectedKeys = 0, eviction = 'none' } = options;
  const { device = 0, path = 'auto', hotCacheKeys = defaultHotCacheKeys } = options;
  return native.create(
    engine,
    memoryLimitBytes,
    expectedKeys,
    evictions.indexOf(eviction),
    device,
    devicePaths.indexOf(path),
    hotCacheKeys,
  );
}
