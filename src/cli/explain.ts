import { CommanderError } from 'commander';
import { BenchError, ExitCode } from '../errors.js';
import { terminalSafe } from '../support/escape.js';

/** What the program prints on standard error, and the exit code that it ends with. */
export interface Explanation {
  readonly lines: readonly string[];
  readonly exitCode: ExitCode;
}

/**
 * Turns anything thrown into a message for people: one or two lines for a known failure, and for an unknown one (a defect of
 * this tool) what to send with a bug report. A stack trace is shown only when asked for.
 *
 * @param options `debug` adds the stack (PREDIS_BENCH_DEBUG=1)
 */
export function explain(error: unknown, options: { debug: boolean }): Explanation {
  const stack = options.debug && error instanceof Error && error.stack !== undefined ? [error.stack] : [];
  if (error instanceof BenchError) {
    const hint = error.hint === null ? [] : [`  ${error.hint}`];
    return { lines: [`predis-bench: ${error.message}`, ...hint, ...stack], exitCode: error.exitCode };
  }
  if (error instanceof CommanderError) {
    // commander has printed its own message, or help or the version were asked for
    return { lines: stack, exitCode: error.exitCode === 0 ? ExitCode.success : ExitCode.usage };
  }
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    lines: [
      `predis-bench: internal error: ${terminalSafe(what)}`,
      ...(options.debug
        ? stack
        : ['  This is a defect of predis-bench. PREDIS_BENCH_DEBUG=1 shows where, for a bug report.']),
    ],
    exitCode: ExitCode.internal,
  };
}
