import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.js';

/** Where `run` writes and `report` looks, relative to the current folder. */
export const defaultResultFolder = 'predis-bench-results';

/** Path for a new result file: the time first, so that names sort by age. */
export function newResultPath(workload: string, now: Date): string {
  const stamp = now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/:/g, '-');
  return join(defaultResultFolder, `${stamp}-${workload}.json`);
}

/**
 * The newest result file of a folder.
 *
 * @throws BenchError RESULT_UNREADABLE when there is none
 */
export function newestResult(folder: string = defaultResultFolder): string {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    names = [];
  }
  const candidates = names
    .filter((name) => name.endsWith('.json') && !name.endsWith('.summary.json') && !name.startsWith('.'))
    .map((name) => join(folder, name))
    .map((path) => ({ path, modifiedMs: statSync(path).mtimeMs }))
    .sort((a, b) => b.modifiedMs - a.modifiedMs);
  const newest = candidates[0];
  if (newest === undefined) {
    throw new BenchError('RESULT_UNREADABLE', `No result file in ${folder}/.`, {
      hint: 'Make one with: predis-bench run <workload>',
    });
  }
  return newest.path;
}
