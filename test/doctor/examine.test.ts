import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { examine } from '../../src/doctor/examine.js';
import type { DoctorFacts, GpuState } from '../../src/doctor/facts.js';
import type { Finding } from '../../src/doctor/finding.js';
import { findingLines } from '../../src/doctor/text.js';
import { quiet } from './facts.js';

function findingOf(id: string, changes: Partial<DoctorFacts>): Finding {
  const found = examine({ ...quiet, ...changes }).find((one) => one.id === id);
  assert.ok(found !== undefined, `no finding ${id}`);
  return found;
}

const withProcessor = (changes: Partial<DoctorFacts['processor']>): Partial<DoctorFacts> => ({
  processor: { ...quiet.processor, ...changes },
});
const withLoad = (changes: Partial<DoctorFacts['load']>): Partial<DoctorFacts> => ({
  load: { ...quiet.load, ...changes },
});
const gpu: GpuState = {
  name: 'NVIDIA H200',
  driverVersion: '580.1',
  persistence: true,
  ecc: true,
  mig: false,
  utilizationPercent: 0,
  clockReasons: 1,
  otherPrograms: [],
};

describe('what the doctor finds', () => {
  it('is nothing on a quiet machine, and every finding has an id of its own, a figure and a reason', () => {
    const findings = examine(quiet);
    assert.deepEqual(
      findings.filter(({ state }) => state !== 'fine').map(({ id }) => id),
      [],
    );
    assert.equal(new Set(findings.map(({ id }) => id)).size, findings.length);
    assert.ok(findings.every(({ seen, why }) => seen !== '' && why.endsWith('.')));
  });

  const problems: readonly (readonly [string, string, Partial<DoctorFacts>, RegExp])[] = [
    [
      'a busy neighbour',
      'other-load',
      withLoad({ othersCpus: 0.9, busiest: [{ pid: 77, name: 'cc1plus', cpus: 0.88 }] }),
      /0\.9 of 8 CPUs.*cc1plus \(77, 0\.88 CPUs\)/,
    ],
    ['stolen time', 'steal', withLoad({ stealShare: 0.04 }), /4 %/],
    [
      'gaps',
      'scheduling',
      { scheduling: { watchedMs: 200, gaps: 3, lostMs: 12, largestMs: 4 } },
      /6 % of it in 3 gaps, the largest 4\.00 ms/,
    ],
    [
      'one long gap',
      'scheduling',
      { scheduling: { watchedMs: 1000, gaps: 1, lostMs: 6, largestMs: 6 } },
      /6\.00 ms/,
    ],
    [
      'a quota',
      'cpu-quota',
      { quota: { limitCpus: 1.5, throttledPeriods: 3 } },
      /1\.5 CPUs' worth.*3 periods/,
    ],
    ['throttling now', 'cpu-quota', withLoad({ throttledPeriods: 2 }), /2 periods just now/],
    ['one processor', 'cpus', { usableCpus: 1 }, /1 of 8 logical CPUs/],
    ['a governor that saves', 'governor', withProcessor({ governor: 'powersave' }), /powersave/],
    ['turbo', 'turbo', withProcessor({ turbo: true }), /on/],
    ['two threads on few cores', 'smt', withProcessor({ smt: true, physicalCores: 2 }), /2 cores/],
    [
      'two memory nodes',
      'numa',
      withProcessor({ numaNodes: 2, allowedNodes: 2 }),
      /2, of which this process may use 2/,
    ],
    ['a slow clock', 'timer', { clock: { resolutionNs: 20, overheadNs: 900 } }, /900 ns/],
    ['a clock source of the chipset', 'timer', withProcessor({ clockSource: 'hpet' }), /hpet/],
    [
      'little memory',
      'memory',
      { memory: { ...quiet.memory, availableBytes: 2 ** 29 } },
      /512 MiB to use, 2\.00 GiB wanted/,
    ],
    ['swap in use', 'swap', { memory: { ...quiet.memory, swapUsedBytes: 2 ** 30 } }, /1\.00 GiB in use/],
    ['swapping', 'swap', withLoad({ swappedPages: 9 }), /9 pages/],
    ['huge pages everywhere', 'huge-pages', { transparentHugePages: 'always' }, /always/],
    ['strict accounting', 'overcommit', { overcommitMemory: 2 }, /is 2/],
    ['a short queue', 'somaxconn', { somaxconn: 128 }, /128/],
    ['few open files', 'open-files', { openFiles: 1024 }, /1,024 allowed/],
    [
      'a full disk',
      'disk',
      { disk: { folder: '/results', freeBytes: 2 ** 20 } },
      /1\.00 MiB free at \/results/,
    ],
    ['no Redis', 'redis', { redis: null }, /not on the PATH/],
    ['no addon', 'addon', { addon: { absent: 'the native addon is missing' } }, /missing/],
    ['an old Node.js', 'node', { nodeVersion: '20.9.1' }, /20\.9\.1, older than 20\.17/],
    ['uncommitted changes', 'commit', { tool: { ...quiet.tool, dirty: true } }, /uncommitted/],
    ['a sleepy GPU', 'gpu', { gpus: [{ ...gpu, persistence: false }] }, /H200.*persistence mode is off/],
    ['a shared GPU', 'gpu', { gpus: [{ ...gpu, otherPrograms: ['python (9)'] }] }, /python \(9\)/],
    ['a hot GPU', 'gpu', { gpus: [{ ...gpu, clockReasons: 0x40 }] }, /heat or power/],
    ['a GPU at work', 'gpu', { gpus: [{ ...gpu, utilizationPercent: 60 }] }, /60 %/],
  ];
  for (const [name, id, changes, seen] of problems) {
    it(`is ${name}, with its figure and how to mend it`, () => {
      const found = findingOf(id, changes);
      assert.equal(found.state, 'problem', found.seen);
      assert.match(found.seen, seen);
      assert.notEqual(found.mend, null);
      assert.equal(examine({ ...quiet, ...changes }).filter(({ state }) => state === 'problem').length, 1);
    });
  }

  it('is not known where the machine does not say, and then no problem', () => {
    const silent: DoctorFacts = {
      ...quiet,
      ...withProcessor({
        ...{ governor: null, turbo: null, smt: null, numaNodes: null, allowedNodes: null },
        ...{ physicalCores: null, clockSource: null, allowedCpus: null },
      }),
      ...withLoad({ othersCpus: null, stealShare: null, throttledPeriods: null, swappedPages: null }),
      virtualisation: null,
      transparentHugePages: null,
      quota: null,
      memory: { availableBytes: null, swapUsedBytes: null, swappedPages: null },
      defaultPortTaken: null,
      overcommitMemory: null,
      somaxconn: null,
      openFiles: null,
      disk: { folder: '/results', freeBytes: null },
      redis: { program: '/usr/bin/redis-server', version: null },
      tool: { version: '0.1.0', commit: null, dirty: null },
    };
    const findings = examine(silent);
    assert.deepEqual(
      findings.filter(({ state }) => state === 'fine').map(({ id }) => id),
      ['scheduling', 'cpus', 'timer', 'addon', 'gpu', 'node'],
    );
    assert.equal(findings.filter(({ state }) => state === 'problem').length, 0);
  });

  it('cannot tell what neighbours on the host do, nor how busy a server is that it does not ask', () => {
    assert.equal(findingOf('virtualisation', { virtualisation: 'kvm' }).state, 'cannot-tell');
    assert.equal(findingOf('default-port', { defaultPortTaken: true }).state, 'cannot-tell');
  });
});

