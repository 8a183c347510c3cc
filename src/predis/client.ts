import { loadAddon } from './addon.js';
import { checkIndexFits, checkOptions, keysAndValues, list } from './arguments.js';
import {
  isLarge,
  isLargePacked,
  mdeleteNow,
  mgetNow,
  mgetPackedNow,
  mputNow,
  mputPackedLater,
  mputPackedNow,
  prefetchNow,
  toBuffers,
} from './batches.js';
import { CallOrder } from './call-order.js';
import { PredisError, fromNative } from './errors.js';
import type { NativeAddon } from './native.js';
import {
  type Operation,
  type OperationResult,
  decodeResults,
  decrementAmount,
  encodeOperations,
  incrementAmount,
} from './operations.js';
import { type PackedBatch, type PackedValues, pack } from './packed.js';
import type { Key, PredisOptions, SharedHandle, Value } from './options.js';
import { type PredisInfo, type PredisStats, readInfo, readStats } from './stats.js';

/**
 * A connection to an in-process key-value engine.
 *
 * Every call has two forms. `getSync` and the like run on this thread and return the result. `get` and the like return a
 * promise: small calls are done at once all the same (a trip to the thread pool costs more than they do), batches from
 * 4,096 keys or 1 MiB go to the thread pool so that the event loop lives on. Promise calls of one client take effect in the
 * order in which they were made, whichever way they run; a `…Sync` call does not wait for them. Arguments of a promise call
 * must not be changed before it settles.
 *
 * A batch takes effect as a whole: no other client or thread sees a part of it. A batch with a bad key or value is refused
 * before anything is done. All calls throw, or reject with, a `PredisError`.
 *
 * A client belongs to one thread. To share an engine with a worker thread, post `share()` to it and `attach` there.
 */
