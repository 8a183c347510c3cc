import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseObjective } from '../../src/cli/objective.js';
import { searchCapacity, type SearchRule } from '../../src/measure/capacity-search.js';
import { executeRun } from '../../src/measure/run.js';
import { readResultFile } from '../../src/results/read.js';
import type { CapacitySearch } from '../../src/results/schema.js';
import { FakeEngine } from './support/fake-engine.js';
import { contender, inTemporaryFolder, planned, writerFor } from './support/fake-run.js';
import { countingClock, localCrew } from './support/local-crew.js';

const rule: SearchRule = { from: 100, to: 1e7, growth: 4, resolution: 1.05, attempts: 2, step: 0 };

/** A system that holds up to its capacity, and how often it was asked. */
function system(capacity: number) {
  const asked: number[] = [];
  return {
    asked,
    probe: (load: number) => {
      asked.push(load);
      return Promise.resolve({ held: load <= capacity });
    },
  };
}

describe('searchCapacity', () => {
  it('finds any capacity to the resolution asked for, in few probes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 100, max: 9.9e6, noNaN: true }), async (capacity) => {
        const { asked, probe } = system(capacity);
        const { held, failed, best, probes } = await searchCapacity(rule, probe);
        assert.ok(held <= capacity && capacity < (failed ?? Infinity));
        assert.ok((failed ?? Infinity) <= held * rule.resolution);
        assert.equal(best?.held, true);
        assert.equal(probes.length, asked.length);
        assert.ok(asked.length <= 25, String(asked.length));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('finds whole clients in equal numbers on every worker', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 4000 }),
        async (workers, capacity) => {
          const { asked, probe } = system(capacity);
          const clients = { ...rule, from: workers, to: 1000 * workers, step: workers };
          const { held, failed } = await searchCapacity(clients, probe);
          assert.ok(asked.every((load) => Number.isInteger(load) && load % workers === 0));
          assert.ok(held <= capacity);
          if (failed !== null)
            assert.ok(failed > capacity && (failed <= held * 1.05 || failed - held <= workers || held === 0));
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  it('says when nothing holds, and when everything does', async () => {
    assert.deepEqual(await searchCapacity(rule, system(50).probe), {
      held: 0,
      best: null,
      failed: 100,
      probes: [{ held: false }, { held: false }],
    });
    const { held, failed } = await searchCapacity(rule, system(Infinity).probe);
    assert.deepEqual([held, failed], [rule.to, null]);
  });

  it('does not let one miss decide, but two in a row', async () => {
    let probes = 0;
    const unlucky = (load: number) => Promise.resolve({ held: load <= 5000 && ++probes % 2 === 0 });
    const { held, failed } = await searchCapacity(rule, unlucky);
    assert.ok(held > 4700 && held <= 5000 && (failed ?? 0) > 5000);
  });
});

describe('a capacity search', () => {
  const search: CapacitySearch = {
    objective: { text: 'p99<0.05ms', statistic: 'p99', limitNs: 5e4 },
    search: 'rate',
    clientRatePerSecond: null,
    from: 40_000,
    to: 1e9,
    growth: 4,
    resolution: 1.05,
    attempts: 2,
  };
  const openLoop = { arrivals: 'constant', ratePerSecond: 40_000, timeScale: 1, maxInFlight: 100 } as const;
  const run = (changes: Partial<CapacitySearch>) =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'r.json');
      const capacity = { ...search, ...changes };
      const ratePerSecond = capacity.clientRatePerSecond ?? capacity.from;
      const plan = planned({
        contenders: [contender('predis')],
        blocks: 1,
        warmupMs: 1,
        windowMs: 4,
        openLoop: { ...openLoop, ratePerSecond },
        capacity,
      });
      const engine = new FakeEngine('predis');
      await executeRun({
        ...plan,
        writer: writerFor(path, plan),
        startEngine: () => Promise.resolve(engine),
        // A reading of the clock takes a microsecond: some of them a request, so that the capacity is a fixed number.
        startCrew: () => localCrew(countingClock(0.001)),
      });
      return readResultFile(path).trials.map((trial) => {
        assert.ok(trial.state === 'measured' && trial.measurements.capacity !== undefined);
        return { capacity: trial.measurements.capacity, openLoop: trial.measurements.openLoop };
      });
    });

  it('finds the rate that this driver can do, and keeps every probe', async () => {
    const trials = await run({});
    assert.equal(trials.length, 2);
    for (const { capacity, openLoop: load } of trials) {
      // operations a second; a request of the stream has two of them on average and takes some readings of the clock
      assert.ok(capacity.held > 2e5 && capacity.held < 2e6, String(capacity.held));
      assert.ok(capacity.failed !== null && capacity.failed <= capacity.held * 1.05);
      assert.equal(load?.saturated, false);
      for (const { load: tried, held, latencyNs, saturated } of capacity.probes) {
        assert.equal(held, latencyNs < 5e4 && !saturated);
        assert.equal(held, tried <= capacity.held);
      }
    }
    assert.deepEqual(trials[0]?.capacity, trials[1]?.capacity);
  });

  it('counts clients, each a connection that asks its own rate', async () => {
    const [trial] = await run({ search: 'clients', clientRatePerSecond: 20_000, from: 1, to: 64 });
    const held = trial?.capacity.held ?? 0;
    assert.ok(Number.isInteger(held) && held >= 8 && held < 64, String(held));
    const offered = trial?.capacity.probes.find(({ load }) => load === held)?.offeredPerSecond ?? 0;
    assert.ok(Math.abs(offered / (held * 20_000) - 1) < 0.1, String(offered));
  });

  it('says 0 for an objective that nothing can hold', async () => {
    const [trial] = await run({ objective: { text: 'p50<100ns', statistic: 'p50', limitNs: 100 } });
    assert.deepEqual([trial?.capacity.held, trial?.capacity.failed], [0, 40_000]);
    assert.equal(trial?.capacity.probes.length, 2);
  });
});

describe('parseObjective', () => {
  it('reads statistics and units', () => {
    assert.deepEqual(parseObjective('p99<5ms'), { text: 'p99<5ms', statistic: 'p99', limitNs: 5e6 });
    assert.deepEqual(parseObjective(' P99.9 < 250us '), {
      text: 'p99.9<250us',
      statistic: 'p999',
      limitNs: 250e3,
    });
    assert.equal(parseObjective('max<1.5s').limitNs, 1.5e9);
    assert.equal(parseObjective('median<900µs').statistic, 'p50');
  });

  it('refuses everything else with what it takes', () => {
    for (const text of [
      '',
      'p99',
      'p99<5',
      'p98<5ms',
      'p99>5ms',
      'p99<=5ms',
      'p99<-1ms',
      'p99<5h',
      'throughput<5ms',
    ]) {
      assert.throws(() => parseObjective(text), { code: 'USAGE', exitCode: 2 }, text);
    }
    for (const text of ['p99<0ms', 'p99<1ns', 'p99<3601s']) {
      assert.throws(() => parseObjective(text), { code: 'PARAMETER_OUT_OF_RANGE', exitCode: 2 }, text);
    }
  });
});