describe('the text of the findings', () => {
  it('says why and how for a problem, keeps what is fine to a line, and counts', () => {
    const lines = findingLines(examine({ ...quiet, somaxconn: 128, virtualisation: 'kvm' }));
    const at = lines.findIndex((line) => line.startsWith('PROBLEM'));
    assert.match(lines[at] ?? '', /^PROBLEM +Queue of connections: net\.core\.somaxconn is 128$/);
    assert.match(lines[at + 1] ?? '', /why it matters: /);
    assert.match(lines[at + 2] ?? '', /how to mend it: sudo sysctl/);
    assert.equal(lines.at(-1), '1 problem, 22 fine, 1 that cannot be told');
    assert.equal(lines.length, 24 + 2 + 2 + 2);
  });

  it('shows hostile names of programs and files harmlessly', () => {
    const hostile = 'evil\u001b[2J';
    const lines = findingLines(
      examine({
        ...quiet,
        ...withLoad({ othersCpus: 3, busiest: [{ pid: 1, name: hostile, cpus: 3 }] }),
        ...withProcessor({ governor: hostile }),
        disk: { folder: hostile, freeBytes: 0 },
        redis: { program: hostile, version: hostile },
        gpus: [{ ...gpu, name: hostile, otherPrograms: [hostile] }],
        addon: { absent: hostile },
      }),
    );
    // eslint-disable-next-line no-control-regex -- the escape character is what must not come through
    assert.doesNotMatch(lines.join('\n'), /\u001b/);
  });
});
