import { BenchError } from '../errors.js';

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const lineEnd = /\r\n|\n|\r/;

/** What a file of `compare` holds, by its first character: an object is a result file. */
export function holdsObject(bytes: Uint8Array): boolean {
  const text = new TextDecoder().decode(bytes.subarray(0, 4096));
  return text
    .replace(/^\uFEFF/, '')
    .trimStart()
    .startsWith('{');
}

/**
 * Reads a plain list of numbers: a JSON array, or text with one number a line (empty lines are passed over), or one column of
 * a CSV file.
 *
 * @param name used in messages
 * @param column of a CSV file: its name in the first line, or its number from 1; cells are set apart by commas, semicolons
 *   or tabs, whichever the first line holds
 * @throws BenchError NUMBERS_UNREADABLE naming line or index and what stands there
 */
export function parseNumberList(bytes: Uint8Array, name: string, column?: string): number[] {
  const text = new TextDecoder().decode(bytes).replace(/^\uFEFF/, '');
  const values =
    column !== undefined
      ? fromColumn(text, name, column)
      : text.trimStart().startsWith('[')
        ? fromJson(text, name)
        : fromLines(text, name);
  if (values.length === 0) throw new BenchError('NUMBERS_UNREADABLE', `${name} holds no number.`);
  return values;
}

function fromLines(text: string, name: string): number[] {
  return text.split(lineEnd).flatMap((line, index) => {
    const entry = line.trim();
    return entry === '' ? [] : [toNumber(entry, name, `line ${String(index + 1)}`)];
  });
}

function fromColumn(text: string, name: string, column: string): number[] {
  const lines = text.split(lineEnd);
  const first = lines.find((line) => line.trim() !== '') ?? '';
  const separator = ['\t', ';', ','].find((one) => first.includes(one)) ?? ',';
  const head = cellsOf(first, separator);
  const named = head.indexOf(column);
  const place = named >= 0 ? named : /^[1-9]\d*$/.test(column) ? Number(column) - 1 : -1;
  if (place < 0 || place >= head.length) {
    throw new BenchError('NUMBERS_UNREADABLE', `${name} has no column ${column}.`, {
      hint: `Its first line: ${head.slice(0, 20).join(', ')}`,
    });
  }
  const hasHead = named >= 0 || !decimal.test(head[place] ?? '');
  let headSeen = false;
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    if (hasHead && !headSeen) {
      headSeen = true;
      return [];
    }
    return [toNumber(cellsOf(line, separator)[place] ?? '', name, `line ${String(index + 1)}`)];
  });
}

/** Cells of one line of CSV; quotation marks may hold separators, and two of them stand for one. */
function cellsOf(line: string, separator: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (const sign of line) {
    if (sign === '"') quoted = !quoted;
    if (sign === separator && !quoted) {
      cells.push(cell);
      cell = '';
    } else {
      cell += sign;
    }
  }
  return [...cells, cell].map((entry) =>
    entry
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .replaceAll('""', '"'),
  );
}

function toNumber(entry: string, name: string, place: string): number {
  if (!decimal.test(entry)) throw refused(name, place, entry);
  return finite(Number(entry), name, place, entry);
}

function fromJson(text: string, name: string): number[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw new BenchError('NUMBERS_UNREADABLE', `${name} begins as a JSON array and is not valid JSON.`, {
      cause,
    });
  }
  return (list as unknown[]).map((entry, index) => {
    const place = `index ${String(index)}`;
    if (typeof entry !== 'number') throw refused(name, place, JSON.stringify(entry));
    return finite(entry, name, place, String(entry));
  });
}

function finite(value: number, name: string, place: string, entry: string): number {
  if (!Number.isFinite(value)) throw refused(name, place, entry);
  return value;
}

function refused(name: string, place: string, entry: string): BenchError {
  const shown = entry.length > 40 ? `${entry.slice(0, 40)}…` : entry;
  return new BenchError('NUMBERS_UNREADABLE', `${name}, ${place}: "${shown}" is not a finite number.`);
}
