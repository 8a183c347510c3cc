import type { ExitCode } from '../errors.js';

/** What a command may touch of the process: handed in, so that commands are tested without one. */
export interface CommandContext {
  /** One line on standard output: results, for people or programs. */
  print(line: string): void;
  /** One line on standard error: what is going on. */
  say(line: string): void;
  /** Shows a line that the next one replaces; does nothing where standard error is no terminal. */
  status(line: string): void;
  /** The command's exit code, when it is not 0. */
  setExitCode(code: ExitCode): void;
  /** The command line as typed, for the result file. */
  readonly commandLine: readonly string[];
}
