import { LineSplitter } from '../lines.js';
import { malformed, quoted } from '../malformed.js';
import { unsorted, type TraceSink } from '../sink.js';
import { AccessKind, UNKNOWN_SIZE, type TraceParser } from '../trace.js';

export const AZURE_LLM_HEADER = 'TIMESTAMP,ContextTokens,GeneratedTokens';

const LINE =
  /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))?,\d{1,15},\d{1,15}$/;

/**
 * Azure's traces of language-model inference: a header, then lines of date and time, context tokens, generated tokens. They
 * say when requests came, and name no keys.
 */
export class AzureLlmParser implements TraceParser {
  readonly keys = null;
  readonly #sink: TraceSink;
  readonly #lines: LineSplitter;
  #firstSeconds = NaN;
  #last = '';

  constructor(sink: TraceSink) {
    this.#sink = sink;
    this.#lines = new LineSplitter(
      (bytes, start, end, line) => {
        this.#line(bytes, start, end, line);
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

  #line(bytes: Buffer, start: number, end: number, line: number): void {
    const text = bytes.toString('latin1', start, end);
    if (line === 1) {
      if (text === AZURE_LLM_HEADER) return;
      throw malformed(
        'line 1',
        `the header ${AZURE_LLM_HEADER} was expected, not ${quoted(bytes, start, end)}`,
      );
    }
    const time = parseTime(text);
    if (time === null) {
      throw malformed(
        `line ${String(line)}`,
        `date and time, context tokens and generated tokens were expected, not ${quoted(bytes, start, end)}`,
      );
    }
    if (Number.isNaN(this.#firstSeconds)) this.#firstSeconds = time.seconds;
    this.#sink.access(AccessKind.arrival, 0, UNKNOWN_SIZE);
    if (!this.#sink.endRequest((time.seconds - this.#firstSeconds) * 1e9 + time.nanoseconds)) {
      throw malformed(`line ${String(line)}`, unsorted(text.split(',')[0] ?? '', this.#last));
    }
    this.#last = text.split(',')[0] ?? '';
  }
}

/** Seconds since 1970 and nanoseconds, apart, because one double holds both to 256 ns only. */
function parseTime(line: string): { readonly seconds: number; readonly nanoseconds: number } | null {
  const match = LINE.exec(line);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const milliseconds = Date.UTC(year, month - 1, day, hour, minute, second);
  const valid = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 61;
  if (!valid || Number.isNaN(milliseconds)) return null;
  const [offsetHours = 0, offsetMinutes = 0] = match.slice(9, 11).map((part) => Number(part || 0));
  const offset = (match[8] === '-' ? -1 : 1) * (offsetHours * 3600 + offsetMinutes * 60);
  return {
    seconds: milliseconds / 1000 - offset,
    nanoseconds: Number((match[7] ?? '').padEnd(9, '0')),
  };
}
