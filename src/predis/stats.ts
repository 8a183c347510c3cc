/** What a client tells about its engine. */
import { compilerFlags, loadAddon } from './addon.js';
import { type PredisDevice, type PredisDeviceStats, readDevice, readDeviceStats } from './device.js';
import { type NativeAddon, devicePaths, evictions } from './native.js';
import type { Consistency, DevicePath, EngineChoice, Eviction, PredisOptions } from './options.js';
import { maxBatchBytes } from './packed.js';

/** Counters of an engine, from all its clients together, since it was made or since `resetStats`. */
export interface PredisStats {
  /** Operations by kind; each key of a batch counts. */
  readonly gets: number;
  readonly puts: number;
  readonly deletes: number;
  readonly increments: number;
  /** All four together. */
  readonly operations: number;
  /** Gets that found their key. */
  readonly hits: number;
  /** Gets that did not. */
  readonly misses: number;
  /** Hits over gets, 0 to 1; null before any get. */
  readonly hitRatio: number | null;
  /** Operations over elapsed time, idle time included. */
  readonly operationsPerSecond: number;
  /** Mean time inside the engine of one call (a batch is one), in nanoseconds, from a sample of calls; null before any. */
  readonly meanLatencyNs: number | null;
  /** The same for one operation: a batch's time is shared by its keys. */
  readonly meanOperationNs: number | null;
  readonly elapsedSeconds: number;
  /** Keys held now, in all namespaces; expired ones that were not yet removed count. */
  readonly keys: number;
  /** Bytes of keys and values held now, alone. */
  readonly bytes: number;
  /** Bytes of memory in use now: records, allocator overhead and index; on the device, if the engine works on one. */
  readonly memoryBytes: number;
  /** Keys removed to make room. */
  readonly evictedKeys: number;
  /** Keys that were found to have expired and were removed. */
  readonly expiredKeys: number;
  /** Of the device, since the engine was made; null for an engine without one. */
  readonly device: PredisDeviceStats | null;
}

/** Facts that do not change while a client is connected. */
export interface PredisInfo {
  /** What was asked for; 'attach' for an engine that another client made. */
  readonly requested: EngineChoice | 'attach';
  /** The engine that runs: 'cpu' or 'cuda'. */
  readonly engine: string;
  /** Why that one, where 'auto' was asked for; otherwise null. */
  readonly engineReason: string | null;
  /** null for an engine without one. */
  readonly device: PredisDevice | null;
  /** Why the engine is of no use any more; null while it works. */
  readonly failure: string | null;
  /** Of this client; '' is the nameless one. */
  readonly namespace: string;
  /** Of this client. */
  readonly consistency: Consistency;
  /** Version of this package. */
  readonly version: string;
  /** Compiler of the addon, with its version. */
  readonly compiler: string;
  /** What it was compiled with; null where the build left no note beside the addon. */
  readonly compilerFlags: string | null;
  /** File of the addon. */
  readonly addonPath: string;
  readonly limits: {
    readonly maxKeyBytes: number;
    readonly maxValueBytes: number;
    /** All keys, or all values, of one batch together. */
    readonly maxBatchBytes: number;
  };
  readonly settings: {
    /** null: no limit. */
    readonly memoryLimitBytes: number | null;
    /** null: not said. */
    readonly expectedKeys: number | null;
    readonly eviction: Eviction;
    /** Of an engine with a device. */
    readonly path: DevicePath;
    readonly hotCacheKeys: number;
  };
}

const statsFields = 15;

/** Reads and derives the counters of a client's engine. */
export function readStats(native: NativeAddon, client: number): PredisStats {
  const raw = new BigInt64Array(statsFields);
  native.stats(client, raw);
  const field = (i: number): number => Number(raw[i] ?? 0n);
  const [gets, puts, deletes, increments] = [field(0), field(1), field(2), field(3)];
  const operations = gets + puts + deletes + increments;
  const [sampledCalls, sampledNs, sampledOps] = [field(6), field(7), field(8)];
  const elapsedSeconds = field(9) / 1e9;
  return {
    gets,
    puts,
    deletes,
    increments,
    operations,
    hits: field(4),
    misses: field(5),
    hitRatio: gets === 0 ? null : field(4) / gets,
    operationsPerSecond: elapsedSeconds === 0 ? 0 : operations / elapsedSeconds,
    meanLatencyNs: sampledCalls === 0 ? null : sampledNs / sampledCalls,
    meanOperationNs: sampledOps === 0 ? null : sampledNs / sampledOps,
    elapsedSeconds,
    keys: field(10),
    bytes: field(11),
    memoryBytes: field(12),
    evictedKeys: field(13),
    expiredKeys: field(14),
    device: readDeviceStats(native, client),
  };
}

/** Gathers the facts about a client's engine. */
export function readInfo(native: NativeAddon, client: number, options: PredisOptions): PredisInfo {
  const { path: addonPath, version } = loadAddon();
  const [engine, reason, memoryLimitBytes, expectedKeys, eviction, , path, hotCacheKeys] =
    native.settings(client);
  const failure = native.failure(client);
  const requested = options.attach === undefined ? (options.engine ?? 'auto') : 'attach';
  return {
    requested,
    engine,
    engineReason: reason === '' ? null : reason,
    device: readDevice(native, client),
    failure: failure === '' ? null : failure,
    namespace: options.namespace ?? '',
    consistency: options.consistency ?? 'strong',
    version,
    compiler: native.compiler,
    compilerFlags: compilerFlags(addonPath),
    addonPath,
    limits: {
      maxKeyBytes: native.maxKeyBytes,
      maxValueBytes: native.maxValueBytes,
      maxBatchBytes,
    },
    settings: {
      memoryLimitBytes: memoryLimitBytes === 0 ? null : memoryLimitBytes,
      expectedKeys: expectedKeys === 0 ? null : expectedKeys,
      eviction: evictions[eviction] ?? 'none',
      path: devicePaths[path] ?? 'auto',
      hotCacheKeys,
    },
  };
}
