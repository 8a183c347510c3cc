// Compiles and runs the native tests: under the address and undefined-behaviour sanitizers, the threaded ones under the
// thread sanitizer too, and a short fuzz. One TAP-like line a test; exits non-zero when one fails.
//
//   node scripts/native-tests.mjs [--only part-of-a-name | --bench [keys keyBytes valueBytes seconds]]
//
// Objects are kept under build/native-tests, named by the hash of what they were made from.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  benchProgram,
  buildTasks,
  missingCompiler,
  nativePrograms,
  nativeTestTasks,
} from './native-programs.mjs';
import { runTasks } from './task-pool.mjs';

const slots = 2;

async function bench(args) {
  const { built, tasks } = buildTasks([benchProgram], { tidy: true });
  await runTasks(tasks, { slots });
  if (!existsSync(built[0].file)) process.exit(1);
  process.exit(spawnSync(built[0].file, args, { stdio: 'inherit' }).status ?? 1);
}

async function test(only) {
  const counts = { passed: 0, failed: 0 };
  const compiler = missingCompiler();
  if (compiler !== null) {
    console.log(`not ok - the native tests need ${compiler} (Debian or Ubuntu: sudo apt-get install g++)`);
    counts.failed = 1;
  } else {
    const tasks = nativeTestTasks(nativePrograms(only), { tidy: only === '', counts });
    for (const { name, kind } of await runTasks(tasks, { slots })) {
      if (kind !== 'test') continue;
      console.log(`not ok - ${name}: it does not compile`);
      counts.failed += 1;
    }
  }
  console.log(`native: ${counts.passed} passed, ${counts.failed} failed`);
  process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
}

const [option, ...words] = process.argv.slice(2);
if (option === '--bench') {
  await bench(words);
} else if (option === undefined || (option === '--only' && words.length === 1)) {
  await test(words[0] ?? '');
} else {
  console.error(
    'usage: node scripts/native-tests.mjs [--only part-of-a-name | --bench [keys keyBytes valueBytes seconds]]',
  );
  process.exit(2);
}
