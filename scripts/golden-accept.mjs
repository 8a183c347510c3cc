// Accepts what the report makes of the golden results now, and the picture in the README: npm run golden:accept, then read the difference before committing it.
import { spawnSync } from 'node:child_process';
import { root } from './lib.mjs';

const run = (program, words, env = process.env) =>
  spawnSync(program, words, { cwd: root, stdio: 'inherit', env }).status ?? 1;

const built = run('npx', ['tsc', '-p', 'tsconfig.json']);
if (built !== 0) process.exit(built);
const accepted = run(
  process.execPath,
  ['--test', ...['golden', 'recorded', 'picture'].map((name) => `dist/test/report/${name}.test.js`)],
  { ...process.env, UPDATE_GOLDEN: '1' },
);
run('git', ['diff', '--stat', '--', 'test/golden', 'docs/images']);
process.exit(accepted);
