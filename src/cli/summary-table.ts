import { stepText } from '../analysis/ladder-text.js';
import { metricDefinition } from '../analysis/metrics.js';
import type {
  CaseSummary,
  ContenderSummary,
  LatencyDistribution,
  MetricSummary,
  Sentence,
  SessionValidity,
  Summary,
} from '../analysis/summary.js';
import type { Metric } from '../results/schema.js';
import {
  describePValue,
  formatCount,
  formatDuration,
  formatInUnit,
  formatPercent,
  formatPlural,
  formatRate,
  formatRatio,
} from '../support/format.js';
import { terminalSafe } from '../support/escape.js';

const COLUMNS: readonly { readonly metric: Metric; readonly title: string }[] = [
  { metric: 'capacityRate', title: 'capacity' },
  { metric: 'capacityClients', title: 'capacity' },
  { metric: 'throughput', title: 'throughput' },
  { metric: 'latencyP50', title: 'p50' },
  { metric: 'latencyP95', title: 'p95' },
  { metric: 'latencyP99', title: 'p99' },
  { metric: 'memory', title: 'memory' },
];

/** Favourable sentences that a terminal shows; the report has them all. */
const FAVOURABLE_SHOWN = 3;

/**
 * The summary for a terminal: a table a case (medians over trials), the comparisons, what to know before believing them,
 * everything unfavourable, and the most important favourable sentences, the most important one last.
 */
export function summaryLines(summary: Summary): string[] {
  const favourable = summary.headline.filter(({ tone }) => tone === 'good');
  const others = summary.headline.filter(({ tone }) => tone !== 'good');
  const left = favourable.length - FAVOURABLE_SHOWN;
  return [
    ...summary.cases.flatMap(caseLines),
    '',
    ...(summary.degradation.length > 0 ? [...summary.degradation.map(sentenceLine), ''] : []),
    ...summary.validity.flatMap(controlLines),
    ...summary.caveats.map(sentenceLine),
    '',
    ...others.map(sentenceLine),
    ...(left > 0
      ? [`${String(left)} more comparisons in favour of a contender other than Redis: see the report.`]
      : []),
    ...favourable.slice(0, FAVOURABLE_SHOWN).reverse().map(sentenceLine),
    ...summary.invalid.map(sentenceLine),
  ];
}

/** That the control passed; anything else is among the caveats. */
function controlLines({ control }: SessionValidity): string[] {
  const { state, contender, alpha, familySize, extraTrials } = control;
  if (state !== 'passed') return [];
  return [
    `A/A control passed: ${terminalSafe(contender ?? '')} against itself, no difference in ${formatPlural(familySize, 'comparison')} ` +
      `(level ${String(alpha)} after correction, ${formatPlural(extraTrials, 'extra trial')}).`,
  ];
}

function sentenceLine({ text }: Sentence): string {
  return terminalSafe(text, 2000);
}

function caseLines(caseSummary: CaseSummary): string[] {
  const columns = COLUMNS.filter(
    ({ metric }) => !metric.startsWith('capacity') || hasMetric(caseSummary, metric),
  );
  const head = ['', ...columns.map(({ title }) => title), 'trials'];
  const rows = caseSummary.contenders.map((contender) => [
    contender.id,
    ...columns.map(({ metric }) => cell(contender, metric)),
    trialsCell(contender),
  ]);
  const speedups = caseSummary.comparisons
    .filter(({ metric }) => metric === 'throughput' || metric.startsWith('capacity'))
    .map(({ metric, candidate, baseline, advantage, verdict, confidence, detectable, equivalence }) => {
      if (advantage === null) return `  ${candidate} against ${baseline}: not measured`;
      const { estimate, low, high } = advantage;
      const interval =
        low === null || high === null
          ? 'too few trials for an interval'
          : `${String(Math.round(confidence.asked * 1000) / 10)} % interval ${formatRatio(low)} to ${formatRatio(high)}`;
      const found =
        verdict === 'no-difference-shown' && detectable !== null
          ? `; below ${formatRatio(detectable.low)} or above ${formatRatio(detectable.high)} would be found in ${formatPercent(detectable.power)} of cases`
          : '';
      const equal =
        equivalence === null
          ? ''
          : `; equal within ${formatPercent(equivalence.margin)}: ${equivalence.shown ? 'shown' : 'not shown'}, ${describePValue(equivalence.adjustedPValue)}`;
      return `  ${candidate} against ${baseline}: ${metricDefinition(metric).name} ${formatRatio(estimate)} (${interval}), ${verdict.replaceAll('-', ' ')}${found}${equal}`;
    });
  return [
    '',
    `${caseSummary.id}: ${terminalSafe(caseSummary.label)}`,
    ...table([head, ...rows]),
    ...openLoopLines(caseSummary),
    ...enginesOfPredis(caseSummary),
    ...speedups,
    ...ladderLines(caseSummary),
    ...ceilingLines(caseSummary),
  ];
}

