/**
 * Recorded results (real runs of this tool, short ones) through analysis into page, JSON summary and Markdown, compared with what
 * was accepted: a closed loop with prices, an open loop, an invalid session, and a search for a capacity. `npm run golden:accept` accepts a change.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { summarise } from '../../src/analysis/summarise.js';
import type { Summary } from '../../src/analysis/summary.js';
import { renderHtml } from '../../src/report/html.js';
import { renderMarkdown } from '../../src/report/markdown/report.js';
import { readPricesFile } from '../../src/results/declared/read.js';
import { readResultFile } from '../../src/results/read.js';
import { assertGolden, goldenPath, strippedPage, withoutTimes } from './golden-files.js';
import { defaultClaims } from './summaries.js';

const prices = readPricesFile(goldenPath('recorded/prices.json'), 'prices.json');

const judge = (name: string): Summary =>
  summarise([{ fileName: `${name}.json`, result: readResultFile(goldenPath(`recorded/${name}.json`)) }], {
    claims: defaultClaims,
    ...(name === 'open' || name === 'capacity' ? {} : { prices }),
  });

describe('a recorded result', () => {
  for (const name of ['closed', 'open', 'invalid', 'capacity']) {
    const summary = judge(name);
    const golden = `recorded/${name}.accepted`;

    it(`gives the accepted summary: ${name}`, () => {
      assertGolden(`${golden}.summary.json`, withoutTimes(`${JSON.stringify(summary, null, 1)}\n`));
    });
    it(`gives the accepted page: ${name}`, () => {
      assertGolden(`${golden}.html`, withoutTimes(strippedPage(renderHtml(summary))));
    });
    it(`gives the accepted Markdown: ${name}`, () => {
      assertGolden(`${golden}.md`, withoutTimes(renderMarkdown(summary)));
    });
  }

  it('of each kind is what its name says', () => {
    assert.deepEqual(
      judge('closed').validity.map(({ valid }) => valid),
      [true],
    );
    assert.equal(judge('open').design.loadModel, 'open');
    assert.deepEqual(
      judge('capacity').capacityCurves.map(({ points }) => points.length > 3),
      [true, true],
    );
    const invalid = judge('invalid');
    assert.deepEqual(
      invalid.validity.map(({ valid }) => valid),
      [false],
    );
    assert.deepEqual(
      [invalid.claims?.tally.met, invalid.claims?.tally.notMet, invalid.claims?.tally.inconclusive],
      [0, 0, 0],
      'no claim is judged by an invalid session',
    );
    assert.deepEqual([invalid.cost?.rows, invalid.cost?.ratios], [[], []]);
    assert.match(renderMarkdown(invalid), /## Invalid session\n\nNo figure of this report may be quoted\./);
  });
});
