/**
 * The contract of a workload: what is asked, never by whom it is answered or how long that takes. A workload turns
 * parameters and a seed into cases; a case is a key space and an operation stream that every engine replays.
 */

import type { LoadedTrace } from '../traces/index.js';

/** Kinds of operation, as stored in `OperationStream.kind`. */
export const OperationKind = {
  get: 0,
  put: 1,
  delete: 2,
  increment: 3,
} as const;
export type OperationKind = (typeof OperationKind)[keyof typeof OperationKind];

/** One parameter of a workload: `--help`, validation, errors and docs are all made from this. */
export interface ParameterSpec {
  readonly name: string;
  /** What it sets, for people; starts with a capital, no full stop. */
  readonly description: string;
  readonly kind: 'integer' | 'number' | 'integer-list';
  /** Unit for messages: 'keys', 'bytes', 'fraction', 'operations', … */
  readonly unit: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number | readonly number[];
}

/** Validated parameter values by name. */
export type Parameters = Readonly<Record<string, number | readonly number[]>>;

/** What must hold between parameters, checked after the range of each one. */
export interface ParameterRule {
  /** The parameters it looks at; an error shows their values. */
  readonly between: readonly string[];
  /** What must hold, for people, e.g. 'hotSymbols may not exceed symbols'. */
  readonly sentence: string;
  /** @param parameters each one complete and within its own range */
  holds(parameters: Parameters): boolean;
}

/**
 * Keys and the values that belong to them. A value is a pure function of (key index, version), and the version can be read
 * back out of the value: so any value that an engine returns can be checked in full without remembering what was written.
 * Keys and values are printable ASCII, so one character is one byte in every engine and in JavaScript.
 */
export interface KeySpace {
  readonly size: number;
  /** The key with this index, 1 to 65,536 bytes. */
  key(index: number): string;
  /** The value of this key at this version; version 0 is what is loaded before a trial. */
  value(index: number, version: number): string;
  /** Version written in a value of this key space, or -1 when the text is no such value. Cheap: does not check the body. */
  versionOf(value: string): number;
}

/**
 * What is asked, in order: structure of arrays, no object per operation. Operations [requestStart[r], requestStart[r + 1])
 * form request r: one operation is sent as a single command, several as one mget or mput (all of one kind).
 * A driver that reaches the end starts again at the beginning.
 */
export interface OperationStream {
  /** `OperationKind` per operation. */
  readonly kind: Uint8Array;
  /** Index into the key space per operation. */
  readonly keyIndex: Uint32Array;
  /** Version written by a put (from 1 up, ascending within a key); 0 for other kinds. */
  readonly version: Uint32Array;
  /** First operation of each request, and the number of operations at the end: requests + 1 entries, from 0, ascending. */
  readonly requestStart: Uint32Array;
  /**
   * Intended start of each request, nanoseconds from the start of the session, ascending; `null` where the workload knows
   * no schedule of its own. Closed-loop driving ignores it.
   */
  readonly dueNs: Float64Array | null;
  /**
   * Request whose keys each request announces as needed soon, or 2^32 - 1 for none; `null` where the workload gives no
   * hints. An engine without such a command ignores it, and hints are not counted as operations.
   */
  readonly prefetchRequest: Uint32Array | null;
}

/** `OperationStream.prefetchRequest` entry that announces nothing. */
export const NO_PREFETCH = 0xffffffff;

/**
 * A number of clients that belongs to a case. A client is one session that always has a request waiting; its latency then
 * runs from the moment at which it may ask, so that waiting for a turn in its thread counts.
 */
export interface ClientSetup {
  /** 1 and up. */
  readonly count: number;
  /** Threads that they are spread over evenly, at most; the machine may have fewer. */
  readonly maxThreads: number;
}

/** One thing to measure: a workload may consist of several (a batch size each, say). */
export interface WorkloadCase {
  /** Unique within the workload, kebab-case; equals the workload's name when it is the only case. */
  readonly id: string;
  /** For people, e.g. 'mget and mput of 100 keys'. */
  readonly label: string;
  /** In place of the workload's own `derivedFrom`, where a case knows more. */
  readonly derivedFrom?: string;
  readonly keySpace: KeySpace;
  /** True when its reads come in batches of two keys and more: as mgets, then, which can be delivered into GPU memory. */
  readonly readsBatches?: boolean;
  /** True when every value is a decimal integer that is read and incremented, never put: scores, then, or counters. */
  readonly counters?: boolean;
  /** How many ask at once; as many as the run is told (`--workers` × `--connections`) when absent. */
  readonly clients?: ClientSetup;
  /** Same seed, same stream, on every machine and Node.js version. */
  generate(seed: number): OperationStream;
}

/** What is handed to a workload beside its parameters; its arrays are in shared memory, for the worker threads. */
export type WorkloadInput = LoadedTrace;

/** A workload, defined in one file and listed in `registry.ts`. */
export interface Workload {
  /** Kebab-case; what is typed after `predis-bench run`. */
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  /** Where its shape comes from, or plainly that it is synthetic and derived from no production trace. */
  readonly derivedFrom: string;
  readonly parameters: readonly ParameterSpec[];
  /** Rules between parameters; none when absent. */
  readonly rules?: readonly ParameterRule[];
  /** What it cannot do without beside parameters; absent: nothing. A workload with an input is no part of `run all`. */
  readonly input?: 'trace';
  /**
   * @param parameters complete and validated (see `resolveParameters`)
   * @param input for a workload that takes one
   * @throws BenchError USAGE when the input is missing
   */
  cases(parameters: Parameters, input?: WorkloadInput): readonly WorkloadCase[];
}
