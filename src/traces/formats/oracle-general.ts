import { FixedRecords } from '../fixed-records.js';
import { IntegerKeys } from '../key-tables.js';
import { malformed } from '../malformed.js';
import { unsorted, type TraceSink } from '../sink.js';
import { AccessKind, type TraceParser } from '../trace.js';

export const ORACLE_RECORD_BYTES = 24;

/**
 * libCacheSim's oracleGeneral: packed little-endian records of u32 time in seconds, u64 key, u32 size in bytes, i64 number
 * of the next access to the key (not used here: MIN computes its own).
 */
export class OracleGeneralParser implements TraceParser {
  readonly keys = new IntegerKeys();
  readonly #sink: TraceSink;
  readonly #records: FixedRecords;
  #firstSeconds = -1;
  #lastSeconds = 0;

  constructor(sink: TraceSink) {
    this.#sink = sink;
    this.#records = new FixedRecords(
      ORACLE_RECORD_BYTES,
      (bytes, at, offset) => {
        this.#record(bytes, at, offset);
      },
      () => this.#sink.full,
    );
  }

  push(chunk: Buffer): void {
    this.#records.push(chunk);
  }

  end(): void {
    const { rest, offset } = this.#records;
    if (rest === 0 || this.#sink.full) return;
    throw malformed(
      `byte offset ${String(offset)}`,
      `an oracleGeneral record of 24 bytes was expected, ${String(rest)} follow: the trace is cut off, or of another format`,
    );
  }

  #record(bytes: Buffer, at: number, offset: number): void {
    const seconds = bytes.readUInt32LE(at);
    if (this.#firstSeconds < 0) this.#firstSeconds = seconds;
    const key = this.keys.index(bytes.readUInt32LE(at + 8), bytes.readUInt32LE(at + 4));
    this.#sink.access(AccessKind.touch, key, bytes.readUInt32LE(at + 12));
    if (!this.#sink.endRequest((seconds - this.#firstSeconds) * 1e9)) {
      throw malformed(
        `byte offset ${String(offset)}`,
        unsorted(`${String(seconds)} s`, `${String(this.#lastSeconds)} s`),
      );
    }
    this.#lastSeconds = seconds;
  }
}
