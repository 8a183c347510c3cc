import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/support/package-root.js';

export interface OnTerminal {
  /** What the terminal has shown so far, control characters included. */
  readonly shown: () => string;
  /** A line for on-terminal.py: what is typed, or a new size. */
  readonly send: (line: string) => void;
  /** Takes the terminal away, as when its window is closed; for a test that failed. */
  readonly close: () => void;
  /** Exit code. */
  readonly finished: Promise<number | null>;
}

/**
 * Starts a command on a pseudo-terminal of 24 rows. Python makes it, which building the addon needs too.
 *
 * @param place `folder` to run in, which also holds the transcript `<name>.transcript`
 */
export function startOnTerminal(
  place: { readonly folder: string; readonly name: string; readonly columns: number },
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
): OnTerminal {
  const transcript = join(place.folder, `${place.name}.transcript`);
  const helper = join(packageRoot, 'test/cli/on-terminal.py');
  const child = spawn('python3', [helper, '24', String(place.columns), transcript, ...command], {
    cwd: place.folder,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: environment,
  });
  child.stdin.on('error', () => undefined); // the command has ended before it was told all
  return {
    shown: () => (existsSync(transcript) ? readFileSync(transcript, 'utf8') : ''),
    send: (line) => child.stdin.write(`${line}\n`),
    close: () => {
      child.kill('SIGKILL');
    },
    finished: new Promise((resolve) => {
      child.on('close', resolve);
    }),
  };
}
