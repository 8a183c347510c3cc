import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readGpus } from '../../src/doctor/gpus.js';
import { readDoctorFacts, type DoctorSenses } from '../../src/doctor/read-facts.js';
import type { MachineProbe } from '../../src/measure/machine/probe.js';

/** A machine of files; `/proc/stat` and processes move on with every second of the clock. */
function sensesOf(files: (second: number) => Readonly<Record<string, string>>): DoctorSenses {
  let nowMs = 0;
  const now = (): Readonly<Record<string, string>> => files(Math.floor(nowMs / 1000));
  const probe: MachineProbe = {
    file: (path) => now()[path] ?? null,
    folder: (path) => [
      ...new Set(
        Object.keys(now())
          .filter((name) => name.startsWith(`${path}/`))
          .map((name) => name.slice(path.length + 1).split('/')[0] ?? ''),
      ),
    ],
    program: (name, word) =>
      name === '/usr/bin/redis-server' && word === '--version' ? 'Redis server v=7.0.15 sha=0:0\n' : null,
  };
  return {
    probe,
    clock: () => (nowMs += 0.0001),
    wait: (milliseconds) => {
      nowMs += milliseconds;
      return Promise.resolve();
    },
    ownCpuMs: () => nowMs / 10,
    loadAverage1m: () => 1.5,
    answers: (port) => Promise.resolve(port === 6379),
    findProgram: (name) => `/usr/bin/${name}`,
    freeBytes: () => 123,
    addon: () => ({ engine: 'CPU', reason: null }),
  };
}

describe('reading what the doctor looks at', () => {
  it('takes what it did itself from what others did, and names the busiest', async () => {
    const facts = await readDoctorFacts(
      '/results',
      sensesOf((second) => ({
        // user, nice, system, idle, iowait, irq, softirq, steal, guest, guest_nice: ticks of 10 ms
        '/proc/stat': `cpu  ${String(second * 50)} 10 ${String(second * 20)} 500 5 0 0 ${String(second * 10)} 7 7\ncpu0 1 1\ncpu1 1 1\n`,
        '/proc/42/stat': `42 (a (b) c) S 1 1 1 0 -1 0 0 0 0 0 ${String(second * 40)} ${String(second * 15)} 0 0`,
        '/proc/43/stat': '43 (idle) S 1 1 1 0 -1 0 0 0 0 0 5 5 0 0',
        '/proc/vmstat': `pswpin ${String(second * 3)}\npswpout 1\n`,
      })),
    );
    const { load } = facts;
    assert.equal(Math.round(load.watchedMs), 1000);
    assert.equal(Math.round((load.othersCpus ?? 0) * 100), 60, '0.7 CPUs less 0.1 of our own');
    assert.equal(Math.round((load.stealShare ?? 0) * 100), 5, '0.1 s of two CPUs');
    assert.deepEqual(
      load.busiest.map(({ pid, name, cpus }) => [pid, name, Math.round(cpus * 100)]),
      [[42, 'a (b) c', 55]],
    );
    assert.equal(load.swappedPages, 3);
    assert.deepEqual(facts.redis, { program: '/usr/bin/redis-server', version: '7.0.15' });
    assert.deepEqual([facts.defaultPortTaken, facts.disk.freeBytes], [true, 123]);
  });

  it('reads limits of control groups, old and new, and of the kernel', async () => {
    const unified = await readDoctorFacts(
      '/results',
      sensesOf((second) => ({
        '/proc/self/cgroup': '0::/user.slice/run\n',
        '/sys/fs/cgroup/user.slice/run/cpu.max': '150000 100000\n',
        '/sys/fs/cgroup/user.slice/run/cpu.stat': `usage_usec 5\nnr_throttled ${String(7 + second * 4)}\n`,
        '/proc/self/limits':
          'Limit Soft Hard\nMax open files            1024                 4096                 files\n',
        '/proc/sys/vm/overcommit_memory': '2\n',
        '/proc/meminfo': 'MemAvailable:    1048576 kB\nSwapTotal:  2048 kB\nSwapFree:  1024 kB\n',
      })),
    );
    assert.deepEqual(unified.quota, { limitCpus: 1.5, throttledPeriods: 11 });
    assert.equal(unified.load.throttledPeriods, 4);
    assert.deepEqual([unified.openFiles, unified.overcommitMemory], [1024, 2]);
    assert.deepEqual([unified.memory.availableBytes, unified.memory.swapUsedBytes], [2 ** 30, 2 ** 20]);

    const legacy = await readDoctorFacts(
      '/results',
      sensesOf(() => ({
        '/proc/self/cgroup': '3:cpu,cpuacct:/docker/abc\n0::/\n',
        '/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_quota_us': '200000\n',
        '/sys/fs/cgroup/cpu/docker/abc/cpu.cfs_period_us': '100000\n',
      })),
    );
    assert.deepEqual(legacy.quota, { limitCpus: 2, throttledPeriods: null });
  });

  it('reads how processors are set', async () => {
    const cpu = '/sys/devices/system/cpu';
    const { processor } = await readDoctorFacts(
      '/results',
      sensesOf(() => ({
        [`${cpu}/online`]: '0-3\n',
        [`${cpu}/cpu0/cpufreq/scaling_governor`]: 'powersave\n',
        [`${cpu}/cpu1/cpufreq/scaling_governor`]: 'performance\n',
        [`${cpu}/cpu0/cpufreq/scaling_cur_freq`]: '2000000\n',
        [`${cpu}/cpu1/cpufreq/scaling_cur_freq`]: '3000000\n',
        [`${cpu}/cpu0/cpufreq/cpuinfo_max_freq`]: '3500000\n',
        [`${cpu}/intel_pstate/no_turbo`]: '0\n',
        [`${cpu}/smt/active`]: '1\n',
        ...Object.fromEntries(
          [0, 1, 2, 3].map((n) => [
            `${cpu}/cpu${String(n)}/topology/core_cpus_list`,
            n % 2 === 0 ? '0,2' : '1,3',
          ]),
        ),
        [`${cpu}/cpu0/cache/index0/size`]: '32K\n',
        [`${cpu}/cpu0/cache/index3/size`]: '16M\n',
        '/sys/devices/system/node/online': '0-1\n',
        '/sys/devices/system/node/node0/cpulist': '0,2\n',
        '/sys/devices/system/node/node1/cpulist': '1,3\n',
        '/proc/self/status': 'Name:\tnode\nCpus_allowed_list:\t0,2\n',
        '/sys/devices/system/clocksource/clocksource0/current_clocksource': 'hpet\n',
      })),
    );
    assert.deepEqual(processor, {
      governor: 'performance, powersave',
      turbo: true,
      smt: true,
      physicalCores: 2,
      numaNodes: 2,
      allowedCpus: [0, 2],
      allowedNodes: 1,
      clockSource: 'hpet',
      lastLevelCacheBytes: 16 * 2 ** 20,
      frequencyMhz: 2500,
      maxFrequencyMhz: 3500,
    });
  });

  it('knows nothing of a machine that says nothing', async () => {
    const facts = await readDoctorFacts(
      '/results',
      sensesOf(() => ({})),
    );
    assert.deepEqual([facts.load.othersCpus, facts.load.stealShare, facts.quota], [null, null, null]);
    assert.ok(Object.values(facts.processor).every((value) => value === null));
  });
});

