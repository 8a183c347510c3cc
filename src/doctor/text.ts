import { formatPlural } from '../support/format.js';
import type { Finding, FindingState } from './finding.js';

const words: Readonly<Record<FindingState, string>> = {
  fine: 'fine',
  problem: 'PROBLEM',
  'cannot-tell': 'cannot tell',
};
const WIDTH = Math.max(...Object.values(words).map((word) => word.length));

/** Findings for a terminal: what is fine takes a line, everything else says why it matters and how to mend it. */
export function findingLines(findings: readonly Finding[]): string[] {
  const count = (state: FindingState): number => findings.filter((one) => one.state === state).length;
  const indent = ' '.repeat(WIDTH + 2);
  return [
    ...findings.flatMap(({ state, title, seen, why, mend }) => [
      `${words[state].padEnd(WIDTH)}  ${title}: ${seen}`,
      ...(state === 'fine' ? [] : [`${indent}why it matters: ${why}`]),
      ...(mend === null ? [] : [`${indent}how to mend it: ${mend}`]),
    ]),
    '',
    `${formatPlural(count('problem'), 'problem')}, ${String(count('fine'))} fine, ${String(count('cannot-tell'))} that cannot be told`,
  ];
}