export class PredisClient {
  readonly #options: PredisOptions;
  readonly #order = new CallOrder();
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
   * @throws PredisError ADDON_UNAVAILABLE, ENGINE_UNAVAILABLE, OUT_OF_MEMORY; CLOSED when the engine to attach to is gone
   */
  connectSync(): void {
    if (this.#native !== null) return;
    const { native } = loadAddon();
    const { engine = 'auto', memoryLimitBytes = 0, expectedKeys = 0, attach } = this.#options;
    checkIndexFits(expectedKeys);
    try {
      this.#client =
        attach === undefined
          ? native.create(engine === 'auto' ? 'cpu' : engine, memoryLimitBytes, expectedKeys)
          : native.attach(attach.engineId);
    } catch (error) {
      throw fromNative(error);
    }
    this.#native = native;
  }

  connect(): Promise<void> {
    return this.#order.short(() => {
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
    return this.#order.short(() => {
      this.disconnectSync();
    });
  }

  /** A handle for clients of this process, in any thread, to `attach` to; good while any client is connected. */
  share(): SharedHandle {
    return this.#do((native, client) => ({
      kind: 'predis-engine',
      engineId: native.engineId(client),
      processId: process.pid,
    }));
  }

  /** The value as text, or null when the key does not exist. Bytes that are not UTF-8 become U+FFFD: use `getBuffer`. */
  getSync(key: Key): string | null {
    try {
      return this.#open().get(this.#client, key);
    } catch (error) {
      throw fromNative(error);
    }
  }

  get(key: Key): Promise<string | null> {
    return this.#order.short(() => this.getSync(key));
  }

  /** The value's bytes (a copy), or null when the key does not exist. */
  getBufferSync(key: Key): Buffer | null {
    return this.#do((native, client) => native.getBuffer(client, key));
  }

  getBuffer(key: Key): Promise<Buffer | null> {
    return this.#order.short(() => this.getBufferSync(key));
  }

  /** Creates or replaces. @throws PredisError OUT_OF_MEMORY; the key then keeps its old value */
  putSync(key: Key, value: Value): void {
    try {
      this.#open().put(this.#client, key, value);
    } catch (error) {
      throw fromNative(error);
    }
  }

  put(key: Key, value: Value): Promise<void> {
    if (isLarge([value])) return this.mput([key], [value]);
    return this.#order.short(() => {
      this.putSync(key, value);
    });
  }

  /** True when the key existed. */
  deleteSync(key: Key): boolean {
    return this.#do((native, client) => native.remove(client, key));
  }

  delete(key: Key): Promise<boolean> {
    return this.#order.short(() => this.deleteSync(key));
  }

  /** Whether the key exists; counts as a hit or a miss, as in Redis. */
  existsSync(key: Key): boolean {
    return this.#do((native, client) => native.exists(client, key));
  }

  exists(key: Key): Promise<boolean> {
    return this.#order.short(() => this.existsSync(key));
  }

  /**
   * Adds to a decimal integer of 64 bits, signed; a missing key counts as 0. Returns the new value.
   *
   * @throws PredisError NOT_AN_INTEGER, OVERFLOW, with Redis' texts
   */
  incrementSync(key: Key, by: number | bigint = 1): bigint {
    return this.#do((native, client) => native.increment(client, key, incrementAmount(by)));
  }

  increment(key: Key, by: number | bigint = 1): Promise<bigint> {
    return this.#order.short(() => this.incrementSync(key, by));
  }

  /** Subtracts, otherwise as `incrementSync`. */
  decrementSync(key: Key, by: number | bigint = 1): bigint {
    return this.#do((native, client) => native.increment(client, key, decrementAmount(by)));
  }

  decrement(key: Key, by: number | bigint = 1): Promise<bigint> {
    return this.#order.short(() => this.decrementSync(key, by));
  }

  /** Values as text in the order of the keys, null for a missing one; all read at one moment. */
  mgetSync(keys: readonly Key[]): (string | null)[] {
    return this.#do((native, client) => mgetNow(native, client, list(keys)));
  }

  async mget(keys: readonly Key[]): Promise<(string | null)[]> {
    if (!isLarge(list(keys))) return this.#order.short(() => this.mgetSync(keys));
    const { blob, offsets } = pack(keys);
    return this.#later(async (native, client) =>
      native.decodeStrings(...(await native.mgetAsync(client, blob, offsets))),
    );
  }

  /** Values as bytes. The Buffers of one call share memory: copy one that is kept for long. */
  mgetBufferSync(keys: readonly Key[]): (Buffer | null)[] {
    return this.#do((native, client) => toBuffers(mgetPackedNow(native, client, pack(list(keys)))));
  }

  async mgetBuffer(keys: readonly Key[]): Promise<(Buffer | null)[]> {
    if (!isLarge(list(keys))) return this.#order.short(() => this.mgetBufferSync(keys));
    const { blob, offsets } = pack(keys);
    return this.#later(async (native, client) => toBuffers(await native.mgetAsync(client, blob, offsets)));
  }

  /**
   * Creates or replaces many, in order: the last of several equal keys wins.
   *
   * @throws PredisError OUT_OF_MEMORY, with the pairs that were not stored in `failures`; all others were
   */
  mputSync(entries: Iterable<readonly [Key, Value]>): void;
  mputSync(keys: readonly Key[], values: readonly Value[]): void;
  mputSync(keys: readonly Key[] | Iterable<readonly [Key, Value]>, values?: readonly Value[]): void {
    this.#do((native, client) => {
      mputNow(native, client, ...keysAndValues(keys, values));
    });
  }

  mput(entries: Iterable<readonly [Key, Value]>): Promise<void>;
  mput(keys: readonly Key[], values: readonly Value[]): Promise<void>;
  async mput(
    keys: readonly Key[] | Iterable<readonly [Key, Value]>,
    values?: readonly Value[],
  ): Promise<void> {
    const pairs = keysAndValues(keys, values);
    if (!isLarge(...pairs)) {
      return this.#order.short(() => {
        this.#do((native, client) => {
          mputNow(native, client, ...pairs);
        });
      });
    }
    const [packedKeys, packedValues] = [pack(pairs[0]), pack(pairs[1])];
    return this.#later((native, client) => mputPackedLater(native, client, packedKeys, packedValues));
  }

  /** Deletes many; returns how many existed (a key that is given twice counts once). */
  mdeleteSync(keys: readonly Key[]): number {
    return this.#do((native, client) => mdeleteNow(native, client, list(keys)));
  }

  async mdelete(keys: readonly Key[]): Promise<number> {
    if (!isLarge(list(keys))) return this.#order.short(() => this.mdeleteSync(keys));
    const { blob, offsets } = pack(keys);
    return this.#later((native, client) => native.mdeleteAsync(client, blob, offsets));
  }

  /**
   * Reads many in packed form, the fastest there is.
   *
   * @param out memory to use again, as an earlier call returned it: what is large enough is written to, what is not is
   *   replaced in the result. Its arrays may end up longer than the batch needs.
   */
  mgetPackedSync(keys: PackedBatch, out?: PackedValues): PackedValues {
    return this.#do((native, client) => {
      const [blob, offsets, found] = mgetPackedNow(native, client, keys, out);
      return { blob, offsets, found };
    });
  }

  async mgetPacked(keys: PackedBatch): Promise<PackedValues> {
    if (!isLargePacked(keys)) return this.#order.short(() => this.mgetPackedSync(keys));
    return this.#later(async (native, client) => {
      const [blob, offsets, found] = await native.mgetAsync(client, keys.blob, keys.offsets);
      return { blob, offsets, found };
    });
  }

  /** As `mputSync`, packed. */
  mputPackedSync(keys: PackedBatch, values: PackedBatch): void {
    this.#do((native, client) => {
      mputPackedNow(native, client, keys, values);
    });
  }

  async mputPacked(keys: PackedBatch, values: PackedBatch): Promise<void> {
    if (!isLargePacked(keys, values)) {
      return this.#order.short(() => {
        this.mputPackedSync(keys, values);
      });
    }
    return this.#later((native, client) => mputPackedLater(native, client, keys, values));
  }

  /** As `mdeleteSync`, packed. */
  mdeletePackedSync(keys: PackedBatch): number {
    return this.#do((native, client) => native.mdelete(client, keys.blob, keys.offsets));
  }

  async mdeletePacked(keys: PackedBatch): Promise<number> {
    if (!isLargePacked(keys)) return this.#order.short(() => this.mdeletePackedSync(keys));
    return this.#later((native, client) => native.mdeleteAsync(client, keys.blob, keys.offsets));
  }

  /**
   * Runs a mixed batch in order, as one: its gets see its puts. One bad operation fails alone; results are in the order of
   * the operations.
   */
  executeBatchSync(operations: readonly Operation[]): OperationResult[] {
    return this.#do((native, client) => {
      const batch = encodeOperations(list(operations));
      const { kinds, keys, values, amounts } = batch;
      return decodeResults(
        batch,
        native.execute(client, kinds, keys.blob, keys.offsets, values.blob, values.offsets, amounts),
      );
    });
  }

  async executeBatch(operations: readonly Operation[]): Promise<OperationResult[]> {
    const batch = encodeOperations(list(operations));
    const { kinds, keys, values, amounts } = batch;
    if (!isLargePacked(keys, values)) return this.#order.short(() => this.executeBatchSync(operations));
    return this.#later(async (native, client) =>
      decodeResults(
        batch,
        await native.executeAsync(
          client,
          kinds,
          keys.blob,
          keys.offsets,
          values.blob,
          values.offsets,
          amounts,
        ),
      ),
    );
  }

  /** Says that these keys are read soon. Changes nothing but time. */
  prefetchSync(keys: readonly Key[]): void {
    this.#do((native, client) => {
      prefetchNow(native, client, list(keys));
    });
  }

  prefetch(keys: readonly Key[]): Promise<void> {
    return this.#order.short(() => {
      this.prefetchSync(keys);
    });
  }

  /** Removes all keys and gives their memory back. */
  flushAllSync(): void {
    this.#do((native, client) => {
      native.clear(client);
    });
  }

  /** On the thread pool always: freeing millions of keys takes a while. */
  flushAll(): Promise<void> {
    return this.#later((native, client) => native.clearAsync(client));
  }

  /** Counters of the engine, from all its clients together. */
  getStatsSync(): PredisStats {
    return this.#do(readStats);
  }

  getStats(): Promise<PredisStats> {
    return this.#order.short(() => this.getStatsSync());
  }

  /** Sets the counters to zero, for all clients of the engine; keys and bytes are what they are. */
  resetStatsSync(): void {
    this.#do((native, client) => {
      native.resetStats(client);
    });
  }

  resetStats(): Promise<void> {
    return this.#order.short(() => {
      this.resetStatsSync();
    });
  }

  /** Engine, version, compiler, limits and settings. */
  infoSync(): PredisInfo {
    return this.#do((native, client) => readInfo(native, client, this.#options));
  }

  info(): Promise<PredisInfo> {
    return this.#order.short(() => this.infoSync());
  }

  /** The addon's methods. @throws PredisError CLOSED */
  #open(): NativeAddon {
    if (this.#native === null) throw new PredisError('CLOSED');
    return this.#native;
  }

  #do<T>(call: (native: NativeAddon, client: number) => T): T {
    try {
      return call(this.#open(), this.#client);
    } catch (error) {
      throw fromNative(error);
    }
  }

  /** A call that runs on the thread pool, in its turn. */
  #later<T>(call: (native: NativeAddon, client: number) => Promise<T>): Promise<T> {
    return this.#order.long(async () => {
      try {
        return await call(this.#open(), this.#client);
      } catch (error) {
        throw fromNative(error);
      }
    });
  }
}
