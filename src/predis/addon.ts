/** Finds and loads the native addon, once for each thread, and says why when it cannot. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { PredisError } from './errors.js';
import { buildCommand, nativeFile, packageFolder, type NativeFile } from './native-files.js';
import { interfaceVersion, type NativeAddon } from './native.js';

/** The addon, and where it came from. */
export interface LoadedAddon {
  readonly native: NativeAddon;
  /** Path of its file. */
  readonly path: string;
  /** Version of the package that it belongs to. */
  readonly version: string;
}

const buildIt = `Build it with: ${buildCommand}`;

let loaded: LoadedAddon | null = null;

/**
 * The addon of this package, or the file that the environment variable PREDIS_ADDON names.
 *
 * @throws PredisError ADDON_UNAVAILABLE with the reason (missing, another architecture, another Node.js, another version of
 *   this package) and what to do
 */
export function loadAddon(): LoadedAddon {
  return (loaded ??= load());
}

function load(): LoadedAddon {
  const { path, missing } = findAddon();
  if (missing !== null) throw new PredisError('ADDON_UNAVAILABLE', `the native addon is missing: ${missing}`);
  let native: unknown;
  try {
    native = createRequire(import.meta.url)(path);
  } catch (error) {
    throw new PredisError('ADDON_UNAVAILABLE', `${whyNotLoaded(path, error)}. ${buildIt}`, { cause: error });
  }
  if (!isAddon(native)) {
    throw new PredisError(
      'ADDON_UNAVAILABLE',
      `${path} is not a Predis addon of this version (its interface is not number ${String(interfaceVersion)}). ${buildIt}`,
    );
  }
  const manifest = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as {
    version: string;
  };
  return { native, path, version: manifest.version };
}

/** What an addon was compiled with: scripts/build-native.mjs writes it beside the file. null where it did not. */
export function compilerFlags(addonPath: string): string | null {
  try {
    const stamp = JSON.parse(readFileSync(addonPath.replace(/\.node$/, '.flags.json'), 'utf8')) as {
      flags?: unknown;
    };
    return typeof stamp.flags === 'string' ? stamp.flags : null;
  } catch {
    return null;
  }
}

function findAddon(): NativeFile {
  const named = process.env.PREDIS_ADDON;
  if (named === undefined || named === '') return nativeFile('predis.node');
  const path = resolve(named);
  return { path, missing: existsSync(path) ? null : `${path} does not exist. ${buildIt}` };
}

function isAddon(native: unknown): native is NativeAddon {
  return (
    typeof native === 'object' &&
    native !== null &&
    'interfaceVersion' in native &&
    native.interfaceVersion === interfaceVersion
  );
}

/** The dynamic linker's messages, in plain words. */
function whyNotLoaded(path: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const here = `Node.js ${process.version}, ${process.platform} ${process.arch}`;
  if (
    /wrong ELF class|invalid ELF header|file too short|not a mach-o|incompatible architecture|not a valid Win32|Exec format/i.test(
      message,
    )
  ) {
    return `${path} is not a library for this machine (${here}): it was built for another system, or is damaged`;
  }
  if (/NODE_MODULE_VERSION|different Node\.js version/.test(message)) {
    return `${path} was built for another version of Node.js than this one (${here})`;
  }
  if (/undefined symbol|GLIBC|symbol lookup|cannot open shared object/i.test(message)) {
    return `${path} needs what this system lacks (${here}): ${message.split('\n', 1).join('')}`;
  }
  return `${path} does not load (${here}): ${message.split('\n', 1).join('')}`;
}
