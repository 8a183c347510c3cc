/** What the driver tells of a GPU: on this machine, and from a made-up driver (fake-nvml.c) with known figures. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { driverFacts, driverReading } from '../../src/predis/index.js';
import { packageRoot } from '../../src/support/package-root.js';

const run = promisify(execFile);
const library = new URL('../../src/predis/index.js', import.meta.url).href;

describe('readings of the driver on this machine', () => {
  it('are there, or absent with the reason', (t) => {
    const facts = driverFacts(0);
    const reading = driverReading(0);
    if ('absent' in facts) {
      assert.match(facts.absent, /no NVIDIA driver is installed|does not start|knows no device/);
      assert.ok('absent' in reading);
      assert.equal(reading.absent, facts.absent);
      assert.ok(!facts.absent.endsWith('.'));
      t.diagnostic(facts.absent);
      return;
    }
    assert.ok(!('absent' in reading));
    assert.match(facts.driverVersion ?? '', /^\d+\./);
    assert.match(facts.uuid ?? '', /^GPU-[0-9a-f-]{36}$/);
    assert.ok((facts.memoryBytes ?? 0) >= (reading.memoryUsedBytes ?? 0));
    const byUuid = driverFacts(facts.uuid ?? '');
    assert.deepEqual(byUuid, facts);
    t.diagnostic(`${facts.name ?? ''}, driver ${facts.driverVersion ?? ''}: ${JSON.stringify(reading)}`);
  });

  it('say that a device is not there', () => {
    for (const device of [4000, 'GPU-none', '', 'é', '-1', '1e3']) {
      const facts = driverFacts(device);
      assert.ok('absent' in facts && facts.absent !== '', String(device));
    }
  });
});

const compiler = process.env.CC ?? 'cc';
const noCompiler = spawnSync(compiler, ['--version']).status !== 0;

describe(
  'readings of a made-up driver',
  { skip: noCompiler || process.platform !== 'linux' ? 'no C compiler' : false },
  () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'predis-fake-nvml-'));
    });
    after(() => {
      rmSync(folder, { recursive: true, force: true });
    });

    /** What the library says in a process where the made-up driver is found first. */
    async function said(name: string, flags: readonly string[], program: string): Promise<unknown> {
      const source = join(packageRoot, 'test/predis/fake-nvml.c');
      const place = mkdtempSync(join(folder, `${name}-`));
      const output = join(place, 'libnvidia-ml.so.1');
      await run(compiler, ['-shared', '-fPIC', ...flags, source, '-o', output]);
      const script = `
        const { driverFacts, driverReading } = await import(${JSON.stringify(library)});
        console.log(JSON.stringify(${program}));`;
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, LD_LIBRARY_PATH: place },
      });
      return JSON.parse(stdout);
    }

    it('are read in the right units, and null where it does not tell', async () => {
      const told = await said(
        'whole',
        [],
        "[driverFacts('GPU-made-up'), driverFacts(0), driverReading('GPU-made-up'), driverReading(0), driverFacts(1), driverReading('GPU-other')]",
      );
      const facts = {
        name: 'Made-up GPU',
        uuid: 'GPU-made-up',
        driverVersion: '999.1.2',
        memoryBytes: 150 * 2 ** 30,
        pcieMaxGeneration: 5,
        pcieMaxLanes: 16,
        powerLimitWatts: 700,
      };
      const reading = {
        smClockMhz: 1980,
        memoryClockMhz: 3201,
        utilizationPercent: 87,
        memoryUtilizationPercent: 43,
        memoryUsedBytes: 50 * 2 ** 30,
        powerWatts: 412.345,
        temperatureCelsius: null,
        pcieGeneration: 4,
        pcieLanes: null,
      };
      const none = (device: string): object => ({
        absent: `the driver's library knows no device '${device}': Not Found`,
      });
      assert.deepEqual(told, [
        facts,
        facts,
        reading,
        { ...reading, powerWatts: 413.345 },
        none('1'),
        none('GPU-other'),
      ]);
    });

    it('are absent with its own words when it does not start', async () => {
      const told = await said('broken', ['-DFAKE_INIT_FAILS'], '[driverFacts(0), driverReading(0)]');
      const absent = { absent: 'libnvidia-ml.so.1 does not start: Driver Not Loaded' };
      assert.deepEqual(told, [absent, absent]);
    });
  },
);
