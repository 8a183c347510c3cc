/**
 * The addon's methods as TypeScript sees them; native/binding/methods.hpp is the other side. `client` is the index that
 * `create` or `attach` gave. All throw errors whose `code` is a `PredisErrorCode`.
 */

/** `kInterfaceVersion` of native/binding/addon.cpp: raised whenever this interface changes. */
export const interfaceVersion = 1;

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

export interface NativeAddon {
  readonly interfaceVersion: number;
  readonly compiler: string;
  readonly maxKeyBytes: number;
  readonly maxValueBytes: number;

  create(kind: string, memoryLimitBytes: number, expectedKeys: number): number;
  attach(engineId: number): number;
  release(client: number): void;
  engineId(client: number): number;
  settings(client: number): [kind: string, memoryLimitBytes: number, expectedKeys: number];
  /** Fills in the 13 members of `Stats` in the order of native/engine/engine.hpp. */
  stats(client: number, target: BigInt64Array): void;
  resetStats(client: number): void;
  clear(client: number): void;

  get(client: number, key: string | Uint8Array): string | null;
  getBuffer(client: number, key: string | Uint8Array): Buffer | null;
  put(client: number, key: string | Uint8Array, value: string | Uint8Array): void;
  remove(client: number, key: string | Uint8Array): boolean;
  exists(client: number, key: string | Uint8Array): boolean;
  increment(client: number, key: string | Uint8Array, amount: number | bigint): bigint;

  /** Of strings joined into one, with offsets in UTF-16 units; undefined, and nothing done, unless all is ASCII. */
  mgetStrings(client: number, keys: string, offsets: Uint32Array): (string | null)[] | undefined;
  /** The statuses when a pair was not stored, else null. */
  mputStrings(
    client: number,
    keys: string,
    keyOffsets: Uint32Array,
    values: string,
    valueOffsets: Uint32Array,
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
  ): NativeResults;

  /** The same on the thread pool; they copy their input before they return. */
  mgetAsync(client: number, keyBlob: Uint8Array, keyOffsets: Uint32Array): Promise<NativeValues>;
  mputAsync(
    client: number,
    keyBlob: Uint8Array,
    keyOffsets: Uint32Array,
    valueBlob: Uint8Array,
    valueOffsets: Uint32Array,
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
  ): Promise<NativeResults>;
  clearAsync(client: number): Promise<void>;
}
