import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, basename, join } from 'node:path';

/**
 * Writes a file so that a reader, or a crash at any moment, sees the old content or the new one and never a part: the data
 * goes to a sibling temporary file, is flushed to the disk, and is renamed over the target (rename is atomic on POSIX).
 *
 * @param path target; its folder is created when it is missing
 * @param chunks the content, written in order
 * @throws the underlying NodeJS.ErrnoException (EACCES, ENOSPC, …); the target is then untouched
 */
export function writeFileAtomically(path: string, chunks: Iterable<string | Uint8Array>): void {
  const folder = dirname(path);
  makeFolders(folder);
  const temporary = join(folder, `.${basename(path)}.${String(process.pid)}.tmp`);
  const file = openSync(temporary, 'w', 0o644);
  try {
    for (const chunk of chunks) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    }
    fsyncSync(file);
  } catch (error) {
    closeSync(file);
    rmSync(temporary, { force: true });
    throw error;
  }
  closeSync(file);
  renameSync(temporary, path);
}

/**
 * Makes a folder and those above it. Not `mkdirSync` with `recursive`: on Node.js 20 that never returns for a folder that
 * cannot exist (in /proc, say), where each attempt answers ENOENT although the folder above is there.
 *
 * @throws NodeJS.ErrnoException of the first folder that cannot be made
 */
export function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolders(above);
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
