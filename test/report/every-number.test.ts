/**
 * Every number that a reader sees in the page stands in the summary: in a marked place that points to it, in a text of the summary, or
 * as a value of it in one of the ways in which the report writes numbers. What is left over was made up on the way.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { summarise } from '../../src/analysis/summarise.js';
import { formatClaimed } from '../../src/analysis/sentences/claimed.js';
import type { Summary } from '../../src/analysis/summary.js';
import { formatTime } from '../../src/report/format.js';
import { renderHtml } from '../../src/report/html.js';
import * as format from '../../src/support/format.js';
import { readPricesFile } from '../../src/results/declared/read.js';
import { readResultFile } from '../../src/results/read.js';
import { packageRoot } from '../../src/support/package-root.js';
import { goldenPath } from './golden-files.js';
import { chartsSummary, defaultClaims, smallSummary } from './summaries.js';

const prices = readPricesFile(goldenPath('recorded/prices.json'), 'prices.json');

const writers: readonly ((value: number) => string)[] = [
  String,
  format.formatRate,
  format.formatDuration,
  format.formatBytes,
  format.formatRatio,
  format.formatPercent,
  format.formatCount,
  (value) => formatClaimed(value, 'share'),
  (value) => value.toLocaleString('en-US', { maximumFractionDigits: 3 }),
  (value) => value.toLocaleString('en-US', { maximumFractionDigits: 1 }),
  (value) => format.formatDuration(value * 1e6),
];

/** Every run of digits, with its separators, in a text. */
const numbersIn = (text: string): string[] => text.match(/\d[\d,]*(?:\.\d+)?/g) ?? [];

/** All that a summary can be made to say. */
function sayable(summary: Summary): Set<string> {
  const said = new Set<string>();
  const add = (text: string): void => {
    for (const one of numbersIn(text)) said.add(one);
  };
  const walk = (value: unknown): void => {
    if (typeof value === 'number') for (const write of writers) add(write(value));
    else if (typeof value === 'string') {
      add(value);
      add(formatTime(value));
    } else if (Array.isArray(value)) {
      add(String(value.length));
      value.forEach(walk);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        add(key);
        walk(member);
      }
    }
  };
  walk(summary);
  return said;
}

/** The text of the page outside its marked places, block by block. */
function unmarked(html: string): string[] {
  return (
    html
      .replace(/<(style|script|svg|noscript)[\s>][^]*?<\/\1>/g, '')
      // a unit: operations are counted by the billion
      .replaceAll('10<sup>9</sup> operations', 'operations')
      .replace(/<(data|option)[\s>][^]*?<\/\1>/g, '')
      .replace(/<\/?(?:span|sup|code|strong|a|b|em)\b[^>]*>/g, '')
      .split(/<[^>]*>/)
      .map((text) => text.replace(/&#x?[\da-fA-F]+;/g, ' ').trim())
      .filter((text) => /\d/.test(text))
  );
}

const recorded = (path: string): Summary =>
  summarise([{ fileName: 'recorded.json', result: readResultFile(join(packageRoot, path)) }], {
    claims: defaultClaims,
    ...(path.includes('closed') ? { prices } : {}),
  });

describe('every number that the page shows', () => {
  for (const [name, summary] of [
    ['of made-up trials', smallSummary()],
    ['of curves', chartsSummary()],
    ['of a closed loop', recorded('test/golden/recorded/closed.json')],
    ['of an open loop', recorded('test/golden/recorded/open.json')],
    ['of an invalid session', recorded('test/golden/recorded/invalid.json')],
    ['of a search for a capacity', recorded('test/golden/recorded/capacity.json')],
    ['of a grid on a GPU', recorded('results/h200/all.json')],
  ] as const)
    it(`stands in the summary ${name}`, () => {
      const said = sayable(summary);
      const left = unmarked(renderHtml(summary)).flatMap((text) =>
        numbersIn(text)
          .filter((number) => !said.has(number) && !said.has(number.replace(/,$/, '')))
          .map((number) => `${number} in: ${text.slice(0, 160)}`),
      );
      assert.deepEqual([...new Set(left)], []);
    });
});
