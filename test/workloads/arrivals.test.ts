import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { kolmogorovSmirnov } from '../../src/stats/index.js';
import {
  constantArrivals,
  poissonArrivals,
  scheduledArrivals,
  timeScaleFor,
  type Arrivals,
} from '../../src/workloads/arrivals.js';
import { ksCriticalValue } from './goodness-of-fit.js';

function gapsOf({ dueNs }: Arrivals): number[] {
  return Array.from(dueNs, (due, index) => due - (dueNs[index - 1] ?? 0));
}

/** Distance of the gaps from the exponential distribution with this mean. */
function distanceFromExponential(gaps: readonly number[], meanNs: number): number {
  return kolmogorovSmirnov(gaps, (gap) => 1 - Math.exp(-gap / meanNs));
}

function wellFormed({ dueNs, periodNs }: Arrivals, requests: number): void {
  assert.equal(dueNs.length, requests);
  let lastNs = 0;
  for (const due of dueNs) {
    assert.ok(Number.isInteger(due) && due >= lastNs);
    lastNs = due;
  }
  assert.ok(Number.isInteger(periodNs) && periodNs >= lastNs && periodNs > 0);
}

describe('arrivals', () => {
  it('are whole nanoseconds that ascend, one a request, within one pass', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 0.5, max: 1e9, noNaN: true }),
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        (requests, rate, seed, scale) => {
          const random = poissonArrivals(requests, rate, seed);
          wellFormed(random, requests);
          wellFormed(constantArrivals(requests, rate), requests);
          wellFormed(scheduledArrivals(random.dueNs, scale), requests);
        },
      ),
      { seed: 1, numRuns: 60 },
    );
  });

  it('of a constant rate are evenly spaced, across the seam of two passes too', () => {
    const arrivals = constantArrivals(1000, 3000);
    assert.equal(arrivals.dueNs[999], arrivals.periodNs);
    for (const gap of gapsOf(arrivals)) assert.ok(Math.abs(gap - 1e9 / 3000) <= 1);
  });

  it('of a Poisson process have exponential gaps, for every seed tried', () => {
    const requests = 20_000;
    for (const [seed, rate] of [
      [1, 100],
      [2, 10_000],
      [3, 250_000],
    ] as const) {
      const distance = distanceFromExponential(gapsOf(poissonArrivals(requests, rate, seed)), 1e9 / rate);
      assert.ok(distance < ksCriticalValue(requests), `seed ${String(seed)}: ${String(distance)}`);
    }
  });

  it('the test of exponential gaps sees other gaps of the same mean', () => {
    const requests = 20_000;
    const meanNs = 1e5;
    const random = gapsOf(poissonArrivals(requests, 1e4, 1));
    const others = {
      constant: gapsOf(constantArrivals(requests, 1e4)),
      // sums of pairs, halved: Erlang-2, the gaps of a process that is dealt to two in turn
      erlang: random.map((gap, index) => (gap + (random[requests - 1 - index] ?? 0)) / 2),
      'five per cent slow': random.map((gap) => gap * 1.05),
    };
    for (const [name, gaps] of Object.entries(others)) {
      assert.ok(distanceFromExponential(gaps, meanNs) > ksCriticalValue(requests), name);
    }
  });

  it('of a Poisson process have counts with the variance of a Poisson distribution', () => {
    // Fisher's index of dispersion over 2,000 cells: (n - 1)·s²/mean is chi-square with n - 1 degrees, here within 4 sd
    const cells = 2000;
    const { dueNs, periodNs } = poissonArrivals(100_000, 1e6, 7);
    const counts = new Float64Array(cells);
    for (const due of dueNs) {
      const cell = Math.min(cells - 1, Math.floor((due / periodNs) * cells));
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
    const mean = dueNs.length / cells;
    const dispersion = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / mean;
    assert.ok(Math.abs(dispersion - (cells - 1)) < 4 * Math.sqrt(2 * (cells - 1)), String(dispersion));
  });

  it('depend on the seed and on nothing else', () => {
    const of = (seed: number): number[] => [...poissonArrivals(50, 1000, seed).dueNs];
    assert.deepEqual(of(5), of(5));
    assert.notDeepEqual(of(5), of(6));
    // the same on every machine: what this seed gives
    assert.deepEqual([...poissonArrivals(4, 1000, 1).dueNs], GOLDEN);
  });

  it('of a schedule keep its shape and take the rate that is asked for', () => {
    const schedule = Float64Array.of(0, 1e6, 1e6, 5e6, 8e6);
    assert.deepEqual([...scheduledArrivals(schedule, 2).dueNs], [0, 5e5, 5e5, 2.5e6, 4e6]);
    const scale = timeScaleFor(schedule, 10_000);
    const { periodNs } = scheduledArrivals(schedule, scale);
    assert.ok(Math.abs((5 * 1e9) / periodNs - 10_000) < 1);
  });
});

const GOLDEN = [2_354_442, 3_997_504, 5_057_667, 6_232_728];
