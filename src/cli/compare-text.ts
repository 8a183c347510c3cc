import { metricDefinition } from '../analysis/metrics.js';
import type { PercentileRatio } from '../analysis/percentiles.js';
import type { RunComparison } from '../analysis/runs.js';
import type { SampleComparison, SampleVerdict } from '../analysis/samples.js';
import type { Interval } from '../analysis/summary.js';
import { terminalSafe } from '../support/escape.js';
import {
  formatCount,
  formatInUnit,
  formatPercent,
  formatPlural,
  formatPValue,
  formatRatio,
} from '../support/format.js';

const plain = (value: number): string => String(Number(value.toPrecision(4)));

/** One comparison of two lists, for people. */
export function listLines(
  names: { readonly a: string; readonly b: string },
  comparison: SampleComparison,
  percentiles: readonly PercentileRatio[],
  alpha: number,
): string[] {
  const { sizes, medians, cliffsDelta, pValue, method, scale } = comparison;
  return [
    `A  ${terminalSafe(names.a)}: ${formatPlural(sizes.a, 'value')}, median ${plain(medians.a)}`,
    `B  ${terminalSafe(names.b)}: ${formatPlural(sizes.b, 'value')}, median ${plain(medians.b)}`,
    `${scale === 'ratio' ? 'B / A' : 'B - A'} = ${effectText(comparison, alpha)}; Mann-Whitney ${pText(pValue)} ` +
      `(${method}); Cliff's delta ${cliffsDelta.toFixed(2)}`,
    ...percentileLines(percentiles, alpha),
    equivalenceText(comparison, alpha),
    detectableText(comparison),
    `Verdict: ${verdictText(comparison)}.`,
  ];
}

/** Comparisons of two result files, one line each, and one of notes each. */
export function runLines(comparisons: readonly RunComparison[], alpha: number): string[] {
  return comparisons.flatMap((comparison) => {
    const { caseId, contender, metric, medians, adjustedPValue } = comparison;
    const { unit, name } = metricDefinition(metric);
    const values = `${formatInUnit(medians.a, unit)} → ${formatInUnit(medians.b, unit)}`;
    return [
      terminalSafe(`${caseId}, ${contender}, ${name}: ${verdictText(comparison)}`, 500),
      `  ${values}; B / A = ${effectText(comparison, alpha)}, adjusted ${pText(adjustedPValue)}`,
      `  ${equivalenceText(comparison, alpha)}`,
      ...(comparison.verdict === 'inconclusive' || comparison.verdict === 'too-few'
        ? [`  ${detectableText(comparison)}`]
        : []),
    ];
  });
}

/** As a sentence has it: 'p = 0.012', 'p > 0.99'; below what a double can hold, a bound. */
function pText(pValue: number): string {
  if (pValue < 1e-300) return 'p < 1e-300';
  const text = formatPValue(pValue);
  return text.startsWith('>') ? `p ${text}` : `p = ${text}`;
}

function effectText({ effect, scale }: SampleComparison, alpha: number): string {
  return `${inScale(effect.estimate, scale)} (${intervalText(effect, 1 - alpha, scale)})`;
}

function intervalText({ low, high }: Interval, confidence: number, scale: SampleComparison['scale']): string {
  if (low === null || high === null) return `too few values for an interval of ${formatPercent(confidence)}`;
  return `${formatPercent(confidence)} interval ${inScale(low, scale)} to ${inScale(high, scale)}`;
}

function inScale(value: number, scale: SampleComparison['scale']): string {
  return scale === 'ratio' ? formatRatio(value) : plain(value);
}

/** Bootstrap intervals of ratios of percentiles, and what the others would take. */
function percentileLines(percentiles: readonly PercentileRatio[], alpha: number): string[] {
  const made = percentiles.flatMap(({ percentile, ratio }) =>
    ratio === null
      ? []
      : [
          `p${String(percentile)} ${formatRatio(ratio.estimate)} (${formatRatio(ratio.low)} to ${formatRatio(ratio.high)})`,
        ],
  );
  const resamples = percentiles.find(({ ratio }) => ratio !== null)?.ratio?.resamples ?? 0;
  const left = percentiles.flatMap(({ percentile, ratio, valuesNeeded }) =>
    ratio === null ? [`p${String(percentile)} from ${formatCount(valuesNeeded)}`] : [],
  );
  return [
    ...(made.length === 0
      ? []
      : [
          `B / A at percentiles, ${formatPercent(1 - alpha)} bootstrap intervals (BCa, ${formatCount(resamples)} resamples): ${made.join(', ')}`,
        ]),
    ...(left.length === 0
      ? []
      : [`Percentiles are compared when each file has enough values: ${left.join(', ')}`]),
  ];
}

function equivalenceText({ equivalence, scale }: SampleComparison, alpha: number): string {
  const { margin, bounds, shown, adjustedPValue, interval } = equivalence;
  const within = scale === 'ratio' ? formatPercent(margin) : plain(margin);
  return (
    `Equal within ${within} (${inScale(bounds.low, scale)} to ${inScale(bounds.high, scale)}): ` +
    `${shown ? 'shown' : 'not shown'}, ${pText(adjustedPValue)} (${intervalText(interval, 1 - 2 * alpha, scale)})`
  );
}

function detectableText({ detectable, scale }: SampleComparison): string {
  if (detectable === null) return 'Detectable: nothing, with so few values';
  const { low, high, power } = detectable;
  return (
    `Detectable with so much noise and so many values, in ${formatPercent(power)} of cases: below ` +
    `${inScale(low, scale)} or above ${inScale(high, scale)}`
  );
}

const verdicts: Record<SampleVerdict, string> = {
  'b-higher': 'B is higher',
  'b-lower': 'B is lower',
  equivalent: 'equal within the margin',
  inconclusive: 'INCONCLUSIVE',
  'too-few': 'INCONCLUSIVE, too few values to show anything',
};

function verdictText({ verdict, equivalence }: SampleComparison): string {
  const different = verdict === 'b-higher' || verdict === 'b-lower';
  return different && equivalence.shown ? `${verdicts[verdict]}, by less than the margin` : verdicts[verdict];
}
