/** What a key and an operation cost: bytes and watts, with the tables beside the charts. */
import type { Summary } from '../../analysis/summary.js';
import { efficiencyCharts, powerSourceNames } from '../charts/efficiency-specs.js';
import { contenderStyles } from '../charts/marks.js';
import { capitalised, displayText, formatCount, formatQuantity } from '../format.js';
import {
  contenderCell,
  datum,
  intervalCell,
  type ContenderCell,
  type Datum,
  type IntervalCell,
} from './cells.js';
import type { StillChart } from './curves.js';

export interface EfficiencyView {
  readonly memoryChart: StillChart | null;
  readonly memory: {
    readonly contenders: readonly ContenderCell[];
    readonly rows: readonly {
      readonly caseLabel: string;
      readonly keys: Datum | null;
      readonly payload: Datum | null;
      readonly cells: readonly (IntervalCell | null)[];
    }[];
  };
  readonly powerCharts: readonly StillChart[];
  readonly power: readonly {
    readonly caseLabel: string;
    readonly contender: ContenderCell | null;
    readonly source: string;
    readonly watts: IntervalCell | null;
    readonly operationsPerJoule: IntervalCell | null;
    readonly trials: string;
  }[];
  /** What was not measured, in sentences. */
  readonly powerNotes: readonly string[];
}

/** @param images data URLs by chart id */
export function efficiencyView(summary: Summary, images: ReadonlyMap<string, string>): EfficiencyView {
  const { memory, payload, power } = summary.efficiency;
  const styles = contenderStyles(summary);
  const all = new Map(summary.cases.flatMap(({ contenders }) => contenders.map((row) => [row.id, row])));
  const shown = [...all.values()].filter(({ id }) => memory.some(({ contender }) => contender === id));
  const charts = efficiencyCharts(summary).map((spec) => ({ spec, image: images.get(spec.id) ?? null }));
  const cell = (id: string): ContenderCell | null => {
    const contender = all.get(id);
    return contender === undefined ? null : contenderCell(contender, styles);
  };
  return {
    memoryChart: charts.find(({ spec }) => spec.id === 'bytes-per-key') ?? null,
    memory: {
      contenders: shown.map((contender) => contenderCell(contender, styles)),
      rows: payload
        .map(({ caseId }, place) => {
          const ref = `/efficiency/payload/${String(place)}`;
          return {
            caseId,
            caseLabel: displayText(caseId, 60),
            keys: datum(payload[place]?.keys, `${ref}/keys`, formatCount),
            payload: datum(payload[place]?.payloadBytes, `${ref}/payloadBytes`, (value) =>
              formatQuantity(value, 'bytes'),
            ),
            cells: shown.map(({ id }) => {
              const at = memory.findIndex((row) => row.caseId === caseId && row.contender === id);
              return intervalCell(
                memory[at]?.bytesPerKey ?? null,
                `/efficiency/memory/${String(at)}/bytesPerKey`,
                'bytes',
              );
            }),
          };
        })
        .filter(({ caseId }) => memory.some((row) => row.caseId === caseId)),
    },
    powerCharts: charts.filter(({ spec }) => spec.id !== 'bytes-per-key'),
    power: power.map((row, place) => {
      const ref = `/efficiency/power/${String(place)}`;
      return {
        caseLabel: displayText(row.caseId, 60),
        contender: cell(row.contender),
        source: powerSourceNames[row.source].title,
        watts: intervalCell(row.watts, `${ref}/watts`, 'watts'),
        operationsPerJoule: intervalCell(row.operationsPerJoule, `${ref}/operationsPerJoule`, 'operations/J'),
        trials: formatCount(row.trials),
      };
    }),
    powerNotes: powerNotes(summary),
  };
}

function powerNotes(summary: Summary): readonly string[] {
  const sources = new Set(summary.efficiency.power.map(({ source }) => source));
  return [
    ...(sources.has('gpu-board')
      ? ['The board of the GPU is not all that works for an operation: the processor’s watts come on top.']
      : [
          `Watts of a GPU were not measured: ${summary.environment.gpu === null ? 'no engine ran on one' : 'its driver did not tell them inside the windows'}.`,
        ]),
    ...(sources.has('cpu-packages')
      ? ['The processor packages count everything that ran on the machine, this tool’s own work included.']
      : [
          'Watts of the processor were not measured: the kernel’s energy counters were not there, or not for this user to read. So nothing is said about contenders that run on the processor alone.',
        ]),
  ].map(capitalised);
}
