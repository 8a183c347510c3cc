/** A result of a GPU through analysis, terminal, report and gate: it says where it ran, and a result of the CPU never passes for it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { summarise } from '../../src/analysis/summarise.js';
import type { Summary } from '../../src/analysis/summary.js';
import { summaryLines } from '../../src/cli/summary-table.js';
import { judgedContenders } from '../../src/gate/compatible.js';
import { declareComparisons } from '../../src/measure/family.js';
import { renderHtml } from '../../src/report/html.js';
import type { GpuSeries, ResultFile, TrialGpu } from '../../src/results/schema.js';
import { isResultFile } from '../../src/results/validate.js';
import { defaultContenders, makeResultFile } from './fixtures.js';

const name = 'Made-up GPU';
const facts: NonNullable<ResultFile['environment']['gpu']> = {
  ...{
    name,
    uuid: 'GPU-made-up',
    driverVersion: '999.1',
    memoryBytes: 150 * 2 ** 30,
    computeCapability: '9.0',
  },
  ...{ multiprocessors: 132, l2Bytes: 60 * 2 ** 20, cudaDriver: '13.0', cudaRuntime: '13.0' },
  ...{ pcieMaxGeneration: 5, pcieMaxLanes: 16, powerLimitWatts: 700, readingsAbsent: null },
};

function series(...values: number[]): GpuSeries {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { min: Math.min(...values), mean, max: Math.max(...values), values };
}

/** Readings that differ from trial to trial. */
function trialGpu(trial: number): TrialGpu {
  return {
    readingsAbsent: null,
    readAtMs: [10, 110],
    readings: {
      ...{ smClockMhz: series(1980, 1965), memoryClockMhz: null, utilizationPercent: series(80, 90 + trial) },
      ...{
        memoryUtilizationPercent: null,
        memoryUsedBytes: series(2 ** 30),
        powerWatts: series(300 + trial),
      },
      ...{ temperatureCelsius: series(40), pcieGeneration: null, pcieLanes: null },
    },
    work: {
      ...{
        hotCacheHits: 1,
        mailboxCalls: 10,
        directCalls: 20,
        packedCalls: 30,
        deviceCalls: 0,
        timedCalls: 4,
      },
      ...{ kernelNs: 4000, toDeviceNs: 8000, fromDeviceNs: 12_000, totalNs: 20_000, pinnedBytes: 2 ** 20 },
    },
  };
}

/** A made-up run in which the contender predis ran on a GPU, and predis-cpu beside it did not. */
function gpuResult(change: (gpu: TrialGpu) => TrialGpu = (gpu) => gpu): ResultFile {
  const cpu = {
    id: 'predis-cpu',
    engine: 'predis',
    boundary: 'api',
    throughput: 500_000,
    latencyNs: 2000,
  } as const;
  const result = makeResultFile({ contenders: [...defaultContenders, cpu], blocks: 4 });
  const engine = result.engines.predis;
  assert.ok(engine !== undefined);
  engine.settings = { device: 'cuda', deviceName: name, deviceRequested: 'auto' };
  result.environment.gpu = facts;
  let index = 0;
  for (const trial of result.trials) {
    if (trial.contender === 'predis' && trial.state === 'measured') {
      trial.measurements.gpu = change(trialGpu(index++));
    }
  }
  assert.ok(isResultFile(result));
  return result;
}

const summaryOf = (result: ResultFile): Summary => summarise([{ fileName: 'gpu.json', result }]);
const contenderOf = (summary: Summary, id: string) => {
  const found = summary.cases[0]?.contenders.find((contender) => contender.id === id);
  assert.ok(found !== undefined);
  return found;
};

