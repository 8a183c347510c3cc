import { BenchError } from '../errors.js';
import { detectCompression, HEAD_BYTES, unpacked } from './compression/index.js';
import { detectFormat, looksLikeText } from './detect.js';
import type { CsvColumns } from './formats/csv-columns.js';
import { createParser } from './formats/index.js';
import { quoted } from './malformed.js';
import { TraceSink } from './sink.js';
import { describeSkew, type TraceSkew } from './skew.js';
import { TraceSource } from './source.js';
import {
  traceFormats,
  type KeyTable,
  type TraceCompression,
  type TraceConsumer,
  type TraceFormat,
} from './trace.js';

export interface ReadOptions {
  /** `null` or absent: told by the content. */
  readonly format?: TraceFormat | null;
  readonly compression?: TraceCompression | null;
  /** Accesses to take, 1 and up; absent or Infinity: all. */
  readonly limit?: number;
  /** Of a csv table, which the trace is then; `null` or absent: by its header or the number of fields. */
  readonly columns?: CsvColumns | null;
  /** Takes the requests in the order of the file, without times. */
  readonly ignoreTimes?: boolean;
  /** Told now and then how much of the file was read, 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/** What was read, for people and for the result file. */
export interface TraceFacts {
  /** Without folder. */
  readonly file: string;
  /** Of the file as it is, compressed. */
  readonly bytes: number;
  /** Of the whole file as it is, lower-case hexadecimal. */
  readonly sha256: string;
  readonly format: TraceFormat;
  readonly compression: TraceCompression;
  /** Accesses taken; a request for several keys is several. */
  readonly accesses: number;
  readonly requests: number;
  /** Different keys among them; 0 for a trace without keys. */
  readonly keys: number;
  /** Whether the trace ended before the limit did. */
  readonly complete: boolean;
  /** Whether the requests have times. */
  readonly timed: boolean;
  /** How unevenly the accesses fall on the keys; `null` for a trace without keys. */
  readonly skew: TraceSkew | null;
}

export interface ReadTrace {
  readonly facts: TraceFacts;
  /** `null` for a trace without keys. */
  readonly keys: KeyTable | null;
}

/**
 * Reads a trace from beginning to end, once, in pieces: memory grows with the different keys and not with the file. It is
 * hashed as a whole, also what lies beyond the limit.
 *
 * @param path of a file or a named pipe; '-' for standard input
 * @throws BenchError TRACE_UNREADABLE, TRACE_FORMAT when the format is not known, TRACE_EMPTY, TRACE_MALFORMED with line or
 *   byte offset
 */
export async function readTrace(
  path: string,
  consumer: TraceConsumer,
  options: ReadOptions = {},
): Promise<ReadTrace> {
  const source = await TraceSource.open(path, options.onProgress ?? (() => undefined));
  try {
    const { file } = source;
    const head = await source.head(HEAD_BYTES);
    if (head.bytes.length === 0) throw empty(file);
    const compression = options.compression ?? detectCompression(head.bytes, head.whole, file);
    const content = await parseTrace(unpacked(source.chunks(), compression), consumer, file, options);
    const sha256 = await source.finish();
    return {
      keys: content.keys,
      facts: { file, bytes: source.bytes, sha256, compression, ...content.facts },
    };
  } finally {
    await source.close();
  }
}

interface ParsedTrace {
  readonly keys: KeyTable | null;
  readonly facts: Omit<TraceFacts, 'file' | 'bytes' | 'sha256' | 'compression'>;
}

/**
 * Parses a trace's unpacked content.
 *
 * @param file its name, for messages
 * @throws as `readTrace`
 */
export async function parseTrace(
  content: AsyncIterable<Buffer>,
  consumer: TraceConsumer,
  file: string,
  options: ReadOptions = {},
): Promise<ParsedTrace> {
  const sink = new TraceSink(consumer, options.limit ?? Infinity, options.ignoreTimes ?? false);
  const chunks = content[Symbol.asyncIterator]();
  try {
    const head = await takeHead(chunks);
    if (head.bytes.length === 0) throw empty(file);
    const columns = options.columns ?? null;
    const format = options.format ?? (columns === null ? detectFormat(head.bytes, head.whole, file) : 'csv');
    if (format === null) throw unknownFormat(file, head.bytes);
    const parser = createParser(format, sink, columns);
    parser.push(head.bytes);
    let complete = head.whole;
    while (!sink.full && !complete) {
      const next = await chunks.next();
      if (next.done === true) complete = true;
      else parser.push(next.value);
    }
    if (complete) parser.end();
    if (sink.accesses === 0) throw empty(file);
    const { keys } = parser;
    const { accesses, requests, timed, accessesOfKey } = sink;
    return {
      keys,
      facts: {
        format,
        accesses,
        requests,
        keys: keys?.size ?? 0,
        complete: complete && !sink.full,
        timed,
        skew: keys === null ? null : describeSkew(accessesOfKey.subarray(0, keys.size), accesses),
      },
    };
  } finally {
    await chunks.return?.(undefined);
  }
}

async function takeHead(
  chunks: AsyncIterator<Buffer>,
): Promise<{ readonly bytes: Buffer; readonly whole: boolean }> {
  const pieces: Buffer[] = [];
  let length = 0;
  while (length < HEAD_BYTES) {
    const next = await chunks.next();
    if (next.done === true) return { bytes: Buffer.concat(pieces), whole: true };
    pieces.push(next.value);
    length += next.value.length;
  }
  return { bytes: Buffer.concat(pieces), whole: false };
}

function empty(file: string): BenchError {
  return new BenchError('TRACE_EMPTY', `${file} holds no access: a trace has one at least.`);
}

function unknownFormat(file: string, head: Buffer): BenchError {
  const begins = looksLikeText(head)
    ? quoted(head, 0, Math.min(head.length, Math.max(1, head.indexOf(10))))
    : `the bytes ${head.toString('hex', 0, 16)}`;
  return new BenchError(
    'TRACE_FORMAT',
    `${file} begins with ${begins} at line 1, byte offset 0: that is no trace format that is known by its content.`,
    {
      hint: `Formats: ${traceFormats.join(', ')}; force one with --format, and the columns of a table with --columns.`,
    },
  );
}
