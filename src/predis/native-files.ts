/** Where compiled files are: built beside the sources in a checkout, or brought ready by an installed package. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Platforms have a folder each below it: `prebuilds/linux-x64`, … (scripts/prepack.mjs). */
const PREBUILDS = 'prebuilds';

/** A compiled file of this package. */
export interface NativeFile {
  /** Where it is, or where it would be. */
  readonly path: string;
  /** Why it is not there, and what to do about it: sentences for people. null where it is there. */
  readonly missing: string | null;
}

/**
 * Finds a compiled file for this machine's platform. What was built here goes before what came with the package.
 *
 * @param name file name, such as 'predis.node'
 * @param root folder of the package
 */
export function nativeFile(
  name: string,
  root: string = packageFolder(),
  platform = `${process.platform}-${process.arch}`,
): NativeFile {
  const built = join(root, 'build/Release', name);
  if (existsSync(built)) return { path: built, missing: null };
  const prebuilt = join(root, PREBUILDS, platform, name);
  if (existsSync(prebuilt)) return { path: prebuilt, missing: null };
  const platforms = foldersOf(join(root, PREBUILDS));
  if (platforms.length > 0) {
    return {
      path: prebuilt,
      missing: `this package brings ${name} for ${platforms.join(', ')} alone, and this is ${platform}. A checkout of the repository builds its own: ${buildCommand}`,
    };
  }
  return { path: built, missing: `${built} does not exist. Build it with: ${buildCommand}` };
}

/** What builds all of them, in a checkout. */
export const buildCommand = 'npm run build:native (needs g++, make and python3)';

/** The nearest folder above this file with a package.json. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json not found above the library');
    folder = parent;
  }
  return folder;
}

function foldersOf(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  } catch {
    return [];
  }
}
