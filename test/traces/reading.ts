import assert from 'node:assert/strict';
import { BenchError, type ErrorCode } from '../../src/errors.js';
import {
  AccessKind,
  parseTrace,
  type ReadOptions,
  type TraceConsumer,
  type TraceFacts,
} from '../../src/traces/index.js';

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

/** Parses content that comes in pieces of the given sizes, over and over. */
export async function read(
  content: Buffer,
  options: ReadOptions = {},
  pieceBytes: readonly number[] = [1 << 16],
): Promise<{ readonly requests: ReadRequest[]; readonly facts: Partial<TraceFacts> }> {
  async function* pieces(): AsyncGenerator<Buffer> {
    await Promise.resolve();
    for (let at = 0, turn = 0; at < content.length; turn++) {
      const bytes = pieceBytes[turn % pieceBytes.length] ?? 1;
      yield content.subarray(at, at + bytes);
      at += bytes;
    }
  }
  const notes = new Notes();
  const { facts, keys } = await parseTrace(pieces(), notes, 'sample', options);
  return { facts, requests: notes.requests((index) => keys?.text(index) ?? '') };
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