/** Open loop: what was asked for and reached, and the parts of the latency, which counts from the intended start. */
function openLoopLines({ arrivals, contenders }: CaseSummary): string[] {
  if (arrivals === null) return [];
  const at = ({ percentiles, maxNs }: LatencyDistribution, percentile: number): string =>
    formatDuration(percentiles.find((row) => row.percentile === percentile)?.valueNs ?? maxNs);
  const rows = contenders.flatMap(({ id, openLoop, latency }) =>
    openLoop === null || latency === null
      ? []
      : [
          [
            id,
            formatRate(openLoop.offeredPerSecond),
            formatRate(openLoop.achievedPerSecond.estimate),
            at(latency, 99.9),
            formatDuration(latency.maxNs),
            at(openLoop.serviceTime, 99),
            at(openLoop.generatorLag, 99),
            formatCount(openLoop.lateRequests),
            formatCount(openLoop.droppedRequests),
            openLoop.saturatedTrials === 0
              ? 'no'
              : `${String(openLoop.saturatedTrials)} of ${String(openLoop.trials)}`,
          ],
        ],
  );
  return [
    '  open loop, latency from the intended start:',
    ...table([
      ['', 'asked', 'reached', 'p99.9', 'max', 'service p99', 'own lag p99', 'late', 'dropped', 'saturated'],
      ...rows,
    ]),
  ];
}

/** Into what the advantage over the best Redis splits. */
function ladderLines({ ladder }: CaseSummary): string[] {
  if (ladder === null) return [];
  const steps = ladder.steps.map(
    (step) => `${stepText(step)} ${formatRatio(step.ratio.estimate)} (${step.to})`,
  );
  return [
    `  from ${ladder.bestRedis}, the best of ${String(ladder.redisContenders)} for Redis: ${steps.join(', ')}; ` +
      `in all ${formatRatio(ladder.total.ratio.estimate)}${ladder.total.crossesBoundary ? ', across two boundaries' : ''}`,
  ];
}

/** What our driver reached against the engine's own load generator, or why that is not known. */
function ceilingLines({ ceilings }: CaseSummary): string[] {
  return ceilings.map(({ contender, program, absent, operationsPerSecond, harnessEfficiency }) => {
    if (absent !== null || operationsPerSecond === null || harnessEfficiency === null) {
      return `  ${contender}: harness efficiency not known, no ${program}: ${terminalSafe(absent ?? 'nothing was measured', 200)}`;
    }
    const percent = String(Math.round(harnessEfficiency * 100));
    return `  ${contender}: harness efficiency ${percent} % of ${program}'s ${formatInUnit(operationsPerSecond, 'operations/s')}`;
  });
}

/** Which engine each Predis contender really ran on: a number of the CPU must not pass for one of a GPU. */
function enginesOfPredis({ contenders }: CaseSummary): string[] {
  return contenders
    .filter(({ engineName, engine }) => engineName.startsWith('predis') && engine !== null)
    .map(({ id, label }) => `  ${id} is ${terminalSafe(label)}`);
}

function hasMetric({ contenders }: CaseSummary, metric: Metric): boolean {
  return contenders.some(({ metrics }) => metrics.some((one) => one.metric === metric));
}

function cell(contender: ContenderSummary, metric: Metric): string {
  const found: MetricSummary | undefined = contender.metrics.find((summary) => summary.metric === metric);
  return found === undefined ? '-' : formatInUnit(found.median.estimate, found.unit);
}

function trialsCell({ trials, floor }: ContenderSummary): string {
  const problems = [
    ...(floor ? ['floor, not verified'] : []),
    ...(trials.voided > 0 ? [`${String(trials.voided)} void`] : []),
    ...(trials.failed > 0 ? [`${String(trials.failed)} failed`] : []),
  ];
  return [String(trials.measured), ...problems].join(', ');
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((text, column) =>
      column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
    );
    return `  ${cells.join('  ')}`;
  });
}
