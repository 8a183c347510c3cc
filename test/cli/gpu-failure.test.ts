/** A GPU that fails in the middle of a run: an addon that begins to answer like a failed one stands in for it. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { loadAddon } from '../../src/predis/addon.js';
import { readResultFile } from '../../src/results/read.js';
import { smallRun, startCommand, temporaryFolder, until } from './support.js';

const folder = temporaryFolder();
after(folder.remove);

/** The real addon, whose operations fail as a lost GPU's do from the moment that `flag` exists. */
function failingAddon(flag: string): string {
  const path = join(folder.path, 'failing-addon.cjs');
  writeFileSync(
    path,
    `const { existsSync } = require('node:fs');
    const real = require(${JSON.stringify(loadAddon().path)});
    let calls = 0;
    let failed = false;
    const operations = ['get', 'put', 'remove', 'increment', 'mgetStrings', 'mputStrings', 'execute'];
    module.exports = { ...real };
    for (const name of operations) {
      module.exports[name] = (...words) => {
        if (!failed && ++calls % 100 === 0) failed = existsSync(${JSON.stringify(flag)});
        if (!failed) return real[name](...words);
        throw Object.assign(new Error('uncorrectable ECC error encountered (cudaErrorECCUncorrectable)'), {
          code: 'GPU_FAILED',
        });
      };
    }`,
  );
  return path;
}

describe('a GPU that fails in the middle of a run', () => {
  it('ends it with its name and what to do, and the trials that were done stay', async () => {
    const flag = join(folder.path, 'failed');
    const output = join(folder.path, 'result.json');
    const words = [...smallRun, '--blocks', '200', '--contenders', 'map,predis-cpu', '--output', output];
    const command = startCommand(folder.path, words, { PREDIS_ADDON: failingAddon(flag) });
    const trialsNow = (): number => {
      const text = existsSync(output) ? readFileSync(output, 'utf8') : '';
      return text === '' ? 0 : readResultFile(output).trials.length;
    };
    await until(() => trialsNow() >= 3, 'the first trials');
    writeFileSync(flag, '');
    const { status, stderr } = await command.finished;
    assert.equal(status, 6, stderr);
    assert.match(stderr, /The GPU failed in the middle of the run: uncorrectable ECC error encountered/);
    assert.match(stderr, /trials recorded so far are in the result file; nvidia-smi/);
    assert.doesNotMatch(stderr, /^\s+at /m);
    const result = readResultFile(output);
    assert.equal(result.status, 'interrupted');
    const measured = result.trials.filter(({ state }) => state === 'measured');
    assert.ok(measured.length >= 3, String(measured.length));
  });
});
