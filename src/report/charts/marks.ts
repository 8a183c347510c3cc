/** The parts that charts are put together from: marks, names, and the looks of contenders. */
import type { ComparisonSummary, ContenderSummary, MetricSummary, Summary } from '../../analysis/summary.js';
import type { Metric } from '../../results/schema.js';
import { displayText, formatBounds, formatQuantity } from '../format.js';
import type { ChartSpec, Mark } from './spec.js';

/** The style (colour, marker, texture) of each contender: its place among all contenders of the report. */
export function contenderStyles(summary: Summary): ReadonlyMap<string, number> {
  const ids = summary.cases.flatMap(({ contenders }) => contenders.map(({ id }) => id));
  return new Map([...new Set(ids)].map((id, index) => [id, index]));
}

/**
 * Names of the cases for anchors and chart ids: letters, digits and hyphens, each once, and the same for the same cases, so that a
 * link into a report finds its place in the next one.
 */
export function caseSlugs(summary: Summary): readonly string[] {
  const seen = new Set<string>();
  return summary.cases.map(({ id }, index) => {
    const slug = id
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 60)
      .replace(/^-|-$/g, '');
    const unique = slug === '' || seen.has(slug) ? `${slug}-${String(index + 1)}`.replace(/^-/, '') : slug;
    seen.add(unique);
    return unique;
  });
}

/** Says under the title of a chart where marks have no interval, so that a bare bar is not taken for a certain one. */
export function withMissingIntervals(spec: ChartSpec): ChartSpec {
  const without = spec.marks.filter(({ low }) => low === null).length;
  // latencies by percentile are of all requests together
  if (without === 0 || spec.form === 'heat' || spec.subtitle.includes('All requests')) return spec;
  const which =
    without === spec.marks.length
      ? 'no intervals'
      : `no interval for ${String(without)} of ${String(spec.marks.length)}`;
  return { ...spec, subtitle: `${spec.subtitle} · ${which}: too few trials` };
}

/** A contender has one colour and one marker throughout the report. */
export function appearance(
  id: string,
  styles: ReadonlyMap<string, number>,
): { colour: number; marker: number } {
  const style = styles.get(id) ?? 0;
  return { colour: style, marker: style };
}

/** One metric's median with its interval as a mark. */
export function metricMark(
  measured: MetricSummary,
  row: number,
  series: number,
  heading: readonly string[],
  withTrials: boolean,
): Mark {
  return {
    row,
    series,
    value: measured.median.estimate,
    low: measured.median.low,
    high: measured.median.high,
    trials: withTrials ? measured.values : [],
    label: formatQuantity(measured.median.estimate, measured.unit),
    details: [
      ...heading,
      `Median ${formatQuantity(measured.median.estimate, measured.unit)}`,
      formatBounds(measured.median, measured.unit),
      `n = ${String(measured.trials)} trials`,
    ],
  };
}

/** One advantage as a mark; none where a logarithmic axis has no place for it (the table still shows it). */
export function advantageMark(
  comparison: ComparisonSummary,
  row: number,
  series: number,
  heading: string,
): readonly Mark[] {
  const { advantage, trials } = comparison;
  // A ratio that is not positive has no place on a logarithmic axis; the table still shows it.
  if (advantage === null || !(advantage.estimate > 0)) return [];
  return [
    {
      row,
      series,
      value: advantage.estimate,
      low: advantage.low,
      high: advantage.high,
      trials: [],
      label: formatQuantity(advantage.estimate, 'ratio'),
      details: [
        displayText(heading, 60),
        `${formatQuantity(advantage.estimate, 'ratio')} ${formatBounds(advantage, 'ratio')}`,
        `n = ${String(trials.candidate)} and ${String(trials.baseline)} trials`,
        ...(comparison.crossesBoundary ? ['crosses a boundary'] : []),
      ],
    },
  ];
}

export function hasThroughputAdvantage({ metric, advantage }: ComparisonSummary): boolean {
  return metric === 'throughput' && advantage !== null;
}

/** A contender's numbers on one metric, where it has any. */
export function metricOf(contender: ContenderSummary, metric: Metric): MetricSummary | undefined {
  return contender.metrics.find((row) => row.metric === metric && Number.isFinite(row.median.estimate));
}

/** What contenders are called in charts, by id. */
export function contenderNames({ chartLabels }: Summary): ReadonlyMap<string, string> {
  return new Map(chartLabels.map(({ contender, label }) => [contender, displayText(label, 60)]));
}

/** Whom the short names mean: 'Predis · GPU: Predis (CUDA engine, NVIDIA H200)', …; empty where all names are the full ones. */
export function shortNamesText({ chartLabels }: Summary): string {
  return chartLabels
    .filter(({ label, fullLabel }) => label !== fullLabel)
    .map(({ label, fullLabel }) => `${displayText(label, 60)}: ${displayText(fullLabel, 60)}`)
    .join('; ');
}

/** Tells pairs of contenders apart. */
export function pairKey({ candidate, baseline }: ComparisonSummary): string {
  return JSON.stringify([candidate, baseline]);
}

export function directionText(measured: MetricSummary | undefined): string {
  return measured?.higherIsBetter === true ? 'higher is better' : 'lower is better';
}

/** From this ratio of largest to smallest bar, the smallest could no longer be told from zero. */
const LARGEST_READABLE_RATIO = 25;

/**
 * Whether these values need a logarithmic axis to be told apart. Such an axis has no zero; `omitted` says, as an end of a
 * subtitle, how many of them it leaves to the tables.
 */
export function readableScale(values: readonly number[]): { logarithmic: boolean; omitted: string } {
  const positive = values.filter((value) => value > 0);
  const logarithmic = Math.max(...positive) > LARGEST_READABLE_RATIO * Math.min(...positive);
  const zeros = values.length - positive.length;
  return {
    logarithmic,
    omitted:
      logarithmic && zeros > 0
        ? ` · ${String(zeros)} of ${String(values.length)} measured no more than 0, for which a logarithmic axis has no place`
        : '',
  };
}

/** "n = 64 trials each", or the range where counts differ. */
export function trialCounts(counts: readonly number[]): string {
  const low = Math.min(...counts);
  const high = Math.max(...counts);
  if (counts.length === 0) return 'no trials';
  return low === high ? `n = ${String(low)} trials each` : `n = ${String(low)} to ${String(high)} trials`;
}
