/** The two streams of the process: what is printed, what is said beside it, and one line that shows where things stand. */
import { chooseStyle, type Style } from './style.js';

/** As much of a stream as is used. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

export interface TerminalFacts {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** As typed after `predis-bench`. */
  readonly words: readonly string[];
}

/** Makes the status line for so many columns. */
export type StatusLine = string | ((columns: number) => string);

export interface Terminal {
  /** One line on standard output: results, for people or programs. */
  readonly print: (line: string) => void;
  /** One line on standard error: what is going on. With --quiet it is left out. */
  readonly say: (line: string) => void;
  /** Shows a line that the next one replaces; '' removes it. Nothing where standard error is no terminal that can do that. */
  readonly status: (line: StatusLine) => void;
  /** Styles of standard output and of standard error. */
  readonly style: { readonly out: Style; readonly err: Style };
  /** Columns of standard output where it is a terminal; null where lines are not to be broken. */
  readonly columns: () => number | null;
  /** From now on nothing but errors is said. */
  readonly beQuiet: () => void;
  /** Why standard output could not be written; null while it can, or when its reader has only gone (| head, a closed window). */
  readonly outputFailure: Error | null;
}

/** Columns of a terminal that does not say: a pseudo-terminal of size 0 × 0. */
const USUAL_COLUMNS = 80;

export function createTerminal({ stdout, stderr, environment, words }: TerminalFacts): Terminal {
  const switchedOff = words.includes('--no-color');
  const styleOf = (stream: OutputStream): Style =>
    chooseStyle({ isTerminal: stream.isTTY === true, switchedOff, environment });
  const canReplaceLines = stderr.isTTY === true && environment.TERM !== 'dumb';
  let outputFailure: Error | null = null;
  // a reader that has seen enough (| head), or a terminal that was closed, ends nothing: a run goes on to its result file
  stdout.on('error', (error) => {
    if (error.code !== 'EPIPE' && stdout.isTTY !== true) outputFailure ??= error;
  });
  stderr.on('error', () => undefined);
  let quiet = false;
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write('\r\u001b[K');
    shown = false;
  };
  return {
    print: (line) => {
      clear();
      stdout.write(`${line}\n`);
    },
    say: (line) => {
      clear();
      if (!quiet) stderr.write(`${line}\n`);
    },
    status: (line) => {
      clear();
      if (!canReplaceLines || quiet || line === '') return;
      // asked anew each time: the window may have another size now; the last column stays free, as writing there breaks lines
      const columns = columnsOf(stderr) - 1;
      stderr.write(typeof line === 'string' ? line.slice(0, columns) : line(columns));
      shown = true;
    },
    style: { out: styleOf(stdout), err: styleOf(stderr) },
    columns: () => (stdout.isTTY === true ? columnsOf(stdout) : null),
    beQuiet: () => {
      clear();
      quiet = true;
    },
    get outputFailure() {
      return outputFailure;
    },
  };
}

function columnsOf({ columns = 0 }: OutputStream): number {
  return columns > 0 ? columns : USUAL_COLUMNS;
}
