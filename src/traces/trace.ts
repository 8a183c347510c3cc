/** What a trace is made of, whatever its format: accesses to keys, grouped into requests that may carry a time. */

/** Formats that are read; the names are those of `--format`. */
export const traceFormats = [
  'cache2k',
  'arc',
  'csv',
  'oracleGeneral',
  'twitter',
  'mooncake',
  'azure-llm',
] as const;
export type TraceFormat = (typeof traceFormats)[number];

/** Compressions that are undone; the names are those of `--compression`. */
export const traceCompressions = ['none', 'gzip', 'brotli', 'zstd'] as const;
export type TraceCompression = (typeof traceCompressions)[number];

/** What a trace says of one access. */
export const AccessKind = {
  /** The trace names a key alone: whether it was read or written is not told. */
  touch: 0,
  get: 1,
  put: 2,
  delete: 3,
  /** The trace says when something was asked for, and not what: there is no key. */
  arrival: 4,
} as const;
export type AccessKind = (typeof AccessKind)[keyof typeof AccessKind];

/** `valueBytes` of an access whose trace does not tell a size. */
export const UNKNOWN_SIZE = -1;

/** Who takes what a reader finds; called once an access, so it makes no object. */
export interface TraceConsumer {
  /**
   * @param key dense index of the key in the reader's `KeyTable`, by first appearance; 0 for arrivals
   * @param valueBytes 0 to 2^53 - 1, or `UNKNOWN_SIZE`
   */
  access(kind: AccessKind, key: number, valueBytes: number): void;
  /**
   * The accesses since the last call came together, as one request.
   *
   * @param timeNs nanoseconds since an origin of the reader's choice; NaN where the trace has no times
   */
  endRequest(timeNs: number): void;
}

/** Different keys of a trace, numbered by first appearance. */
export interface KeyTable {
  readonly size: number;
  /** The key as printable ASCII, injective over the table: see `printableKey` for what happens to other bytes. */
  text(index: number): string;
}

/** Reads the bytes of one trace, in pieces of any size. */
export interface TraceParser {
  /** Keys seen so far; `null` for a format without keys. */
  readonly keys: KeyTable | null;
  /** @throws BenchError TRACE_MALFORMED with line or byte offset and what was expected */
  push(chunk: Buffer): void;
  /** No more bytes follow. @throws BenchError TRACE_MALFORMED when the last record is cut off */
  end(): void;
}
