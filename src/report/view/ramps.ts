/** Where contenders begin to degrade as more clients ask at once: a sentence and a table for each workload with a ramp. */
import type { RampSummary, Summary } from '../../analysis/summary.js';
import { contenderStyles } from '../charts/marks.js';
import { displayText, formatCount } from '../format.js';
import {
  contenderCell,
  datum,
  intervalCell,
  sentenceViews,
  type ContenderCell,
  type Datum,
  type IntervalCell,
  type SentenceView,
} from './cells.js';

export interface RampView {
  readonly workload: string;
  readonly contender: ContenderCell;
  readonly sentence: readonly SentenceView[];
  readonly rows: readonly {
    readonly clients: Datum | null;
    readonly workers: Datum | null;
    readonly throughput: IntervalCell | null;
    readonly throughputRatio: IntervalCell | null;
    readonly latencyP99: IntervalCell | null;
    readonly latencyP99Ratio: IntervalCell | null;
    /** The reference that the ratios of the other rows are of. */
    readonly isFirst: boolean;
    readonly throughputStops: boolean;
    readonly latencyPasses: boolean;
  }[];
}

export function rampViews(summary: Summary): readonly RampView[] {
  return summary.ramps.map((ramp, index) => rampView(summary, ramp, index));
}

function rampView(summary: Summary, ramp: RampSummary, index: number): RampView {
  const contender = summary.cases
    .find(({ id }) => id === ramp.steps[0]?.caseId)
    ?.contenders.find(({ id }) => id === ramp.contender);
  if (contender === undefined) throw new Error(`no contender ${ramp.contender} in ${ramp.workload}`);
  return {
    workload: displayText(ramp.workload, 80),
    contender: contenderCell(contender, contenderStyles(summary)),
    sentence: sentenceViews(summary.degradation.slice(index, index + 1)),
    rows: ramp.steps.map((step, at) => {
      const ref = `/ramps/${String(index)}/steps/${String(at)}`;
      return {
        clients: datum(step.clients, `${ref}/clients`, formatCount),
        workers: datum(step.workers, `${ref}/workers`, formatCount),
        throughput: intervalCell(step.throughput, `${ref}/throughput`, 'operations/s'),
        throughputRatio: intervalCell(step.throughputRatio, `${ref}/throughputRatio`, 'ratio'),
        latencyP99: intervalCell(step.latencyP99, `${ref}/latencyP99`, 'ns'),
        latencyP99Ratio: intervalCell(step.latencyP99Ratio, `${ref}/latencyP99Ratio`, 'ratio'),
        isFirst: at === 0,
        throughputStops: ramp.throughput.state === 'stops' && ramp.throughput.step === at,
        latencyPasses: ramp.latencyP99.state === 'passes' && ramp.latencyP99.step === at,
      };
    }),
  };
}
