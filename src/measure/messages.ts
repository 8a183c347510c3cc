import { BenchError, errorTable, type ErrorCode } from '../errors.js';
import type { CaseOrder, ReadBackReport, WindowOrder, WindowReport, WorkerModules } from './crew.js';

/** What a worker thread is started with. */
export interface ThreadSetup {
  readonly worker: number;
  readonly modules: WorkerModules;
}

/** What the main thread asks of a worker thread, one order at a time; each is answered by one `Reply`. */
export type Order =
  | { readonly type: 'prepare'; readonly order: CaseOrder; readonly lastWrites: SharedArrayBuffer }
  | {
      readonly type: 'measure';
      readonly order: WindowOrder;
      readonly gate: SharedArrayBuffer;
      readonly workers: number;
    }
  | { readonly type: 'readBack' }
  | { readonly type: 'endTrial' };

/** What each type of order is answered with. */
export interface Answers {
  readonly prepare: null;
  readonly measure: WindowReport;
  readonly readBack: ReadBackReport;
  readonly endTrial: null;
}

export type Reply =
  | { readonly ok: true; readonly answer: Answers[keyof Answers] }
  | { readonly ok: false; readonly error: PlainError };

/** An error as it travels between threads. */
export interface PlainError {
  readonly code: string | null;
  readonly message: string;
  readonly hint: string | null;
}

export function toPlainError(error: unknown): PlainError {
  if (error instanceof BenchError) return { code: error.code, message: error.message, hint: error.hint };
  return { code: null, message: error instanceof Error ? error.message : String(error), hint: null };
}

export function fromPlainError({ code, message, hint }: PlainError): Error {
  if (code === null || !isErrorCode(code)) return new Error(message);
  return new BenchError(code, message, hint === null ? {} : { hint });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}
