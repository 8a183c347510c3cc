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
import { chooseStyle, type Style } from './style.js';

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

/** How lines are shaped: plain and unbroken where nobody looks. */
export interface LineShape {
  readonly style: Style;
  /** Where sentences are broken; null for nowhere. */
  readonly columns: number | null;
}

const plain: LineShape = {
  style: chooseStyle({ isTerminal: false, switchedOff: true, environment: {} }),
  columns: null,
};

/**
 * The summary for a terminal: a table a case (medians over trials), the comparisons, what to know before believing them, and
 * then what came out. Of the headline everything that does not favour a contender other than Redis is shown, and of the
 * rest the most important; the most important sentence of all is the last one, whoever it favours. Only that a session is invalid
 * comes after it.
 */
export function summaryLines(summary: Summary, shape: LineShape = plain): string[] {
  const { style } = shape;
  const favourable = summary.headline.filter(({ tone }) => tone === 'good');
  const told = summary.headline.filter(
    (one) => one.tone !== 'good' || favourable.indexOf(one) < FAVOURABLE_SHOWN,
  );
  const left = summary.headline.length - told.length;
  const sentences = (list: readonly Sentence[]): string[] => list.flatMap((one) => sentenceLines(one, shape));
  const [most, ...others] = told;
  return [
    ...summary.cases.flatMap((one) => caseLines(one, style)),
    '',
    ...(summary.degradation.length > 0 ? [...sentences(summary.degradation), ''] : []),
    style.bold('Before believing it:'),
    ...summary.validity.flatMap((one) => controlLines(one, shape)),
    ...sentences(summary.caveats),
    '',
    style.bold('What came out:'),
    ...(left > 0
      ? [`${String(left)} more comparisons in favour of a contender other than Redis: see the report.`]
      : []),
    ...sentences(others.reverse()),
    ...(most === undefined ? [] : sentenceLines(most, shape).map(style.bold)),
    ...summary.invalid.flatMap((one) => sentenceLines(one, shape).map((line) => style.bold(style.red(line)))),
  ];
}

/** That the control passed; anything else is among the caveats. */
function controlLines({ control }: SessionValidity, { columns }: LineShape): string[] {
  const { state, contender, alpha, familySize, extraTrials } = control;
  if (state !== 'passed') return [];
  return breakLines(
    `A/A control passed: ${terminalSafe(contender ?? '')} against itself, no difference in ${formatPlural(familySize, 'comparison')} ` +
      `(level ${String(alpha)} after correction, ${formatPlural(extraTrials, 'extra trial')}).`,
    columns,
  );
}

/** Colour only where Redis was ahead or trials were lost; the words say it too. */
function sentenceLines({ text, tone }: Sentence, { style, columns }: LineShape): string[] {
  const lines = breakLines(terminalSafe(text, 2000), columns);
  return tone === 'bad' ? lines.map(style.yellow) : lines;
}

/** Broken between words, continued with an indent. A word longer than the line stands alone. */
export function breakLines(text: string, columns: number | null): string[] {
  if (columns === null) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function caseLines(caseSummary: CaseSummary, { bold }: Style): string[] {
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
    bold(`${terminalSafe(caseSummary.id)}: ${terminalSafe(caseSummary.label)}`),
    ...table([head, ...rows]),
    ...openLoopLines(caseSummary),
    ...enginesOfPredis(caseSummary),
    // a file may call its contenders anything
    ...[...speedups, ...ladderLines(caseSummary), ...ceilingLines(caseSummary)].map((line) =>
      terminalSafe(line, 1000),
    ),
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
    .map(({ id, label }) => `  ${terminalSafe(id, 60)} is ${terminalSafe(label)}`);
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

function table(texts: readonly (readonly string[])[]): string[] {
  const rows = texts.map((row) => row.map((text) => terminalSafe(text, 80)));
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => {
    const cells = row.map((text, column) =>
      column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
    );
    return `  ${cells.join('  ')}`;
  });
}
