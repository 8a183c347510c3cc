import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { BenchError } from '../errors.js';
import { checkReferences } from './check.js';
import { RESULT_FORMAT, SCHEMA_VERSION, type ResultFile } from './schema.js';
import { firstViolation, isResultFile } from './validate.js';

/** Larger than any run that this tool can write, and within what one JavaScript string holds. */
const MAX_FILE_BYTES = 400 * 1024 * 1024;

const readableVersions: readonly number[] = [1, SCHEMA_VERSION];

/**
 * Reads a result file and checks everything that can be checked: JSON, format, version, every field against the schema,
 * references between trials and plan, and that histograms decode.
 *
 * @throws BenchError RESULT_UNREADABLE (missing, unreadable, truncated, broken inside; with the byte offset or the JSON
 *   pointer of the place), RESULT_NOT_OURS (some other JSON), RESULT_VERSION (written by another version of this tool)
 */
export function readResultFile(path: string): ResultFile {
  return parseResultFile(readFileBytes(path), path);
}

/** `readResultFile` on bytes already read; `name` is used in messages. */
export function parseResultFile(bytes: Uint8Array, name: string): ResultFile {
  const document = parseJson(bytes, name);
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new BenchError('RESULT_NOT_OURS', `${name} is no result file: it holds ${kindOf(document)}.`);
  }
  const { format, schemaVersion } = document as Record<string, unknown>;
  if (format !== RESULT_FORMAT) {
    throw new BenchError(
      'RESULT_NOT_OURS',
      `${name} is no result file: /format is ${show(format)}, not "${RESULT_FORMAT}".`,
    );
  }
  if (typeof schemaVersion !== 'number' || !readableVersions.includes(schemaVersion)) {
    throw new BenchError(
      'RESULT_VERSION',
      `${name} has /schemaVersion ${show(schemaVersion)}; this predis-bench reads version ${readableVersions.join(' and ')}.`,
      { hint: 'Use the predis-bench that wrote it, or measure again.' },
    );
  }
  migrate(document as Record<string, unknown>);
  if (!isResultFile(document)) {
    throw new BenchError('RESULT_UNREADABLE', `${name} is damaged: ${firstViolation(document)}.`);
  }
  const problem = checkReferences(document);
  if (problem !== null) throw new BenchError('RESULT_UNREADABLE', `${name} is damaged: ${problem}.`);
  return document;
}

/**
 * Turns what an older version wrote into the present form, in place. Version 1 had closed-loop driving alone; all that came
 * with version 2 may be absent.
 */
function migrate(document: Record<string, unknown>): void {
  document.schemaVersion = SCHEMA_VERSION;
}

/** @throws BenchError RESULT_UNREADABLE (missing, unreadable, larger than any result) */
export function readFileBytes(path: string): Uint8Array {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    const { size } = fstatSync(file);
    if (size > MAX_FILE_BYTES) {
      throw new BenchError(
        'RESULT_UNREADABLE',
        `${path} has ${String(size)} bytes; ${String(MAX_FILE_BYTES)} at most are read.`,
      );
    }
    return readFileSync(file);
  } catch (error) {
    throw error instanceof BenchError ? error : unreadable(path, error);
  } finally {
    closeSync(file);
  }
}

function unreadable(path: string, cause: unknown): BenchError {
  const code = (cause as NodeJS.ErrnoException).code;
  const why =
    code === 'ENOENT'
      ? 'there is no such file'
      : code === 'EISDIR'
        ? 'it is a folder'
        : code === 'EACCES'
          ? 'permission denied'
          : (cause as Error).message;
  return new BenchError('RESULT_UNREADABLE', `${path} cannot be read: ${why}.`, { cause });
}

function parseJson(bytes: Uint8Array, name: string): unknown {
  if (bytes.length === 0) throw new BenchError('RESULT_UNREADABLE', `${name} is empty (0 bytes).`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new BenchError('RESULT_NOT_OURS', `${name} is no result file: it is not UTF-8 text.`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const offset = errorOffset(text, (cause as Error).message);
    const truncated = offset === null || text.slice(offset).trim() === '';
    const at = truncated ? bytes.length : Buffer.byteLength(text.slice(0, offset));
    throw new BenchError(
      'RESULT_UNREADABLE',
      truncated
        ? `${name} is truncated: its JSON breaks off at byte ${String(at)}, the end of the file.`
        : `${name} is not valid JSON at byte ${String(at)}.`,
      { cause },
    );
  }
}

/** Character offset in V8's message ("… in JSON at position 12"), or null: then the text ended too early. */
function errorOffset(text: string, message: string): number | null {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  if (message.includes('end of JSON input')) return null;
  // V8 leaves the position out of "Unexpected token" messages for short texts; they quote the token instead.
  const token = /^Unexpected token '?(.)/u.exec(message)?.[1];
  const offset = token === undefined ? -1 : text.indexOf(token);
  return offset === -1 ? 0 : offset;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
