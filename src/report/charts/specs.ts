/** Which charts the report has, and what each shows. Numbers are taken from the summary as they are. */
import type { CaseSummary, Summary } from '../../analysis/summary.js';
import type { Metric } from '../../results/schema.js';
import { displayText, formatPercent, formatQuantity } from '../format.js';
import { metricNames } from '../names.js';
import { batchCharts, capacityCharts, scalingCharts } from './curve-specs.js';
import { cacheCharts } from './cache-specs.js';
import { efficiencyCharts } from './efficiency-specs.js';
import { heatChart } from './heat-specs.js';
import { ladderChart } from './ladder-chart.js';
import {
  advantageMark,
  appearance,
  caseSlugs,
  contenderNames,
  contenderStyles,
  directionText,
  hasThroughputAdvantage,
  metricMark,
  metricOf,
  pairKey,
  readableScale,
  trialCounts,
  withMissingIntervals,
} from './marks.js';
import { slideParts } from './slide-parts.js';
import type { ChartSpec } from './spec.js';

/** Percentiles that people speak of; the summary holds more. */
const SPOKEN_PERCENTILES: readonly number[] = [50, 75, 90, 95, 99, 99.9, 99.99];

/** The percentiles that the report shows of a case, ascending. */
export function shownPercentiles(oneCase: CaseSummary): readonly number[] {
  const held = oneCase.contenders.flatMap(
    ({ latency }) => latency?.percentiles.map((row) => row.percentile) ?? [],
  );
  return SPOKEN_PERCENTILES.filter((percentile) => held.includes(percentile));
}

/**
 * The charts that stand alone on a slide: those over all workloads (speedup, ladder, throughput, p95 latency, memory), curves and
 * efficiency; those without a number are left out, and those of many rows come in parts.
 */
export function slideCharts(summary: Summary): readonly ChartSpec[] {
  return [
    ...overviewCharts(summary),
    ...scalingCharts(summary),
    ...batchCharts(summary),
    ...capacityCharts(summary),
    ...efficiencyCharts(summary),
    ...cacheCharts(summary),
  ].flatMap(slideParts);
}

/** The charts over all workloads: speedup, ladder, throughput, p95 latency, memory; those without a number are left out. */
export function overviewCharts(summary: Summary): readonly ChartSpec[] {
  return [
    advantageOverview(summary),
    ladderChart(summary),
    metricOverview(summary, 'capacityRate', 'capacity-rate'),
    metricOverview(summary, 'capacityClients', 'capacity-clients'),
    metricOverview(summary, 'throughput', 'throughput'),
    metricOverview(summary, 'latencyP95', 'latency-p95'),
    metricOverview(summary, 'memory', 'memory'),
  ]
    .filter(({ marks }) => marks.length > 0)
    .map(withMissingIntervals);
}

/** The charts of one workload: throughput, memory, latency by percentile, advantage by metric. */
export function caseCharts(summary: Summary, index: number): readonly ChartSpec[] {
  const oneCase = summary.cases[index];
  if (oneCase === undefined) return [];
  const styles = contenderStyles(summary);
  const slug = caseSlugs(summary)[index] ?? '';
  return [
    metricBars(summary, oneCase, slug, 'throughput', styles),
    metricBars(summary, oneCase, slug, 'memory', styles),
    latencyProfile(summary, oneCase, slug, styles),
    advantageByMetric(summary, oneCase, slug, styles),
    ...heatChart(summary, index, slug),
  ]
    .filter(({ marks, heat }) => marks.length > 0 || heat !== undefined)
    .map(withMissingIntervals);
}

/** The same as slides, which stand alone: they name the workload and the kind of uncertainty. */
export function caseSlides(summary: Summary, index: number): readonly ChartSpec[] {
  const confidence = formatPercent(summary.statistics.confidence);
  const uncertainty = {
    bars: `Median with ${confidence} confidence interval, dots are single trials · `,
    points: `With ${confidence} confidence interval · `,
    profile: '',
    heat: '',
  };
  return caseCharts(summary, index)
    .map((spec) => ({
      ...spec,
      title: `${spec.title}: ${displayText(summary.cases[index]?.id ?? '', 60)}`,
      subtitle: `${uncertainty[spec.form]}${spec.subtitle}`,
    }))
    .flatMap(slideParts);
}

