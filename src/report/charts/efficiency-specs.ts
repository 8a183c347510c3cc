/** Charts of what a key and an operation cost: bytes and watts. */
import type { PowerSource } from '../../analysis/efficiency.js';
import type { Interval, Summary } from '../../analysis/summary.js';
import { displayText, formatBounds, formatPercent, formatQuantity } from '../format.js';
import {
  appearance,
  contenderNames,
  contenderStyles,
  readableScale,
  trialCounts,
  withMissingIntervals,
} from './marks.js';
import type { ChartSpec } from './spec.js';
import type { QuantityUnit } from './tick.js';

export const powerSourceNames: Readonly<
  Record<PowerSource, { readonly title: string; readonly of: string }>
> = {
  'gpu-board': { title: 'GPU board', of: 'of the GPU’s board' },
  'cpu-packages': { title: 'Processor packages', of: 'of all processor packages, whatever ran on them' },
};

interface Row {
  readonly caseId: string;
  readonly contender: string;
  readonly interval: Interval;
  readonly trials: number;
}

/** Bytes a key, and operations a joule by the source of the watts; those without a number are left out. */
export function efficiencyCharts(summary: Summary): readonly ChartSpec[] {
  const { memory, power } = summary.efficiency;
  return [
    overview(summary, {
      id: 'bytes-per-key',
      title: 'Memory for each key',
      axis: 'Bytes for each key that was loaded',
      unit: 'bytes',
      direction: 'lower is better; the table has the key and value themselves',
      rows: memory.map(({ bytesPerKey, ...row }) => ({ ...row, interval: bytesPerKey })),
    }),
    ...(['gpu-board', 'cpu-packages'] as const).map((source) =>
      overview(summary, {
        id: `operations-per-watt-${source}`,
        title: `Operations per watt ${source === 'gpu-board' ? 'of the GPU' : 'of the processor'}`,
        axis: `Operations a second for each watt ${powerSourceNames[source].of}`,
        unit: 'operations/J',
        direction: 'higher is better',
        rows: power
          .filter((row) => row.source === source)
          .map(({ operationsPerJoule, ...row }) => ({ ...row, interval: operationsPerJoule })),
      }),
    ),
  ]
    .filter(({ marks }) => marks.length > 0)
    .map(withMissingIntervals);
}

function overview(
  summary: Summary,
  {
    id,
    title,
    axis,
    unit,
    direction,
    rows,
  }: {
    readonly id: string;
    readonly title: string;
    readonly axis: string;
    readonly unit: QuantityUnit;
    readonly direction: string;
    readonly rows: readonly Row[];
  },
): ChartSpec {
  const styles = contenderStyles(summary);
  const names = contenderNames(summary);
  const cases = summary.cases
    .map((row) => row.id)
    .filter((caseId) => rows.some((row) => row.caseId === caseId));
  const series = [...styles.keys()].filter((contender) => rows.some((row) => row.contender === contender));
  const { logarithmic, omitted } = readableScale(rows.map(({ interval }) => interval.estimate));
  const shown = logarithmic ? rows.filter(({ interval }) => interval.estimate > 0) : rows;
  const confidence = formatPercent(summary.statistics.confidence);
  return {
    ...{ id, title },
    form: logarithmic ? 'points' : 'bars',
    subtitle: `Median of trials with ${confidence} confidence interval · ${trialCounts(rows.map(({ trials }) => trials))} · ${direction}${omitted}`,
    alt: `${title} of each contender in each workload, with ${confidence} confidence intervals. The table below holds the same numbers.`,
    howToRead: logarithmic
      ? `Each mark is the median over trials and its whisker the ${confidence} confidence interval (often narrower than the mark); the axis is logarithmic, so equal distances are equal ratios; ${direction}.`
      : `Each bar starts at zero and ends at the median over trials, its whisker is the ${confidence} confidence interval (often too narrow to see); ${direction}.`,
    axis: {
      label: `${axis}${logarithmic ? ', logarithmic scale' : ''}`,
      scale: logarithmic ? 'logarithmic' : 'linear',
      unit,
      reference: null,
    },
    rows: cases.map((caseId) => displayText(caseId, 60)),
    series: series.map((contender) => ({
      label: names.get(contender) ?? '',
      ...appearance(contender, styles),
    })),
    marks: shown.map(({ caseId, contender, interval, trials }) => ({
      row: cases.indexOf(caseId),
      series: series.indexOf(contender),
      value: interval.estimate,
      low: interval.low,
      high: interval.high,
      trials: [],
      label: formatQuantity(interval.estimate, unit),
      details: [
        displayText(caseId, 60),
        `Median ${formatQuantity(interval.estimate, unit)}`,
        formatBounds(interval, unit),
        `n = ${String(trials)} trials`,
      ],
    })),
  };
}