describe('reading GPUs', () => {
  const probe: MachineProbe = { file: () => null, folder: () => null, program: () => null };

  it('takes a row of nvidia-smi, and its list of programs', () => {
    const gpus = readGpus({
      ...probe,
      program: (_, query = '') =>
        query.startsWith('--query-gpu')
          ? 'NVIDIA H200, 580.65.06, Disabled, Enabled, [N/A], 12, 0x0000000000000040\n'
          : `4711, /usr/bin/python3\n${String(process.pid)}, node\n`,
    });
    assert.deepEqual(gpus, [
      {
        name: 'NVIDIA H200',
        driverVersion: '580.65.06',
        persistence: false,
        ecc: true,
        mig: null,
        utilizationPercent: 12,
        clockReasons: 0x40,
        otherPrograms: ['/usr/bin/python3 (4711)'],
      },
    ]);
  });

  it('asks the library of the driver where the program fails, and says why there is none', () => {
    const failing = { ...probe, program: () => "NVIDIA-SMI has failed because it couldn't communicate\n" };
    assert.deepEqual(
      readGpus(failing, () => ({ absent: 'no driver' })),
      { absent: 'no driver' },
    );
    const found = readGpus(failing, () => ({
      name: 'NVIDIA L4',
      driverVersion: '550.1',
      ...{
        uuid: null,
        memoryBytes: null,
        pcieMaxGeneration: null,
        pcieMaxLanes: null,
        powerLimitWatts: null,
      },
    }));
    assert.ok('length' in found);
    assert.deepEqual([found[0]?.name, found[0]?.persistence], ['NVIDIA L4', null]);
  });
});
