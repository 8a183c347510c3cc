/** Curves over clients, batch sizes and load: the charts, and the tables that hold the same numbers. */
import type { Summary } from '../../analysis/summary.js';
import { batchCharts, capacityCharts, scalingCharts } from '../charts/curve-specs.js';
import { contenderStyles } from '../charts/marks.js';
import type { ChartSpec } from '../charts/spec.js';
import { displayText, formatCount, formatQuantity } from '../format.js';
import {
  contenderCell,
  datum,
  intervalCell,
  type ContenderCell,
  type Datum,
  type IntervalCell,
} from './cells.js';

export interface StillChart {
  readonly spec: ChartSpec;
  /** Picture as a data URL for readers without scripts; null when it was not drawn. */
  readonly image: string | null;
}

export interface CurveTable {
  readonly caption: string;
  readonly first: string;
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly contender: ContenderCell | null;
    readonly at: Datum | null;
    /** What begins here, or empty. */
    readonly note: string;
    readonly cells: readonly (IntervalCell | null)[];
    readonly counts: string;
  }[];
}

export interface CurvesView {
  readonly scaling: readonly StillChart[];
  readonly batch: readonly StillChart[];
  readonly batchTables: readonly CurveTable[];
  readonly capacity: readonly StillChart[];
  readonly capacityTables: readonly CurveTable[];
  /** Nothing of the three was measured. */
  readonly none: boolean;
}

/** @param images data URLs by chart id */
export function curvesView(summary: Summary, images: ReadonlyMap<string, string>): CurvesView {
  const still = (spec: ChartSpec): StillChart => ({ spec, image: images.get(spec.id) ?? null });
  const scaling = scalingCharts(summary).map(still);
  const batch = batchCharts(summary).map(still);
  const capacity = capacityCharts(summary).map(still);
  return {
    ...{ scaling, batch, capacity },
    batchTables: batchTables(summary),
    capacityTables: capacityTables(summary),
    none: scaling.length + batch.length + capacity.length === 0,
  };
}

function batchTables(summary: Summary): readonly CurveTable[] {
  const workloads = [...new Set(summary.batchCurves.map(({ workload }) => workload))];
  return workloads.map((workload) => ({
    caption: `${displayText(workload, 60)} by batch size: median over trials and its confidence interval`,
    first: 'Keys a request',
    columns: ['Throughput', 'Median latency of a request'],
    rows: summary.batchCurves.flatMap((curve, c) =>
      curve.workload !== workload
        ? []
        : curve.steps.map((step, s) => {
            const ref = `/batchCurves/${String(c)}/steps/${String(s)}`;
            return {
              contender: cellOf(summary, curve.contender),
              at: datum(step.keysPerRequest, `${ref}/keysPerRequest`, formatCount),
              note: curve.fastest === s ? 'fastest' : '',
              cells: [
                intervalCell(step.throughput, `${ref}/throughput`, 'operations/s'),
                intervalCell(step.latencyP50, `${ref}/latencyP50`, 'ns'),
              ],
              counts: `n = ${formatCount(step.trials)}`,
            };
          }),
    ),
  }));
}

function capacityTables(summary: Summary): readonly CurveTable[] {
  const cases = [...new Set(summary.capacityCurves.map(({ caseId }) => caseId))];
  return cases.map((caseId) => ({
    caption: `${displayText(caseId, 60)}: latency from the intended start at each load that the searches probed`,
    first: 'Load',
    columns: ['Latency that the objective names'],
    rows: summary.capacityCurves.flatMap((curve, c) =>
      curve.caseId !== caseId
        ? []
        : curve.points.map((point, p) => {
            const ref = `/capacityCurves/${String(c)}/points/${String(p)}`;
            const unit = curve.search === 'rate' ? 'operations/s' : 'clients';
            return {
              contender: cellOf(summary, curve.contender),
              at: datum(point.load, `${ref}/load`, (value) => formatQuantity(value, unit)),
              note: curve.degradesAt === p ? 'missed from here on' : '',
              cells: [intervalCell(point.latencyNs, `${ref}/latencyNs`, 'ns')],
              counts: `held in ${formatCount(point.held)} of ${formatCount(point.probes)}`,
            };
          }),
    ),
  }));
}

function cellOf(summary: Summary, id: string): ContenderCell | null {
  const contender = summary.cases.flatMap(({ contenders }) => contenders).find((row) => row.id === id);
  return contender === undefined ? null : contenderCell(contender, contenderStyles(summary));
}
