import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chiSquareTest, kolmogorovSmirnov, normalCdf } from '../../src/stats/index.js';
import { createRandom } from '../../src/support/random.js';
import { sampleSessionTimes } from '../../src/workloads/distributions/session-times.js';
import { NO_PREFETCH, OperationKind, type OperationStream } from '../../src/workloads/workload.js';
import { chiSquarePValue, ksCriticalValue, zipfProbabilities } from './goodness-of-fit.js';
import { caseOf, casesOf, readsOf, requestsOf, streamOf, writesOf } from './fixtures.js';

/** Two-sided p-value of a number of reads under the share that was asked for (normal approximation of the binomial). */
function sharePValue(stream: OperationStream, share: number): number {
  const operations = stream.kind.length;
  const deviation = Math.abs(readsOf(stream).length - operations * share);
  return 2 * normalCdf(-deviation / Math.sqrt(operations * share * (1 - share)));
}

/** Two-sided p-value of a normal deviate. */
const normalPValue = (z: number): number => 2 * normalCdf(-Math.abs(z));

describe('basic', () => {
  const stream = streamOf('basic', { operations: 40_000 });

  it('puts each key and gets it back at once', () => {
    for (let operation = 0; operation < stream.kind.length; operation += 2) {
      assert.equal(stream.kind[operation], OperationKind.put);
      assert.equal(stream.kind[operation + 1], OperationKind.get);
      assert.equal(stream.keyIndex[operation], stream.keyIndex[operation + 1]);
    }
  });

  it('passes over all 10,000 keys, each time in another order', () => {
    const keys = writesOf(stream);
    assert.equal(keys.length, 20_000);
    const [first, second] = [keys.slice(0, 10_000), keys.slice(10_000)];
    assert.equal(new Set(first).size, 10_000);
    assert.equal(new Set(second).size, 10_000);
    const same = first.filter((key, place) => key === second[place]).length;
    assert.ok(same < 20, `${String(same)} keys in the same place; about 1 is expected`);
  });

  it('has values of 100 bytes, or as many as asked for', () => {
    assert.equal(caseOf('basic').keySpace.value(9_999, 4_000_000_000).length, 100);
    assert.equal(caseOf('basic', { valueBytes: 10_000 }).keySpace.value(0, 1).length, 10_000);
  });
});

describe('batch', () => {
  const cases = casesOf('batch', { operations: 100_000 });

  it('has a case for 10, 100, 1,000 and 10,000 keys', () => {
    assert.deepEqual(
      cases.map(({ id }) => id),
      ['10-keys', '100-keys', '1000-keys', '10000-keys'],
    );
    assert.equal(caseOf('batch', { batchSizes: '50' }).id, 'batch');
  });

  for (const [place, size] of [10, 100, 1_000, 10_000].entries()) {
    it(`alternates mget and mput of ${String(size)} distinct keys`, () => {
      const stream = cases[place]?.generate(1);
      assert.ok(stream);
      const requests = requestsOf(stream);
      assert.equal(requests.length % 2, 0);
      assert.ok(requests.length * size >= 100_000);
      for (const [request, keys] of requests.entries()) {
        assert.equal(keys.length, size);
        assert.equal(new Set(keys).size, size);
        assert.equal(stream.kind[request * size], request % 2 === 0 ? OperationKind.get : OperationKind.put);
      }
    });
  }

  it('starts a new order when less than a batch is left', () => {
    const requests = requestsOf(streamOf('batch', { batchSizes: 7, keys: 20, operations: 700 }));
    assert.equal(requests.length, 100);
    for (const keys of requests) assert.equal(new Set(keys).size, 7);
  });

  it('chooses keys uniformly', () => {
    // A pass without replacement is more even than chance: the upper tail is what must not be reached.
    const stream = streamOf('batch', { batchSizes: '100', keys: '1000', operations: '200000' });
    const uniform = new Float64Array(1_000).fill(1 / 1_000);
    assert.ok(chiSquarePValue(readsOf(stream), uniform) > 0.001);
    assert.ok(chiSquarePValue(writesOf(stream), uniform) > 0.001);
  });
});

