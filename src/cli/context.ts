import type { ExitCode } from '../errors.js';
import type { Terminal } from './terminal.js';

/** What a command may touch of the process: handed in, so that commands are tested without one. */
export interface CommandContext extends Pick<Terminal, 'print' | 'say' | 'status' | 'style' | 'columns'> {
  /** The command's exit code, when it is not 0. */
  setExitCode(code: ExitCode): void;
  /** The command line as typed, for the result file. */
  readonly commandLine: readonly string[];
}
