// `npm run check`: types, lint (with the import rules), format. All are run, two at a time; the exit code says whether all were clean.
import { join } from 'node:path';
import { root, say } from './lib.mjs';
import { isCompiled } from './setup.mjs';
import { capture, runTasks } from './task-pool.mjs';

const broken = [];
const step = (name, priority, command) => ({
  name,
  kind: 'test',
  priority,
  needs: [],
  run: async () => {
    const { code, output } = await capture(process.execPath, command, { cwd: root });
    say(`${name}: ${code === 0 ? 'clean' : 'NOT CLEAN'}`);
    process.stderr.write(output);
    if (code !== 0) broken.push(name);
    return code === 0;
  },
});
const tool = (...words) => [join(root, 'node_modules', words[0]), ...words.slice(1)];

const steps = [
  step('lint and import rules', 4, tool('eslint/bin/eslint.js', '.', '--max-warnings', '0')),
  step('format', 2, tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')),
  step('native format', 1, [join(root, 'scripts/clang-format.mjs')]),
];
// The compiler that made dist/ from these sources has checked their types.
if (isCompiled()) say('types: clean, as dist/ was compiled from these sources');
else steps.push(step('types', 3, tool('typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit')));

await runTasks(steps, { slots: 2 });
if (broken.length > 0) {
  say(`not clean: ${broken.join(', ')}`);
  process.exit(1);
}
say('clean');
