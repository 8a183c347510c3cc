import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CollectionWatch } from '../../src/measure/collection-watch.js';
import { calibrate, ConditionsWatch } from '../../src/measure/conditions.js';
import type { MachineProbe } from '../../src/measure/machine/probe.js';

describe('what goes on around a trial', () => {
  /** A machine whose counters stand at `second`. */
  function machineAt(second: () => number): MachineProbe {
    return {
      folder: () => null,
      program: () => null,
      file: (path) =>
        ({
          '/proc/stat': `cpu  ${String(second() * 120)} 0 0 9 9 0 0 ${String(second() * 30)} 0 0\ncpu0 1\ncpu1 1\n`,
          '/proc/7/stat': `7 (redis) S 1 1 1 0 -1 0 0 0 0 0 ${String(second() * 40)} 0 0 0`,
          '/proc/self/cgroup': '0::/\n',
          '/sys/fs/cgroup/cpu.max': 'max 100000\n',
          '/sys/fs/cgroup/cpu.stat': `nr_throttled ${String(second() * 2)}\n`,
          '/proc/cpuinfo': 'cpu MHz\t\t: 2000.0\ncpu MHz\t\t: 3000.0\n',
        })[path] ?? null,
    };
  }

  it('is the difference of counters, of the machine, this process and the servers', () => {
    let second = 5;
    const senses = { probe: machineAt(() => second), ownCpuMs: () => second * 700 };
    let ticks = 0;
    const clock = (): number => second * 1000 + ticks++ * 1e-9;
    const watch = new ConditionsWatch(senses, clock, [7]);
    second = 7;
    const { calibrationNs, observedMs, ...seen } = watch.end();
    assert.equal(Math.round(observedMs), 2000);
    assert.ok(calibrationNs >= 0);
    assert.deepEqual(seen, {
      cpus: 2,
      machineBusyMs: 2400,
      stolenMs: 600,
      clientCpuMs: 1400,
      serverCpuMs: 800,
      throttledPeriods: 4,
      frequencyMhz: 2500,
    });
  });

  it('is null for what is not told: no /proc, a server that is gone, servers of somebody else', () => {
    const silent: MachineProbe = { file: () => null, folder: () => null, program: () => null };
    let now = 0;
    const clock = (): number => (now += 0.01);
    const end = (servers: readonly number[] | null) =>
      new ConditionsWatch({ probe: silent, ownCpuMs: () => 1 }, clock, servers).end();
    const { machineBusyMs, stolenMs, throttledPeriods, frequencyMhz, serverCpuMs } = end([7]);
    assert.deepEqual(
      [machineBusyMs, stolenMs, throttledPeriods, frequencyMhz, serverCpuMs],
      [null, null, null, null, null],
    );
    assert.equal(end(null).serverCpuMs, null);
    assert.equal(end([]).serverCpuMs, 0);
  });

  it('calibrates by the fastest of several rounds, so that an interruption does not count', () => {
    let reading = 0;
    // each round reads twice; all but the fourth are interrupted for 5 ms
    const clock = (): number =>
      Math.floor(reading++ / 2) * 100 + (reading % 2 === 0 ? (reading === 8 ? 1 : 6) : 0);
    assert.equal(Math.round(calibrate(clock)), 1e6);
  });
});

describe('garbage collections of a thread', () => {
  it('are counted between two moments, and no others', async () => {
    const watch = new CollectionWatch();
    const startMs = performance.now();
    let kept: unknown[] = [];
    // garbage enough for any size of the young generation that Node.js chooses by itself
    for (let i = 0; i < 3_000_000; i++) {
      kept.push({ i });
      if (kept.length > 1000) kept = [];
    }
    const endMs = performance.now();
    const { gcPauses, gcMs } = await watch.between(startMs, endMs);
    assert.ok(gcPauses > 0);
    assert.ok(gcMs > 0 && gcMs < endMs - startMs);

    const later = new CollectionWatch();
    assert.deepEqual(await later.between(endMs + 1e9, endMs + 2e9), { gcPauses: 0, gcMs: 0 });
  });
});
