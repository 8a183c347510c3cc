import { createHash } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { BenchError } from '../errors.js';

const CHUNK_BYTES = 1 << 18;

/** The path that stands for standard input. */
export const STANDARD_INPUT = '-';

/** A file or a pipe, read once from beginning to end, and hashed as it is taken. */
export class TraceSource {
  /** Name without folder, for people. */
  readonly file: string;
  /** Taken so far. */
  bytes = 0;
  readonly #path: string;
  readonly #handle: FileHandle | null;
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #onProgress: () => void;
  readonly #hash = createHash('sha256');
  /** Taken for `head`, and not handed on yet. */
  #ahead: Buffer[] = [];

  private constructor(
    path: string,
    handle: FileHandle | null,
    pieces: AsyncIterable<Buffer>,
    onProgress: (bytes: number) => void,
  ) {
    this.file = path === STANDARD_INPUT ? 'standard input' : basename(path);
    this.#path = path;
    this.#handle = handle;
    this.#pieces = pieces[Symbol.asyncIterator]();
    this.#onProgress = () => {
      onProgress(this.bytes);
    };
  }

  /**
   * @param path of a file or a named pipe; '-' for standard input
   * @param onProgress told now and then what share was read, 0 to 1; never for a pipe, whose length nobody knows
   * @throws BenchError TRACE_UNREADABLE
   */
  static async open(path: string, onProgress: (fraction: number) => void): Promise<TraceSource> {
    if (path === STANDARD_INPUT) {
      if (process.stdin.isTTY) {
        throw new BenchError('TRACE_UNREADABLE', 'Standard input is a terminal: a trace is piped into it.');
      }
      refuseOtherKinds('Standard input', 0);
      return new TraceSource(path, null, process.stdin, () => undefined);
    }
    let handle: FileHandle | null = null;
    try {
      handle = await open(path, 'r');
      const size = refuseOtherKinds(path, handle.fd);
      const pieces = handle.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false });
      return new TraceSource(path, handle, pieces as AsyncIterable<Buffer>, (bytes) => {
        if (size > 0) onProgress(Math.min(1, bytes / size));
      });
    } catch (error) {
      await handle?.close();
      throw unreadable(path, error);
    }
  }

  /** The first `length` bytes or more, or all there is; `chunks` begins with them all the same. */
  async head(length: number): Promise<{ readonly bytes: Buffer; readonly whole: boolean }> {
    let taken = 0;
    while (taken < length) {
      const piece = await this.#take();
      if (piece === null) break;
      this.#ahead.push(piece);
      taken += piece.length;
    }
    return { bytes: Buffer.concat(this.#ahead), whole: taken < length };
  }

  /** What was not handed on yet. It may be left before its end, and `finish` called then. */
  async *chunks(): AsyncGenerator<Buffer> {
    for (;;) {
      const piece = this.#ahead.shift() ?? (await this.#take());
      if (piece === null) return;
      yield piece;
    }
  }

  /** Reads and hashes what was not taken. @returns the SHA-256 of everything, lower-case hexadecimal */
  async finish(): Promise<string> {
    while ((await this.#take()) !== null);
    return this.#hash.digest('hex');
  }

  /** To be called at the end, whatever happened. */
  async close(): Promise<void> {
    await this.#handle?.close();
  }

  async #take(): Promise<Buffer | null> {
    let next: IteratorResult<Buffer>;
    try {
      next = await this.#pieces.next();
    } catch (error) {
      throw unreadable(this.#path, error);
    }
    if (next.done === true) return null;
    this.#hash.update(next.value);
    this.bytes += next.value.length;
    this.#onProgress();
    return next.value;
  }
}

/** @returns size in bytes; 0 for a pipe */
function refuseOtherKinds(name: string, descriptor: number): number {
  const stat = fstatSync(descriptor);
  if (stat.isFile()) return stat.size;
  if (stat.isFIFO() || (descriptor === 0 && !stat.isDirectory())) return 0;
  throw new BenchError(
    'TRACE_UNREADABLE',
    `${name} is ${stat.isDirectory() ? 'a folder' : 'neither a file nor a pipe'}: a trace is a file.`,
  );
}

function unreadable(path: string, error: unknown): BenchError {
  if (error instanceof BenchError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const why =
    code === 'ENOENT'
      ? 'there is no such file'
      : code === 'EACCES'
        ? 'it may not be read by this user'
        : code;
  return new BenchError('TRACE_UNREADABLE', `The trace ${path} cannot be read: ${why}.`, { cause: error });
}
