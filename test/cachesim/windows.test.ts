/** Hits over the course of a trace, from the simulation to the summary. */
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { summariseCacheSimulations } from '../../src/analysis/cache-simulations.js';
import { AccessLog, policyNames, simulateCaches, windowEdges } from '../../src/cachesim/index.js';
import { BenchError } from '../../src/errors.js';
import { readCacheSimulation } from '../../src/results/declared/read.js';
import { models } from './models.js';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

describe('hits by window', () => {
  it('are those that a plain model counts up to each edge', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 12 }),
        (keys, slots) => {
          const log = new AccessLog();
          for (const key of keys) log.append(key);
          const edges = windowEdges(keys.length);
          assert.deepEqual([edges[0], edges.at(-1)], [0, keys.length]);
          for (const { policy, hits, windowHits } of simulateCaches(log, 16, policyNames, [slots])) {
            const model = models[policy];
            assert.equal(sum(windowHits), hits);
            assert.equal(hits, model(keys, slots));
            if (policy === 'MIN') continue; // knows what comes after an edge, as its model of the beginning does not
            const upTo = edges.map((edge) => model(keys.slice(0, edge), slots));
            assert.deepEqual(
              windowHits,
              upTo.slice(1).map((count, window) => count - (upTo[window] ?? 0)),
              policy,
            );
          }
          log.close();
        },
      ),
    );
  });
});

describe('a cache simulation in a report', () => {
  const folder = mkdtempSync(join(tmpdir(), 'predis-bench-cachesim-'));
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const good = {
    format: 'predis-bench-cache-simulation',
    schemaVersion: 1,
    trace: {
      ...{ file: 't.lis', bytes: 9, sha256: 'a'.repeat(64), format: 'arc', compression: 'none' },
      ...{ accesses: 60, requests: 60, keys: 7, complete: true, timed: false, skew: null },
    },
    windowAccesses: [10, 10, 10, 10, 10, 10],
    results: [
      {
        ...{ policy: 'LRU', size: '10%', fraction: 0.1, slots: 1, hits: 21, misses: 39, hitRatio: 0.35 },
        windowHits: [0, 1, 2, 3, 5, 10],
      },
    ],
  };
  const read = (document: unknown) => {
    const path = join(folder, 'simulation.json');
    writeFileSync(path, JSON.stringify(document));
    return readCacheSimulation(path, 'simulation.json');
  };

  it('gives the ratio of each window, and of fifths of the trace', () => {
    const [summary] = summariseCacheSimulations([read(good)]);
    const [curve] = summary?.curves ?? [];
    assert.deepEqual(curve?.windows, [0, 0.1, 0.2, 0.3, 0.5, 1]);
    assert.deepEqual(curve.parts, [0, 0.1, 0.2, 0.3, 0.75]);
    assert.equal(curve.hitRatio, 0.35);
  });

  it('is refused where its counts disagree', () => {
    const [result] = good.results;
    const changes: readonly [object, RegExp][] = [
      [{ windowAccesses: [10, 10, 10, 10, 10, 9] }, /windowAccesses does not add up/],
      [{ results: [{ ...result, misses: 38 }] }, /hits and misses/],
      [{ results: [{ ...result, hitRatio: 0.9 }] }, /hitRatio/],
      [{ results: [{ ...result, windowHits: [1, 2, 3] }] }, /other windows/],
      [{ results: [{ ...result, windowHits: [0, 1, 2, 3, 5, 9] }] }, /does not add up to hits/],
      [{ results: [{ ...result, windowHits: [0, 0, 0, 0, 10, 11] }] }, /more than was accessed/],
      [{ format: 'x' }, /format/],
    ];
    for (const [change, why] of changes) {
      assert.throws(
        () => read({ ...good, ...change }),
        (error) =>
          error instanceof BenchError && error.code === 'CACHESIM_UNREADABLE' && why.test(error.message),
        String(why),
      );
    }
  });
});
