import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import type { ChartSpec } from '../../src/report/charts/spec.js';
import { largeSummary, smallSummary, summaryOf } from './summaries.js';

// Before the canvas is loaded: the machine has no fonts, as a bare container.
process.env.DISABLE_SYSTEM_FONTS_LOAD = '1';
const { GlobalFonts, loadImage, createCanvas } = await import('@napi-rs/canvas');
const { renderPng, slideSize } = await import('../../src/report/charts/png.js');
const { caseCharts, caseSlides, overviewCharts } = await import('../../src/report/charts/specs.js');
const { chartConfiguration } = await import('../../src/report/charts/configuration.js');
const { slideParts } = await import('../../src/report/charts/slide-parts.js');
const { formatTick } = await import('../../src/report/charts/tick.js');
const { lightTheme, markers, fontFamily } = await import('../../src/report/theme.js');

const frame = { kind: 'page', width: 900, footer: '', fontFamily, markers } as const;

/** Pixels darker than mid grey in the top of a slide, where its title stands. */
async function titlePixels(png: Buffer): Promise<number> {
  const image = await loadImage(png);
  const canvas = createCanvas(image.width, image.height);
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0);
  return darkPixels(pen.getImageData(0, 0, image.width, Math.round(image.height * 0.1)).data);
}

/**
 * The same for the title alone, drawn here. (The canvas looks for fonts in the usual folders even when it is told not to, so ink
 * alone would not show whose font it is.)
 */
function titlePixelsInInter(title: string): number {
  const file = createRequire(import.meta.url).resolve('@fontsource/inter/files/inter-latin-600-normal.woff2');
  GlobalFonts.registerFromPath(file, 'Expected');
  const canvas = createCanvas(slideSize.width * 2, 200);
  const pen = canvas.getContext('2d');
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = lightTheme.ink;
  pen.font = '600 60px Expected';
  pen.fillText(title, 72, 120);
  return darkPixels(pen.getImageData(0, 0, canvas.width, canvas.height).data);
}

function darkPixels(data: Uint8ClampedArray): number {
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) if ((data[at] ?? 255) < 128) dark++;
  return dark;
}

function chart(id: string, charts: readonly ChartSpec[]): ChartSpec {
  const found = charts.find((spec) => spec.id === id);
  assert.ok(found !== undefined, id);
  return found;
}

describe('PNG charts', () => {
  it('are twice the size of the slide, with their text in the font that they bring', async () => {
    const spec = chart('speedup', overviewCharts(smallSummary()));
    const png = await renderPng(spec, 'self-reported, unaudited', 2);
    const image = await loadImage(png);
    assert.deepEqual([image.width, image.height], [slideSize.width * 2, slideSize.height * 2]);
    const ink = await titlePixels(png);
    const expected = titlePixelsInInter(spec.title);
    assert.ok(expected > 1000);
    assert.ok(
      Math.abs(ink - expected) < 0.03 * expected,
      `${String(ink)} dark pixels, ${String(expected)} in Inter`,
    );
    const untitled = await renderPng({ ...spec, title: ' ', subtitle: ' ' }, '', 2);
    assert.equal(await titlePixels(untitled), 0, 'and it is the title that has it');
  });

  it('exist for speedup, ladder, throughput, p95 latency and memory', () => {
    assert.deepEqual(
      overviewCharts(smallSummary()).map(({ id }) => id),
      ['speedup', 'ladder', 'throughput', 'latency-p95', 'memory'],
    );
  });
});

