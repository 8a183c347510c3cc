import { IntegerKeys } from '../key-tables.js';
import { malformed } from '../malformed.js';
import type { TraceSink } from '../sink.js';
import { AccessKind, UNKNOWN_SIZE, type TraceParser } from '../trace.js';
import { FixedRecords } from '../fixed-records.js';

const RECORD_BYTES = 4;

/** cache2k's traces: one big-endian unsigned 32-bit key an access, and nothing else. */
export class Cache2kParser implements TraceParser {
  readonly keys = new IntegerKeys();
  readonly #sink: TraceSink;
  readonly #records: FixedRecords;

  constructor(sink: TraceSink) {
    this.#sink = sink;
    this.#records = new FixedRecords(
      RECORD_BYTES,
      (bytes, at) => {
        this.#sink.access(AccessKind.touch, this.keys.index(0, bytes.readUInt32BE(at)), UNKNOWN_SIZE);
        this.#sink.endRequest(NaN);
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
      `a big-endian 32-bit key of 4 bytes was expected, ${String(rest)} follow: the trace is cut off, or of another format`,
    );
  }
}