describe('a result of a GPU', () => {
  it('names engine and device wherever a contender is named', () => {
    const summary = summaryOf(gpuResult());
    assert.match(contenderOf(summary, 'predis').label, /\(CUDA engine, Made-up GPU\)$/);
    assert.match(contenderOf(summary, 'predis-cpu').label, /\(CPU engine\)$/);
    assert.ok(!contenderOf(summary, 'redis').label.includes('engine'));
    const lines = summaryLines(summary).join('\n');
    assert.match(lines, /predis is .*\(CUDA engine, Made-up GPU\)/);
    assert.match(lines, /predis-cpu is .*\(CPU engine\)/);
    assert.match(renderHtml(summary), /CUDA engine, Made-up GPU/);
    const onCpu = summary.caveats.map(({ text }) => text).filter((text) => text.includes('ran on the CPU'));
    assert.equal(onCpu.length, 1);
    assert.match(onCpu[0] ?? '', /^predis-cpu .*not on the GPU/);
  });

  it('is told from one of the CPU, whatever was asked for', () => {
    const result = makeResultFile();
    const engine = result.engines.predis;
    assert.ok(engine !== undefined);
    engine.settings = { device: 'cpu', deviceRequested: 'auto', deviceReason: 'no driver' };
    const summary = summaryOf(result);
    assert.match(contenderOf(summary, 'predis').label, /\(CPU engine\)$/);
    assert.equal(contenderOf(summary, 'predis').gpu, null);
    assert.ok(summary.caveats.some(({ text }) => text.includes('no GPU was used')));
    assert.match(renderHtml(summary), /No GPU was used in this run/);
  });

  it('shows what the driver said and where the time went, each figure with its place in the summary', () => {
    const summary = summaryOf(gpuResult());
    const gpu = contenderOf(summary, 'predis').gpu;
    assert.equal(gpu?.trials, 8);
    assert.equal(gpu.readings, 16);
    assert.deepEqual(gpu.ranges.powerWatts, { min: 300, mean: 303.5, max: 307 });
    assert.equal(gpu.ranges.memoryClockMhz, null);
    assert.deepEqual(gpu.calls, { hotCache: 8, mailbox: 80, direct: 160, packed: 240, device: 0 });
    assert.deepEqual(gpu.perTimedCall, {
      ...{ timedCalls: 32, kernelNs: 1000, toDeviceNs: 2000, fromDeviceNs: 3000, totalNs: 5000 },
    });
    assert.equal(contenderOf(summary, 'predis-cpu').gpu, null);
    const section = /<section id="gpu"[^]*?<\/section>/.exec(renderHtml(summary))?.[0] ?? '';
    for (const text of [
      'Made-up GPU',
      '999.1',
      'generation 5, ×16',
      '150 GiB',
      '303.5 W',
      '307 W',
      '2.00 µs',
    ]) {
      assert.ok(section.includes(text), `${text} in ${section}`);
    }
    assert.match(section, /data-ref="\/cases\/0\/contenders\/\d\/gpu\/ranges\/powerWatts\/mean">303\.5 W</);
    assert.match(section, /data-ref="\/cases\/0\/contenders\/\d\/gpu\/perTimedCall\/kernelNs">1\.00 µs</);
  });

  it('says why readings are missing, and shows none', () => {
    const absent = 'the driver says nothing <here>';
    const summary = summaryOf(
      gpuResult((gpu) => ({
        ...gpu,
        readingsAbsent: absent,
        readAtMs: [],
        readings: Object.fromEntries(
          Object.keys(gpu.readings).map((key) => [key, null]),
        ) as TrialGpu['readings'],
        work: { ...gpu.work, timedCalls: 0 },
      })),
    );
    assert.deepEqual(contenderOf(summary, 'predis').gpu?.readingsAbsent, [absent]);
    assert.equal(contenderOf(summary, 'predis').gpu?.perTimedCall, null);
    const section = /<section id="gpu"[^]*?<\/section>/.exec(renderHtml(summary))?.[0] ?? '';
    assert.match(section, /missing: the driver says nothing &lt;here&gt;\./);
    assert.match(section, /not told/);
    assert.match(section, /not timed/);
    assert.doesNotMatch(section, /at most |\/ranges\//);
  });

  it('stands beside a run without a GPU, and never beside one of another GPU', () => {
    const onCpu = makeResultFile({ cases: ['gaming'], seed: 2 });
    const sources = [
      { fileName: 'cpu.json', result: onCpu },
      { fileName: 'gpu.json', result: gpuResult() },
    ];
    const summary = summarise(sources);
    assert.equal(summary.environment.gpu?.name, name, 'whichever file comes first');
    assert.match(renderHtml(summary), /CUDA engine, Made-up GPU/);
    onCpu.environment.gpu = { ...facts, name: 'Another GPU' };
    assert.throws(() => summarise(sources), {
      code: 'MIXED_COMPARISON',
      message: /Another GPU and Made-up GPU/,
    });
  });

  it('is judged against no baseline of the CPU, nor of another GPU', () => {
    const onGpu = gpuResult();
    const onCpu = makeResultFile({ blocks: 4 });
    const other = gpuResult();
    const engine = other.engines.predis;
    assert.ok(engine !== undefined);
    engine.settings = { ...engine.settings, deviceName: 'Another GPU' };
    assert.deepEqual(judgedContenders(onGpu, onGpu, ['predis']), ['predis']);
    for (const baseline of [onCpu, other]) {
      assert.throws(() => judgedContenders(baseline, onGpu, ['predis']), {
        code: 'NO_BASELINE',
        message: /ran on another device/,
      });
    }
  });

  it('is compared with the CPU engine beside it: what the GPU adds', () => {
    const contenders = gpuResult().plan.contenders.map((contender) => ({
      ...contender,
      settings: contender.engine === 'predis' ? { engine: contender.id === 'predis' ? 'auto' : 'cpu' } : {},
    }));
    const pairs = declareComparisons(['hft'], contenders)
      .filter(({ metric }) => metric === 'throughput')
      .map(({ candidate, baseline }) => `${candidate} over ${baseline}`);
    assert.deepEqual(pairs, [
      'predis over redis',
      'predis over redis-pipelined',
      'predis over predis-cpu',
      'predis-cpu over redis',
      'predis-cpu over redis-pipelined',
    ]);
    const result = gpuResult();
    result.plan.comparisons = declareComparisons(['hft'], contenders);
    const summary = summaryOf(result);
    assert.equal(summary.statistics.familySize, 15);
    assert.equal(summary.statistics.againstRedis.comparisons, 12, 'Predis over Predis is none of them');
    const added = summary.cases[0]?.comparisons.find(({ baseline }) => baseline === 'predis-cpu');
    assert.equal(added?.crossesBoundary, false);
    assert.ok((added.advantage?.estimate ?? 0) > 1.5);
    const between = summary.cases[0]?.comparisons.flatMap(({ baseline }, at) =>
      baseline === 'predis-cpu' ? [`/cases/0/comparisons/${String(at)}/`] : [],
    );
    assert.equal(between?.length, 3);
    for (const { refs, text } of [...summary.headline, ...summary.whereRedisWins]) {
      assert.ok(!refs.some((ref) => between.some((pointer) => ref.startsWith(pointer))), text);
    }
    renderHtml(summary);
  });
});