describe('hft', () => {
  const stream = streamOf('hft');

  it('names its symbols from SYMBOL_0001 to SYMBOL_10000', () => {
    const { keySpace } = caseOf('hft');
    assert.equal(keySpace.size, 10_000);
    assert.equal(keySpace.key(0), 'price:SYMBOL_0001');
    assert.equal(keySpace.key(9_998), 'price:SYMBOL_9999');
    assert.equal(keySpace.key(9_999), 'price:SYMBOL_10000');
  });

  it('reads 90 % of the time, or as asked, and the test can tell', () => {
    assert.ok(sharePValue(stream, 0.9) > 0.001);
    assert.ok(sharePValue(streamOf('hft', { readShare: 0.5, operations: 100_000 }), 0.5) > 0.001);
    assert.ok(sharePValue(streamOf('hft', { readShare: 0.91 }), 0.9) < 1e-6);
  });

  it('writes the 100 hottest, uniformly', () => {
    const writes = writesOf(stream);
    assert.equal(Math.max(...writes), 99);
    assert.ok(chiSquarePValue(writes, new Float64Array(100).fill(0.01)) > 0.001);
  });

  it('reads by Zipf 0.99, hottest symbol first', () => {
    const probabilities = zipfProbabilities(10_000, 0.99);
    assert.ok(chiSquarePValue(readsOf(stream), probabilities) > 0.001);
    assert.ok(chiSquarePValue(readsOf(stream), zipfProbabilities(10_000, 1.01)) < 1e-6);
  });

  it('falls due with intensity 1 + 9 sin² over the session', () => {
    const sessionNs = 60e9;
    const due = stream.dueNs;
    assert.ok(due);
    // ∫ (1 + 9 sin² πx) dx = 5.5 x − 9 sin(2πx)/(4π), which is 5.5 over the session.
    const cdf = (ns: number): number => {
      const x = Math.min(Math.max(ns / sessionNs, 0), 1);
      return x - (9 * Math.sin(2 * Math.PI * x)) / (22 * Math.PI);
    };
    assert.ok(kolmogorovSmirnov(due, cdf) < ksCriticalValue(due.length));
    const flat = sampleSessionTimes(due.length, sessionNs, () => 1, createRandom(1));
    assert.ok(kolmogorovSmirnov(flat, cdf) > 10 * ksCriticalValue(due.length));
    const weaker = sampleSessionTimes(
      due.length,
      sessionNs,
      (x) => 1 + 7.5 * Math.sin(Math.PI * x) ** 2,
      createRandom(1),
    );
    assert.ok(kolmogorovSmirnov(weaker, cdf) > ksCriticalValue(due.length));
  });

  it('falls due at random within the session: gaps of a steady process are exponential', () => {
    const times = sampleSessionTimes(100_000, 1e15, () => 1, createRandom(9));
    const gaps = times.map((time, place) => time - (times[place - 1] ?? 0));
    const distance = kolmogorovSmirnov(gaps, (gap) => 1 - Math.exp((-gap / 1e15) * 100_001));
    assert.ok(distance < ksCriticalValue(gaps.length), String(distance));
    assert.ok((times.at(-1) ?? Infinity) <= 1e15);
  });
});

