import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError } from '../errors.js';

/** Entries of a block. */
export const BLOCK_LENGTH = 1 << 20;
const BLOCK_BYTES = BLOCK_LENGTH * Uint32Array.BYTES_PER_ELEMENT;
/** Blocks kept in memory before the rest goes to a file: 64 MiB. */
export const DEFAULT_MEMORY_BLOCKS = 16;

/**
 * Blocks of 2^20 unsigned 32-bit numbers by index: the first ones in memory, the rest in a temporary file that has no name
 * any more, so that nothing remains whatever ends the process. Memory is bounded however many blocks there are.
 */
export class BlockStore {
  readonly #memoryBlocks: number;
  readonly #blocks = new Map<number, Uint32Array>();
  #file: number | null = null;
  readonly #scratch = new Uint32Array(BLOCK_LENGTH);

  constructor(memoryBlocks = DEFAULT_MEMORY_BLOCKS) {
    this.#memoryBlocks = memoryBlocks;
  }

  /** Stores a copy of `block`. @throws BenchError OUTPUT_UNWRITABLE when the temporary folder is full or read-only */
  set(index: number, block: Uint32Array): void {
    if (index < this.#memoryBlocks) {
      this.#blocks.set(index, block.slice());
      return;
    }
    try {
      this.#file ??= openNameless();
      const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
      const at = (index - this.#memoryBlocks) * BLOCK_BYTES;
      for (let done = 0; done < bytes.length;) {
        done += writeSync(this.#file, bytes, done, bytes.length - done, at + done);
      }
    } catch (error) {
      throw new BenchError(
        'OUTPUT_UNWRITABLE',
        `A long trace needs room in the temporary folder ${tmpdir()}: ${error instanceof Error ? error.message : String(error)}.`,
        { hint: 'Choose another folder with TMPDIR, or cut the trace with --limit.', cause: error },
      );
    }
  }

  /** The block, valid until the next call; its entries beyond what was stored are undefined. */
  get(index: number): Uint32Array {
    const kept = this.#blocks.get(index);
    if (kept !== undefined) return kept;
    if (this.#file === null) throw new RangeError(`there is no block ${String(index)}`);
    const bytes = Buffer.from(this.#scratch.buffer);
    const at = (index - this.#memoryBlocks) * BLOCK_BYTES;
    for (let done = 0; done < BLOCK_BYTES;) {
      const read = readSync(this.#file, bytes, done, BLOCK_BYTES - done, at + done);
      if (read === 0) break; // the last block may be short
      done += read;
    }
    return this.#scratch;
  }

  /** Gives memory and file back. Idempotent. */
  close(): void {
    this.#blocks.clear();
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}

/** A file that ends with its descriptor. */
function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), 'predis-bench-'));
  try {
    return openSync(join(folder, 'accesses'), 'wx+', 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
