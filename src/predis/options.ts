/** What a client is made with, and the words that its calls share. */
import type { Bytes } from './packed.js';

/** A key: 1 byte to 64 KiB; a string is taken as UTF-8. */
export type Key = Bytes;
/** A value: 0 bytes to 512 MiB; a string is taken as UTF-8. */
export type Value = Bytes;

/** Which engine a client asks for: 'auto' takes the fastest one that this build has and this machine can run. */
export type EngineChoice = 'auto' | 'cpu' | 'cuda';

/**
 * What a call promises about other threads. With both, an operation on one key is atomic, and one thread's calls take effect
 * in its order.
 *
 * - 'strong': linearizable, and batches are atomic: no other strong call sees a part of one.
 * - 'relaxed': another thread may see the first part of a batch before the rest is done, and a get may be answered with a
 *   value that another thread replaced at most 10 ms before.
 */
export type Consistency = 'strong' | 'relaxed';

/** What happens to a write for which the memory limit leaves no room: it fails, or keys not read lately are removed. */
export type Eviction = 'none' | 'clock';

/**
 * The way of operations to a GPU; for measurements. 'auto' decides by size; 'mailbox' sends single operations through the
 * kernel that never ends; 'direct' makes one launch that reads and writes host memory itself; 'packed' copies, computes and
 * copies back, overlapped.
 */
export type DevicePath = 'auto' | 'mailbox' | 'direct' | 'packed';

/** Names an engine of this process, for `attach`. Plain data: it can be posted to a worker thread. */
export interface SharedHandle {
  readonly kind: 'predis-engine';
  readonly engineId: number;
  readonly processId: number;
}

/** How to make, or find, the engine of a client, and how the client works on it. */
export interface PredisOptions {
  /** Default 'auto'. */
  readonly engine?: EngineChoice;
  /** Bytes of memory that the engine may take, index and overhead included; 0 (the default): no limit. */
  readonly memoryLimitBytes?: number;
  /** How many keys to make room for in advance; a hint, default 0. */
  readonly expectedKeys?: number;
  /** What gives way when the memory limit is reached; default 'none': the write fails with OUT_OF_MEMORY. */
  readonly eviction?: Eviction;
  /** Ordinal of the CUDA device; default 0. The CPU engine has none and ignores it. */
  readonly device?: number;
  /** Default 'auto'. The CPU engine ignores it. */
  readonly path?: DevicePath;
  /** Keys that the CUDA engine keeps copies of in host memory; default 65,536, 0 for none. The CPU engine ignores it. */
  readonly hotCacheKeys?: number;
  /** Keys of one namespace are not seen from another; default '', the nameless one. Of this client alone. */
  readonly namespace?: string;
  /** Default 'strong'. Of this client alone. */
  readonly consistency?: Consistency;
  /**
   * Use the engine of another client of this process (`share`) instead of a new one. Goes with `namespace` and `consistency`
   * alone: the engine has its settings already.
   */
  readonly attach?: SharedHandle;
}

/** When a key expires: after some time or at a moment, not both. Without either it never does. */
export interface ExpiryOptions {
  /** Whole milliseconds from now, 1 and up. */
  readonly ttlMs?: number;
  /** Unix time in whole milliseconds, 1 and up; a time that has passed removes the key at once. */
  readonly expiresAtMs?: number;
}

/** When the keys of a batch expire. */
export interface BatchExpiryOptions {
  /** For all of them: whole milliseconds from now, 1 and up. */
  readonly ttlMs?: number;
  /** Unix time in milliseconds, for all of them or one for each; in an array 0 stands for never. */
  readonly expiresAtMs?: number | BigInt64Array;
}
