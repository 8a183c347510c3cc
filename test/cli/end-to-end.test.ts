import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readResultFile } from '../../src/results/read.js';
import { predisBench, smallRun, temporaryFolder } from './support.js';

const folder = temporaryFolder();
after(folder.remove);

describe('run', () => {
  it('gives the same streams and schedule for the same seed, and others for another', async () => {
    const plan = async (seed: string) => {
      const output = join(folder.path, `seed-${seed}-${String(Math.random()).slice(2)}.json`);
      const words = ['--contenders', 'map,predis', '--no-control', '--seed', seed, '--output', output];
      const run = await predisBench(folder.path, [...smallRun, ...words]);
      assert.equal(run.status, 0, run.stderr);
      return readResultFile(output).plan.cases.map(({ stream, blocks }) => [stream.sha256, blocks]);
    };
    const [first, second, other] = [await plan('7'), await plan('7'), await plan('8')];
    assert.deepEqual(first, second);
    assert.notDeepEqual(first, other);
  });

  it('drives with several workers and connections', async () => {
    const output = join(folder.path, 'workers.json');
    const words = ['--workers', '2', '--connections', '3', '--contenders', 'redis-p4,predis'];
    const run = await predisBench(folder.path, [...smallRun, ...words, '--output', output]);
    assert.equal(run.status, 0, run.stderr);
    const { trials } = readResultFile(output);
    assert.ok(trials.length > 0 && trials.every(({ state }) => state === 'measured'));
  });
});

describe('list and help', () => {
  it('lists workloads and contenders as JSON', async () => {
    const { stdout, status } = await predisBench(folder.path, ['list', '--json']);
    assert.equal(status, 0);
    const { workloads } = JSON.parse(stdout) as { workloads: { name: string }[] };
    assert.deepEqual(
      workloads.map(({ name }) => name),
      [
        ...['basic', 'batch', 'hft', 'ml-training', 'gaming', 'leaderboard', 'zipfian'],
        ...['analytics', 'temporal', 'mixed-sizes', 'key-sizes', 'concurrent', 'trace'],
      ],
    );
  });

  it('prints help and version with exit code 0', async () => {
    for (const words of [['--help'], ['run', '--help'], ['--version']]) {
      const { status, stdout } = await predisBench(folder.path, words);
      assert.equal(status, 0);
      assert.ok(stdout.length > 3);
    }
  });
});
