/** Draws charts as the report does and takes down every text: where it stands, and whether its frame lets it be read. */
import type { Canvas } from '@napi-rs/canvas';
import type { ChartSpec } from '../../src/report/charts/spec.js';

// Before the canvas is loaded: the machine has no fonts, as a bare container.
process.env.DISABLE_SYSTEM_FONTS_LOAD = '1';
const { createCanvas } = await import('@napi-rs/canvas');
const { Chart } = await import('chart.js');
const { chartConfiguration } = await import('../../src/report/charts/configuration.js');
const { chartHeight } = await import('../../src/report/charts/layout.js');
const { drawSlide, slideSize } = await import('../../src/report/charts/slide.js');
const { fontFamily, lightTheme, markers } = await import('../../src/report/theme.js');

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface DrawnText extends Box {
  readonly text: string;
  /** Drawn narrower than it is. */
  readonly squeezed: boolean;
  /** What the canvas lets be seen. */
  readonly clip: Box;
}

/** The drawing of one chart. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly texts: readonly DrawnText[];
}

/** Widths of charts in the page on a desk, in two columns, on a phone; and in print. */
export const pageWidths = [912, 412, 300] as const;

/** The chart as a slide, as in `renderPng` and `renderSvg`. */
export async function drawnSlide(spec: ChartSpec, footer: string): Promise<Drawing> {
  const canvas = createCanvas(slideSize.width, slideSize.height);
  const texts = record(canvas, slideSize);
  await drawSlide(canvas, spec, footer, 1, () => undefined);
  return { ...slideSize, texts };
}

/** The chart as in a page of this width. Draw a slide before: it brings the fonts. */
export function drawnInPage(spec: ChartSpec, width: number): Drawing {
  // As on paper: without a page Chart.js cannot follow the size of a box, and nothing else differs.
  const frame = { kind: 'print', width, footer: '', fontFamily, markers } as const;
  const size = { width, height: chartHeight(spec, frame) };
  const canvas = createCanvas(size.width, size.height);
  const texts = record(canvas, size);
  const configuration = chartConfiguration(spec, lightTheme, frame);
  new Chart(canvas, {
    ...configuration,
    options: { ...configuration.options, devicePixelRatio: 1 },
  }).destroy();
  return { ...size, texts };
}

/** What is wrong with a drawing, as sentences. */
export function faults({ width, height, texts }: Drawing): string[] {
  const found: string[] = [];
  for (const [index, one] of texts.entries()) {
    const box = `${one.left.toFixed(0)}…${one.right.toFixed(0)} × ${one.top.toFixed(0)}…${one.bottom.toFixed(0)}`;
    if (one.squeezed) found.push(`squeezed: ${one.text}`);
    if (!inside(one, { left: 0, top: 0, right: width, bottom: height })) {
      found.push(`outside of ${String(width)} × ${String(height)}, at ${box}: ${one.text}`);
    }
    if (!inside(one, one.clip)) found.push(`cut, at ${box}: ${one.text}`);
    for (const other of texts.slice(index + 1)) {
      if (overlap(one, other)) found.push(`on each other, at ${box}: ${one.text} | ${other.text}`);
    }
  }
  return found;
}

const inside = (box: Box, frame: Box): boolean =>
  box.left >= frame.left - 0.5 &&
  box.right <= frame.right + 0.5 &&
  box.top >= frame.top - 0.5 &&
  box.bottom <= frame.bottom + 0.5;

const overlap = (a: Box, b: Box): boolean =>
  a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;

/** Height of capitals over and depth of letters under the middle of a line, as parts of the size of the font. */
const [ABOVE, BELOW] = [0.37, 0.42];

function record(canvas: Canvas, { width, height }: { width: number; height: number }): DrawnText[] {
  const pen = canvas.getContext('2d');
  const texts: DrawnText[] = [];
  const whole: Box = { left: 0, top: 0, right: width, bottom: height };
  let [clip, path] = [whole, whole];
  const kept: Box[] = [];
  const [save, restore, beginPath] = [pen.save.bind(pen), pen.restore.bind(pen), pen.beginPath.bind(pen)];
  const [rect, clipTo, fillText] = [pen.rect.bind(pen), pen.clip.bind(pen), pen.fillText.bind(pen)];
  const placed = (x: number, y: number): readonly [number, number] => {
    const { a, b, c, d, e, f } = pen.getTransform();
    return [a * x + c * y + e, b * x + d * y + f];
  };
  const boxOf = (x: number, y: number, across: number, down: number): Box => {
    const corners = [placed(x, y), placed(x + across, y + down)] as const;
    const [xs, ys] = [corners.map(([left]) => left), corners.map(([, top]) => top)];
    return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
  };
  pen.save = () => {
    kept.push(clip);
    save();
  };
  pen.restore = () => {
    clip = kept.pop() ?? whole;
    restore();
  };
  pen.beginPath = () => {
    path = whole;
    beginPath();
  };
  pen.rect = (x, y, across, down) => {
    path = boxOf(x, y, across, down);
    rect(x, y, across, down);
  };
  pen.clip = () => {
    clip = {
      left: Math.max(clip.left, path.left),
      top: Math.max(clip.top, path.top),
      right: Math.min(clip.right, path.right),
      bottom: Math.min(clip.bottom, path.bottom),
    };
    clipTo();
  };
  pen.fillText = (text, x, y, maxWidth) => {
    fillText(text, x, y, maxWidth);
    const wide = pen.measureText(text).width;
    const size = Number(/([\d.]+)px/.exec(pen.font)?.[1]);
    const across =
      pen.textAlign === 'right' || pen.textAlign === 'end' ? wide : pen.textAlign === 'center' ? wide / 2 : 0;
    // from the line that the text was placed by to its middle
    const down = { top: 0.5, hanging: 0.4, middle: 0, alphabetic: -0.36, ideographic: -0.5, bottom: -0.5 }[
      pen.textBaseline
    ];
    texts.push({
      text,
      ...boxOf(x - across, y + (down - ABOVE) * size, wide, (ABOVE + BELOW) * size),
      squeezed: maxWidth !== undefined && wide > maxWidth + 0.5,
      clip,
    });
  };
  return texts;
}
