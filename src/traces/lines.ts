import { malformed } from './malformed.js';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
/** Longest line that is taken for one: the longest of the formats' are some kilobytes. */
const LONGEST_LINE_BYTES = 16 * 1024 * 1024;

/** A line is `bytes[start, end)`, without its line feed and carriage return; valid during the call only. */
export type LineHandler = (bytes: Buffer, start: number, end: number, line: number) => void;

/**
 * Cuts pieces of any size into lines, with no copy but for lines that lie across two pieces. Blank lines are left out but
 * counted; a byte order mark is skipped; the last line needs no line feed.
 */
export class LineSplitter {
  readonly #onLine: LineHandler;
  readonly #stopped: () => boolean;
  #carried: Buffer[] = [];
  #carriedBytes = 0;
  #line = 0;

  /** @param stopped asked after each line; true ends the work */
  constructor(onLine: LineHandler, stopped: () => boolean) {
    this.#onLine = onLine;
    this.#stopped = stopped;
  }

  push(chunk: Buffer): void {
    let start = 0;
    if (this.#carriedBytes > 0) {
      const feed = chunk.indexOf(LINE_FEED);
      if (feed < 0) {
        this.#carry(chunk);
        return;
      }
      this.#carry(chunk.subarray(0, feed));
      this.#flush();
      start = feed + 1;
    }
    while (!this.#stopped()) {
      const feed = chunk.indexOf(LINE_FEED, start);
      if (feed < 0) break;
      this.#emit(chunk, start, feed);
      start = feed + 1;
    }
    if (start < chunk.length && !this.#stopped()) this.#carry(chunk.subarray(start));
  }

  end(): void {
    if (this.#carriedBytes > 0 && !this.#stopped()) this.#flush();
  }

  #carry(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#carriedBytes += piece.length;
    if (this.#carriedBytes > LONGEST_LINE_BYTES) {
      throw malformed(`line ${String(this.#line + 1)}`, 'is longer than 16 MiB: this is no trace of lines');
    }
    this.#carried.push(Buffer.from(piece)); // a copy: a rest of some bytes must not keep its chunk in memory
  }

  #flush(): void {
    const line = Buffer.concat(this.#carried, this.#carriedBytes);
    this.#carried = [];
    this.#carriedBytes = 0;
    this.#emit(line, 0, line.length);
  }

  #emit(bytes: Buffer, from: number, to: number): void {
    this.#line++;
    let start = from;
    let end = to;
    if (end > start && bytes[end - 1] === CARRIAGE_RETURN) end--;
    if (this.#line === 1 && end - start >= 3 && bytes[start] === 0xef && bytes[start + 1] === 0xbb)
      start += 3;
    if (end > start) this.#onLine(bytes, start, end, this.#line);
  }
}
