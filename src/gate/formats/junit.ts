import { terminalSafe } from '../../support/escape.js';
import type { GateComparison, GateReport } from '../report.js';
import { answerSentence, mediansText, metricName, sessionText, verdictWords } from './wording.js';

/**
 * The report as JUnit XML, as Jenkins, GitLab, GitHub actions and Azure read it: one test case a comparison. A regression is a
 * failure; what is invalid, without a baseline or unreadable is an error; what is inconclusive is skipped, as it neither passed
 * nor failed.
 */
export function renderGateJUnit(report: GateReport): string {
  const { comparisons, candidate, baseline, reason, hint } = report;
  const cases =
    comparisons.length > 0
      ? comparisons.map((comparison) => comparisonCase(comparison, report))
      : [answerCase(report)];
  const count = (verdicts: readonly string[]) =>
    comparisons.filter(({ verdict }) => verdicts.includes(verdict)).length;
  const errors = comparisons.length === 0 ? 1 : count(['invalid']);
  const counts =
    `tests="${String(cases.length)}" failures="${String(count(['regressed']))}" errors="${String(errors)}" ` +
    `skipped="${String(count(['inconclusive']))}"`;
  const properties = [
    ['verdict', report.verdict],
    ['exitCode', String(report.exitCode)],
    ['basis', report.basis],
    ['alpha', String(report.alpha)],
    ...(baseline === null ? [] : [['baseline', sessionText(baseline)]]),
    ...(candidate === null ? [] : [['candidate', sessionText(candidate)]]),
  ].map(([name = '', value = '']) => `      <property name="${xml(name)}" value="${xml(value)}"/>`);
  const output = [reason, hint, ...report.notes, answerSentence(report)]
    .filter((line) => line !== null)
    .map((line) => xml(line));
  // a fixed moment keeps the rendering a pure function of the report
  const timestamp = (candidate?.createdAt ?? '1970-01-01T00:00:00').slice(0, 19);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="predis-bench gate" ${counts} time="0">`,
    `  <testsuite name="predis-bench gate" ${counts} time="0" timestamp="${xml(timestamp)}" hostname="localhost">`,
    '    <properties>',
    ...properties,
    '    </properties>',
    ...cases,
    `    <system-out>${output.join('\n')}</system-out>`,
    '    <system-err></system-err>',
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const elements = { regressed: 'failure', invalid: 'error', inconclusive: 'skipped' } as const;

function comparisonCase(comparison: GateComparison, report: GateReport): string {
  const { caseId, contender, verdict, reason } = comparison;
  const name = `${contender}: ${metricName(comparison, report)}`;
  const open = `    <testcase classname="predis-bench.gate.${xml(caseId)}" name="${xml(name)}" time="0"`;
  const text = `${mediansText(comparison, report)}: ${reason}`.replace(/^: /, '');
  if (verdict === 'no-regression') {
    return `${open}>\n      <system-out>${xml(text)}</system-out>\n    </testcase>`;
  }
  const element = elements[verdict];
  const message = `${verdictWords[verdict]}: ${text}`;
  // the schema gives a skipped test no type
  const type = element === 'skipped' ? '' : ` type="${verdict}"`;
  return `${open}>\n      <${element} message="${xml(message)}"${type}>${xml(message)}</${element}>\n    </testcase>`;
}

/** Where nothing could be compared, the answer itself is the one test case. */
function answerCase({ verdict, reason, hint }: GateReport): string {
  const message = `${verdictWords[verdict]}: ${[reason, hint].filter((line) => line !== null).join(' ')}`;
  return (
    `    <testcase classname="predis-bench.gate" name="the gate" time="0">\n` +
    `      <error message="${xml(message)}" type="${verdict}">${xml(message)}</error>\n    </testcase>`
  );
}

/** Text for an attribute or an element: nothing that XML 1.0 forbids is left, lone surrogates included. */
function xml(text: string): string {
  return terminalSafe(text, 2000)
    .replace(/[\ud800-\udfff\ufffe\uffff]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}
