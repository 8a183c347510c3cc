/**
 * The contract of an engine, as the measuring room sees it. An engine lives in two places: the *host* (main thread) starts
 * it, loads data, reads its memory and ends it; *sessions* (one per lane, inside worker threads) run operations. Both sides
 * are the same for every engine, so driver, batching and verification are the same for every contender.
 */

import type { PackedBatch, PackedValues } from './packed.js';

/** What a number includes; every measured row carries one. See docs/methodology.md. */
export type Boundary = 'device' | 'packed' | 'api' | 'socket';

/** A value that in-process engines give at once and networked engines promise. */
export type MaybePromise<T> = T | Promise<T>;

/** An answer to an mget whose values are where the engine left them: in GPU memory, say. */
export interface DeliveredBatch {
  /** Keys that were asked for. */
  readonly size: number;
  /** Keys that do not exist. */
  misses(): number;
  /** Copies a value back, to verify it; null for a missing one. Good until the session's next request. */
  value(index: number): string | null;
}

/** Runs operations for one lane: a strictly ordered sequence of requests. Not thread-safe; lives in one thread. */
export interface EngineSession {
  /** Value of a key, or null when it does not exist. */
  get(key: string): MaybePromise<string | null>;
  /** Creates or replaces. */
  put(key: string, value: string): MaybePromise<void>;
  /** True when the key existed. */
  delete(key: string): MaybePromise<boolean>;
  /** Adds to a decimal integer (a missing key counts as 0); the new value as a decimal string. */
  increment(key: string, by: number): MaybePromise<string>;
  /** Values in the order of the keys, null for a missing one. */
  mget(keys: readonly string[]): MaybePromise<(string | null)[]>;
  /**
   * Reads as `mget` does, but leaves the values where their consumer is. The driver calls it in the place of `mget`, where a
   * session has it, and asks for values only to verify them, after the answer's time was taken.
   */
  mgetDelivered?(keys: readonly string[]): MaybePromise<DeliveredBatch>;
  mput(keys: readonly string[], values: readonly string[]): MaybePromise<void>;
  /** Announces keys that are read soon. Engines without such a command lack the method. */
  prefetch?(keys: readonly string[]): void;
  /** Of sessions at the boundary `packed`: the driver packs its requests before the window and asks through these calls. */
  readonly packed?: PackedCalls;
  /** Ends the session; pending operations are finished or failed first. */
  close(): Promise<void>;
}

/** Calls on packed batches; reads and deletes are answered at once. What has no packed form here is asked in the plain way. */
export interface PackedCalls {
  /** Values in the order of the keys, valid until the next call. */
  mget(keys: PackedBatch): PackedValues;
  mput(keys: PackedBatch, values: PackedBatch): MaybePromise<void>;
  /** How many of the keys existed. */
  mdelete(keys: PackedBatch): number;
}

/**
 * What a worker thread needs to open a session: plain data that can be cloned to it. `kind` selects the adapter in
 * `sessions.ts`. May carry secrets (a password): never printed or stored.
 */
export interface SessionSpec {
  readonly kind: string;
  readonly [field: string]: unknown;
}

/** Facts about an engine for the result file; no secrets. */
export interface EngineDescription {
  /** 'redis', 'predis', … */
  readonly name: string;
  readonly version: string;
  readonly boundary: Boundary;
  /** True when a request of a session blocks its thread until it is done: pipelining then has no meaning. */
  readonly synchronous: boolean;
  /** True when the tool started it and will end it; false for a server that somebody else runs. */
  readonly managed: boolean;
  /** Everything needed to repeat it: transport, persistence, allocator, compute device, settings that differ from defaults. */
  readonly settings: Readonly<Record<string, string | number | boolean | null>>;
  /** Of a server: its settings that differ from defaults, without secrets; `differs` is null where it refuses to tell. */
  readonly configuration?: {
    readonly comparedWith: string;
    readonly differs: Readonly<Record<string, string>> | null;
  };
}