function advantageOverview(summary: Summary): ChartSpec {
  const compared = summary.cases.flatMap(({ comparisons }) =>
    comparisons.filter(({ metric }) => metric === 'throughput'),
  );
  const pairs = [...new Map(compared.map((row) => [pairKey(row), row])).values()];
  const rows = summary.cases.filter(({ comparisons }) => comparisons.some(hasThroughputAdvantage));
  const styles = contenderStyles(summary);
  const names = contenderNames(summary);
  const confidence = formatPercent(summary.statistics.confidence);
  return {
    id: 'speedup',
    form: 'points',
    title: 'Throughput advantage',
    subtitle: `How many times the operations per second, with ${confidence} confidence interval · ${trialCounts(compared.map(({ trials }) => [trials.baseline, trials.candidate]).flat())}`,
    alt: `Throughput advantage for each workload, on a logarithmic axis. The table below holds the same numbers.`,
    howToRead: `Right of the dashed line at 1× the first-named engine is faster, left of it the other; the whisker is the ${confidence} confidence interval, and each step of the logarithmic axis multiplies.`,
    axis: { label: 'Advantage, logarithmic scale', scale: 'logarithmic', unit: 'ratio', reference: 1 },
    rows: rows.map(({ id }) => displayText(id, 60)),
    series: pairs.map((pair) => ({
      label: `${names.get(pair.candidate) ?? ''} over ${names.get(pair.baseline) ?? ''}`,
      colour: styles.get(pair.candidate) ?? 0,
      marker: styles.get(pair.baseline) ?? 0,
    })),
    marks: rows.flatMap((row, rowIndex) =>
      row.comparisons.filter(hasThroughputAdvantage).flatMap((comparison) =>
        advantageMark(
          comparison,
          rowIndex,
          pairs.findIndex((pair) => pairKey(pair) === pairKey(comparison)),
          row.id,
        ),
      ),
    ),
  };
}

function metricOverview(summary: Summary, metric: Metric, id: string): ChartSpec {
  const styles = contenderStyles(summary);
  const names = contenderNames(summary);
  const rows = summary.cases.filter(({ contenders }) =>
    contenders.some((row) => metricOf(row, metric) !== undefined),
  );
  const found = rows.flatMap((row, rowIndex) =>
    row.contenders.flatMap((contender) => {
      const measured = metricOf(contender, metric);
      return measured === undefined ? [] : [{ row, rowIndex, contender, measured }];
    }),
  );
  const unit = found[0]?.measured.unit ?? 'operations/s';
  const { logarithmic, omitted } = readableScale(found.map(({ measured }) => measured.median.estimate));
  const shown = logarithmic ? found.filter(({ measured }) => measured.median.estimate > 0) : found;
  const series = [...styles.keys()].filter((contender) =>
    shown.some((entry) => entry.contender.id === contender),
  );
  const direction = directionText(found[0]?.measured);
  const name = metricNames[metric];
  const confidence = formatPercent(summary.statistics.confidence);
  return {
    id,
    form: logarithmic ? 'points' : 'bars',
    title: name.title,
    subtitle: `Median of trials with ${confidence} confidence interval · ${trialCounts(found.map(({ measured }) => measured.trials))} · ${direction}${omitted}`,
    alt: `${name.title} of each contender in each workload, with ${confidence} confidence intervals. The tables of the workloads hold the same numbers.`,
    howToRead: logarithmic
      ? `Each mark is the median over trials and its whisker the ${confidence} confidence interval (often narrower than the mark); the axis is logarithmic, so equal distances are equal ratios, and ${direction}.`
      : `Each bar starts at zero and ends at the median over trials, its whisker is the ${confidence} confidence interval; ${direction}.`,
    axis: {
      label: `${name.axis}${logarithmic ? ', logarithmic scale' : ''}`,
      scale: logarithmic ? 'logarithmic' : 'linear',
      unit,
      reference: null,
    },
    rows: rows.map((row) => displayText(row.id, 60)),
    series: series.map((contender) => ({
      label: names.get(contender) ?? '',
      ...appearance(contender, styles),
    })),
    marks: shown.map(({ row, rowIndex, contender, measured }) =>
      metricMark(measured, rowIndex, series.indexOf(contender.id), [displayText(row.id, 60)], false),
    ),
  };
}

function metricBars(
  summary: Summary,
  oneCase: CaseSummary,
  slug: string,
  metric: 'throughput' | 'memory',
  styles: ReadonlyMap<string, number>,
): ChartSpec {
  const found = oneCase.contenders.flatMap((contender) => {
    const measured = metricOf(contender, metric);
    return measured === undefined ? [] : [{ contender, measured }];
  });
  const name = metricNames[metric];
  const names = contenderNames(summary);
  const confidence = formatPercent(summary.statistics.confidence);
  return {
    id: `case-${slug}-${metric}`,
    form: 'bars',
    title: name.title,
    subtitle: trialCounts(found.map(({ measured }) => measured.trials)),
    alt: `${name.title} of each contender with its single trials. The table below holds the same numbers.`,
    howToRead: `Bar: median from zero; whisker: ${confidence} confidence interval; dots: single trials; ${directionText(found[0]?.measured)}.`,
    axis: { label: name.axis, scale: 'linear', unit: found[0]?.measured.unit ?? 'bytes', reference: null },
    rows: found.map(({ contender }) => names.get(contender.id) ?? ''),
    series: found.map(({ contender }) => ({
      label: names.get(contender.id) ?? '',
      ...appearance(contender.id, styles),
    })),
    marks: found.map(({ measured }, row) => metricMark(measured, row, row, [], true)),
  };
}