describe('ml-training', () => {
  const workloadCase = caseOf('ml-training', { epochs: 2 });
  const stream = workloadCase.generate(1);
  const requests = requestsOf(stream);

  it('reads each of 1,000 batches of 1,000 samples once an epoch, in another order', () => {
    assert.equal(requests.length, 2_000);
    assert.ok(stream.kind.every((kind) => kind === OperationKind.get));
    for (const keys of requests) {
      const first = keys[0] ?? NaN;
      assert.equal(first % 1_000, 0);
      assert.ok(keys.length === 1_000 && keys.every((key, sample) => key === first + sample));
    }
    const order = requests.map((keys) => keys[0]);
    assert.equal(new Set(order.slice(0, 1_000)).size, 1_000);
    assert.equal(new Set(order.slice(1_000)).size, 1_000);
    assert.notDeepEqual(order.slice(0, 1_000), order.slice(1_000));
  });

  it('names samples by batch and place', () => {
    assert.equal(workloadCase.keySpace.key(0), 'sample:0:0');
    assert.equal(workloadCase.keySpace.key(12_345), 'sample:12:345');
    assert.equal(workloadCase.keySpace.key(999_999), 'sample:999:999');
  });

  it('announces the next batch, and the first one at the end', () => {
    const hints = stream.prefetchRequest;
    assert.ok(hints);
    for (const [request, target] of hints.entries()) assert.equal(target, (request + 1) % 2_000);
    const single = streamOf('ml-training', { batches: 1, epochs: 1 });
    assert.deepEqual([...(single.prefetchRequest ?? [])], [NO_PREFETCH]);
  });
});

describe('gaming', () => {
  const PLAYERS = 10_000;
  const stream = streamOf('gaming', { operations: 1_000_000 });

  /**
   * Counts, in each of 50 parts of the session, how often two of a hundred successive operations are of one player: among n
   * players who act equally often any pair is with probability 1/n, so the counts say how many were active. The result is
   * the chi-square p-value over the parts, with the exact variance of pairwise independent coincidences.
   */
  function crowdPValue(observed: OperationStream, active: (fraction: number) => number): number {
    const GROUP = 100;
    const PARTS = 50;
    const pairs = (GROUP * (GROUP - 1)) / 2;
    const found = new Float64Array(PARTS);
    const mean = new Float64Array(PARTS);
    const variance = new Float64Array(PARTS);
    for (let first = 0; first + GROUP <= observed.kind.length; first += GROUP) {
      const fraction = (observed.dueNs?.[first] ?? NaN) / 60e9;
      const part = Math.min(Math.floor(fraction * PARTS), PARTS - 1);
      const times = new Map<number, number>();
      for (const key of observed.keyIndex.subarray(first, first + GROUP)) {
        found[part] = (found[part] ?? NaN) + (times.get(key) ?? 0);
        times.set(key, (times.get(key) ?? 0) + 1);
      }
      const p = 1 / active(fraction);
      mean[part] = (mean[part] ?? NaN) + pairs * p;
      variance[part] = (variance[part] ?? NaN) + pairs * p * (1 - p);
    }
    // The squared deviates are summed and compared through Wilson and Hilferty's cube root, which is ample here.
    let statistic = 0;
    for (let part = 0; part < PARTS; part++) {
      statistic += ((found[part] ?? NaN) - (mean[part] ?? NaN)) ** 2 / (variance[part] ?? NaN);
    }
    const spread = 2 / (9 * PARTS);
    return 1 - normalCdf(((statistic / PARTS) ** (1 / 3) - (1 - spread)) / Math.sqrt(spread));
  }

  it('has 1,000 (1 + ½ sin) players active, and the test can tell', () => {
    const crowd = (fraction: number): number => 1_000 * (1 + 0.5 * Math.sin(2 * Math.PI * fraction));
    assert.ok(crowdPValue(stream, crowd) > 0.001);
    assert.ok(crowdPValue(stream, () => 1_000) < 1e-9);
    assert.ok(crowdPValue(streamOf('gaming', { operations: 1_000_000, activeSwing: 0.45 }), crowd) < 1e-3);
  });

  it('has everyone play in the course of the session', () => {
    assert.equal(new Set(stream.keyIndex).size, PLAYERS);
    const soon = new Set(stream.keyIndex.subarray(0, 20_000)).size;
    assert.ok(soon < 1_500, `${String(soon)} different players in the first 2 % of operations`);
  });

  it('reads 70 % of the time', () => {
    assert.ok(sharePValue(stream, 0.7) > 0.001);
    assert.ok(sharePValue(stream, 0.71) < 1e-6);
  });

  it('is busier when more play', () => {
    const due = stream.dueNs;
    assert.ok(due);
    const cdf = (ns: number): number => {
      const x = Math.min(ns / 60e9, 1);
      return x + (0.5 * (1 - Math.cos(2 * Math.PI * x))) / (2 * Math.PI);
    };
    assert.ok(kolmogorovSmirnov(due, cdf) < ksCriticalValue(due.length));
    assert.ok(kolmogorovSmirnov(due, (ns) => ns / 60e9) > 10 * ksCriticalValue(due.length));
  });
});

