/** analytics, temporal, mixed-sizes, key-sizes and concurrent: what is particular to each, with a control that each test refuses. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kolmogorovSmirnov } from '../../src/stats/index.js';
import { createRandom } from '../../src/support/random.js';
import { sampleSessionTimes } from '../../src/workloads/distributions/session-times.js';
import { burstLength, burstStarts, type TemporalShape } from '../../src/workloads/temporal.js';
import { OperationKind } from '../../src/workloads/workload.js';
import { caseOf, casesOf, readsOf, requestsOf, streamOf, writesOf } from './fixtures.js';
import { chiSquarePValue, ksCriticalValue, zipfProbabilities } from './goodness-of-fit.js';

const uniform = (size: number): Float64Array => new Float64Array(size).fill(1 / size);

describe('analytics', () => {
  const [dashboards, everything] = casesOf('analytics');
  assert.ok(dashboards && everything);

  it('has 10,000 metrics, read and written in bulks of 1,000 and of all', () => {
    assert.deepEqual([dashboards.id, everything.id], ['1000-metrics', '10000-metrics']);
    assert.equal(dashboards.keySpace.size, 10_000);
    assert.equal(dashboards.keySpace.key(4_217), 'metric:service-0042:17');
    for (const [workloadCase, size] of [
      [dashboards, 1_000],
      [everything, 10_000],
    ] as const) {
      for (const keys of requestsOf(workloadCase.generate(3))) {
        const first = keys[0] ?? NaN;
        assert.equal(keys.length, size);
        assert.ok(keys.every((key, place) => key === (first + place) % 10_000));
      }
    }
  });

  it('begins its bulks anywhere alike, which a start at a multiple of ten does not', () => {
    const starts = requestsOf(streamOf('analytics', { metricsPerRequest: 2, operations: 100_000 })).map(
      ([first]) => first ?? NaN,
    );
    assert.ok(chiSquarePValue(starts, uniform(10_000)) > 0.001);
    const aligned = starts.map((start) => start - (start % 10));
    assert.ok(chiSquarePValue(aligned, uniform(10_000)) < 1e-9);
  });

  it('reads 95 % of the time, and the test can tell 94 %', () => {
    const kinds = (readShare: number): number[] => {
      const stream = streamOf('analytics', { metricsPerRequest: 2, operations: 200_000, readShare });
      return Array.from({ length: 100_000 }, (_, request) => stream.kind[2 * request] ?? NaN);
    };
    assert.ok(chiSquarePValue(kinds(0.95), [0.95, 0.05]) > 0.001);
    assert.ok(chiSquarePValue(kinds(0.94), [0.95, 0.05]) < 1e-6);
  });
});

describe('temporal', () => {
  const shape: TemporalShape = {
    days: 7,
    dailySwing: 0.6,
    seasonSwing: 0.3,
    bursts: 5,
    burstFactor: 5,
    burstShare: 0.01,
  };
  const sessionNs = 60e9;
  const stream = streamOf('temporal');
  const due = stream.dueNs ?? new Float64Array(0);
  const starts = burstStarts(shape, 1);

  /** The promised intensity, written down a second time and with the library's own sine. */
  const intensity = (changes: Partial<TemporalShape> = {}): ((x: number) => number) => {
    const { days, dailySwing, seasonSwing, burstFactor } = { ...shape, ...changes };
    const length = burstLength(shape);
    return (x) =>
      (1 + dailySwing * Math.sin(2 * Math.PI * (days * x - 0.25))) *
      (1 + seasonSwing * Math.sin(2 * Math.PI * x)) *
      (starts.some((start) => x >= start && x < start + length) ? burstFactor : 1);
  };
  /** Its distribution function, by the midpoint rule on a grid 16 times as fine as the sampler's. */
  const cdfOf = (density: (x: number) => number): ((ns: number) => number) => {
    const cells = 65_536;
    const sums = new Float64Array(cells + 1);
    for (let cell = 0; cell < cells; cell++) {
      sums[cell + 1] = (sums[cell] ?? NaN) + density((cell + 0.5) / cells);
    }
    const total = sums[cells] ?? NaN;
    return (ns) => {
      const place = Math.min(Math.max(ns / sessionNs, 0), 1) * cells;
      const cell = Math.min(Math.floor(place), cells - 1);
      const [below = NaN, above = NaN] = sums.subarray(cell, cell + 2);
      return (below + (above - below) * (place - cell)) / total;
    };
  };
  const fits = (times: Float64Array, density: (x: number) => number): boolean =>
    kolmogorovSmirnov(times, cdfOf(density)) < ksCriticalValue(times.length);

  it('falls due by day, season and burst together, and by nothing less', () => {
    assert.equal(due.length, 500_000);
    assert.ok(fits(due, intensity()));
    assert.ok(!fits(due, intensity({ dailySwing: 0 })), 'a load without days passes');
    assert.ok(!fits(due, intensity({ days: 6 })), 'a load of six days passes');
    assert.ok(!fits(due, intensity({ seasonSwing: 0 })), 'a load without a season passes');
    assert.ok(!fits(due, intensity({ burstFactor: 1 })), 'a load without bursts passes');
    assert.ok(!fits(due, intensity({ burstFactor: 4 })), 'weaker bursts pass');
    assert.ok(
      !fits(
        sampleSessionTimes(500_000, sessionNs, () => 1, createRandom(1)),
        intensity(),
      ),
    );
  });

  it('bursts at a random time in each fifth of the session, never across its end', () => {
    const length = burstLength(shape);
    const places: number[] = [];
    for (let seed = 0; seed < 4_000; seed++) {
      for (const [part, start] of burstStarts(shape, seed).entries()) {
        const from = part / 5;
        assert.ok(start >= from && start + length <= from + 0.2 + 1 / 4096);
        places.push((start - from) / (0.2 - length));
      }
    }
    const evenly = (x: number): number => Math.min(Math.max(x, 0), 1);
    // Places lie on a grid of 1/4096 of the session, which adds up to 1/778 of the range to the distance.
    const allowed = ksCriticalValue(places.length) + 1 / 700;
    assert.ok(kolmogorovSmirnov(places, evenly) < allowed);
    const early = places.map((place) => place ** 1.1);
    assert.ok(kolmogorovSmirnov(early, evenly) > allowed);
  });

  it('reads items by age, by Zipf, and writes the newest', () => {
    const ages: number[] = [];
    for (let operation = 0; operation < due.length; operation++) {
      const newest = Math.floor(((due[operation] ?? NaN) / sessionNs) * 50_000);
      const key = stream.keyIndex[operation] ?? NaN;
      if (stream.kind[operation] === OperationKind.put) assert.equal(key, newest);
      else ages.push((newest - key + 50_000) % 50_000);
    }
    assert.ok(chiSquarePValue(ages, zipfProbabilities(50_000, 0.99)) > 0.001);
    assert.ok(chiSquarePValue(ages, zipfProbabilities(50_000, 1.01)) < 1e-6);
    assert.ok(chiSquarePValue(readsOf(stream), zipfProbabilities(50_000, 0.99)) < 1e-9, 'age is not rank');
    assert.equal(new Set(writesOf(stream)).size > 10_000, true);
  });

  it('has no bursts when none are asked for', () => {
    assert.deepEqual(burstStarts({ ...shape, bursts: 0 }, 1), []);
    assert.equal(streamOf('temporal', { bursts: 0, operations: 100 }).kind.length, 100);
  });
});

