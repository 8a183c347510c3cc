import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** How facts are asked for; handed in by tests. Each answers null where the machine does not say. */
export interface MachineProbe {
  /** Text of a file. */
  readonly file: (path: string) => string | null;
  /** Names in a folder. */
  readonly folder: (path: string) => readonly string[] | null;
  /** Standard output of a program, also when it exits with another status than 0. */
  readonly program: (name: string, ...parameters: string[]) => string | null;
}

/** Asks this machine. */
export const machineProbe: MachineProbe = {
  file: (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return null;
    }
  },
  folder: (path) => {
    try {
      return readdirSync(path);
    } catch {
      return null;
    }
  },
  program: (name, ...parameters) => {
    try {
      return execFileSync(name, parameters, {
        encoding: 'utf8',
        timeout: 5_000,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch (error) {
      const { stdout } = error as { stdout?: unknown };
      return typeof stdout === 'string' && stdout !== '' ? stdout : null;
    }
  },
};

/** Text without white space around it; null for nothing. */
export function trimmed(text: string | null): string | null {
  const clean = text?.trim() ?? '';
  return clean === '' ? null : clean;
}

/** A file that holds one number; null where it does not, or says "max". */
export function numberIn(probe: MachineProbe, path: string): number | null {
  const text = trimmed(probe.file(path));
  const value = text === null ? NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** The members of a kernel list such as `0-3,8`; empty for nothing. */
export function listMembers(text: string | null): number[] {
  return (trimmed(text) ?? '')
    .split(',')
    .filter((part) => /^\d+(-\d+)?$/.test(part))
    .flatMap((part) => {
      const [from = 0, to = from] = part.split('-').map(Number);
      return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
    });
}
