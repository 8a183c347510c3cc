import { LONGEST_TEXT_KEY, TextKeys } from '../key-tables.js';
import { LineSplitter } from '../lines.js';
import { malformed, quoted } from '../malformed.js';
import { unsorted, type TraceSink } from '../sink.js';
import { wholeNumber } from '../text-numbers.js';
import type { TraceParser } from '../trace.js';
import { memcachedOperations } from './operations.js';

const COMMA = 44;

/**
 * Twitter's cluster traces (Yang, Yue, Rashmi, OSDI 2020): lines of time in seconds, key, key size, value size, client,
 * operation, time to live. The key may hold commas; the fields after it do not.
 */
export class TwitterParser implements TraceParser {
  readonly keys = new TextKeys();
  readonly #sink: TraceSink;
  readonly #lines: LineSplitter;
  /** Places of the last five commas of a line, the last one first. */
  readonly #commas = new Int32Array(5);
  #firstSeconds = -1;
  #lastSeconds = 0;

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
    const keyStart = bytes.indexOf(COMMA, start) + 1;
    const commas = this.#commas;
    let found = 0;
    for (let at = end - 1; at >= keyStart && found < 5; at--) if (bytes[at] === COMMA) commas[found++] = at;
    const [beforeTtl = 0, beforeOperation = 0, beforeClient = 0, beforeSize = 0, keyEnd = 0] = commas;
    const seconds = wholeNumber(bytes, start, keyStart - 1);
    const valueBytes = wholeNumber(bytes, beforeSize + 1, beforeClient);
    const kind =
      found < 5
        ? undefined
        : memcachedOperations.get(bytes.toString('latin1', beforeOperation + 1, beforeTtl));
    const keyBytes = keyEnd - keyStart;
    if (
      kind === undefined ||
      Number.isNaN(seconds) ||
      Number.isNaN(valueBytes) ||
      Number.isNaN(wholeNumber(bytes, beforeTtl + 1, end)) ||
      !(keyBytes >= 1 && keyBytes <= LONGEST_TEXT_KEY)
    ) {
      throw malformed(
        `line ${String(line)}`,
        'seven fields were expected (time in seconds, key, key size, value size, client, operation of memcached, time to ' +
          `live), not ${quoted(bytes, start, end)}`,
      );
    }
    if (this.#firstSeconds < 0) this.#firstSeconds = seconds;
    this.#sink.access(kind, this.keys.index(bytes, keyStart, keyEnd), valueBytes);
    if (!this.#sink.endRequest((seconds - this.#firstSeconds) * 1e9)) {
      throw malformed(
        `line ${String(line)}`,
        unsorted(`${String(seconds)} s`, `${String(this.#lastSeconds)} s`),
      );
    }
    this.#lastSeconds = seconds;
  }
}