describe('what charts show', () => {
  const summary = smallSummary();
  const all = [...overviewCharts(summary), ...caseCharts(summary, 0), ...caseCharts(summary, 1)];

  it('is never without n, a text alternative and a sentence on reading it', () => {
    for (const spec of all) {
      assert.ok(spec.alt.length > 20 && spec.howToRead.length > 20, spec.id);
      assert.match(spec.subtitle, spec.form === 'profile' ? /All requests/ : /n = \d/, spec.id);
    }
  });

  it('has an interval wherever the summary has one', () => {
    for (const spec of all.filter(({ form }) => form !== 'profile')) {
      assert.ok(
        spec.marks.every(({ low, high }) => low !== null && high !== null),
        spec.id,
      );
    }
  });

  it('starts bars at zero, and says so where an axis is logarithmic', () => {
    for (const spec of all) {
      if (spec.form === 'bars') assert.equal(spec.axis.scale, 'linear');
      if (spec.axis.scale === 'logarithmic') assert.match(spec.axis.label, /logarithmic/);
      const { options } = chartConfiguration(spec, lightTheme, frame);
      const axis = options?.scales?.[spec.form === 'profile' ? 'y' : 'x'] as {
        type: string;
        beginAtZero?: boolean;
      };
      assert.equal(axis.type, spec.axis.scale);
      assert.equal(axis.beginAtZero ?? false, spec.axis.scale === 'linear');
    }
  });

  it('gives every contender one colour and one marker in all charts', () => {
    const seen = new Map<string, string>();
    for (const spec of all.filter(({ axis }) => axis.unit !== 'ratio')) {
      for (const { label, colour, marker } of spec.series) {
        const look = `${String(colour)} ${String(marker)}`;
        assert.equal(seen.get(label) ?? look, look, label);
        seen.set(label, look);
      }
    }
    assert.equal(new Set(seen.values()).size, seen.size, 'and no two the same');
  });

  it('keeps the line of no difference in view even when all ratios are far from it', () => {
    const spec = chart('speedup', overviewCharts(summaryOf({})));
    assert.ok(spec.marks.every(({ value }) => value > 2));
    const { options } = chartConfiguration(spec, lightTheme, frame);
    const axis = options?.scales?.x as { suggestedMin: number; suggestedMax: number };
    assert.ok(axis.suggestedMin < 1 && axis.suggestedMax > 1);
  });
});

describe('a chart of many rows, on slides', () => {
  const spec = chart('throughput', overviewCharts(largeSummary()));

  it('comes in parts that hold every row and mark once, on axes of one range', () => {
    // as many rows as the grid has, five times over
    const long: ChartSpec = {
      ...spec,
      rows: Array.from({ length: 5 }, (_, copy) => spec.rows.map((row) => `${row} ${String(copy)}`)).flat(),
      marks: Array.from({ length: 5 }, (_, copy) =>
        spec.marks.map((mark) => ({ ...mark, row: mark.row + copy * spec.rows.length })),
      ).flat(),
    };
    const parts = slideParts(long);
    assert.ok(parts.length > 2);
    assert.deepEqual(
      parts.flatMap(({ rows }) => rows),
      long.rows,
    );
    assert.deepEqual(
      parts.flatMap(({ rows, marks }) => marks.map(({ row, value }) => [rows[row], value])).toSorted(),
      long.marks.map(({ row, value }) => [long.rows[row], value]).toSorted(),
    );
    assert.equal(new Set(parts.map(({ id }) => id)).size, parts.length);
    assert.equal(parts[0]?.id, long.id);
    const values = long.marks.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
    for (const part of parts) {
      assert.deepEqual(part.axis.range, { min: Math.min(...values), max: Math.max(...values) });
      assert.match(part.subtitle, /rows \d+ to \d+ of 45$/);
    }
  });

  it('of one workload names it, and the kind of its intervals', () => {
    const summary = smallSummary();
    for (const { title, subtitle, form } of caseSlides(summary, 1)) {
      assert.match(title, /: batch\/10000$/);
      if (form === 'bars' || form === 'points') assert.match(subtitle, /95 % confidence interval/);
    }
  });

  it('of few rows is one', () => {
    const few = chart('throughput', overviewCharts(smallSummary()));
    assert.deepEqual(slideParts(few), [few]);
  });
});

describe('tick labels', () => {
  it('are round numbers with their unit', () => {
    assert.deepEqual(
      [
        formatTick(0, 'bytes'),
        formatTick(2 * 1024 * 1024, 'bytes'),
        formatTick(10_000, 'ns'),
        formatTick(1_500_000, 'operations/s'),
        formatTick(0.2, 'ratio'),
        formatTick(20, 'ratio'),
      ],
      ['0', '2 MiB', '10 µs', '1.5 M/s', '0.2×', '20×'],
    );
  });
});
