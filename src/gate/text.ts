import { metricDefinition } from '../analysis/metrics.js';
import { terminalSafe } from '../support/escape.js';
import { formatInUnit, formatPlural } from '../support/format.js';
import type { GateReport, GateVerdict } from './report.js';

const words: Record<GateVerdict, string> = {
  regressed: 'REGRESSED',
  invalid: 'INVALID',
  inconclusive: 'INCONCLUSIVE',
  'no-regression': 'no regression',
};
const gravestFirst: readonly GateVerdict[] = ['regressed', 'invalid', 'inconclusive', 'no-regression'];

/** The report for a terminal or a log: one line a comparison, the gravest first, and the verdict at the end. */
export function renderGateText(report: GateReport): string {
  const lines = gravestFirst.flatMap((verdict) =>
    report.comparisons
      .filter((comparison) => comparison.verdict === verdict)
      .map(({ caseId, metric, contender, medians, reason }) => {
        const { name, unit } = metricDefinition(metric);
        const values =
          medians === null
            ? ''
            : ` ${formatInUnit(medians.baseline, unit)} → ${formatInUnit(medians.candidate, unit)}`;
        return terminalSafe(`${words[verdict]}  ${caseId}, ${contender}, ${name}${values}: ${reason}.`, 1000);
      }),
  );
  const notes = report.notes.map((note) => terminalSafe(`Note: ${note}`, 1000));
  const counts = gravestFirst
    .map((verdict) => ({
      verdict,
      count: report.comparisons.filter((comparison) => comparison.verdict === verdict).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => `${String(count)} ${words[verdict]}`);
  const end =
    `Gate: ${words[report.verdict]} (${formatPlural(report.familySize, 'comparison')}: ${counts.join(', ')}; ` +
    `exit code ${String(report.exitCode)}).`;
  return [...lines, ...notes, end].join('\n');
}
