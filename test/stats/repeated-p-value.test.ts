import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { groupSequential, repeatedPValue } from '../../src/stats/index.js';
import { createRandom } from '../../src/support/random.js';
import { normalCdf } from '../../src/stats/index.js';
import { normal } from '../analysis/fixtures.js';

const quarters = [0.25, 0.5, 0.75, 1];

describe('repeatedPValue', () => {
  it('is the p-value itself where there is one look', () => {
    for (const p of [0.9, 0.3, 0.05, 1e-3, 1e-7]) {
      const repeated = repeatedPValue([p], { looks: [1] });
      assert.ok(Math.abs(repeated / p - 1) < 0.02, `${String(p)}: ${String(repeated)}`);
    }
    assert.equal(repeatedPValue([], { looks: [1] }), 1);
    assert.equal(repeatedPValue([1], { looks: [1] }), 1);
    assert.equal(repeatedPValue([0], { looks: [1] }), 1e-12);
  });

  it('falls below a level exactly where the rule of that level stops', () => {
    for (const spending of ['obrien-fleming', 'pocock'] as const) {
      for (const alpha of [0.05, 0.007]) {
        const rule = groupSequential({ looks: quarters, alpha, spending });
        rule.forEach(({ nominalAlpha }, look) => {
          const p = (at: number) =>
            repeatedPValue([...Array<number>(look).fill(1), at], { looks: quarters, spending });
          assert.ok(p(nominalAlpha * 0.98) < alpha, `${spending} ${String(look)}`);
          assert.ok(p(nominalAlpha * 1.02) > alpha, `${spending} ${String(look)}`);
        });
      }
    }
  });

  it('never falls when a p-value rises', () => {
    const p = fc.double({ min: 1e-9, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 4 }), fc.nat(3), (pValues, which) => {
        const more = pValues.map((value, look) => (look === which ? Math.min(1, 3 * value) : value));
        const design = { looks: quarters };
        assert.ok(repeatedPValue(more, design) >= repeatedPValue(pValues, design) * (1 - 1e-9));
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('is below any level at most as often as that, under the null hypothesis', () => {
    const random = createRandom(9);
    const levels = [0.2, 0.05, 0.01];
    const below = levels.map(() => 0);
    const repeats = 20_000;
    for (let repeat = 0; repeat < repeats; repeat++) {
      let score = 0;
      const pValues = quarters.map((share) => {
        score += 0.5 * normal(random);
        return 2 * normalCdf(-Math.abs(score / Math.sqrt(share)));
      });
      const repeated = repeatedPValue(pValues, { looks: quarters, spending: 'pocock' });
      levels.forEach((level, index) => {
        if (repeated < level) below[index] = (below[index] ?? 0) + 1;
      });
    }
    levels.forEach((level, index) => {
      const rate = (below[index] ?? 0) / repeats;
      const error = Math.sqrt((level * (1 - level)) / repeats);
      assert.ok(Math.abs(rate - level) < 4 * error, `${String(level)}: ${String(rate)}`);
    });
  });

  it('refuses what is no design', () => {
    assert.throws(() => repeatedPValue([0.1, 0.2], { looks: [1] }), /2 p-values and 1 looks/);
    assert.throws(() => repeatedPValue([NaN], { looks: [1] }), /pValues\[0\] is NaN/);
  });
});
