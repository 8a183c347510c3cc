import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Summary } from '../../src/analysis/summary.js';
import { readResultFile } from '../../src/results/read.js';
import { predisBench, temporaryFolder } from './support.js';

const folder = temporaryFolder();
after(folder.remove);

const run = [
  ...['run', 'hft', '--blocks', '3', '--window-ms', '5', '--warmup-ms', '1', '--contenders', 'predis,map'],
  ...['--set', 'symbols=100', '--set', 'hotSymbols=10', '--set', 'operations=1000'],
];

describe('the A/A control, end to end', () => {
  it('ends a session that finds a difference where there is none with 5, and the gate refuses it', async () => {
    const path = join(folder.path, 'session.json');
    const measured = await predisBench(folder.path, [...run, '--output', path]);
    assert.match(String(measured.status), /^[05]$/, measured.stderr); // 5: a false alarm, which the level allows
    const file = readResultFile(path);
    assert.equal(file.plan.control?.arm, 'predis:control');
    assert.equal(file.plan.control.extraTrials, 6);

    // What a disturbed machine would have left: the second arm far slower; and the last trial still to be measured.
    const trials = file.trials.slice(0, -1).map((trial) => {
      if (trial.state !== 'measured' || trial.contender !== 'predis:control') return trial;
      const { measurements } = trial;
      const throughputPerSecond = measurements.throughputPerSecond / 1000;
      return { ...trial, measurements: { ...measurements, throughputPerSecond } };
    });
    writeFileSync(path, JSON.stringify({ ...file, trials, status: 'interrupted' }));

    const resumed = await predisBench(folder.path, ['run', '--resume', path, '--json']);
    assert.equal(resumed.status, 5, resumed.stderr);
    const summary = JSON.parse(resumed.stdout) as Summary;
    assert.equal(summary.validity[0]?.valid, false);
    assert.equal(summary.validity[0].control.state, 'failed');
    assert.equal(readResultFile(path).trials.length, file.trials.length);

    const gate = await predisBench(folder.path, ['gate', '--baseline', path, '--candidate', path]);
    assert.equal(gate.status, 5);
    assert.match(gate.stdout, /baseline is an invalid session: it compared predis with itself/);
  });

  it('is switched off by --no-control, moved by --control, and refuses a contender that does not run', async () => {
    const off = join(folder.path, 'off.json');
    const uncontrolled = await predisBench(folder.path, [
      ...run,
      '--no-control',
      '--blocks',
      '1',
      '--output',
      off,
    ]);
    assert.equal(uncontrolled.status, 0, uncontrolled.stderr);
    assert.match(uncontrolled.stdout, /^Not controlled: /m);
    assert.equal(readResultFile(off).plan.control, null);
    assert.equal(readResultFile(off).trials.length, 4);

    const other = join(folder.path, 'map.json');
    const words = [...run, '--control', 'map', '--blocks', '1', '--output', other];
    assert.equal((await predisBench(folder.path, words)).status, 0);
    const trials = readResultFile(other).trials.map(({ contender }) => contender);
    assert.equal(trials.filter((id) => id === 'map:control').length, 2);

    const wrong = await predisBench(folder.path, [...run, '--control', 'redis']);
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /--control redis: this run has no such contender; it has predis, map/);
  });
});
