// Shared by the scripts: runs before anything is installed, so it uses Node.js alone.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Oldest Node.js that the tool and its dependencies run on. */
const oldestNode = [20, 17];

/** Stops with one sentence (and no stack trace): a user's machine lacks something. */
export function stop(sentence, exitCode = 1) {
  console.error(`predis-bench: ${sentence}`);
  process.exit(exitCode);
}

export function say(sentence) {
  console.error(`• ${sentence}`);
}

export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])) {
    stop(`Node.js ${oldestNode.join('.')} or newer is needed; this is ${process.versions.node}.`, 2);
  }
}

/** Full path of a command on the PATH, or null. */
export function findCommand(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this folder
    }
  }
  return null;
}

/** Runs a command with its output on standard error; returns true when it succeeded. */
export function run(command, commandArguments, options = {}) {
  const result = spawnSync(command, commandArguments, {
    cwd: root,
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
    ...options,
  });
  return result.status === 0;
}

/** SHA-256 over the names and contents of files and folders (relative to the root), in a fixed order. */
export function hashOf(places, keep = () => true) {
  const hash = createHash('sha256');
  const add = (place) => {
    const path = join(root, place);
    if (!existsSync(path)) return;
    let entries;
    try {
      entries = readdirSync(path, { withFileTypes: true });
    } catch {
      if (!keep(place)) return;
      hash.update(`${place}\0`).update(readFileSync(path)).update('\0');
      return;
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) add(join(place, entry.name));
  };
  for (const place of places) add(place);
  return hash.digest('hex');
}

/** Runs `work` unless `stampPath` says that it was already done for this key. */
export function oncePer(key, stampPath, work) {
  const path = join(root, stampPath);
  if (existsSync(path) && readFileSync(path, 'utf8') === key) return false;
  work();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, key);
  return true;
}
