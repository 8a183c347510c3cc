// Checks the format of native/ with clang-format, or corrects it with --write. Says loudly when clang-format is missing,
// and then neither passes nor fails the check: the machine, not the code, is short of something.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = dirname(import.meta.dirname);
const write = process.argv.includes('--write');
const files = readdirSync(join(root, 'native'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(cpp|hpp|cu|cuh)$/.test(entry.name))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  .sort();

if (spawnSync('clang-format', ['--version'], { stdio: 'ignore' }).status !== 0) {
  console.error(
    `clang-format: NOT INSTALLED, the format of ${files.length} native files was NOT CHECKED (Debian or Ubuntu: sudo apt-get install clang-format).`,
  );
  process.exit(0);
}
const flags = write ? ['-i'] : ['--dry-run', '-Werror'];
const { status } = spawnSync('clang-format', [...flags, ...files], { cwd: root, stdio: 'inherit' });
if (status !== 0) {
  console.error('clang-format: some files are not formatted; npm run format corrects them.');
  process.exit(1);
}
console.log(`clang-format: ${files.length} files ${write ? 'formatted' : 'checked'}.`);
