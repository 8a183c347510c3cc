import { IntegerKeys } from '../key-tables.js';
import { LineSplitter } from '../lines.js';
import { malformed, quoted } from '../malformed.js';
import type { TraceSink } from '../sink.js';
import { wholeNumber } from '../text-numbers.js';
import { AccessKind, UNKNOWN_SIZE, type TraceParser } from '../trace.js';

const BLANK = 32;
const TAB = 9;
/** Longest run of blocks in one line that is taken for one. */
const MOST_BLOCKS = 1 << 20;

/**
 * The traces of Megiddo and Modha ("ARC", FAST 2003): lines of first block, number of blocks, a field to ignore, request
 * number. Each line is one request for all its blocks.
 */
export class ArcParser implements TraceParser {
  readonly keys = new IntegerKeys();
  readonly #sink: TraceSink;
  readonly #lines: LineSplitter;

  constructor(sink: TraceSink) {
    this.#sink = sink;
    this.#lines = new LineSplitter(
      (bytes, start, end, line) => {
        this.#line(bytes, start, end, line);
      },
      () => this.#sink.full,
    );
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
  }

  #line(bytes: Buffer, start: number, end: number, line: number): void {
    let at = start;
    let fields = 0;
    let first = NaN;
    let count = NaN;
    let numeric = true;
    for (;;) {
      while (at < end && isBlank(bytes[at])) at++;
      if (at === end) break;
      const fieldStart = at;
      while (at < end && !isBlank(bytes[at])) at++;
      const value = wholeNumber(bytes, fieldStart, at);
      if (Number.isNaN(value)) numeric = false;
      if (fields === 0) first = value;
      else if (fields === 1) count = value;
      fields++;
    }
    if (fields === 0) return;
    if (fields !== 4 || !numeric || count > MOST_BLOCKS) {
      throw malformed(
        `line ${String(line)}`,
        `four whole numbers were expected (first block, number of blocks, at most ${String(MOST_BLOCKS)}, ignored, request), ` +
          `not ${quoted(bytes, start, end)}`,
      );
    }
    for (let block = first; block < first + count && !this.#sink.full; block++) {
      this.#sink.access(AccessKind.touch, this.keys.indexOfNumber(block), UNKNOWN_SIZE);
    }
    this.#sink.endRequest(NaN);
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === BLANK || byte === TAB;
}