describe('mixed-sizes', () => {
  const workloadCase = caseOf('mixed-sizes');
  const stream = workloadCase.generate(1);
  const classOf = (key: number): number => (key < 1_000 ? 0 : key < 1_100 ? 1 : 2);

  it('has 1,000 values of 1 KiB, 100 of 10 KiB and 10 of 100 KiB', () => {
    const { keySpace } = workloadCase;
    assert.equal(keySpace.size, 1_110);
    const sizes = new Map<number, number>();
    for (let key = 0; key < keySpace.size; key++) {
      const { length } = keySpace.value(key, 4_000_000_000);
      sizes.set(length, (sizes.get(length) ?? 0) + 1);
    }
    assert.deepEqual(
      [...sizes],
      [
        [1_024, 1_000],
        [10_240, 100],
        [102_400, 10],
      ],
    );
    assert.deepEqual(
      [0, 1_000, 1_109].map((key) => keySpace.key(key)),
      ['small:0', 'medium:1000', 'large:1109'],
    );
  });

  it('asks for every key alike, so the classes share 100 : 10 : 1; one third each is refused', () => {
    const keys = [...stream.keyIndex];
    assert.ok(chiSquarePValue(keys, uniform(1_110)) > 0.001);
    const shares = [1_000 / 1_110, 100 / 1_110, 10 / 1_110];
    assert.ok(chiSquarePValue(keys.map(classOf), shares) > 0.001);
    const random = createRandom(1);
    const byClass = keys.map(() => random.nextBelow(3));
    assert.ok(chiSquarePValue(byClass, shares) < 1e-9);
  });
});

