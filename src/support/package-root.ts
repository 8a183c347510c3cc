import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds this package's package.json, wherever the package was installed or built to. */
export const packageRoot: string = findPackageRoot();

function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    const parent = dirname(folder);
    if (parent === folder) throw new Error('predis-bench: package.json not found above the program');
    folder = parent;
  }
}

/** Version of this tool, from its package.json. */
export function toolVersion(): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

/** Oldest version of Node.js that package.json takes, as major.minor.patch. */
export function oldestNode(): string {
  const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  return /\d+(?:\.\d+)*/.exec(manifest.engines.node)?.[0] ?? '0';
}
