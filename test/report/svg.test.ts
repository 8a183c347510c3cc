import fc from 'fast-check';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { smallSummary } from './summaries.js';

// Before the canvas is loaded: the machine has no fonts, as a bare container.
process.env.DISABLE_SYSTEM_FONTS_LOAD = '1';
const { loadImage, createCanvas } = await import('@napi-rs/canvas');
const { renderPng } = await import('../../src/report/charts/png.js');
const { slideSize } = await import('../../src/report/charts/slide.js');
const { caseCharts, slideCharts } = await import('../../src/report/charts/specs.js');
const { renderSvg } = await import('../../src/report/charts/svg.js');
const { shortPath } = await import('../../src/report/charts/svg-path.js');

/** Luminance by pixel, 0 to 255. */
async function pixels(image: Buffer): Promise<Uint8ClampedArray> {
  const canvas = createCanvas(slideSize.width, slideSize.height);
  const pen = canvas.getContext('2d');
  pen.drawImage(await loadImage(image), 0, 0, slideSize.width, slideSize.height);
  return pen.getImageData(0, 0, slideSize.width, slideSize.height).data;
}

function differing(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  let count = 0;
  for (let at = 0; at < a.length; at += 4) if (Math.abs((a[at] ?? 0) - (b[at] ?? 0)) > 96) count++;
  return count / (a.length / 4);
}

describe('SVG charts', () => {
  const summary = smallSummary();
  const specs = [...slideCharts(summary), ...caseCharts(summary, 0)];

  it('show what the PNGs show, text included, without a font of the machine', async () => {
    for (const spec of specs) {
      const svg = await renderSvg(spec, 'self-reported, unaudited');
      const share = differing(
        await pixels(Buffer.from(svg)),
        await pixels(await renderPng(spec, 'self-reported, unaudited', 1)),
      );
      assert.ok(share < 0.004, `${spec.id}: ${String(share)} of the pixels differ`);
      const untitled = await renderSvg({ ...spec, title: ' ', subtitle: ' ' }, '');
      assert.ok(svg.length - untitled.length > 5000, `${spec.id}: the title is drawn`);
      assert.ok(svg.length < 500_000, `${spec.id}: ${String(svg.length)} bytes`);
    }
  });

  it('ask for nothing and hold no text but title and description, escaped', async () => {
    const [spec] = specs;
    assert.ok(spec !== undefined);
    const hostile = '</title><script>alert(1)</script>"&';
    const svg = await renderSvg({ ...spec, title: hostile, rows: spec.rows.map(() => hostile) }, hostile);
    assert.doesNotMatch(svg, /<script|<text|<image|<foreignObject|href="(?!#)|url\((?!#)|@import/i);
    assert.match(svg, /<title id="title">&lt;\/title&gt;&lt;script&gt;/);
    assert.ok(
      (await pixels(Buffer.from(svg))).some((value) => value < 100),
      'and is still drawn',
    );
  });
});

describe('shortPath', () => {
  it('keeps every point within a tenth of a pixel, and the kinds of commands', () => {
    const coordinate = fc.double({ min: -2000, max: 2000, noNaN: true }).map((value) => value.toFixed(5));
    const sizes = { M: 2, L: 2, H: 1, V: 1, C: 6, S: 4, Q: 4, T: 2, Z: 0 } as const;
    const command = fc
      .constantFrom(...(Object.keys(sizes) as (keyof typeof sizes)[]))
      .chain((name) =>
        fc
          .array(coordinate, { minLength: sizes[name], maxLength: sizes[name] })
          .map((list) => ({ name, list })),
      );
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 12 }), (commands) => {
        const all = [{ name: 'M' as const, list: ['1.00000', '2.00000'] }, ...commands];
        const short = shortPath(all.map(({ name, list }) => `${name}${list.join(' ')}`).join(''));
        let [x, y, startX, startY] = [0, 0, 0, 0];
        const parsed = [...short.matchAll(/([a-z])([^a-z]*)/g)];
        assert.deepEqual(
          parsed.map(([, name = '']) => name.toUpperCase()),
          all.map(({ name }) => name),
        );
        for (const [index, { name, list }] of all.entries()) {
          const steps = [...(parsed[index]?.[2] ?? '').matchAll(/-?(?:\d+\.?\d*|\.\d+)/g)].map(([n]) =>
            Number(n),
          );
          assert.equal(steps.length, list.length, short);
          const points = steps.map((step, place) => step + (name === 'V' || place % 2 === 1 ? y : x));
          for (const [place, point] of points.entries()) {
            assert.ok(Math.abs(point - Number(list[place])) <= 0.0501, `${short} at ${name}`);
          }
          if (name === 'Z') [x, y] = [startX, startY];
          else if (name === 'H') x = points[0] ?? x;
          else if (name === 'V') y = points[0] ?? y;
          else [x, y] = [points.at(-2) ?? x, points.at(-1) ?? y];
          if (name === 'M') [startX, startY] = [x, y];
        }
      }),
    );
  });

  it('gives back what it does not know', () => {
    for (const path of ['M0 0A1 1 0 0 1 5 5', 'm1 1l2 2', 'M0 0 <x>']) assert.equal(shortPath(path), path);
  });
});

describe('many charts', () => {
  it('leave nothing behind: a hundred drawings take no more memory than ten', async () => {
    const [spec] = slideCharts(smallSummary());
    assert.ok(spec !== undefined);
    const collect = globalThis.gc ?? (() => undefined);
    const heapAfter = async (count: number): Promise<number> => {
      for (let drawing = 0; drawing < count; drawing++) {
        await renderSvg(spec, '');
        await renderPng(spec, '', 1);
      }
      collect();
      return process.memoryUsage().heapUsed;
    };
    const few = await heapAfter(10);
    const many = await heapAfter(90);
    // one ChartJSNodeCanvas a chart left 1.7 MB each
    assert.ok(many - few < 40e6, `${String((many - few) / 1e6)} MB more`);
  });
});
