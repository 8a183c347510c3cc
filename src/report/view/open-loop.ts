/** Open loop in the section of a workload: what was asked for and reached, and the parts of the latency. */
import type { CaseSummary, LatencyDistribution } from '../../analysis/summary.js';
import { formatCount, formatQuantity } from '../format.js';
import {
  contenderCell,
  datum,
  intervalCell,
  type ContenderCell,
  type Datum,
  type IntervalCell,
} from './cells.js';

export interface OpenLoopRow {
  readonly contender: ContenderCell;
  readonly offered: Datum | null;
  readonly achieved: IntervalCell | null;
  readonly serviceP50: Datum | null;
  readonly serviceP99: Datum | null;
  readonly delayP99: Datum | null;
  readonly lagP99: Datum | null;
  readonly lagMax: Datum | null;
  readonly late: Datum | null;
  readonly dropped: Datum | null;
  readonly inFlight: Datum | null;
  readonly saturated: Datum | null;
  readonly trials: string;
}

/** @param ref JSON pointer to the case; no rows for a closed loop */
export function openLoopRows(
  oneCase: CaseSummary,
  ref: string,
  styles: ReadonlyMap<string, number>,
): readonly OpenLoopRow[] {
  return oneCase.contenders.flatMap((contender, place) => {
    const { openLoop } = contender;
    if (openLoop === null) return [];
    const pointer = `${ref}/contenders/${String(place)}/openLoop`;
    const rate = (value: number): string => formatQuantity(value, 'operations/s');
    const time = (value: number): string => formatQuantity(value, 'ns');
    const at = (name: 'serviceTime' | 'startDelay' | 'generatorLag', percentile: number): Datum | null => {
      const distribution: LatencyDistribution = openLoop[name];
      const index = distribution.percentiles.findIndex((row) => row.percentile === percentile);
      const target = `${pointer}/${name}/percentiles/${String(index)}/valueNs`;
      return datum(distribution.percentiles[index]?.valueNs, target, time);
    };
    return [
      {
        contender: contenderCell(contender, styles),
        offered: datum(openLoop.offeredPerSecond, `${pointer}/offeredPerSecond`, rate),
        achieved: intervalCell(openLoop.achievedPerSecond, `${pointer}/achievedPerSecond`, 'operations/s'),
        serviceP50: at('serviceTime', 50),
        serviceP99: at('serviceTime', 99),
        delayP99: at('startDelay', 99),
        lagP99: at('generatorLag', 99),
        lagMax: datum(openLoop.generatorLag.maxNs, `${pointer}/generatorLag/maxNs`, time),
        late: datum(openLoop.lateRequests, `${pointer}/lateRequests`, formatCount),
        dropped: datum(openLoop.droppedRequests, `${pointer}/droppedRequests`, formatCount),
        inFlight: datum(openLoop.largestInFlight, `${pointer}/largestInFlight`, formatCount),
        saturated: datum(openLoop.saturatedTrials, `${pointer}/saturatedTrials`, formatCount),
        trials: formatCount(openLoop.trials),
      },
    ];
  });
}
