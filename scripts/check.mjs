// `npm run check`: types, lint (with the import rules), format. All are run; the exit code says whether all were clean.
import { join } from 'node:path';
import { root, run, say } from './lib.mjs';

const tool = (...words) => run(process.execPath, [join(root, 'node_modules', words[0]), ...words.slice(1)]);
const steps = [
  ['types', () => tool('typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit')],
  ['lint and import rules', () => tool('eslint/bin/eslint.js', '.', '--max-warnings', '0')],
  ['format', () => tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')],
  ['native format', () => run(process.execPath, [join(root, 'scripts/clang-format.mjs')])],
];
const broken = steps.filter(([name, step]) => {
  say(name);
  return !step();
});
if (broken.length > 0) {
  say(`not clean: ${broken.map(([name]) => name).join(', ')}`);
  process.exit(1);
}
say('clean');
