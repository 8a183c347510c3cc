import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readResultFile } from '../../src/results/read.js';
import { predisBench, processesWith, smallRunWithBenchmark, temporaryFolder } from './support.js';

const folder = temporaryFolder();
after(folder.remove);

describe('the ladder', () => {
  it('measures every rung on real servers, verifies all but the floors, and leaves nothing running', async () => {
    const output = join(folder.path, 'ladder.json');
    const temporary = join(folder.path, 'tmp');
    mkdirSync(temporary);
    const words = ['--contenders', 'ladder', '--engine', 'cpu', '--blocks', '1', '--output', output];
    const run = await predisBench(folder.path, [...smallRunWithBenchmark, ...words], { TMPDIR: temporary });
    assert.equal(run.status, 0, run.stderr);
    const { plan, trials, engines, ceilings = [] } = readResultFile(output);
    assert.deepEqual(
      plan.contenders.map(({ id, boundary }) => `${id} ${boundary}`),
      [
        ...['redis socket', 'redis-p16 socket', 'redis-tcp socket', 'redis-tcp-p16 socket'],
        ...['redis-io socket', 'redis-io-p16 socket', 'redis-cluster socket', 'redis-cluster-p16 socket'],
        ...['predis api', 'predis-packed packed', 'map api'],
        ...['noop-api api', 'noop-packed packed', 'noop-resp socket', 'noop-resp-p16 socket'],
      ],
    );
    const floors = new Set(plan.contenders.flatMap(({ id, floor }) => (floor === true ? [id] : [])));
    assert.deepEqual([...floors], ['noop-api', 'noop-packed', 'noop-resp', 'noop-resp-p16']);
    for (const trial of trials) {
      assert.ok(trial.state === 'measured', JSON.stringify(trial).slice(0, 300));
      const checked = trial.correctness.readsVerified + trial.correctness.readBackKeys;
      assert.equal(checked > 0, !floors.has(trial.contender), trial.contender);
    }
    assert.equal(trials.length, (plan.contenders.length + 1) * 2, 'all, and the second arm of the control');
    for (const { baseline, candidate } of plan.comparisons) {
      assert.ok(!floors.has(baseline) && !floors.has(candidate), `${candidate} against ${baseline}`);
    }
    assert.ok(Number(engines['redis-cluster']?.settings.masters) >= 3);
    assert.equal(
      engines['redis-io']?.settings['io-threads'],
      String(plan.contenders.find(({ id }) => id === 'redis-io')?.settings.ioThreads),
    );
    assert.equal(engines['redis-tcp']?.settings.transport, 'TCP');
    assert.match(run.stdout, /noop-api .*floor, not verified/);
    assert.match(
      run.stdout,
      /the best of 8 for Redis: leaving the network \S+ \(map\), in native code \S+ \(predis\)/,
    );
    assert.deepEqual(
      ceilings.map(({ contender }) => contender),
      plan.contenders.filter(({ engine }) => engine === 'redis').map(({ id }) => id),
    );
    for (const { contender, absent, runs, pipelineDepth } of ceilings) {
      if (contender.startsWith('redis-cluster')) assert.match(absent ?? '', /cluster/);
      else {
        assert.equal(absent, null, contender);
        assert.deepEqual(runs.map(({ kind }) => kind).sort(), ['get', 'put']);
        assert.equal(pipelineDepth, contender.endsWith('-p16') ? 16 : 1);
      }
    }
    assert.match(run.stdout, /redis-p16: harness efficiency \d+ % of redis-benchmark's/);

    assert.deepEqual(readdirSync(temporary), [], 'a server left its folder');
    assert.deepEqual(processesWith(temporary), [], 'a server was left running');
  });

  it('says that redis-benchmark was switched off', async () => {
    const output = join(folder.path, 'without.json');
    const words = [
      '--contenders',
      'redis,predis',
      '--blocks',
      '1',
      '--no-redis-benchmark',
      '--output',
      output,
    ];
    const run = await predisBench(folder.path, [...smallRunWithBenchmark, ...words]);
    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stdout, /redis: harness efficiency not known, .*switched off with --no-redis-benchmark/);
    assert.match(run.stdout, /leaving the network and in native code/, 'no Map was measured');
  });

  it('refuses a Redis of its own kind beside a running server', async () => {
    const words = ['--contenders', 'redis-cluster,predis', '--redis', 'redis://127.0.0.1:1'];
    const run = await predisBench(folder.path, [...smallRunWithBenchmark, ...words]);
    assert.equal(run.status, 2);
    assert.match(run.stderr, /redis-cluster is a Redis that this tool starts itself/);
  });
});
