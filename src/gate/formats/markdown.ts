import { terminalSafe } from '../../support/escape.js';
import { formatPercent, formatPlural } from '../../support/format.js';
import type { GateComparison, GateReport, GateSession } from '../report.js';
import {
  answerSentence,
  mediansText,
  metricName,
  sessionText,
  sortedComparisons,
  verdictWords,
} from './wording.js';

/** A comment on a pull request may have 65,536 characters: what of them the rows may take, so that the rest has room. */
const MOST_ROW_CHARACTERS = 40_000;
const MOST_NOTES = 20;
const MOST_TEXT = 400;

/** The report as Markdown, for the comment on a pull request or a job's summary. Short of GitHub's limit of 65,536 characters. */
export function renderGateMarkdown(report: GateReport): string {
  const sorted = sortedComparisons(report);
  const rows: string[] = [];
  let characters = 0;
  for (const comparison of sorted) {
    const next = row(comparison, report);
    characters += next.length + 1;
    if (characters > MOST_ROW_CHARACTERS) break;
    rows.push(next);
  }
  const left = sorted.length - rows.length;
  const table = [
    '| verdict | case | contender | metric | baseline → candidate | lost beside the controls | why |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ];
  const session = (name: string, described: GateSession | null) =>
    described === null ? [] : [`- ${name}: ${markdown(sessionText(described))}`];
  const why = [report.reason, report.hint].filter((line) => line !== null).map((line) => markdown(line));
  return [
    `### predis-bench gate: ${verdictWords[report.verdict]}`,
    '',
    ...(rows.length > 0 ? [...table, ''] : []),
    ...(left > 0 ? [`${formatPlural(left, 'comparison')} more, no graver than these.`, ''] : []),
    ...why.flatMap((line) => [line, '']),
    ...session('baseline', report.baseline),
    ...session('candidate', report.candidate),
    ...report.notes.slice(0, MOST_NOTES).map((note) => `- ${markdown(note)}`),
    '',
    markdown(answerSentence(report)),
    '',
  ].join('\n');
}

function row(comparison: GateComparison, report: GateReport): string {
  const { verdict, caseId, contender, corrected, reason } = comparison;
  const bound = (value: number | null | undefined) =>
    value === null || value === undefined ? '?' : formatPercent(value);
  const lost =
    corrected === null
      ? '—'
      : `${bound(corrected.estimate)}, ${bound(corrected.low)} to ${bound(corrected.high)}`;
  const cells = [
    verdict === 'no-regression' ? verdictWords[verdict] : `**${verdictWords[verdict]}**`,
    markdown(caseId),
    markdown(contender),
    markdown(metricName(comparison, report)),
    markdown(mediansText(comparison, report)),
    markdown(lost),
    markdown(reason),
  ];
  return `| ${cells.join(' | ')} |`;
}

/**
 * Text that Markdown shows as it is: no markup, no HTML, no link, no mention (`@name` would call somebody) and no reference
 * (`#1` would mark an issue): GitHub looks for these two after Markdown, so that only a space of no width keeps them apart.
 */
function markdown(text: string): string {
  return terminalSafe(text, MOST_TEXT)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_{}[\]#!|~$]/g, '\\$&')
    .replace(/:\/\//g, ':&#47;&#47;')
    .replace(/www\./gi, '$&\u200b')
    .replace(/[@#]/g, '$&\u200b');
}
