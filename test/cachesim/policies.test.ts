import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { BLOCK_LENGTH, BlockStore } from '../../src/cachesim/block-store.js';
import { AccessLog, simulateCaches, type PolicyName } from '../../src/cachesim/index.js';
import { minByAllChoices, models } from './models.js';

/** Hits by policy, for keys that are numbered by first appearance as readers do. */
function hits(keys: readonly number[], policies: readonly PolicyName[], slots: number): number[] {
  const numbers = new Map<number, number>();
  const log = new AccessLog();
  for (const key of keys) {
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    log.append(number);
  }
  return simulateCaches(log, numbers.size, policies, [slots]).map((result) => result.hits);
}

const slots = fc.integer({ min: 1, max: 12 });
/** Few keys with favourites, so that every list operation happens; scans in between. */
const trace = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.nat({ max: 5 }).map((key) => [key]) },
      { weight: 3, arbitrary: fc.nat({ max: 24 }).map((key) => [key]) },
      { weight: 1, arbitrary: fc.nat({ max: 20 }).map((key) => [key, key + 1, key + 2, key + 3]) },
    ),
    { minLength: 1, maxLength: 150 },
  )
  .map((parts) => parts.flat());

describe('each policy has the hits of its plain model', () => {
  for (const policy of ['LRU', 'FIFO', 'CLOCK', 'SIEVE', 'MIN'] as const) {
    it(policy, () => {
      fc.assert(
        fc.property(trace, slots, (keys, size) => {
          assert.deepEqual(hits(keys, [policy], size), [models[policy](keys, size)]);
        }),
        { seed: 4, numRuns: 1000 },
      );
    });
  }

  it('MIN: the best of all choices of victims, too', () => {
    const short = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 13 });
    fc.assert(
      fc.property(short, fc.integer({ min: 1, max: 4 }), (keys, size) => {
        assert.deepEqual(hits(keys, ['MIN'], size), [minByAllChoices(keys, size)]);
      }),
      { seed: 4, numRuns: 500 },
    );
  });
});

describe('what must hold of any trace', () => {
  it('no policy has more hits than MIN, and none more than there are repetitions', () => {
    fc.assert(
      fc.property(trace, slots, (keys, size) => {
        const [best = NaN, ...others] = hits(keys, ['MIN', 'LRU', 'FIFO', 'CLOCK', 'SIEVE'], size);
        const repetitions = keys.length - new Set(keys).size;
        assert.ok(best <= repetitions);
        for (const other of others) assert.ok(other <= best);
        const all = hits(keys, ['MIN', 'LRU', 'FIFO', 'CLOCK', 'SIEVE'], 100);
        assert.deepEqual(
          all,
          Array.from({ length: 5 }, () => repetitions),
        );
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('a larger cache never has fewer hits with LRU and MIN, which are stack algorithms', () => {
    fc.assert(
      fc.property(trace, slots, (keys, size) => {
        const smaller = hits(keys, ['LRU', 'MIN'], size);
        hits(keys, ['LRU', 'MIN'], size + 1).forEach((larger, index) => {
          assert.ok(larger >= (smaller[index] ?? Infinity));
        });
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it("Belady's anomaly: FIFO has fewer hits with four slots than with three", () => {
    const keys = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5];
    assert.deepEqual(hits(keys, ['FIFO'], 3), [3]);
    assert.deepEqual(hits(keys, ['FIFO'], 4), [2]);
  });

  it('without slots nothing hits', () => {
    assert.deepEqual(hits([1, 1, 1], ['MIN', 'LRU', 'FIFO', 'CLOCK', 'SIEVE'], 0), [0, 0, 0, 0, 0]);
  });
});

describe('a trace longer than the memory for it', () => {
  it('goes through a file and comes back the same', () => {
    const length = 3 * BLOCK_LENGTH + 1234;
    const key = (at: number): number => (at * 2_654_435_761) % 9973;
    const [inMemory, inFile] = [new AccessLog(), new AccessLog(new BlockStore(1))];
    for (let at = 0; at < length; at++) {
      inMemory.append(key(at));
      inFile.append(key(at));
    }
    assert.equal(inFile.length, length);
    assert.equal(inFile.blocks, 4);
    for (let block = 0; block < 4; block++) assert.deepEqual(inFile.block(block), inMemory.block(block));
    inFile.close();
    inFile.close();
  });
});
