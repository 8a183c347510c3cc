import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { ResultFile } from '../results/schema.js';
import { packageRoot, toolVersion } from '../support/package-root.js';

/**
 * Which build of the tool this is. In a checkout git says it; an installed package brings what was true when it was packed
 * (scripts/prepack.mjs). Commit and dirty flag are null where neither tells.
 */
export function toolProvenance(root: string = packageRoot): ResultFile['tool'] {
  const version = toolVersion();
  try {
    const [top, commit] = git(root, 'rev-parse', '--show-toplevel', 'HEAD').trim().split('\n');
    if (top === undefined || commit === undefined || realpathSync(top) !== realpathSync(root)) {
      return { version, ...packedProvenance(root) };
    }
    return { version, commit, dirty: git(root, 'status', '--porcelain').trim() !== '' };
  } catch {
    return { version, ...packedProvenance(root) };
  }
}

function packedProvenance(root: string): Pick<ResultFile['tool'], 'commit' | 'dirty'> {
  try {
    const told: unknown = JSON.parse(readFileSync(join(root, 'prebuilds/provenance.json'), 'utf8'));
    if (typeof told !== 'object' || told === null) return { commit: null, dirty: null };
    const { commit, dirty } = told as { readonly commit?: unknown; readonly dirty?: unknown };
    return {
      commit: typeof commit === 'string' && /^[0-9a-f]{40,64}$/.test(commit) ? commit : null,
      dirty: typeof dirty === 'boolean' ? dirty : null,
    };
  } catch {
    return { commit: null, dirty: null };
  }
}

function git(folder: string, ...parameters: string[]): string {
  return execFileSync('git', ['-C', folder, ...parameters], {
    encoding: 'utf8',
    timeout: 10_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
