/**
 * Runs device-memory.test.ts over an addon whose CUDA engine works on a simulated device, so that the way from JavaScript to
 * device memory is tested where there is no GPU. Builds that addon first, which takes minutes when nothing of it is there.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/support/package-root.js';
import { testEngine } from './support.js';

const run = promisify(execFile);
const whyNot =
  testEngine === 'cuda'
    ? 'the tests run on a GPU already'
    : spawnSync(process.env.CXX ?? 'g++', ['--version']).status !== 0
      ? 'no C++ compiler was found'
      : false;

describe('GPU memory, simulated', { skip: whyNot }, () => {
  it('passes the tests of the real one', { timeout: 900_000 }, async () => {
    const built = await run(process.execPath, [join(packageRoot, 'scripts/build-simulated.mjs')]);
    const addon = /^build-simulated: (.+)$/m.exec(built.stdout)?.[1] ?? '';
    assert.notEqual(addon, '', built.stdout);
    const tests = fileURLToPath(new URL('./device-memory.test.js', import.meta.url));
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      PREDIS_ADDON: join(packageRoot, addon),
      PREDIS_TEST_ENGINE: 'cuda',
    };
    delete env.NODE_TEST_CONTEXT; // or the inner run reports to the outer one alone
    const { stdout } = await run(process.execPath, ['--test', '--test-reporter=tap', tests], {
      env,
      maxBuffer: 1 << 26,
    }).catch((error: unknown) => error as { stdout: string });
    assert.match(stdout, /^# fail 0$/m, stdout);
    assert.match(stdout, /^# skipped 0$/m, stdout);
    assert.ok(Number(/^# pass (\d+)$/m.exec(stdout)?.[1]) >= 16, stdout);
  });
});
