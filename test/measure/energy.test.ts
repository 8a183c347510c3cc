/** Energy of the processor inside a window, from made-up counters on a made-up clock. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EnergySampler } from '../../src/measure/energy-sampler.js';
import type { MachineProbe } from '../../src/measure/machine/probe.js';

const RANGE = 1_000_000_000;

/** Two packages, a domain inside of one and the whole board; counters stand where `microjoules` says, modulo their range. */
function machine(microjoules: (domain: string) => number | null): MachineProbe {
  const names: Record<string, string> = {
    'intel-rapl:0': 'package-0',
    'intel-rapl:0:0': 'core',
    'intel-rapl:1': 'package-1',
    'intel-rapl:2': 'psys',
    'intel-rapl-mmio:0': 'package-0',
  };
  return {
    program: () => null,
    folder: (path) => (path === '/sys/class/powercap' ? ['dtpm', 'intel-rapl', ...Object.keys(names)] : null),
    file: (path) => {
      const [, domain = '', file] = /^\/sys\/class\/powercap\/([^/]+)\/(\w+)$/.exec(path) ?? [];
      const name = names[domain];
      if (name === undefined) return null;
      if (file === 'name') return `${name}\n`;
      if (file === 'max_energy_range_uj') return `${String(RANGE)}\n`;
      const value = file === 'energy_uj' ? microjoules(domain) : null;
      return value === null ? null : `${String(value % RANGE)}\n`;
    },
  };
}

describe('energy of a trial', () => {
  it('is what the packages used between both ends of the window, over the wrap of a counter', () => {
    let nowMs = 1000;
    // 40 W and 60 W, once the window has begun twice as much; the first counter wraps on its way
    const joules = (watts: number): number =>
      (watts * (Math.min(nowMs, 2000) - 1000 + 2 * Math.max(0, nowMs - 2000))) / 1000;
    const probe = machine((domain) =>
      domain === 'intel-rapl:0'
        ? RANGE - 30e6 + joules(40) * 1e6
        : domain === 'intel-rapl:1'
          ? 5e6 + joules(60) * 1e6
          : 777e6,
    );
    const sampler = new EnergySampler(probe, () => nowMs);
    for (nowMs = 1300; nowMs < 3000; nowMs += 100) sampler.look();
    nowMs = 3050;
    sampler.stop();
    const energy = sampler.result({ startMs: 2050, endMs: 2950 });
    assert.ok(energy !== undefined);
    assert.equal(energy.packages, 2);
    assert.ok(Math.abs(energy.packageJoules - 200 * 0.9) < 0.01, JSON.stringify(energy));
  });

  it('is not told where there are no counters, they may not be read, or the window lies outside of the looks', () => {
    let nowMs = 0;
    const end = (probe: MachineProbe, endMs: number): unknown => {
      nowMs = 0;
      const sampler = new EnergySampler(probe, () => nowMs);
      nowMs = 100;
      sampler.stop();
      return sampler.result({ startMs: 10, endMs });
    };
    const silent: MachineProbe = { file: () => null, folder: () => null, program: () => null };
    assert.equal(end(silent, 90), undefined);
    assert.equal(
      end(
        machine(() => null),
        90,
      ),
      undefined,
    );
    assert.equal(
      end(
        machine(() => nowMs * 1000),
        110,
      ),
      undefined,
    );
    assert.equal(
      end(
        machine(() => (nowMs === 0 ? 0 : null)),
        90,
      ),
      undefined,
      'lost on the way',
    );
    assert.notEqual(
      end(
        machine(() => nowMs * 1000),
        90,
      ),
      undefined,
    );
  });
});
