import { terminalSafe } from '../../support/escape.js';
import type { GateReport } from '../report.js';
import { answerSentence, mediansText, metricName, sortedComparisons, verdictWords } from './wording.js';

/** The report for a terminal or a log: one line a comparison, the gravest first, and the verdict at the end. */
export function renderGateText(report: GateReport): string {
  const lines = sortedComparisons(report).map((comparison) => {
    const { verdict, caseId, contender, reason } = comparison;
    const medians = mediansText(comparison, report);
    const subject = `${caseId}, ${contender}, ${metricName(comparison, report)}${medians === '' ? '' : ` ${medians}`}`;
    return terminalSafe(`${verdictWords[verdict]}  ${subject}: ${reason}.`, 1000);
  });
  const why = [report.reason, report.hint]
    .filter((line) => line !== null)
    .map((line) => terminalSafe(line, 1000));
  const notes = report.notes.map((note) => terminalSafe(`Note: ${note}`, 1000));
  return [...lines, ...why, ...notes, answerSentence(report)].join('\n');
}
