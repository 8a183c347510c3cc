import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandContext } from '../../src/cli/context.js';
import { chooseStyle } from '../../src/cli/style.js';
import { packageRoot } from '../../src/support/package-root.js';

export interface CommandResult {
  /** Exit code; null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly process: ChildProcess;
  readonly finished: Promise<CommandResult>;
}

/** Starts the real command line in a folder, without a terminal. */
export function startCommand(folder: string, words: readonly string[], environment = {}): RunningCommand {
  const child = spawn(process.execPath, [join(packageRoot, 'bin/predis-bench.js'), ...words], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const finished = new Promise<CommandResult>((resolve) => {
    child.on('close', (status) => {
      resolve({ status, stdout, stderr });
    });
  });
  return { process: child, finished };
}

/** Runs the real command line to its end. */
export function predisBench(
  folder: string,
  words: readonly string[],
  environment = {},
): Promise<CommandResult> {
  return startCommand(folder, words, environment).finished;
}

/** A folder for one test; call `remove` after it. */
export function temporaryFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'predis-bench-test-'));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** Waits until `look` gives something, at most a generous while. */
export async function until<T>(look: () => T | null | undefined | false, what: string): Promise<T> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const found = look();
    if (found !== null && found !== undefined && found !== false) return found;
    await sleep(50);
  }
  throw new Error(`waited 30 s for ${what}`);
}

/** Ids of living processes whose command line contains `text`; a zombie has no command line and does not count. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** A run of seconds: one small workload, few short trials. */
export const smallRunWithBenchmark = [
  ...['run', 'hft', '--quick', '--blocks', '2', '--window-ms', '30', '--warmup-ms', '5'],
  ...['--set', 'symbols=500', '--set', 'hotSymbols=50', '--set', 'operations=5000'],
];
/** The same without redis-benchmark, which takes longer than the trials. */
export const smallRun = [...smallRunWithBenchmark, '--no-redis-benchmark'];

/** A command context without a process: what was printed and said is kept, there are no colours. */
export function recordingContext(): CommandContext & {
  readonly printed: string[];
  readonly said: string[];
} {
  const plain = chooseStyle({ isTerminal: false, switchedOff: true, environment: {} });
  const printed: string[] = [];
  const said: string[] = [];
  return {
    printed,
    said,
    print: (line) => printed.push(line),
    say: (line) => said.push(line),
    status: () => undefined,
    style: { out: plain, err: plain },
    columns: () => null,
    setExitCode: () => undefined,
    commandLine: ['predis-bench'],
  };
}
