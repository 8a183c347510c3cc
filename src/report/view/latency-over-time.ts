/** The table beside a heat map: the same latencies in parts of the window. */
import type { CaseSummary } from '../../analysis/summary.js';
import { formatCount, formatQuantity } from '../format.js';
import { contenderCell, datum, type ContenderCell, type Datum } from './cells.js';

export interface LatencyOverTimeTable {
  /** Parts of the window: "0 to 100 ms". */
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly contender: ContenderCell;
    readonly cells: readonly {
      readonly requests: Datum | null;
      readonly p50: Datum | null;
      readonly p99: Datum | null;
    }[];
  }[];
}

/** @param ref JSON pointer to the case; null where no trial recorded latencies by interval */
export function latencyOverTimeTable(
  oneCase: CaseSummary,
  ref: string,
  styles: ReadonlyMap<string, number>,
): LatencyOverTimeTable | null {
  const rows = oneCase.contenders.flatMap((contender, place) => {
    const { latencyOverTime } = contender;
    if (latencyOverTime === null) return [];
    const pointer = `${ref}/contenders/${String(place)}/latencyOverTime/slices`;
    const time = (value: number): string => formatQuantity(value, 'ns');
    return [
      {
        contender: contenderCell(contender, styles),
        slices: latencyOverTime.slices,
        cells: latencyOverTime.slices.map((slice, at) => ({
          requests: datum(slice.requests, `${pointer}/${String(at)}/requests`, formatCount),
          p50: datum(slice.p50Ns, `${pointer}/${String(at)}/p50Ns`, time),
          p99: datum(slice.p99Ns, `${pointer}/${String(at)}/p99Ns`, time),
        })),
      },
    ];
  });
  const [first] = rows;
  if (first === undefined) return null;
  return {
    columns: first.slices.map(
      ({ fromMs, toMs }) => `${formatQuantity(fromMs * 1e6, 'ns')} to ${formatQuantity(toMs * 1e6, 'ns')}`,
    ),
    rows: rows.map(({ contender, cells }) => ({ contender, cells })),
  };
}
