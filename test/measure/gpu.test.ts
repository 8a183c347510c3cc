/** What is recorded of a GPU during a trial, with a made-up meter: readings inside the window, and work by difference. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GpuMeter, GpuReading, GpuWork } from '../../src/engines/engine.js';
import { GpuSampler } from '../../src/measure/gpu-sampler.js';
import { TrialGpuSchema } from '../../src/results/schema.js';
import { Value } from 'typebox/value';

const facts: GpuMeter['facts'] = {
  ...{ name: 'Made-up GPU', uuid: null, driverVersion: null, memoryBytes: null, computeCapability: null },
  ...{ multiprocessors: null, l2Bytes: null, cudaDriver: null, cudaRuntime: null, pcieMaxGeneration: null },
  ...{ pcieMaxLanes: null, powerLimitWatts: null, readingsAbsent: null },
};
const reading = (powerWatts: number | null): GpuReading => ({
  ...{ smClockMhz: 1980, memoryClockMhz: null, utilizationPercent: 50, memoryUtilizationPercent: 0 },
  ...{ memoryUsedBytes: 2 ** 30, powerWatts, temperatureCelsius: 40, pcieGeneration: 5, pcieLanes: 16 },
});
const work = (count: number): GpuWork => ({
  ...{ hotCacheHits: count, mailboxCalls: 2 * count, directCalls: 3 * count, packedCalls: 4 * count },
  ...{ deviceCalls: 5 * count, timedCalls: 6 * count, kernelNs: 7 * count, toDeviceNs: 8 * count },
  ...{ fromDeviceNs: 9 * count, totalNs: 10 * count, pinnedBytes: 1000 + count },
});

/** A meter whose readings are 100 W, 101 W, … and whose work grows by one with every look. */
function meter(
  read: (index: number) => GpuReading | { absent: string },
): GpuMeter & { readonly times: number[] } {
  let works = 10;
  const times: number[] = [];
  return {
    facts,
    times,
    read: () => {
      times.push(performance.now());
      return read(times.length - 1);
    },
    work: () => work(works++),
  };
}

describe('readings of a GPU during a trial', () => {
  it('keep those inside the window, and say what was done meanwhile', async () => {
    const gpu = meter((index) => reading(100 + index));
    const sampler = new GpuSampler(gpu, () => performance.now(), 40); // every 10 ms
    while (gpu.times.length < 8) await sleep(5);
    sampler.stop();
    const [startMs = 0, endMs = 0] = [gpu.times[2], gpu.times[5]].map((at) => at ?? 0);
    // the reading's own time is taken just before the meter is read
    const seen = sampler.result({ startMs: startMs - 2, endMs: endMs + 2 });
    assert.equal(seen.readingsAbsent, null);
    assert.deepEqual(seen.readings.powerWatts, {
      min: 102,
      mean: 103.5,
      max: 105,
      values: [102, 103, 104, 105],
    });
    assert.equal(seen.readings.memoryClockMhz, null, 'never told');
    assert.equal(seen.readAtMs.length, 4);
    assert.ok(seen.readAtMs.every((at, i) => at >= (seen.readAtMs[i - 1] ?? 0)));
    assert.deepEqual(seen.work, { ...work(1), pinnedBytes: 1011 });
    assert.ok(Value.Check(TrialGpuSchema, seen));
    const { length } = gpu.times;
    await sleep(40);
    assert.equal(gpu.times.length, length, 'stopped');
  });

  it('mark what one of them does not tell', async () => {
    const gpu = meter((index) => reading(index === 1 ? null : 100));
    const sampler = new GpuSampler(gpu, () => performance.now(), 20);
    while (gpu.times.length < 3) await sleep(5);
    sampler.stop();
    const { readings } = sampler.result({ startMs: 0, endMs: Infinity });
    assert.deepEqual(readings.powerWatts?.values.slice(0, 3), [100, null, 100]);
    assert.equal(readings.powerWatts.mean, 100);
  });

  it('are absent with the reason, never zero', async () => {
    const gpu = meter(() => ({ absent: 'no driver for a test' }));
    const sampler = new GpuSampler(gpu, () => performance.now(), 20);
    while (gpu.times.length < 2) await sleep(5);
    sampler.stop();
    const seen = sampler.result({ startMs: 0, endMs: Infinity });
    assert.equal(seen.readingsAbsent, 'no driver for a test');
    assert.ok(Object.values(seen.readings).every((series) => series === null));
    assert.ok(Value.Check(TrialGpuSchema, seen));
    const early = new GpuSampler(
      meter(() => reading(1)),
      () => performance.now(),
      20,
    );
    early.stop();
    assert.match(early.result({ startMs: 0, endMs: Infinity }).readingsAbsent ?? '', /no reading fell/);
  });
});
