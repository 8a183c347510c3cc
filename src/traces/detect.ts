/** Tells a trace's format by its content. */
import { AZURE_LLM_HEADER } from './formats/azure-llm.js';
import { columnsOfCount, columnsOfHeader, delimiterOf } from './formats/csv-columns.js';
import { ORACLE_RECORD_BYTES } from './formats/oracle-general.js';
import { memcachedOperations } from './formats/operations.js';
import type { TraceFormat } from './trace.js';

const LARGEST_NEXT_ACCESS = 2n ** 40n;
const LARGEST_INT64 = 2n ** 63n - 1n;

/**
 * The format of a trace, or `null` when the content is of none that is known.
 *
 * @param head the first bytes, unpacked: some kilobytes, or all there is
 * @param whole whether `head` is everything
 * @param fileName believed where binary data do not tell; an ending that names a compression is passed over
 */
export function detectFormat(head: Buffer, whole: boolean, fileName: string): TraceFormat | null {
  if (looksLikeText(head)) return detectText(head, whole);
  const name = fileName.toLowerCase().replace(/\.(br|gz|zst|zstd)$/, '');
  if (name.endsWith('.be32') || holdsSmallKeys(head)) return 'cache2k';
  if (looksLikeOracleGeneral(head)) return 'oracleGeneral';
  return looksLikeKeys(head) ? 'cache2k' : null;
}

/** Whether the beginning holds no control characters but tabs and line ends. */
export function looksLikeText(head: Buffer): boolean {
  for (const byte of head.subarray(0, 4096)) {
    if (byte < 9 || (byte > 10 && byte < 32 && byte !== 13) || byte === 127) return false;
  }
  return head.length > 0;
}

function detectText(head: Buffer, whole: boolean): TraceFormat | null {
  const all = head
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .split(/\r?\n/);
  // the last line may be cut off by the end of `head`
  const lines = (whole || all.length === 1 ? all : all.slice(0, -1))
    .filter((line) => line !== '')
    .slice(0, 20);
  const [first] = lines;
  if (first === undefined) return null;
  if (first === AZURE_LLM_HEADER) return 'azure-llm';
  // by its names alone: a request of thousands of blocks may be longer than `head`, and a damaged one gets a better message
  if (first.startsWith('{')) return /"(timestamp|hash_ids)"/.test(first) ? 'mooncake' : null;
  if (/^\s*\d+[ \t]+\d+[ \t]+\d+[ \t]+\d+\s*$/.test(first)) return 'arc';
  if (looksLikeTwitter(first)) return 'twitter';
  return looksLikeTable(lines) ? 'csv' : null;
}

function looksLikeTwitter(line: string): boolean {
  const fields = line.split(',');
  return (
    fields.length >= 7 &&
    /^\d+$/.test(fields[0] ?? '') &&
    memcachedOperations.has(fields[fields.length - 2] ?? '')
  );
}

/** A header that names a key's column; or one to three columns in every line, with a number at the beginning of each. */
function looksLikeTable(lines: readonly string[]): boolean {
  const [first = ''] = lines;
  const delimiter = delimiterOf(first);
  if (columnsOfHeader(first.split(delimiter)) !== null) return true;
  const fields = first.split(delimiter).length;
  return (
    columnsOfCount(fields) !== null &&
    lines.every(
      (line) =>
        line.split(delimiter).length === fields && /^\s*\d+(\.\d+)?\s*$/.test(line.split(delimiter)[0] ?? ''),
    )
  );
}

/**
 * Records whose next access is none (-1, or the largest number) or a possible number; and there are both, or the times run in
 * one direction.
 */
function looksLikeOracleGeneral(head: Buffer): boolean {
  const records = Math.min(1000, Math.floor(head.length / ORACLE_RECORD_BYTES));
  let last = 0;
  let marked = 0;
  let ascents = 0;
  let descents = 0;
  for (let record = 0; record < records; record++) {
    const seconds = head.readUInt32LE(record * ORACLE_RECORD_BYTES);
    const next = head.readBigInt64LE(record * ORACLE_RECORD_BYTES + 16);
    const none = next === -1n || next === LARGEST_INT64;
    if (!none && !(next > 0n && next < LARGEST_NEXT_ACCESS)) return false;
    if (none) marked++;
    if (record > 0 && seconds > last) ascents++;
    if (record > 0 && seconds < last) descents++;
    last = seconds;
  }
  return records > 0 && (marked > 0 || Math.min(ascents, descents) < 0.1 * records);
}

/** Whether the data are big-endian 32-bit numbers with a zero byte in front: little-endian ones are only when they are round. */
function holdsSmallKeys(head: Buffer): boolean {
  for (let at = 0; at + 4 <= head.length; at += 4) if (head[at] !== 0) return false;
  return head.length >= 4;
}

/** Fewer words tell too little. */
const FEWEST_WORDS = 64;
/** Entropy by which the first byte of keys lies below that of their most varied byte; of other data they are alike. */
const LEAST_GAP_BITS = 2;
/** Longest record, in words of 4 bytes, whose structure is looked for. */
const LONGEST_RECORD_WORDS = 16;
/** Of the repeated words: fewer than this in different places of a record speak for records. */
const LEAST_SCATTERED_SHARE = 0.1;

/**
 * Larger 32-bit keys have no mark. What tells them from other data is that their high bytes vary little, that they come
 * again, as they do in any trace that a cache is of use for, and that they come anywhere: in records of several fields a
 * value comes again in its own field.
 */
function looksLikeKeys(head: Buffer): boolean {
  const words = Array.from({ length: Math.floor(head.length / 4) }, (_, at) => head.readUInt32BE(4 * at));
  const entropies = [24, 16, 8, 0].map((shift) => entropyBits(words.map((word) => (word >>> shift) & 0xff)));
  if (words.length < FEWEST_WORDS || Math.max(...entropies) - (entropies[0] ?? 0) < LEAST_GAP_BITS)
    return false;
  const placesOf = new Map<number, number[]>();
  for (const [at, word] of words.entries()) {
    const places = placesOf.get(word);
    if (places === undefined) placesOf.set(word, [at]);
    else places.push(at);
  }
  if (placesOf.size >= 0.98 * words.length) return false;
  const repeated = [...placesOf.values()].filter((places) => places.length > 1);
  for (let record = 2; record <= LONGEST_RECORD_WORDS; record++) {
    const scattered = repeated.filter((places) =>
      places.some((place) => (place - (places[0] ?? 0)) % record !== 0),
    );
    if (scattered.length < LEAST_SCATTERED_SHARE * repeated.length) return false;
  }
  return true;
}

function entropyBits(bytes: readonly number[]): number {
  const counts = new Float64Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  return counts.reduce((sum, count) => {
    const share = count / bytes.length;
    return count === 0 ? sum : sum - share * Math.log2(share);
  }, 0);
}
