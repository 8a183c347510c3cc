/** A small version of `npm run bench:gate`, with fixed seeds: what the gate promises about alarms and about losses that it finds. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { countRows } from '../../bench/rate-rows.js';
import { gateRows, onlyCase, plantLoss, redraw } from '../../bench/gate-rates.js';
import { judge } from '../../src/gate/index.js';
import { readResultFile } from '../../src/results/read.js';
import { packageRoot } from '../../src/support/package-root.js';
import { createRandom } from '../../src/support/random.js';

const rows = gateRows();

describe('the same build, 200 pairs of sessions each', () => {
  const same = rows.filter(({ name }) => name.includes('the same build') && !name.startsWith('negative'));
  for (const [counted] of same.map((row) => countRows([row], { sessions: 200, seed: 11 }))) {
    assert.ok(counted !== undefined);
    it(counted.name, () => {
      assert.equal(counted.sessions, 200);
      // 200 re-draws raise at most the alpha that was promised
      assert.ok(counted.events <= 0.05 * 200, `${String(counted.events)} of 200`);
    });
  }

  it('would show a gate that alarms: without the controls it does', () => {
    const control = rows.filter(({ name }) => name.startsWith('negative control'));
    const [counted] = countRows(control, { sessions: 100, seed: 11 });
    assert.ok(counted !== undefined && counted.interval.low > 0.05, String(counted?.events));
  });
});

describe('losses of 3, 5 and 10 % where the gate promised to find them', () => {
  const planted = rows.filter(({ name }) => name.includes('promised to find it') && !name.includes('h200'));
  for (const loss of ['3 %', '5 %', '10 %']) {
    it(`${loss} is planted on simulated and on recorded sessions, by machine and relative`, () => {
      assert.equal(planted.filter(({ name }) => name.includes(`${loss} slower`)).length, 4);
    });
  }
  for (const [counted] of planted.map((row) => countRows([row], { sessions: 50, seed: 12 }))) {
    assert.ok(counted !== undefined);
    it(counted.name, () => {
      assert.ok(counted.sessions > 5, 'too few promises to count');
      assert.ok(counted.held, `${String(counted.events)} of ${String(counted.sessions)} promised`);
      assert.ok(counted.events / counted.sessions > 0.7);
    });
  }
});

describe('drawing blocks anew', () => {
  const recorded = readResultFile(join(packageRoot, 'results/epyc-2cpu-vm/warm-up-150ms.json'));
  const source = onlyCase(recorded, 'hft');

  it('keeps the numbers as they were measured, and all trials of a block together', () => {
    const drawn = redraw(source, 30, createRandom(3, 0));
    assert.equal(new Set(drawn.trials.map(({ block }) => block)).size, 30);
    const ofBlock = (result: typeof drawn, block: number) =>
      result.trials
        .filter((trial) => trial.block === block)
        .map((trial) => (trial.state === 'measured' ? trial.measurements.throughputPerSecond : trial.state));
    const originals = source.plan.cases[0]?.blocks.map((_, block) => ofBlock(source, block).join());
    for (let block = 0; block < 30; block++) assert.ok(originals?.includes(ofBlock(drawn, block).join()));
  });

  it('of two identical draws nothing is lost, and a planted loss is what was planted', () => {
    const drawn = redraw(source, 16, createRandom(4, 0));
    const loss = (candidate: typeof drawn) =>
      judge(drawn, candidate, { margins: { throughput: 0.02 } }).comparisons[0]?.corrected?.estimate ?? NaN;
    assert.ok(Math.abs(loss(drawn)) < 1e-12);
    assert.ok(Math.abs(loss(plantLoss(drawn, 0.05)) - 0.05) < 1e-12);
  });
});
