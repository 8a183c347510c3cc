/** What all renderings of the gate's answer say in the same words. */
import { metricDefinition } from '../../analysis/metrics.js';
import { formatInUnit, formatPlural, formatRatio } from '../../support/format.js';
import type { GateAnswer, GateComparison, GateReport, GateSession, GateVerdict } from '../report.js';

export const verdictWords: Readonly<Record<GateAnswer, string>> = {
  regressed: 'REGRESSED',
  invalid: 'INVALID',
  inconclusive: 'INCONCLUSIVE',
  'no-regression': 'no regression',
  'no-baseline': 'NO BASELINE',
  error: 'NOT JUDGED',
};

export const gravestFirst: readonly GateVerdict[] = ['regressed', 'invalid', 'inconclusive', 'no-regression'];

/** The gravest first; within one verdict in the order of the report. */
export function sortedComparisons({ comparisons }: GateReport): GateComparison[] {
  return gravestFirst.flatMap((verdict) =>
    comparisons.filter((comparison) => comparison.verdict === verdict),
  );
}

/** 'throughput', or what of it is judged. */
export function metricName({ metric }: GateComparison, { basis }: GateReport): string {
  const { name } = metricDefinition(metric);
  return basis === 'relative' ? `${name} relative to Redis` : name;
}

/** '1.20 M/s → 1.01 M/s', or ''. */
export function mediansText({ metric, medians }: GateComparison, { basis }: GateReport): string {
  if (medians === null) return '';
  const { unit } = metricDefinition(metric);
  const format = (value: number) => (basis === 'relative' ? formatRatio(value) : formatInUnit(value, unit));
  return `${format(medians.baseline)} → ${format(medians.candidate)}`;
}

/** '2 REGRESSED, 4 no regression'. */
export function countsText({ comparisons }: GateReport): string {
  return gravestFirst
    .map((verdict) => ({
      verdict,
      count: comparisons.filter((comparison) => comparison.verdict === verdict).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => `${String(count)} ${verdictWords[verdict]}`)
    .join(', ');
}

/** The answer in one sentence, which ends every rendering. */
export function answerSentence(report: GateReport): string {
  const detail =
    report.familySize === 0
      ? ''
      : `${formatPlural(report.familySize, 'comparison')}: ${countsText(report)}; `;
  return `Gate: ${verdictWords[report.verdict]} (${detail}exit code ${String(report.exitCode)}).`;
}

/** 'measured 2026-01-01 00:00 on AMD EPYC, 2 CPUs (751bef8f5d2c1624), commit e76f23d74743'. */
export function sessionText({ createdAt, commit, machine }: GateSession): string {
  return (
    `measured ${createdAt.slice(0, 16).replace('T', ' ')} UTC on ${machine.cpuModel}, ` +
    `${formatPlural(machine.logicalCpus, 'CPU')} (${machine.fingerprint})` +
    (commit === null ? '' : `, commit ${commit.slice(0, 12)}`)
  );
}