describe('zipfian', () => {
  const KEYS = 100_000;

  it('follows Zipf 0.99 over keys sorted by popularity rank', () => {
    // The rank of a key is not in the stream; with a single pass of the same seed and another exponent it can be recovered:
    // the permutation depends on the seed alone, and at exponent 10 nearly all draws are of the first ranks.
    const stream = streamOf('zipfian');
    const counts = new Float64Array(KEYS);
    for (const key of stream.keyIndex) counts[key] = (counts[key] ?? NaN) + 1;
    const hottest = counts.indexOf(Math.max(...counts));
    const steep = streamOf('zipfian', { exponent: 10, operations: 100 });
    assert.equal(steep.keyIndex[0], hottest);
    // Counts of the 50 hottest keys against the exact probabilities of the first 50 ranks, the rest in one cell.
    const top = [...counts].sort((a, b) => b - a).slice(0, 20);
    const probabilities = zipfProbabilities(KEYS, 0.99).slice(0, 20);
    const operations = stream.keyIndex.length;
    const rest = operations - top.reduce((sum, count) => sum + count, 0);
    const restExpected = operations * (1 - probabilities.reduce((sum, p) => sum + p, 0));
    const expected = [...[...probabilities].map((p) => p * operations), restExpected];
    assert.ok(chiSquareTest([...top, rest], expected).pValue > 0.001);
  });

  it('scatters hot keys over the key space, differently for each seed', () => {
    const hottestOf = (seed: number): number[] => {
      const counts = new Map<number, number>();
      for (const key of streamOf('zipfian', { operations: 100_000 }, seed).keyIndex) {
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return [...counts.entries()]
        .sort((a, b) => b[1] - a[1])
        .slice(0, 20)
        .map(([key]) => key);
    };
    const hottest = hottestOf(1).sort((a, b) => a - b);
    const neighbours = hottest.filter((key, place) => key - (hottest[place - 1] ?? -10) < 10);
    assert.equal(neighbours.length, 0, hottest.join(' '));
    assert.ok(kolmogorovSmirnov(hottest, (key) => key / KEYS) < 1.628 / Math.sqrt(hottest.length));
    assert.notDeepEqual(
      hottestOf(2).sort((a, b) => a - b),
      hottest,
    );
  });

  it('reads as large a share as asked for, of the same keys as it writes', () => {
    for (const readShare of [0, 0.5, 0.95, 1]) {
      const stream = streamOf('zipfian', { readShare, operations: 50_000 });
      if (readShare === 0 || readShare === 1) assert.equal(readsOf(stream).length, 50_000 * readShare);
      else assert.ok(sharePValue(stream, readShare) > 0.001);
    }
    const stream = streamOf('zipfian', { readShare: 0.5, keys: 10, operations: 100_000 });
    const shareOfHottest = (keys: readonly number[]): number =>
      Math.max(...Array.from({ length: 10 }, (_, key) => keys.filter((other) => other === key).length)) /
      keys.length;
    const p = zipfProbabilities(10, 0.99)[0] ?? NaN;
    for (const keys of [readsOf(stream), writesOf(stream)]) {
      const z = (shareOfHottest(keys) - p) / Math.sqrt((p * (1 - p)) / keys.length);
      assert.ok(normalPValue(z) > 0.001);
    }
  });
});
