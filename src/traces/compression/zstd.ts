import { Decompress } from 'fzstd';
import { malformed } from '../malformed.js';
import { XxHash64 } from './xxhash64.js';
import { ZstdFrames } from './zstd-frames.js';

/**
 * A few compressed bytes may stand for 128 KiB each; input is handed over in pieces this small so that no piece becomes
 * more than some megabytes.
 */
const PIECE_BYTES = 2048;

/**
 * Unpacks zstd with fzstd, in JavaScript, and checks what fzstd does not: sizes and checksums of the frames. See
 * docs/decisions/zstd.md.
 *
 * @throws BenchError TRACE_MALFORMED
 */
export async function* unpackZstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const frames = new ZstdFrames();
  let frame = new FrameContent();
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const taken = frames.take(chunk.subarray(at, at + PIECE_BYTES));
      frame.push(chunk.subarray(at, at + taken), frames);
      at += taken;
      yield* frame.output();
      if (frames.open) continue;
      frame.check(frames);
      frame = new FrameContent();
    }
  }
  if (frames.open) throw damaged(frames.offset, 'the file ends within a frame');
}

/** What one frame unpacks to. */
class FrameContent {
  readonly #unpacker: Decompress;
  readonly #hash = new XxHash64();
  #bytes = 0;
  #output: Buffer[] = [];

  constructor() {
    this.#unpacker = new Decompress((piece) => {
      if (piece.length === 0) return;
      // fzstd goes on writing to the memory that it hands out
      const copy = Buffer.from(piece);
      this.#hash.update(copy);
      this.#bytes += copy.length;
      this.#output.push(copy);
    });
  }

  push(piece: Buffer, frames: ZstdFrames): void {
    if (frames.skippable) return;
    try {
      this.#unpacker.push(piece, !frames.open);
    } catch (error) {
      throw damaged(frames.offset, error instanceof Error ? error.message : String(error));
    }
  }

  /** What was unpacked since the last call. */
  output(): Buffer[] {
    const pieces = this.#output;
    this.#output = [];
    return pieces;
  }

  /** At the end of the frame: whether it is what was packed. */
  check({ contentBytes, checksum, offset }: ZstdFrames): void {
    if (contentBytes !== null && contentBytes !== this.#bytes) {
      throw damaged(offset, `a frame of ${String(contentBytes)} bytes has ${String(this.#bytes)}`);
    }
    if (checksum !== null && checksum !== this.#hash.low())
      throw damaged(offset, 'the checksum of a frame differs');
  }
}

function damaged(offset: number, problem: string): Error {
  return malformed(
    `byte offset ${String(offset)} of the compressed file`,
    `zstd data were expected (${problem}): the file is cut off or damaged`,
  );
}
