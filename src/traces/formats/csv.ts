import { LONGEST_TEXT_KEY, TextKeys } from '../key-tables.js';
import { LineSplitter } from '../lines.js';
import { malformed, quoted } from '../malformed.js';
import { unsorted, type TraceSink } from '../sink.js';
import { DecimalNumber, wholeNumber } from '../text-numbers.js';
import { AccessKind, UNKNOWN_SIZE, type TraceParser } from '../trace.js';
import { columnsOfCount, columnsOfHeader, delimiterOf, type CsvColumns } from './csv-columns.js';
import { tableOperations } from './operations.js';

const QUOTE = 34;
const BLANK = 32;
const MOST_FIELDS = 1000;

/**
 * Tables as libCacheSim reads them: one access a line, with or without a header; a time in seconds, a key, a size in bytes
 * and an operation, all but the key optional. Times may have a fraction.
 */
export class CsvParser implements TraceParser {
  readonly keys = new TextKeys();
  readonly #sink: TraceSink;
  readonly #lines: LineSplitter;
  readonly #given: CsvColumns | null;
  #columns: CsvColumns | null = null;
  #delimiter = 0;
  #fields = 0;
  readonly #start = new Int32Array(MOST_FIELDS);
  readonly #end = new Int32Array(MOST_FIELDS);
  readonly #time = new DecimalNumber();
  #firstSeconds = NaN;
  #lastTime = '';

  /** @param columns where the fields stand; `null`: by the header, or by the number of fields */
  constructor(sink: TraceSink, columns: CsvColumns | null) {
    this.#sink = sink;
    this.#given = columns;
    this.#lines = new LineSplitter(
      (bytes, start, end, line) => {
        if (this.#columns !== null) this.#line(this.#columns, bytes, start, end, line);
        else if (!this.#begin(bytes, start, end, line)) this.#line(this.#chosen(), bytes, start, end, line);
      },
      () => this.#sink.full,
    );
  }

  push(chunk: Buffer): void {
    this.#lines.push(chunk);
  }

  end(): void {
    this.#lines.end();
  }

  #chosen(): CsvColumns {
    if (this.#columns === null) throw new Error('columns are chosen by the first line');
    return this.#columns;
  }

  /** Learns the layout from the first line. @returns whether that line is a header */
  #begin(bytes: Buffer, from: number, end: number, line: number): boolean {
    const text = bytes.toString('latin1', from, end);
    this.#delimiter = delimiterOf(text).charCodeAt(0);
    this.#fields = this.#split(bytes, from, end);
    const fields = Array.from({ length: this.#fields }, (_, index) =>
      bytes.toString('latin1', this.#start[index] ?? 0, this.#end[index] ?? 0),
    );
    const named = columnsOfHeader(fields);
    const columns = this.#given ?? named ?? columnsOfCount(this.#fields);
    if (columns === null) {
      throw malformed(
        `line ${String(line)}`,
        `which of ${String(this.#fields)} columns is what is not known, from ${quoted(bytes, from, end)}; say it as in --columns time=1,id=2,size=3`,
      );
    }
    this.#columns = columns;
    if (named !== null) return true;
    // a header with names of its own: where a number must stand there is none
    const numbers = [columns.time, columns.size].filter((column) => column >= 0);
    return (
      this.#given !== null &&
      numbers.length > 0 &&
      numbers.every((column) => /^[^\d.]*$/.test(fields[column] ?? '1') && fields[column] !== '')
    );
  }

  #line(columns: CsvColumns, bytes: Buffer, from: number, end: number, line: number): void {
    const where = (): string => `line ${String(line)}`;
    const fields = this.#split(bytes, from, end);
    if (fields !== this.#fields) {
      throw malformed(
        where(),
        `${String(this.#fields)} fields were expected as in the first line, not ${String(fields)}: ${quoted(bytes, from, end)}`,
      );
    }
    const { time, id, size, operation } = columns;
    const idStart = this.#start[id] ?? 0;
    const idBytes = (this.#end[id] ?? 0) - idStart;
    if (id >= fields || !(idBytes >= 1 && idBytes <= LONGEST_TEXT_KEY)) {
      throw malformed(
        where(),
        `a key of 1 to ${String(LONGEST_TEXT_KEY)} bytes was expected in column ${String(id + 1)}: ${quoted(bytes, from, end)}`,
      );
    }
    let valueBytes = UNKNOWN_SIZE;
    if (size >= 0) {
      valueBytes = size < fields ? wholeNumber(bytes, this.#start[size] ?? 0, this.#end[size] ?? 0) : NaN;
      if (Number.isNaN(valueBytes)) {
        throw malformed(
          where(),
          `a size in bytes was expected in column ${String(size + 1)}: ${quoted(bytes, from, end)}`,
        );
      }
    }
    const kind = operation >= 0 && operation < fields ? this.#operation(bytes, operation) : AccessKind.touch;
    const timeNs = time >= 0 ? this.#timeNs(time, fields, bytes, from, end, line) : NaN;
    this.#sink.access(kind, this.keys.index(bytes, idStart, idStart + idBytes), valueBytes);
    const sorted = this.#sink.endRequest(timeNs);
    if (time < 0) return;
    if (!sorted) {
      const shown = bytes.toString('latin1', this.#start[time] ?? 0, this.#end[time] ?? 0);
      throw malformed(where(), unsorted(`${shown} s`, `${this.#lastTime} s`));
    }
    this.#lastTime = String(this.#time.whole) + fraction(this.#time.billionths);
  }

  #timeNs(time: number, fields: number, bytes: Buffer, from: number, end: number, line: number): number {
    if (time >= fields || !this.#time.read(bytes, this.#start[time] ?? 0, this.#end[time] ?? 0)) {
      throw malformed(
        `line ${String(line)}`,
        `a time in seconds was expected in column ${String(time + 1)}: ${quoted(bytes, from, end)}`,
      );
    }
    if (Number.isNaN(this.#firstSeconds)) this.#firstSeconds = this.#time.whole;
    return (this.#time.whole - this.#firstSeconds) * 1e9 + this.#time.billionths;
  }

  #operation(bytes: Buffer, column: number): AccessKind {
    const name = bytes.toString('latin1', this.#start[column] ?? 0, this.#end[column] ?? 0);
    return tableOperations.get(name) ?? tableOperations.get(name.toLowerCase()) ?? AccessKind.touch;
  }

  /** Finds the fields of a line, without blanks and quotes around them. @returns their number */
  #split(bytes: Buffer, from: number, end: number): number {
    let fields = 0;
    let at = from;
    for (;;) {
      let start = at;
      while (start < end && bytes[start] === BLANK && this.#delimiter !== BLANK) start++;
      let stop: number;
      if (bytes[start] === QUOTE && start < end) {
        start++;
        const closing = bytes.indexOf(QUOTE, start);
        stop = closing < 0 || closing > end ? end : closing;
        at = stop;
        while (at < end && bytes[at] !== this.#delimiter) at++;
      } else {
        at = start;
        while (at < end && bytes[at] !== this.#delimiter) at++;
        stop = at;
        while (stop > start && bytes[stop - 1] === BLANK) stop--;
      }
      if (fields < MOST_FIELDS) {
        this.#start[fields] = start;
        this.#end[fields] = stop;
      }
      fields++;
      if (at >= end) return fields;
      at++;
    }
  }
}

function fraction(billionths: number): string {
  return billionths === 0 ? '' : `.${String(billionths).padStart(9, '0').replace(/0+$/, '')}`;
}
