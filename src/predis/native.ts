/**
 * The addon's methods as TypeScript sees them; native/binding/methods.hpp is the other side. `client` is the index that
 * `create` or `attach` gave. All throw errors whose `code` is a `PredisErrorCode`.
 */
import type { Consistency, DevicePath, Eviction } from './options.js';

/** `kInterfaceVersion` of native/binding/addon.cpp: raised whenever this interface changes. */
export const interfaceVersion = 3;

/** Words by the numbers of `Eviction`, `Path` and `Consistency` of native/engine/engine.hpp. */
export const evictions = ['none', 'clock'] as const satisfies readonly Eviction[];
export const devicePaths = ['auto', 'mailbox', 'direct', 'packed'] as const satisfies readonly DevicePath[];
export const consistencies = ['strong', 'relaxed'] as const satisfies readonly Consistency[];

/** [blob, offsets, found] of values read. */
export type NativeValues = [blob: Uint8Array, offsets: Uint32Array, found: Uint8Array];

/** Results of a mixed batch. */
export type NativeResults = [
  statuses: Uint8Array,
  numbers: BigInt64Array,
  blob: Uint8Array,
  offsets: Uint32Array,
  found: Uint8Array,
];

/** Facts of a device, in the order of `DeviceFacts` of native/engine/engine.hpp. */
export type NativeDeviceFacts = [
  name: string,
  uuid: string,
  ordinal: number,
  computeMajor: number,
  computeMinor: number,
  multiprocessors: number,
  driverVersion: number,
  runtimeVersion: number,
  memoryBytes: number,
  l2Bytes: number,
];

/** `nvml::Facts` of native/nvml/nvml.hpp in its order: '' and NaN where something is not told. */
export type NativeNvmlFacts = [
  name: string,
  uuid: string,
  driverVersion: string,
  memoryBytes: number,
  pcieMaxGeneration: number,
  pcieMaxLanes: number,
  powerLimitWatts: number,
];

/** Device memory as the addon holds it; nothing to look into. */
export interface NativeDeviceMemory {
  readonly isDeviceMemory: never;
}

export interface NativeAddon {
  readonly interfaceVersion: number;
  readonly compiler: string;
  readonly maxKeyBytes: number;
  readonly maxValueBytes: number;

  /** eviction and path: `Eviction` and `Path` of native/engine/engine.hpp. */
  create(
    kind: string,
    memoryLimitBytes: number,
    expectedKeys: number,
    eviction: number,
    device: number,
    path: number,
    hotCacheKeys: number,
  ): number;
  attach(engineId: number): number;
  /** Namespace ('' for the nameless one) and consistency (0 strong, 1 relaxed) of all later calls of this client. */
  setScope(client: number, namespace: string, consistency: number): void;
  release(client: number): void;
  engineId(client: number): number;
  settings(client: number): [
    kind: string,
    /** Why not another one; '' where exactly this one was asked for. */
    reason: string,
    memoryLimitBytes: number,
    expectedKeys: number,
    eviction: number,
    device: number,
    path: number,
    hotCacheKeys: number,
  ];
  /** Fills in the 15 members of `Stats` in the order of native/engine/engine.hpp. */
  stats(client: number, target: BigInt64Array): void;
  resetStats(client: number): void;
  deviceFacts(client: number): NativeDeviceFacts | null;
  /** Fills in the 14 members of `DeviceStats` in their order. */
  deviceStats(client: number, target: BigInt64Array): void;
  /** Why the engine is of no use any more, or ''. */
  failure(client: number): string;
  /** Zeroed memory that a device copies from and to without a detour. */
  allocatePinned(client: number, bytes: number): Uint8Array;
  /** Removes the keys of the client's namespace. */
  clear(client: number): void;
  /** Removes the keys of all namespaces. */
  clearAll(client: number): void;
  /** Keys of the client's namespace. */
  countKeys(client: number): number;
  /** Returns how many keys were removed. */
  sweepExpired(client: number): number;

  get(client: number, key: string | Uint8Array): string | null;
  getBuffer(client: number, key: string | Uint8Array): Buffer | null;
  put(client: number, key: string | Uint8Array, value: string | Uint8Array): void;
  remove(client: number, key: string | Uint8Array): boolean;
  exists(client: number, key: string | Uint8Array): boolean;
  increment(client: number, key: string | Uint8Array, amount: number | bigint): bigint;

  /** expiresAtMs: 0 for never. */
  putUntil(client: number, key: string | Uint8Array, value: string | Uint8Array, expiresAtMs: number): void;
  putIfAbsent(
    client: number,
    key: string | Uint8Array,
    value: string | Uint8Array,
    expiresAtMs: number,
  ): boolean;
  compareAndSet(
    client: number,
    key: string | Uint8Array,
    expected: string | Uint8Array,
    value: string | Uint8Array,
    expiresAtMs: number,
  ): boolean;
  /** True when the key exists. */
  expire(client: number, key: string | Uint8Array, expiresAtMs: number): boolean;
  /** True when there was an expiry to take away. */
  persist(client: number, key: string | Uint8Array): boolean;
  /** 0 for never, null for no such key. */
  expiry(client: number, key: string | Uint8Array): number | null;

