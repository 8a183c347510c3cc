import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import type { Summary } from '../../src/analysis/summary.js';
import type { ResultFile } from '../../src/results/schema.js';
import { predisBench, temporaryFolder } from './support.js';

const folder = temporaryFolder();
after(folder.remove);

/** Two looks, at 6 and 12 blocks: six blocks can decide at this alpha, and the two engines are far apart. */
const words = [
  ...['run', 'hft', '--contenders', 'redis,predis', '--no-control', '--no-redis-benchmark', '--alpha', '0.2'],
  ...['--blocks', '12', '--looks', '2', '--spending', 'pocock', '--window-ms', '25', '--warmup-ms', '5'],
  ...['--set', 'symbols=500', '--set', 'hotSymbols=50', '--set', 'operations=5000'],
];
const read = (name: string) => JSON.parse(readFileSync(join(folder.path, name), 'utf8')) as ResultFile;

describe('run --stop-when decided', () => {
  it('ends at a look by the rule in its plan, says so, and has nothing to resume after that', async () => {
    const { status, stdout, stderr } = await predisBench(folder.path, [
      ...words,
      ...['--stop-when', 'decided', '--json', '--output', 'stopped.json'],
    ]);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /look after 6 blocks: every comparison is decided, the case ends here/);
    const file = read('stopped.json');
    assert.deepEqual(
      file.plan.stopping?.looks.map(({ blocks }) => blocks),
      [6, 12],
    );
    assert.equal(file.status, 'complete');
    assert.deepEqual(
      file.looks?.map(({ blocks, stopped }) => [blocks, stopped]),
      [[6, true]],
    );
    assert.equal(file.trials.length, 6 * 4);
    const summary = JSON.parse(stdout) as Summary;
    assert.deepEqual([summary.sources[0]?.trialsPlanned, summary.cases[0]?.stopping?.looksTaken], [24, 1]);
    assert.match(summary.caveats.map(({ text }) => text).join(' '), /hft ended early, as a rule/);

    // as if it had been interrupted right after the look: the look stands, and no trial is added
    writeFileSync(join(folder.path, 'interrupted.json'), JSON.stringify({ ...file, status: 'interrupted' }));
    const resumed = await predisBench(folder.path, ['run', '--resume', 'interrupted.json', '--quiet']);
    assert.equal(resumed.status, 0, resumed.stderr);
    assert.deepEqual(read('interrupted.json').trials, file.trials);

    // as if it had been interrupted before the look: the rule takes it then, and comes to the same
    const before: ResultFile = { ...file, status: 'interrupted' };
    delete before.looks;
    writeFileSync(join(folder.path, 'before.json'), JSON.stringify(before));
    const looked = await predisBench(folder.path, ['run', '--resume', 'before.json', '--quiet']);
    assert.equal(looked.status, 0, looked.stderr);
    const after = read('before.json');
    assert.deepEqual([after.trials.length, after.looks?.[0]?.stopped, after.status], [24, true, 'complete']);
  });

  it('refuses a rule that could never stop, and options without one', async () => {
    const few = await predisBench(folder.path, [...words, '--stop-when', 'decided', '--alpha', '0.01']);
    assert.equal(few.status, 2);
    assert.match(
      few.stderr,
      /12 blocks are too few for 3 comparisons at alpha 0\.01: .* \d+ blocks are needed at least/,
    );
    const without = await predisBench(folder.path, words);
    assert.equal(without.status, 2);
    assert.match(without.stderr, /add --stop-when decided/);
    const other = await predisBench(folder.path, [...words, '--stop-when', 'significant']);
    assert.equal(other.status, 2);
    assert.match(other.stderr, /takes decided/);
  });
});
