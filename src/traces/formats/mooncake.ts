import { IntegerKeys } from '../key-tables.js';
import { LineSplitter } from '../lines.js';
import { malformed, quoted } from '../malformed.js';
import { unsorted, type TraceSink } from '../sink.js';
import { AccessKind, UNKNOWN_SIZE, type TraceParser } from '../trace.js';

/**
 * Mooncake's traces of a language model's key-value cache (Qin et al., FAST 2025): a JSON object a line with `timestamp` in
 * milliseconds and `hash_ids`, the prefix blocks that the request needs. All blocks of a line arrive together.
 */
export class MooncakeParser implements TraceParser {
  readonly keys = new IntegerKeys();
  readonly #sink: TraceSink;
  readonly #lines: LineSplitter;
  #lastMs = 0;

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
    const request = parseRequest(bytes.toString('utf8', start, end));
    if (request === null) {
      throw malformed(
        `line ${String(line)}`,
        `a JSON object with timestamp (milliseconds) and hash_ids (whole numbers) was expected, not ${quoted(bytes, start, end)}`,
      );
    }
    const { timestamp, blocks } = request;
    for (const block of blocks) {
      if (this.#sink.full) break;
      this.#sink.access(AccessKind.touch, this.keys.indexOfNumber(block), UNKNOWN_SIZE);
    }
    if (!this.#sink.endRequest(timestamp * 1e6)) {
      throw malformed(
        `line ${String(line)}`,
        unsorted(`${String(timestamp)} ms`, `${String(this.#lastMs)} ms`),
      );
    }
    this.#lastMs = timestamp;
  }
}

/** `null` for anything that is no request of this format. */
function parseRequest(
  text: string,
): { readonly timestamp: number; readonly blocks: readonly number[] } | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || !('timestamp' in parsed && 'hash_ids' in parsed)) {
    return null;
  }
  const { timestamp, hash_ids: blocks } = parsed;
  if (typeof timestamp !== 'number' || !(timestamp >= 0 && timestamp < 1e15)) return null;
  return Array.isArray(blocks) && blocks.every(isBlock) ? { timestamp, blocks } : null;
}

function isBlock(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
