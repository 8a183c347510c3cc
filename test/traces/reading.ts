import assert from 'node:assert/strict';
import { BenchError, type ErrorCode } from '../../src/errors.js';
import {
  AccessKind,
  parseTrace,
  type ReadOptions,
  type TraceConsumer,
  type TraceFacts,
} from '../../src/traces/index.js';
import { createParser } from '../../src/traces/formats/index.js';
import { TraceSink } from '../../src/traces/sink.js';

export interface ReadAccess {
  readonly kind: string;
  readonly key: string;
  readonly valueBytes: number;
}

export interface ReadRequest {
  readonly timeNs: number;
  readonly accesses: ReadAccess[];
}

/** Notes down what a reader finds. */
export class Notes implements TraceConsumer {
  readonly #accesses: { kind: AccessKind; key: number; valueBytes: number }[] = [];
  readonly #ends: { timeNs: number; end: number }[] = [];

  access(kind: AccessKind, key: number, valueBytes: number): void {
    this.#accesses.push({ kind, key, valueBytes });
  }

  endRequest(timeNs: number): void {
    this.#ends.push({ timeNs, end: this.#accesses.length });
  }

  requests(text: (index: number) => string): ReadRequest[] {
    let start = 0;
    return this.#ends.map(({ timeNs, end }) => {
      const accesses = this.#accesses.slice(start, end).map(({ kind, key, valueBytes }) => ({
        kind: Object.entries(AccessKind).find(([, value]) => value === kind)?.[0] ?? '?',
        key: text(key),
        valueBytes,
      }));
      start = end;
      return { timeNs, accesses };
    });
  }
}

/**
 * Parses content as a file's is parsed; and its parser, which gets the first 64 KiB at once there, again with pieces of the
 * given sizes, over and over.
 */
export async function read(
  content: Buffer,
  options: ReadOptions = {},
  pieceBytes: readonly number[] = [7],
): Promise<{ readonly requests: ReadRequest[]; readonly facts: Partial<TraceFacts> }> {
  async function* whole(): AsyncGenerator<Buffer> {
    await Promise.resolve();
    yield content;
  }
  const notes = new Notes();
  const { facts, keys } = await parseTrace(whole(), notes, 'sample', options);
  const requests = notes.requests((index) => keys?.text(index) ?? '');

  const inPieces = new Notes();
  const sink = new TraceSink(inPieces, options.limit ?? Infinity, options.ignoreTimes ?? false);
  const parser = createParser(facts.format, sink, options.columns ?? null);
  for (let at = 0, turn = 0; at < content.length && !sink.full; turn++) {
    const bytes = pieceBytes[turn % pieceBytes.length] ?? 1;
    parser.push(content.subarray(at, at + bytes));
    at += bytes;
  }
  parser.end();
  assert.deepEqual(
    inPieces.requests((index) => parser.keys?.text(index) ?? ''),
    requests,
  );
  return { facts, requests };
}

/** What is thrown carries this code, and its message all of these parts. */
export async function rejects(
  promise: Promise<unknown>,
  code: ErrorCode,
  ...parts: readonly RegExp[]
): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof BenchError, String(error));
    assert.equal(error.code, code, error.message);
    for (const part of parts) assert.match(error.message, part);
    return true;
  });
}