function advantageByMetric(
  summary: Summary,
  oneCase: CaseSummary,
  slug: string,
  styles: ReadonlyMap<string, number>,
): ChartSpec {
  const found = oneCase.comparisons.filter(({ advantage }) => advantage !== null);
  const pairs = [...new Map(found.map((row) => [pairKey(row), row])).values()];
  const metrics = [...new Set(found.map(({ metric }) => metric))];
  const names = contenderNames(summary);
  const confidence = formatPercent(summary.statistics.confidence);
  return {
    id: `case-${slug}-speedup`,
    form: 'points',
    title: 'Advantage by metric',
    subtitle: trialCounts(found.flatMap(({ trials }) => [trials.baseline, trials.candidate])),
    alt: 'Advantage in each compared metric, on a logarithmic axis. The table of comparisons below holds the same numbers.',
    howToRead: `Right of 1× favours the first-named engine in every metric; whisker: ${confidence} confidence interval; logarithmic axis.`,
    axis: { label: 'Advantage, logarithmic scale', scale: 'logarithmic', unit: 'ratio', reference: 1 },
    rows: metrics.map((metric) => metricNames[metric].title),
    series: pairs.map((pair) => ({
      label: `${names.get(pair.candidate) ?? ''} over ${names.get(pair.baseline) ?? ''}`,
      colour: styles.get(pair.candidate) ?? 0,
      marker: styles.get(pair.baseline) ?? 0,
    })),
    marks: found.flatMap((comparison) =>
      advantageMark(
        comparison,
        metrics.indexOf(comparison.metric),
        pairs.findIndex((pair) => pairKey(pair) === pairKey(comparison)),
        metricNames[comparison.metric].title,
      ),
    ),
  };
}

function latencyProfile(
  summary: Summary,
  oneCase: CaseSummary,
  slug: string,
  styles: ReadonlyMap<string, number>,
): ChartSpec {
  const names = contenderNames(summary);
  const isOpen = oneCase.contenders.some(({ openLoop }) => openLoop !== null);
  const found = oneCase.contenders.flatMap(({ id, latency, openLoop }) => {
    const name = names.get(id) ?? '';
    const look = appearance(id, styles);
    return [
      ...(latency === null
        ? []
        : [
            {
              label: isOpen ? `${name}, response` : name,
              ...look,
              latency,
              ...(isOpen ? { dash: 0 } : {}),
              hollow: undefined,
            },
          ]),
      ...(openLoop === null
        ? []
        : [
            {
              ...{ label: `${name}, service`, ...look, latency: openLoop.serviceTime, dash: 1 },
              hollow: true as const,
            },
          ]),
    ];
  });
  const percentiles = shownPercentiles(oneCase);
  return {
    id: `case-${slug}-latency`,
    form: 'profile',
    title: 'Latency by percentile',
    subtitle: isOpen
      ? 'All requests of all trials, histograms merged · response time counts from the intended start, service time from the real one'
      : 'All requests of all trials, histograms merged',
    alt: 'Latency at each percentile for each contender, on a logarithmic axis. The latency table below holds the same numbers.',
    howToRead: `At each percentile, that share of all requests was answered within the time shown; each step to the right leaves ten times fewer requests beyond, lower is better, logarithmic axis${isOpen ? '; the gap between a solid line and the dashed one with hollow marks is time spent waiting to be sent' : ''}.`,
    axis: { label: 'Latency, logarithmic scale', scale: 'logarithmic', unit: 'ns', reference: null },
    rows: percentiles.map((percentile) => `p${String(percentile)}`),
    // the share beyond on a logarithmic axis, as the tail is what the chart is for
    positions: percentiles.map((percentile) => -Math.log10(1 - percentile / 100)),
    series: found.map(({ label, colour, marker, dash, hollow }) => ({
      ...{ label, colour, marker },
      ...(dash === undefined ? {} : { dash }),
      ...(hollow === undefined ? {} : { hollow }),
    })),
    marks: found.flatMap(({ latency }, series) =>
      latency.percentiles
        // A logarithmic axis has no zero.
        .filter(({ percentile, valueNs }) => percentiles.includes(percentile) && valueNs > 0)
        .map(({ percentile, valueNs }) => ({
          row: percentiles.indexOf(percentile),
          series,
          value: valueNs,
          low: null,
          high: null,
          trials: [],
          label: '',
          details: [`p${String(percentile)}: ${formatQuantity(valueNs, 'ns')}`],
        })),
    ),
  };
}
