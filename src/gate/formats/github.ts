import { terminalSafe } from '../../support/escape.js';
import { formatPlural } from '../../support/format.js';
import type { GateReport } from '../report.js';
import { renderGateText } from './text.js';
import { answerSentence, mediansText, metricName, sortedComparisons, verdictWords } from './wording.js';

/** GitHub shows ten errors and ten warnings of a step; what is beyond is counted in the last. */
const MOST_ANNOTATIONS = 9;

/**
 * Workflow commands for GitHub Actions (an error for each regression and each invalid comparison, a warning for each that is
 * inconclusive, a notice where all is well), then the text of the log.
 */
export function renderGateGitHub(report: GateReport): string {
  const sorted = sortedComparisons(report);
  const annotate = (level: 'error' | 'warning', verdicts: readonly string[]): string[] => {
    const found = sorted.filter(({ verdict }) => verdicts.includes(verdict));
    const lines = found.slice(0, MOST_ANNOTATIONS).map((comparison) => {
      const { verdict, caseId, contender, reason } = comparison;
      const title = `${verdictWords[verdict]}: ${caseId}, ${contender}, ${metricName(comparison, report)}`;
      return command(level, title, `${mediansText(comparison, report)}: ${reason}.`.replace(/^: /, ''));
    });
    const left = found.length - lines.length;
    if (left === 0) return lines;
    return [...lines, command(level, 'predis-bench gate', `${formatPlural(left, 'comparison')} more.`)];
  };
  const annotations =
    report.comparisons.length === 0
      ? [
          command(
            'error',
            `predis-bench gate: ${verdictWords[report.verdict]}`,
            [report.reason, report.hint].filter((line) => line !== null).join(' '),
          ),
        ]
      : [...annotate('error', ['regressed', 'invalid']), ...annotate('warning', ['inconclusive'])];
  const all =
    annotations.length > 0 ? annotations : [command('notice', 'predis-bench gate', answerSentence(report))];
  return [...all, ...renderGateText(report).split('\n').map(inert)].join('\n');
}

/** `::error title=…::message`, escaped as the runner's own toolkit escapes data and properties. */
function command(level: 'error' | 'warning' | 'notice', title: string, message: string): string {
  const data = (text: string) =>
    terminalSafe(text, 2000).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = data(title).replaceAll(':', '%3A').replaceAll(',', '%2C');
  return `::${level} title=${property}::${data(message)}`;
}

/** A line of log that the runner takes for no command: those begin with `::`, or have `##[` anywhere. */
function inert(line: string): string {
  return line.replace(/^(\s*):(?=:)/, '$1\u2236').replaceAll('##[', '# #[');
}
