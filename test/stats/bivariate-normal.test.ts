import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { bivariateNormalCdf, normalCdf } from '../../src/stats/index.js';
import { bothBelow } from '../../src/stats/power.js';

const near = (actual: number, expected: number, within = 1e-9) => {
  assert.ok(Math.abs(actual - expected) < within, `${String(actual)}, expected ${String(expected)}`);
};

describe('bivariateNormalCdf', () => {
  it('is 1/4 + asin(correlation) / (2 pi) at the origin (Sheppard 1899)', () => {
    for (const correlation of [-0.9, -0.5, -0.1, 0, 0.3, 0.5, 2 / 3, 0.95]) {
      near(bivariateNormalCdf(0, 0, correlation), 0.25 + Math.asin(correlation) / (2 * Math.PI), 1e-8);
    }
  });

  it('is a product without correlation, and the smaller one with all of it', () => {
    for (const [h, k] of [
      [-1, 0.5],
      [2, 2],
      [0.1, -3],
    ] as const) {
      near(bivariateNormalCdf(h, k, 0), normalCdf(h) * normalCdf(k));
      near(bivariateNormalCdf(h, k, 1), normalCdf(Math.min(h, k)));
      near(bivariateNormalCdf(h, k, -1), Math.max(0, normalCdf(h) + normalCdf(k) - 1));
    }
  });

  it("agrees with Owen's T at a correlation of one half", () => {
    for (const h of [-3, -1, -0.2, 0.7, 1.4, 4]) near(bivariateNormalCdf(h, h, 0.5), bothBelow(h), 1e-8);
  });

  it('is the probability that it says, by summing the density over a grid', () => {
    const [h, k, correlation] = [0.8, -0.3, 0.6];
    const step = 0.01;
    let sum = 0;
    for (let x = -8 + step / 2; x < h; x += step) {
      for (let y = -8 + step / 2; y < k; y += step) {
        sum += Math.exp(-(x * x - 2 * correlation * x * y + y * y) / (2 * (1 - correlation ** 2)));
      }
    }
    near(
      bivariateNormalCdf(h, k, correlation),
      (sum * step * step) / (2 * Math.PI * Math.sqrt(1 - correlation ** 2)),
      1e-4,
    );
  });

  it('goes to the one distribution, and refuses a correlation that is none', () => {
    near(bivariateNormalCdf(Infinity, 0.4, 0.7), normalCdf(0.4));
    assert.equal(bivariateNormalCdf(-Infinity, 0.4, 0.7), 0);
    assert.throws(() => bivariateNormalCdf(0, 0, 1.1), RangeError);
    assert.throws(() => bivariateNormalCdf(0, 0, NaN), RangeError);
  });
});