  /** Of strings joined into one, with offsets in UTF-16 units; undefined, and nothing done, unless all is ASCII. */
  mgetStrings(client: number, keys: string, offsets: Uint32Array): (string | null)[] | undefined;
  /** The statuses when a pair was not stored, else null. */
  mputStrings(
    client: number,
    keys: string,
    keyOffsets: Uint32Array,
    values: string,
    valueOffsets: Uint32Array,
    expiresAtMs: BigInt64Array | undefined,
  ): Uint8Array | null | undefined;
  mdeleteStrings(client: number, keys: string, offsets: Uint32Array): number | undefined;
  prefetchStrings(client: number, keys: string, offsets: Uint32Array): null | undefined;
  decodeStrings(blob: Uint8Array, offsets: Uint32Array, found: Uint8Array): (string | null)[];

  /** Returns `outBlob` when the values fit in it, otherwise a new array. */
  mget(
    client: number,
    keyBlob: Uint8Array,
    keyOffsets: Uint32Array,
    outBlob: Uint8Array,
    outOffsets: Uint32Array,
    outFound: Uint8Array,
  ): Uint8Array;
  mput(
    client: number,
    keyBlob: Uint8Array,
    keyOffsets: Uint32Array,
    valueBlob: Uint8Array,
    valueOffsets: Uint32Array,
    expiresAtMs: BigInt64Array | undefined,
  ): Uint8Array | null;
  mdelete(client: number, keyBlob: Uint8Array, keyOffsets: Uint32Array): number;
  prefetch(client: number, keyBlob: Uint8Array, keyOffsets: Uint32Array): void;
  execute(
    client: number,
    kinds: Uint8Array,
    keyBlob: Uint8Array,
    keyOffsets: Uint32Array,
    valueBlob: Uint8Array,
    valueOffsets: Uint32Array,
    amounts: BigInt64Array,
    expectedBlob: Uint8Array | undefined,
    expectedOffsets: Uint32Array | undefined,
  ): NativeResults;

  /** The same on the thread pool; they copy their input before they return. */
  mgetAsync(client: number, keyBlob: Uint8Array, keyOffsets: Uint32Array): Promise<NativeValues>;
  mputAsync(
    client: number,
    keyBlob: Uint8Array,
    keyOffsets: Uint32Array,
    valueBlob: Uint8Array,
    valueOffsets: Uint32Array,
    expiresAtMs: BigInt64Array | undefined,
  ): Promise<Uint8Array | null>;
  mdeleteAsync(client: number, keyBlob: Uint8Array, keyOffsets: Uint32Array): Promise<number>;
  executeAsync(
    client: number,
    kinds: Uint8Array,
    keyBlob: Uint8Array,
    keyOffsets: Uint32Array,
    valueBlob: Uint8Array,
    valueOffsets: Uint32Array,
    amounts: BigInt64Array,
    expectedBlob: Uint8Array | undefined,
    expectedOffsets: Uint32Array | undefined,
  ): Promise<NativeResults>;
  clearAsync(client: number): Promise<void>;
  clearAllAsync(client: number): Promise<void>;
  sweepExpiredAsync(client: number): Promise<number>;

  /** Zeroed. */
  allocateDevice(client: number, bytes: number): NativeDeviceMemory;
  deviceAddress(memory: NativeDeviceMemory): bigint;
  /** Again is the same as once. */
  freeDevice(memory: NativeDeviceMemory): void;
  /** Returns the target, or a new array where there is none. */
  readDevice(
    memory: NativeDeviceMemory,
    offsetBytes: number,
    bytes: number,
    target: Uint8Array | undefined,
  ): Uint8Array;
  /** These return the values' lengths, 2^32 - 1 where there is no key. */
  mgetToDevice(
    client: number,
    memory: NativeDeviceMemory,
    offsetBytes: number,
    strideBytes: number,
    keyBlob: Uint8Array,
    keyOffsets: Uint32Array,
  ): Uint32Array;
  /** Undefined, and nothing done, unless all keys are ASCII. */
  mgetStringsToDevice(
    client: number,
    memory: NativeDeviceMemory,
    offsetBytes: number,
    strideBytes: number,
    keys: string,
    offsets: Uint32Array,
  ): Uint32Array | undefined;
  mgetToDeviceAsync(
    client: number,
    memory: NativeDeviceMemory,
    offsetBytes: number,
    strideBytes: number,
    keyBlob: Uint8Array,
    keyOffsets: Uint32Array,
  ): Promise<Uint32Array>;

  /** What the driver says of a device (UUID, or ordinal of NVML as text), or why there is nothing to say. */
  nvmlFacts(device: string): NativeNvmlFacts | string;
  /** Fills in the 9 members of `nvml::Sample` in their order, NaN for what is not told; or says why not. */
  nvmlSample(device: string, target: Float64Array): string | undefined;
}