describe('key-sizes', () => {
  const cases = casesOf('key-sizes');

  it('has keys of 8, 32, 128 and 1,024 bytes, all different and unlike their neighbours', () => {
    assert.deepEqual(
      cases.map(({ id }) => id),
      ['8-bytes', '32-bytes', '128-bytes', '1024-bytes'],
    );
    for (const [place, bytes] of [8, 32, 128, 1_024].entries()) {
      const keySpace = cases[place]?.keySpace;
      assert.ok(keySpace);
      const keys = Array.from({ length: keySpace.size }, (_, index) => keySpace.key(index));
      assert.equal(new Set(keys).size, 20_000);
      assert.ok(keys.every((key) => key.length === bytes && /^[\x21-\x7e]+$/.test(key)));
      if (bytes > 8) assert.ok(new Set(keys.map((key) => key.slice(0, 6))).size > 19_000);
    }
  });

  it('asks for every key alike; a popularity that is a little skewed is refused', () => {
    for (const workloadCase of cases) {
      const stream = workloadCase.generate(1);
      assert.ok(chiSquarePValue([...stream.keyIndex], uniform(20_000)) > 0.001);
    }
    const random = createRandom(1);
    const skewed = Array.from({ length: 200_000 }, () => Math.floor(20_000 * random.nextDouble() ** 1.1));
    assert.ok(chiSquarePValue(skewed, uniform(20_000)) < 1e-9);
  });

  it('reads 90 % of the time, and the test can tell 89 %', () => {
    const kinds = (readShare: number): number[] => [
      ...streamOf('key-sizes', { keyBytes: 8, readShare }).kind,
    ];
    assert.ok(chiSquarePValue(kinds(0.9), [0.9, 0.1]) > 0.001);
    assert.ok(chiSquarePValue(kinds(0.89), [0.9, 0.1]) < 1e-6);
  });
});

describe('leaderboard', () => {
  const workloadCase = caseOf('leaderboard');
  const stream = workloadCase.generate(1);

  it('has 100,000 players with a score each, which eight clients increment', () => {
    const { keySpace, clients, counters } = workloadCase;
    assert.equal(keySpace.size, 100_000);
    assert.equal(keySpace.key(4_217), 'player:04217');
    assert.match(keySpace.value(4_217, 0), /^\d{1,6}$/);
    assert.deepEqual([clients?.count, counters], [8, true]);
    const kinds = new Set(stream.kind);
    assert.deepEqual(kinds, new Set([OperationKind.get, OperationKind.increment]));
    assert.equal(keySpace.versionOf('no score'), -1);
  });

  it('increments by activity, Zipf 0.99, and 20 % reads; 1.01 and 21 % are refused', () => {
    // Ranks are hidden behind a permutation: the counts of keys, ordered, are those of ranks but for noise in the tail, so that
    // the hundred busiest players are enough to tell.
    const counts = new Map<number, number>();
    for (const key of stream.keyIndex) counts.set(key, (counts.get(key) ?? 0) + 1);
    const busiest = [...counts.values()].sort((a, b) => b - a).slice(0, 30);
    const fits = (exponent: number): boolean => {
      const probabilities = zipfProbabilities(100_000, exponent);
      return busiest.every((count, rank) => {
        const expected = (probabilities[rank] ?? NaN) * stream.keyIndex.length;
        return Math.abs(count - expected) < 4.5 * Math.sqrt(expected);
      });
    };
    assert.ok(fits(0.99));
    assert.ok(!fits(1.01));
    const reads = (readShare: number): number[] =>
      [...streamOf('leaderboard', { readShare }).kind].map((kind) => Number(kind !== OperationKind.get));
    assert.ok(chiSquarePValue(reads(0.2), [0.2, 0.8]) > 0.001);
    assert.ok(chiSquarePValue(reads(0.21), [0.2, 0.8]) < 1e-6);
  });
});

describe('concurrent', () => {
  const cases = casesOf('concurrent');

  it('has a case for 1, 2, 4 … 64 clients, which ask the same', () => {
    assert.deepEqual(
      cases.map(({ clients }) => clients?.count),
      [1, 2, 4, 8, 16, 32, 64],
    );
    assert.equal(cases[0]?.id, '1-client');
    assert.deepEqual(cases[0].generate(3), cases[6]?.generate(3));
  });

  it('asks for every key alike, 90 % reads; a stuck generator and 89 % are refused', () => {
    const stream = streamOf('concurrent', { clients: 8 });
    const keys = [...stream.keyIndex];
    assert.ok(chiSquarePValue(keys, uniform(10_000)) > 0.001);
    assert.ok(
      chiSquarePValue(
        keys.map((key) => key & ~1),
        uniform(10_000),
      ) < 1e-9,
    );
    assert.ok(chiSquarePValue([...stream.kind], [0.9, 0.1]) > 0.001);
    const other = streamOf('concurrent', { clients: 8, readShare: 0.89 });
    assert.ok(chiSquarePValue([...other.kind], [0.9, 0.1]) < 1e-6);
  });
});
