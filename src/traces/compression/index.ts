import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { BenchError } from '../../errors.js';
import { detectFormat } from '../detect.js';
import { malformed } from '../malformed.js';
import type { TraceCompression } from '../trace.js';
import { unpackZstd } from './zstd.js';

/** Bytes of a file's beginning by which compression and format are told. */
export const HEAD_BYTES = 1 << 16;
/** Of these, what is unpacked to see whether it is brotli: 1 KiB of it may stand for 16 MiB, and mostly is some kilobytes. */
const BROTLI_PROBE_BYTES = 1 << 12;
const MOST_PROBED_BYTES = 1 << 26;

/** Kinds of file that are often taken for traces, and are none; by their first bytes. */
const FOREIGN: readonly (readonly [magic: string, name: string])[] = [
  ['fd377a585a00', 'an xz file: unpack it first (xz -d)'],
  ['425a68', 'a bzip2 file: unpack it first (bzip2 -d)'],
  ['04224d18', 'an lz4 file: unpack it first (lz4 -d)'],
  ['504b0304', 'a zip archive: unpack it first'],
  ['377abcaf271c', 'a 7-Zip archive: unpack it first'],
  ['89504e47', 'a PNG picture'],
  ['ffd8ff', 'a JPEG picture'],
  ['25504446', 'a PDF document'],
  ['7f454c46', 'a program'],
  ['50415231', 'a Parquet file: write it out as CSV first'],
  ['53514c69746520666f726d6174', 'an SQLite database'],
];

/**
 * How a file is compressed, by its first bytes. Brotli has no mark: it is taken for brotli when the name says so, or when
 * data of no known format unpack as brotli to data of one.
 *
 * @param head up to `HEAD_BYTES`
 * @param whole whether `head` is the whole file
 * @throws BenchError TRACE_FORMAT for a kind of file that is no trace
 */
export function detectCompression(head: Buffer, whole: boolean, fileName: string): TraceCompression {
  if (head.length >= 2 && head.readUInt16BE(0) === 0x1f8b) return 'gzip';
  if (head.length >= 4) {
    const magic = head.readUInt32LE(0);
    if (magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50) return 'zstd';
  }
  const hex = head.toString('hex', 0, 16);
  const foreign = FOREIGN.find(([magic]) => hex.startsWith(magic));
  if (foreign !== undefined) throw new BenchError('TRACE_FORMAT', `${fileName} is ${foreign[1]}.`);
  if (head.toString('latin1', 257, 262) === 'ustar') {
    throw new BenchError('TRACE_FORMAT', `${fileName} is a tar archive: unpack it first.`);
  }
  if (fileName.endsWith('.br')) return 'brotli';
  return detectFormat(head, whole, fileName) === null && unpacksAsBrotli(head, fileName) ? 'brotli' : 'none';
}

function unpacksAsBrotli(head: Buffer, fileName: string): boolean {
  try {
    const unpacked = zlib.brotliDecompressSync(head.subarray(0, BROTLI_PROBE_BYTES), {
      finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH, // the probe ends where it ends
      maxOutputLength: MOST_PROBED_BYTES,
    });
    return detectFormat(unpacked.subarray(0, HEAD_BYTES), false, fileName) !== null;
  } catch {
    return false;
  }
}

/**
 * The content of a compressed stream, in pieces, as fast as they are taken.
 *
 * @throws BenchError TRACE_MALFORMED while it is read, for data that are cut off or damaged
 */
export async function* unpacked(
  chunks: AsyncIterable<Buffer>,
  compression: TraceCompression,
): AsyncGenerator<Buffer> {
  const unpacker = createUnpacker(compression);
  if (unpacker === null) {
    yield* compression === 'zstd' ? unpackZstd(chunks) : chunks;
    return;
  }
  const source = Readable.from(chunks, { objectMode: true });
  let failure: unknown = null;
  pipeline(source, unpacker, (error) => {
    failure ??= error;
  });
  try {
    for await (const chunk of unpacker) yield chunk as Buffer;
  } catch (error) {
    const cause: unknown = failure ?? error;
    if (cause instanceof BenchError) throw cause;
    throw malformed(
      `byte offset ${String(bytesTaken(unpacker))} of the compressed file`,
      `${compression} data were expected (${cause instanceof Error ? cause.message : String(cause)}): the file is cut off or damaged`,
    );
  }
}

function createUnpacker(compression: TraceCompression): Transform | null {
  switch (compression) {
    case 'gzip':
      return zlib.createGunzip();
    case 'brotli':
      return zlib.createBrotliDecompress();
    case 'zstd':
    case 'none':
      return null;
  }
}

function bytesTaken(unpacker: Transform): number {
  return 'bytesWritten' in unpacker && typeof unpacker.bytesWritten === 'number' ? unpacker.bytesWritten : 0;
}
