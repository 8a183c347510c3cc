/** The ladder: the steps of the advantage over the best Redis, and how near each contender came to its bounds. */
import { stepText } from '../../analysis/ladder-text.js';
import type { CaseSummary, LadderStep, Summary } from '../../analysis/summary.js';
import {
  capitalised,
  displayText,
  formatCount,
  formatPercent,
  formatPlural,
  formatQuantity,
} from '../format.js';
import { datum, intervalCell, type Datum, type IntervalCell } from './cells.js';

export interface LadderRow {
  readonly caseLabel: string;
  readonly step: string;
  readonly from: string;
  readonly to: string;
  readonly crossesBoundary: boolean;
  readonly ratio: IntervalCell | null;
  readonly trials: string;
  /** The whole way, set apart from its steps. */
  readonly isTotal: boolean;
}

export interface BoundRow {
  readonly caseLabel: string;
  readonly contender: string;
  readonly floor: string | null;
  readonly share: Datum | null;
  /** Operations a second of the engine's own load generator. */
  readonly ceiling: Datum | null;
  readonly efficiency: Datum | null;
  /** Why there is no ceiling. */
  readonly absent: string | null;
  readonly commands: readonly string[];
}

export interface LadderView {
  /** Stands in for the rows where there are none. */
  readonly none: string | null;
  readonly rows: readonly LadderRow[];
  readonly bounds: readonly BoundRow[];
  readonly notes: readonly string[];
}

export function ladderView(summary: Summary): LadderView {
  const rows = summary.cases.flatMap((row, index) => stepRows(row, `/cases/${String(index)}`));
  return {
    none:
      rows.length === 0
        ? summary.design.loadModel === 'open'
          ? 'In open loop everyone who keeps up has the throughput that was asked for: there is nothing to split. A closed-loop run shows the ladder.'
          : 'This run holds no way from Redis to an engine in the process, so nothing can be split.'
        : null,
    rows,
    bounds: summary.cases.flatMap((row, index) => boundRows(row, `/cases/${String(index)}`)),
    notes: notes(summary),
  };
}

function labelIn(row: CaseSummary): (id: string) => string {
  return (id) => displayText(row.contenders.find((one) => one.id === id)?.label ?? id, 60);
}

function stepRows(row: CaseSummary, ref: string): LadderRow[] {
  const { ladder } = row;
  if (ladder === null) return [];
  const label = labelIn(row);
  const cell = (step: LadderStep, place: string, isTotal: boolean): LadderRow => ({
    caseLabel: displayText(row.id, 60),
    step: capitalised(stepText(step)),
    from: label(step.from),
    to: label(step.to),
    crossesBoundary: step.crossesBoundary,
    ratio: intervalCell(step.ratio, `${ref}/ladder/${place}/ratio`, 'ratio'),
    trials: `${formatCount(step.trials.to)} and ${formatCount(step.trials.from)}`,
    isTotal,
  });
  return [
    ...ladder.steps.map((step, index) => cell(step, `steps/${String(index)}`, false)),
    cell(ladder.total, 'total', true),
    ...(ladder.packed === null ? [] : [cell(ladder.packed, 'packed', false)]),
  ];
}

function boundRows(row: CaseSummary, ref: string): BoundRow[] {
  const label = labelIn(row);
  const throughput = (value: number): string => formatQuantity(value, 'operations/s');
  return row.contenders.flatMap(({ id }): BoundRow[] => {
    const floorAt = row.floors.findIndex(({ contender }) => contender === id);
    const ceilingAt = row.ceilings.findIndex(({ contender }) => contender === id);
    const floor = row.floors[floorAt];
    const ceiling = row.ceilings[ceilingAt];
    if (floor === undefined && ceiling === undefined) return [];
    const place = `${ref}/ceilings/${String(ceilingAt)}`;
    return [
      {
        caseLabel: displayText(row.id, 60),
        contender: label(id),
        floor: floor === undefined ? null : label(floor.floor),
        share: datum(floor?.share, `${ref}/floors/${String(floorAt)}/share`, formatPercent),
        ceiling: datum(ceiling?.operationsPerSecond, `${place}/operationsPerSecond`, throughput),
        efficiency: datum(ceiling?.harnessEfficiency, `${place}/harnessEfficiency`, formatPercent),
        absent:
          ceiling === undefined
            ? 'not asked'
            : ceiling.absent === null
              ? null
              : displayText(ceiling.absent, 200),
        commands: (ceiling?.commands ?? []).map((command) => displayText(command, 300)),
      },
    ];
  });
}

function notes(summary: Summary): string[] {
  const { cases, statistics } = summary;
  const ladders = cases.flatMap(({ ladder }) => (ladder === null ? [] : [ladder]));
  const redis = Math.max(0, ...ladders.map(({ redisContenders }) => redisContenders));
  const readings = cases.flatMap(({ ceilings }) => ceilings);
  const versions = [...new Set(readings.flatMap(({ version }) => version ?? []))];
  const reasons = [...new Set(readings.flatMap(({ absent }) => absent ?? []))];
  const missing = [
    ...new Set(ladders.flatMap((ladder) => ladder.missing.map((name) => stepText({ names: [name] })))),
  ];
  return [
    ...(ladders.length === 0
      ? []
      : [
          `Redis stands for the contender of Redis with the highest median throughput in each workload, of ${formatPlural(redis, 'contender')} measured. It is chosen by the very numbers that it is judged by, which flatters Redis and never Predis.`,
          `Each ratio is estimated by itself, with its own ${formatPercent(statistics.confidence)} interval; the steps multiply to the whole but for that. No verdict is drawn from them: those stand under Comparisons, corrected for their number.`,
        ]),
    ...(missing.length === 0
      ? []
      : [`Not measured in some workload: the step ${missing.join(', the step ')}.`]),
    readings.length === 0
      ? 'redis-benchmark: this result holds no reading of it, so that the efficiency of the harness is not known.'
      : `redis-benchmark${versions.length === 0 ? '' : ` ${versions.map((version) => displayText(version, 40)).join(', ')}`} ran once for each Redis contender and workload, before the trials, with uniformly random keys and the mean sizes of the workload: an upper bound, not a trial. Harness efficiency is our driver's median over it.`,
    ...reasons.map(
      (reason) => `No reading of redis-benchmark for some contender: ${displayText(reason, 300)}.`,
    ),
  ];
}
