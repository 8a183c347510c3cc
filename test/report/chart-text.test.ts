/** Every text of every chart can be read: none leaves its frame, is cut, squeezed, or lies on another one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { summarise } from '../../src/analysis/summarise.js';
import type { Summary } from '../../src/analysis/summary.js';
import type { ChartSpec } from '../../src/report/charts/spec.js';
import { readResultFile } from '../../src/results/read.js';
import { packageRoot } from '../../src/support/package-root.js';
import { drawnInPage, drawnSlide, faults, pageWidths, type Drawing } from './drawn-text.js';
import { hostileNames } from './hostile-names.js';
import { chartsSummary } from './summaries.js';

const { caseCharts, caseSlides, overviewCharts, slideCharts } =
  await import('../../src/report/charts/specs.js');
const { shortNamesText } = await import('../../src/report/charts/marks.js');

const recorded = (path: string): Summary =>
  summarise([{ fileName: 'recorded.json', result: readResultFile(`${packageRoot}/${path}`) }]);

/** Those of the page, and those of the slides. */
function chartsOf(
  summary: Summary,
  cases: number,
): {
  readonly page: readonly ChartSpec[];
  readonly slides: readonly ChartSpec[];
} {
  const slides = slideCharts(summary);
  const whole = overviewCharts(summary);
  const chosen = summary.cases
    .map((_, index) => index)
    .filter((index) => index % Math.ceil(summary.cases.length / cases) === 0);
  const own = chosen.flatMap((index) => caseCharts(summary, index));
  const parts = new Set(whole.map(({ id }) => id));
  return {
    page: [...whole, ...slides.filter(({ id }) => !parts.has(id.replace(/-\d+$/, ''))), ...own],
    slides: [...slides, ...chosen.flatMap((index) => caseSlides(summary, index))],
  };
}

/** Where each drawing stands, and the drawing; of so many of the cases, as the charts of like cases are alike. */
async function drawings(
  summary: Summary,
  cases: number,
  widths: readonly number[] = pageWidths,
): Promise<readonly (readonly [string, Drawing])[]> {
  const { page, slides } = chartsOf(summary, cases);
  const footer = `self-reported, unaudited · predis-bench 0.1.0 · ${shortNamesText(summary)}`;
  const all: (readonly [string, Drawing])[] = [];
  for (const spec of slides) all.push([`${spec.id} as a slide`, await drawnSlide(spec, footer)]);
  for (const spec of page) {
    for (const width of widths) all.push([`${spec.id}, ${String(width)} px wide`, drawnInPage(spec, width)]);
  }
  return all;
}

describe('the texts of charts', () => {
  for (const [name, summary] of [
    ['a grid on a GPU', recorded('results/h200/all.json')],
    ['a closed loop', recorded('test/golden/recorded/closed.json')],
    ['an open loop', recorded('test/golden/recorded/open.json')],
    ['an invalid session', recorded('test/golden/recorded/invalid.json')],
    ['a search for a capacity', recorded('test/golden/recorded/capacity.json')],
  ] as const) {
    it(`are whole and apart: ${name}`, async () => {
      const wrong: string[] = [];
      for (const [where, drawing] of await drawings(summary, 2)) {
        wrong.push(...faults(drawing).map((fault) => `${where}: ${fault}`));
        const said = drawing.texts.map(({ text }) => text);
        wrong.push(...said.filter((text) => text.includes('…')).map((text) => `${where}: elided: ${text}`));
      }
      assert.deepEqual(wrong, []);
    });
  }

  for (const [what, names] of hostileNames) {
    it(`stay in their frames: ${what}`, async () => {
      const wrong: string[] = [];
      for (const [where, drawing] of await drawings(chartsSummary(names), 1, [300])) {
        wrong.push(...faults(drawing).map((fault) => `${where}: ${fault}`));
        assert.ok(drawing.texts.length > 3, where);
      }
      assert.deepEqual(wrong, []);
    });
  }
});
