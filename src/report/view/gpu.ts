/** The GPU: which one, what the driver said of it during the trials, and where the engine's time on it went. */
import type { GpuRange, GpuSummary } from '../../analysis/gpu-summary.js';
import type { Summary } from '../../analysis/summary.js';
import type { GpuReadingName } from '../../results/schema.js';
import { displayText, formatCount, formatNumber, formatPlural, formatQuantity, fullStop } from '../format.js';
import { contenderStyles } from '../charts/marks.js';
import { contenderCell, datum, type ContenderCell, type Datum } from './cells.js';
import { fact, type Fact } from './environment.js';

export interface GpuCell {
  readonly mean: Datum | null;
  readonly max: Datum | null;
}

export interface GpuRow {
  readonly caseLabel: string;
  readonly contender: ContenderCell;
  readonly readings: readonly GpuCell[];
  /** Kernel, to the device, from the device, first to last event. */
  readonly times: readonly (Datum | null)[];
  readonly calls: string;
  readonly trials: string;
}

export interface GpuView {
  /** Stands in for everything else where no GPU was used. */
  readonly none: string | null;
  readonly facts: readonly Fact[];
  /** What is missing, and why. */
  readonly notes: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly GpuRow[];
}

/** The readings that the page shows; the summary has all. */
const shownReadings: readonly {
  readonly name: GpuReadingName;
  readonly title: string;
  readonly write: (value: number) => string;
}[] = [
  { name: 'utilizationPercent', title: 'Utilisation', write: (value) => `${formatNumber(value, 1)} %` },
  { name: 'smClockMhz', title: 'SM clock', write: (value) => `${formatNumber(value, 0)} MHz` },
  { name: 'powerWatts', title: 'Power', write: (value) => `${formatNumber(value, 1)} W` },
  { name: 'temperatureCelsius', title: 'Temperature', write: (value) => `${formatNumber(value, 1)} °C` },
  { name: 'memoryUsedBytes', title: 'Memory in use', write: (value) => formatQuantity(value, 'bytes') },
];

export function gpuView(summary: Summary): GpuView {
  const gpu = summary.environment.gpu;
  const styles = contenderStyles(summary);
  const rows = summary.cases.flatMap((row, c) =>
    row.contenders.flatMap((contender, i) =>
      contender.gpu === null
        ? []
        : [
            {
              caseLabel: displayText(row.id, 60),
              contender: contenderCell(contender, styles),
              ...cells(contender.gpu, `/cases/${String(c)}/contenders/${String(i)}/gpu`),
            },
          ],
    ),
  );
  const absent = summary.cases.flatMap(({ contenders }) =>
    contenders.flatMap((contender) => contender.gpu?.readingsAbsent ?? []),
  );
  return {
    none: gpu === null ? 'No GPU was used in this run: every engine ran on the CPU.' : null,
    facts: gpu === null ? [] : gpuFacts(gpu),
    notes: [...new Set([...[gpu?.readingsAbsent ?? []].flat(), ...absent])].map((reason) =>
      fullStop(`Readings of the driver are missing: ${displayText(reason, 300)}`),
    ),
    columns: shownReadings.map(({ title }) => title),
    rows,
  };
}

function gpuFacts(gpu: NonNullable<Summary['environment']['gpu']>): readonly Fact[] {
  const bytes = (value: number | null): string | null =>
    value === null ? null : formatQuantity(value, 'bytes');
  const number = (value: number | null): string | null => (value === null ? null : formatCount(value));
  const { pcieMaxGeneration: generation, pcieMaxLanes: lanes, powerLimitWatts: watts } = gpu;
  return [
    fact('Name', gpu.name),
    fact('UUID', gpu.uuid),
    fact('Driver', gpu.driverVersion),
    fact('CUDA of the driver', gpu.cudaDriver),
    fact('CUDA of the engine', gpu.cudaRuntime),
    fact('Compute capability', gpu.computeCapability),
    fact('Multiprocessors', number(gpu.multiprocessors)),
    fact('Memory', bytes(gpu.memoryBytes)),
    fact('L2 cache', bytes(gpu.l2Bytes)),
    fact(
      'PCIe, at most',
      generation === null || lanes === null ? null : `generation ${String(generation)}, ×${String(lanes)}`,
    ),
    fact('Power limit', watts === null ? null : `${formatNumber(watts, 0)} W`),
  ];
}

function cells(gpu: GpuSummary, pointer: string): Omit<GpuRow, 'caseLabel' | 'contender'> {
  const time = (name: 'kernelNs' | 'toDeviceNs' | 'fromDeviceNs' | 'totalNs'): Datum | null =>
    datum(gpu.perTimedCall?.[name], `${pointer}/perTimedCall/${name}`, (value) =>
      formatQuantity(value, 'ns'),
    );
  const { calls } = gpu;
  return {
    readings: shownReadings.map(({ name, write }) => {
      const range: GpuRange | null = gpu.ranges[name];
      return {
        mean: datum(range?.mean, `${pointer}/ranges/${name}/mean`, write),
        max: datum(range?.max, `${pointer}/ranges/${name}/max`, write),
      };
    }),
    times: [time('kernelNs'), time('toDeviceNs'), time('fromDeviceNs'), time('totalNs')],
    calls: [
      `${formatCount(calls.hotCache)} hot cache`,
      `${formatCount(calls.mailbox)} mailbox`,
      `${formatCount(calls.direct)} direct`,
      `${formatCount(calls.packed)} packed`,
      `${formatCount(calls.device)} device`,
    ].join(', '),
    trials: `${formatPlural(gpu.trials, 'trial')}, ${formatPlural(gpu.readings, 'reading')}`,
  };
}
