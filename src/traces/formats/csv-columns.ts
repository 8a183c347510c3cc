import { BenchError } from '../../errors.js';

/** Where a table's fields stand, from 0; -1 for a column that there is not. */
export interface CsvColumns {
  readonly time: number;
  readonly id: number;
  readonly size: number;
  readonly operation: number;
}

const NONE: CsvColumns = { time: -1, id: -1, size: -1, operation: -1 };

/** Names of columns in headers of published traces, letters and digits alone. */
const NAMES: Readonly<Record<keyof CsvColumns, readonly string[]>> = {
  time: ['time', 'timestamp', 'clocktime', 'realtime', 'ts', 'timecol'],
  id: [
    ...['id', 'obj', 'objid', 'object', 'objectid', 'key', 'anonymizedkey', 'lbn', 'lba', 'block', 'blockid'],
    ...['url', 'item', 'itemid', 'objidcol', 'idcol', 'page'],
  ],
  size: ['size', 'objsize', 'objectsize', 'valuesize', 'bytes', 'length', 'objsizecol', 'sizecol'],
  operation: ['op', 'operation', 'optype', 'cmd', 'command', 'opcol', 'optypecol'],
};

const DELIMITERS = [',', '\t', ';', '|', ' '];

/** The delimiter that a first line uses: the first of comma, tab, semicolon, bar, blank that it holds. */
export function delimiterOf(line: string): string {
  return DELIMITERS.find((delimiter) => line.includes(delimiter)) ?? ',';
}

/** Columns by a header's names; `null` when no field is the name of a key's column. */
export function columnsOfHeader(fields: readonly string[]): CsvColumns | null {
  const columns = { ...NONE };
  for (const [index, field] of fields.entries()) {
    const name = columnNamed(field);
    if (name !== null && columns[name] < 0) columns[name] = index;
  }
  return columns.id < 0 ? null : columns;
}

/** Columns of a table without header: id; time, id; time, id, size. `null` for any other number of fields. */
export function columnsOfCount(fields: number): CsvColumns | null {
  if (fields === 1) return { ...NONE, id: 0 };
  if (fields === 2) return { ...NONE, time: 0, id: 1 };
  return fields === 3 ? { ...NONE, time: 0, id: 1, size: 2 } : null;
}

/**
 * What `--columns` says: `time=2,id=5,size=4,op=3`, numbered from 1; libCacheSim's names (`obj-id-col=5`) are known too.
 *
 * @throws BenchError USAGE
 */
export function parseColumns(text: string): CsvColumns {
  const columns = { ...NONE };
  const usage = (): BenchError =>
    new BenchError('USAGE', `--columns takes numbers from 1 for time, id, size and op, not "${text}".`, {
      hint: 'For example --columns time=2,id=5,size=4; id is needed.',
    });
  for (const part of text.split(',')) {
    const match = /^\s*([a-z-]+)\s*=\s*([1-9]\d{0,2})\s*$/i.exec(part);
    const name = columnNamed(match?.[1] ?? '');
    if (match === null || name === null) throw usage();
    columns[name] = Number(match[2]) - 1;
  }
  if (columns.id < 0) throw usage();
  return columns;
}

function columnNamed(field: string): keyof CsvColumns | null {
  const plain = field.toLowerCase().replace(/[^a-z0-9]/g, '');
  for (const name of ['time', 'id', 'size', 'operation'] as const) {
    if (NAMES[name].includes(plain)) return name;
  }
  return null;
}
