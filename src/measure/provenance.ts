import { execFileSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import type { ResultFile } from '../results/schema.js';
import { packageRoot, toolVersion } from '../support/package-root.js';

/**
 * Which build of the tool this is. Commit and dirty flag are null where the package is no checkout of its own (installed,
 * or inside of somebody else's repository) or git is missing.
 */
export function toolProvenance(root: string = packageRoot): ResultFile['tool'] {
  const version = toolVersion();
  try {
    const [top, commit] = git(root, 'rev-parse', '--show-toplevel', 'HEAD').trim().split('\n');
    if (top === undefined || commit === undefined || realpathSync(top) !== realpathSync(root)) {
      return { version, commit: null, dirty: null };
    }
    return { version, commit, dirty: git(root, 'status', '--porcelain').trim() !== '' };
  } catch {
    return { version, commit: null, dirty: null };
  }
}

function git(folder: string, ...parameters: string[]): string {
  return execFileSync('git', ['-C', folder, ...parameters], {
    encoding: 'utf8',
    timeout: 10_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
