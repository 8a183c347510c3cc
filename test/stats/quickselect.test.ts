import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hodgesLehmann } from '../../src/stats/hodges-lehmann.js';
import { selectInPlace } from '../../src/stats/quickselect.js';
import { selectDifference } from '../../src/stats/select-difference.js';
import { createRandom } from '../../src/support/random.js';

const few = fc.double({ noNaN: true, noDefaultInfinity: true, min: -3, max: 3 });
const tied = fc.integer({ min: -4, max: 4 });

describe('selectInPlace', () => {
  it('gives what sorting gives, with ties or without, and leaves smaller values before it', () => {
    const values = fc.array(fc.oneof(few, tied), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, fc.nat(), (list, at) => {
        const k = at % list.length;
        const array = Float64Array.from(list);
        const found = selectInPlace(array, k);
        const sorted = Float64Array.from(list).sort();
        assert.equal(found - (sorted[k] ?? NaN), 0);
        assert.ok(array.subarray(0, k).every((value) => value <= found));
        assert.ok(array.subarray(k).every((value) => value >= found));
        assert.deepEqual(
          [...array].map((value) => value + 0).sort((a, b) => a - b),
          [...sorted].map((value) => value + 0),
        );
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  it('ends soon whatever the order is', () => {
    const n = 20_000;
    const orders: ((at: number) => number)[] = [
      (at) => at,
      (at) => -at,
      () => 7,
      (at) => Math.min(at, n - at),
      (at) => (at % 2 === 0 ? at : -at),
      (at) => (at * 7919) % 101,
    ];
    for (const order of orders) {
      const list = Float64Array.from({ length: n }, (_, at) => order(at));
      const sorted = list.slice().sort();
      for (const k of [0, 1, n / 2, n - 1])
        assert.equal(selectInPlace(list.slice(), k) - (sorted[k] ?? NaN), 0);
    }
  });
});

describe('hodgesLehmann, small and large', () => {
  it('selects as the search does that needs no memory', () => {
    const random = createRandom(21, 0);
    for (const [m, n] of [
      [1, 1],
      [7, 9],
      [60, 90],
      [91, 91],
      [190, 180],
    ] as const) {
      const sample = (size: number) =>
        Float64Array.from({ length: size }, () => Math.round(200 * random.nextDouble()) / 8);
      const [x, y] = [sample(m).sort(), sample(n).sort()];
      const { estimate } = hodgesLehmann(x, y);
      const [low, high] = [Math.ceil((m * n) / 2), Math.floor((m * n) / 2) + 1];
      assert.equal(estimate, (selectDifference(x, y, low) + selectDifference(x, y, high)) / 2);
    }
  });
});