/** Facts of a GPU; null stands for what is not known, never for a guess. Fields as in the result file. */
export interface GpuFacts {
  readonly name: string;
  readonly uuid: string | null;
  readonly driverVersion: string | null;
  readonly memoryBytes: number | null;
  /** As 'major.minor'. */
  readonly computeCapability: string | null;
  readonly multiprocessors: number | null;
  readonly l2Bytes: number | null;
  readonly cudaDriver: string | null;
  readonly cudaRuntime: string | null;
  readonly pcieMaxGeneration: number | null;
  readonly pcieMaxLanes: number | null;
  readonly powerLimitWatts: number | null;
  /** Why the driver's own figures are missing; null where they are not. */
  readonly readingsAbsent: string | null;
}

/** What the driver tells of a GPU at one moment; null for what it does not tell. */
export interface GpuReading {
  readonly smClockMhz: number | null;
  readonly memoryClockMhz: number | null;
  readonly utilizationPercent: number | null;
  readonly memoryUtilizationPercent: number | null;
  readonly memoryUsedBytes: number | null;
  readonly powerWatts: number | null;
  readonly temperatureCelsius: number | null;
  readonly pcieGeneration: number | null;
  readonly pcieLanes: number | null;
}

/** What an engine gave its device to do since it was made. Times are sums over the calls that were timed, a sample. */
export interface GpuWork {
  readonly hotCacheHits: number;
  readonly mailboxCalls: number;
  readonly directCalls: number;
  readonly packedCalls: number;
  readonly deviceCalls: number;
  readonly timedCalls: number;
  readonly kernelNs: number;
  readonly toDeviceNs: number;
  readonly fromDeviceNs: number;
  readonly totalNs: number;
  /** Now, not since. */
  readonly pinnedBytes: number;
}

/** The GPU that an engine works on, as the measuring room reads it. Called from the main thread. */
export interface GpuMeter {
  readonly facts: GpuFacts;
  /** One reading, or why there is none. About a millisecond. */
  read(): GpuReading | { readonly absent: string };
  work(): GpuWork;
}

/** How a request is sent. */
export type RequestKind = 'get' | 'put' | 'delete' | 'increment' | 'mget' | 'mput';

/** A workload in outline, for a load generator that cannot replay its stream. */
export interface BenchmarkShape {
  /** Connections in all. */
  readonly clients: number;
  readonly pipelineDepth: number;
  readonly keys: number;
  readonly valueBytes: number;
  /** How long each kind of request is asked, about. */
  readonly durationMs: number;
  /** What the stream holds, with the mean number of keys of each kind. */
  readonly requests: readonly {
    readonly kind: RequestKind;
    readonly count: number;
    readonly keysPerRequest: number;
  }[];
}

/** One run of a load generator. Fields as in the result file. */
export interface BenchmarkRun {
  readonly kind: RequestKind;
  readonly keysPerRequest: number;
  readonly requestsInStream: number;
  readonly requestsPerSecond: number;
  /** As run, without addresses and without the values. */
  readonly command: string;
}

/** What a load generator of an engine's own makers reached on one shape; no runs, and why, where it could not be asked. */
export interface BenchmarkReading {
  readonly program: string;
  readonly version: string | null;
  readonly absent: string | null;
  readonly runs: readonly BenchmarkRun[];
}

/** One engine, started. Methods are called from the main thread, one at a time. */
export interface Engine {
  describe(): Promise<EngineDescription>;
  /**
   * Replaces everything this engine holds for us by `count` pairs: the fresh state before a trial. Pairs are asked for in
   * index order, several times at most, and must not be kept.
   */
  load(count: number, pair: (index: number) => { key: string; value: string }): Promise<void>;
  /** What `openSession` needs inside a worker thread. */
  sessionSpec(): SessionSpec;
  /**
   * Processes that work for it outside of this one; null for a server that somebody else runs. Engines that live in this
   * process lack the method.
   */
  processes?(): readonly number[] | null;
  /** Bytes of memory that our data takes now, index and allocator overhead included. */
  memoryBytes(): Promise<number>;
  /** The GPU that it works on. Engines that never have one lack the method. */
  gpu?(): GpuMeter | null;
  /** Asks the engine's own load generator for the upper bound of a driver. Engines without one lack the method. */
  benchmark?(shape: BenchmarkShape, signal?: AbortSignal): Promise<BenchmarkReading>;
  /** Removes everything that this tool wrote, and nothing else. */
  flush(): Promise<void>;
  /** Removes what this tool wrote and ends what it started. Idempotent. */
  close(): Promise<void>;
}
