import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { cacheSize } from '../../src/cachesim/index.js';
import { BenchError } from '../../src/errors.js';

describe('a cache size', () => {
  it('is a share of the different keys, rounded down, or a number of slots', () => {
    assert.equal(cacheSize('1%').slots(76_349), 763);
    assert.equal(cacheSize('0.01').slots(76_349), 763);
    assert.equal(cacheSize(' 12.5 % ').slots(80), 10);
    assert.equal(cacheSize('.1').slots(99), 9);
    assert.equal(cacheSize('100%').slots(7), 7);
    assert.equal(cacheSize('500').slots(7), 500);
    assert.deepEqual([cacheSize('500').fraction, cacheSize('0.25').fraction], [null, 0.25]);
  });

  it('takes decimal digits at their word: a share that gives whole slots gives all of them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999 }),
        fc.integer({ min: 1, max: 500_000 }),
        (thousandths, keys) => {
          const text = (thousandths / 1000).toFixed(3);
          assert.equal(cacheSize(text).slots(1000 * keys), thousandths * keys, text);
          assert.equal(cacheSize(`${(thousandths / 10).toFixed(1)}%`).slots(1000 * keys), thousandths * keys);
        },
      ),
      { seed: 4, numRuns: 500 },
    );
  });

  it('is nothing else', () => {
    for (const text of [
      '',
      '%',
      '0',
      '0%',
      '0.0',
      '101%',
      '-1',
      '1.5',
      '1e3',
      '5 keys',
      '0x10',
      '99999999999',
      'NaN',
    ]) {
      assert.throws(
        () => cacheSize(text),
        (error) =>
          error instanceof BenchError && error.code === 'USAGE' && error.message.includes(`"${text}"`),
        text,
      );
    }
  });
});
