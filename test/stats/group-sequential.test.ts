import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { groupSequential } from '../../src/stats/index.js';
import { createRandom } from '../../src/support/random.js';
import { normal } from '../analysis/fixtures.js';
import { close } from './brute-force.js';

const fifths = [0.2, 0.4, 0.6, 0.8, 1];

describe('groupSequential', () => {
  it('gives the boundaries of the published tables', () => {
    // Reboussin, DeMets, Kim and Lan (2000), Controlled Clinical Trials 21: five equal looks, two-sided 0.05
    const published = {
      'obrien-fleming': [4.8769, 3.3569, 2.6803, 2.2898, 2.031],
      pocock: [2.438, 2.4268, 2.4101, 2.3966, 2.3859],
    } as const;
    for (const spending of ['obrien-fleming', 'pocock'] as const) {
      const looks = groupSequential({ looks: fifths, alpha: 0.05, spending });
      looks.forEach(({ boundary }, index) => {
        assert.ok(Math.abs(boundary - (published[spending][index] ?? NaN)) < 2e-4, String(boundary));
      });
    }
  });

  it('is the plain test when there is one look', () => {
    const [only] = groupSequential({ looks: [1], alpha: 0.05 });
    close(only?.boundary ?? NaN, 1.959963984540054, 1e-9);
    close(only?.nominalAlpha ?? NaN, 0.05, 1e-9);
  });

  it('rejects a true null hypothesis as often as it says, and less before the end', () => {
    const random = createRandom(21);
    const looks = groupSequential({ looks: [0.25, 0.5, 1], alpha: 0.1, spending: 'pocock' });
    const repeats = 40_000;
    const stopped = looks.map(() => 0);
    for (let repeat = 0; repeat < repeats; repeat++) {
      let score = 0;
      let before = 0;
      for (const [index, { fraction, boundary }] of looks.entries()) {
        score += Math.sqrt(fraction - before) * normal(random);
        before = fraction;
        if (Math.abs(score / Math.sqrt(fraction)) < boundary) continue;
        stopped[index] = (stopped[index] ?? 0) + 1;
        break;
      }
    }
    let all = 0;
    looks.forEach(({ spent }, index) => {
      all += (stopped[index] ?? 0) / repeats;
      assert.ok(Math.abs(all - spent) < 0.006, `${String(all)} and ${String(spent)}`);
    });
  });

  it('spends all of alpha at the end, in any design', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(cuts, fc.constantFrom('obrien-fleming', 'pocock'), (inner, spending) => {
        const looks = [...inner.sort((a, b) => a - b).map((cut) => cut / 100), 1];
        const plan = groupSequential({ looks, alpha: 0.01, spending });
        close(plan.at(-1)?.spent ?? NaN, 0.01, 1e-9);
        for (const { nominalAlpha, spent } of plan) assert.ok(nominalAlpha <= spent + 1e-9);
      }),
      { seed: 6, numRuns: 4 },
    );
  });

  it('refuses looks that are no plan', () => {
    assert.throws(() => groupSequential({ looks: [0.5], alpha: 0.05 }), /last of looks must be 1/);
    assert.throws(() => groupSequential({ looks: [0.5, 0.5, 1], alpha: 0.05 }), /looks\[1\]/);
    assert.throws(() => groupSequential({ looks: [], alpha: 0.05 }), /empty/);
    assert.throws(() => groupSequential({ looks: [1], alpha: 0 }), /alpha/);
  });
});
