import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BenchError } from '../../errors.js';

export const configFileNames = ['predis-bench.config.ts', 'predis-bench.config.json'] as const;

/**
 * The configuration of a folder or of the nearest folder above it that has one.
 *
 * @returns its path, or null when there is none up to the root
 * @throws BenchError CONFIG_INVALID when a folder has two, or when the file that would be run as code belongs to somebody else
 */
export function findConfig(folder: string): string | null {
  for (let place = folder; ; place = dirname(place)) {
    const [first, second] = configFileNames
      .map((name) => join(place, name))
      .filter((path) => existsSync(path));
    if (first !== undefined && second !== undefined) {
      throw new BenchError('CONFIG_INVALID', `${first} and ${second} are both there: which one counts?`, {
        hint: 'Keep one of them, or name one with --config <file>.',
      });
    }
    if (first !== undefined) {
      if (isCode(first)) refuseStrangersCode(first);
      return first;
    }
    if (dirname(place) === place) return null;
  }
}

/** Whether reading it runs it. */
export function isCode(path: string): boolean {
  return !path.endsWith('.json');
}

/** In a folder that all may write to, such as /tmp, anybody could have left code for others to run. */
function refuseStrangersCode(path: string): void {
  const { uid } = statSync(path);
  const own = process.getuid?.();
  if (own === undefined || uid === own || uid === 0) return;
  throw new BenchError('CONFIG_INVALID', `${path} is code and belongs to another user: it was not run.`, {
    hint: `If you trust it: --config ${path}`,
  });
}
