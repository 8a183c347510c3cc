import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { drawSlides, prepareSlides, type SlideOrders } from '../../src/report/charts/draw-slides.js';
import { renderPng } from '../../src/report/charts/png.js';
import type { ChartSpec } from '../../src/report/charts/spec.js';
import { overviewCharts } from '../../src/report/charts/specs.js';
import { renderSvg } from '../../src/report/charts/svg.js';
import { svgDocument } from '../../src/report/charts/svg-document.js';
import { smallSummary } from './summaries.js';

const specs = overviewCharts(smallSummary());
const orders: SlideOrders = {
  slides: specs.map((spec, index) => ({ spec, withStill: index === 0 })),
  footer: 'self-reported, unaudited',
};

/** Threads of this process that have not ended; those that Node.js itself needs are all there once a slide was drawn. */
function threads(): number {
  return readdirSync('/proc/self/task').length;
}

/** The canvas numbers clips from the start of the process. */
const unnumbered = (svg: string): string => svg.replaceAll(/\bcl_[0-9a-f]+/g, 'clip');

describe('drawSlides', () => {
  before(async () => {
    for await (const { spec } of drawSlides({ ...orders, slides: orders.slides.slice(0, 1) }))
      assert.ok(spec.id);
  });

  it('gives what this thread would draw, in the order of the slides, and ends its thread', async () => {
    const idle = threads();
    let most = 0;
    const ids: string[] = [];
    for await (const { spec, png, svg, still } of drawSlides(orders)) {
      const { id } = spec;
      ids.push(id);
      most = Math.max(most, threads());
      assert.ok(Buffer.from(png).equals(await renderPng(spec, orders.footer, 2)), id);
      assert.equal(
        unnumbered(svgDocument(svg, spec, orders.footer)),
        unnumbered(await renderSvg(spec, orders.footer)),
      );
      assert.equal(still !== null, ids.length === 1);
    }
    assert.deepEqual(
      ids,
      specs.map(({ id }) => id),
    );
    assert.ok(most > idle, 'the thread is counted');
    assert.equal(threads(), idle);
  });

  it('ends its thread when the iteration is broken off', async () => {
    const idle = threads();
    for await (const { spec } of drawSlides(orders)) {
      assert.equal(spec.id, specs[0]?.id);
      break;
    }
    assert.equal(threads(), idle);
  });

  it('passes on why a slide could not be drawn', async () => {
    const [spec] = specs;
    const broken = { ...spec, rows: null } as unknown as ChartSpec;
    const idle = threads();
    await assert.rejects(async () => {
      for await (const slide of drawSlides({ slides: [{ spec: broken, withStill: false }], footer: '' })) {
        assert.fail(slide.spec.id);
      }
    }, TypeError);
    assert.equal(threads(), idle);
  });

  it('takes the thread that was prepared, once', async () => {
    const idle = threads();
    prepareSlides();
    prepareSlides();
    const prepared = threads();
    assert.ok(prepared > idle, 'it is there before it has anything to draw');
    const drawing = drawSlides(orders);
    assert.equal(threads(), prepared, 'no other is started');
    for await (const { spec } of drawing) assert.ok(spec.id);
    assert.equal(threads(), idle);
  });
});
