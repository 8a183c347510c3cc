// `npm start`: set-up, one workload with full statistics, and its report. A few minutes on a bare machine.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, say } from './lib.mjs';
import { setUp } from './setup.mjs';

setUp();
const program = join(root, 'bin/predis-bench.js');
const predisBench = (...words) => {
  const { status, signal } = spawnSync(process.execPath, [program, ...words], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? (signal === null ? 1 : 130));
};

say('running the hft workload: Redis against Predis, in interleaved trials');
predisBench('run', 'hft', ...process.argv.slice(2));
predisBench('report');
