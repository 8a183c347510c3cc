import type { Theme } from '../theme.js';
import { rowPosition } from './axes.js';
import type { DrawnChart, Pen } from './drawn-chart.js';
import { drawHeat } from './heat.js';
import type { ChartFrame, ChartLayout } from './layout.js';
import { swatch } from './legend.js';
import { seriesInk, type ChartSpec } from './spec.js';
import { measuring, wrappedTo, type TextFont } from './text-fit.js';

/** A Chart.js plugin for one chart, in the terms of drawn-chart.ts. */
export interface Furniture {
  readonly id: string;
  beforeDatasetsDraw(chart: DrawnChart): void;
  beforeDatasetDraw(chart: DrawnChart, dataset: { readonly index: number }): void;
  afterDatasetDraw(chart: DrawnChart, dataset: { readonly index: number }): void;
  afterDraw(chart: DrawnChart): void;
}

/** More rows than this are told apart without lines between them. */
const SEPARATED_ROWS = 60;

/** Separators between rows, the reference line, textures on bars, labels of marks and the small print of a slide. */
export function chartFurniture(
  spec: ChartSpec,
  theme: Theme,
  frame: ChartFrame,
  layout: ChartLayout,
): Furniture {
  return {
    id: 'furniture',
    beforeDatasetsDraw(chart) {
      if (spec.form === 'heat') return;
      if (spec.form !== 'profile' && spec.rows.length <= SEPARATED_ROWS) drawSeparators(chart, spec, theme);
      if (spec.axis.reference !== null) drawReference(chart, spec, spec.axis.reference, theme, layout);
    },
    beforeDatasetDraw(chart, { index }) {
      const { opacity } = chart.data.datasets[index] ?? {};
      chart.ctx.save();
      if (opacity !== undefined) chart.ctx.globalAlpha = opacity;
    },
    afterDatasetDraw(chart, { index }) {
      chart.ctx.restore();
      const texture = chart.data.datasets[index]?.texture ?? 0;
      if (texture % 4 !== 0) drawTexture(chart, index, texture, theme, layout);
    },
    afterDraw(chart) {
      if (spec.form === 'bars' && layout.legend) textureLegend(chart, spec, theme, layout);
      if (spec.form === 'heat') drawHeat(chart, spec, theme, frame, layout);
      else if (spec.form === 'profile') drawRings(chart, spec, theme, layout);
      else drawLabels(chart, spec, theme, frame, layout);
      if (layout.slide) drawFooter(chart, theme, frame);
    },
  };
}

function drawSeparators({ ctx, chartArea, scales, width }: DrawnChart, spec: ChartSpec, theme: Theme): void {
  ctx.save();
  ctx.strokeStyle = theme.line;
  ctx.lineWidth = 1;
  for (let row = 0; row < spec.rows.length - 1; row++) {
    const y = scales.y?.getPixelForValue(row + 0.5) ?? 0;
    ctx.beginPath();
    ctx.moveTo(chartArea.left, y);
    ctx.lineTo(width, y);
    ctx.stroke();
  }
  ctx.restore();
}

function drawReference(
  { ctx, chartArea, scales }: DrawnChart,
  { form }: ChartSpec,
  reference: number,
  theme: Theme,
  { slide }: ChartLayout,
): void {
  const upright = form !== 'profile';
  const x = upright ? (scales.x?.getPixelForValue(reference) ?? 0) : chartArea.left;
  const y = upright ? chartArea.top : (scales.y?.getPixelForValue(reference) ?? 0);
  ctx.save();
  ctx.strokeStyle = theme.muted;
  ctx.lineWidth = slide ? 2.5 : 1.5;
  ctx.setLineDash([5, 4]);
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(upright ? x : chartArea.right, upright ? chartArea.bottom : y);
  ctx.stroke();
  ctx.restore();
}

/** Points of curves at which something begins: a ring around each, in the colour of its line; the legend says what it means. */
function drawRings({ ctx, scales }: DrawnChart, spec: ChartSpec, theme: Theme, { slide }: ChartLayout): void {
  const { x, y } = scales;
  if (x === undefined || y === undefined) return;
  const radius = slide ? 16 : 10;
  const drawn: { readonly left: number; readonly top: number }[] = [];
  ctx.save();
  ctx.lineWidth = slide ? 3 : 2;
  for (const mark of spec.marks.filter(({ ringed }) => ringed === true)) {
    const [left, top] = [x.getPixelForValue(rowPosition(spec, mark.row)), y.getPixelForValue(mark.value)];
    // of points that lie on each other, each has a ring of its own
    const near = drawn.filter((ring) => Math.hypot(ring.left - left, ring.top - top) < radius / 2).length;
    drawn.push({ left, top });
    ctx.strokeStyle = seriesInk(spec, mark.series, theme);
    ctx.beginPath();
    ctx.arc(left, top, radius + near * 1.8 * ctx.lineWidth, 0, 2 * Math.PI);
    ctx.stroke();
  }
  ctx.restore();
}

/** Hatches the bars of a dataset: a second cue beside their colour. */
function drawTexture(
  chart: DrawnChart,
  index: number,
  texture: number,
  theme: Theme,
  { slide }: ChartLayout,
): void {
  for (const bar of chart.getDatasetMeta(index).data) {
    const left = Math.min(bar.x, bar.base);
    const width = Math.max(bar.x, bar.base) - left;
    const box = { left, top: bar.y - bar.height / 2, width, height: bar.height };
    hatch(chart.ctx, box, texture, theme, slide ? 12 : 7, slide ? 2 : 1.2);
  }
}

/** The same on the boxes of the legend, which has the series in the order of the spec. */
function textureLegend(
  { ctx, legend }: DrawnChart,
  spec: ChartSpec,
  theme: Theme,
  layout: ChartLayout,
): void {
  const { width, height } = swatch(layout);
  for (const [index, { colour }] of spec.series.entries()) {
    const entry = legend?.legendHitBoxes[index];
    if (entry === undefined || colour % 4 === 0) continue;
    const top = entry.top + Math.max(0, (layout.fontSize - height) / 2);
    hatch(ctx, { left: entry.left, top, width, height }, colour, theme, layout.slide ? 7 : 5, 1.2);
  }
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** @param step CSS pixels from stroke to stroke */
function hatch(
  ctx: Pen,
  { left, top, width, height }: Box,
  texture: number,
  theme: Theme,
  step: number,
  lineWidth: number,
): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.strokeStyle = theme.surface;
  ctx.globalAlpha = 0.45;
  ctx.lineWidth = lineWidth;
  for (let x = left - height; x < left + width + height; x += step) {
    const up = texture % 4 === 1 ? height : texture % 4 === 2 ? -height : 0;
    ctx.beginPath();
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + up, top);
    ctx.stroke();
  }
  ctx.restore();
}

/** Writes each mark's estimate beside it, right of its whisker and dots, unless the rows leave no room for text. */
function drawLabels(
  { ctx, scales }: DrawnChart,
  spec: ChartSpec,
  theme: Theme,
  frame: ChartFrame,
  { slide, slot, labelSize, position }: ChartLayout,
): void {
  const { x, y } = scales;
  if (x === undefined || y === undefined) return;
  const slotHeight = Math.abs(y.getPixelForValue(1) - y.getPixelForValue(0)) * slot;
  const size = Math.min(labelSize, slotHeight * 0.9);
  if (size < 7) return;
  ctx.save();
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  ctx.fillStyle = theme.ink;
  ctx.font = `500 ${String(size)}px ${frame.fontFamily}`;
  // A rim in the colour of the ground keeps the text readable across lines.
  ctx.lineJoin = 'round';
  ctx.lineWidth = 4;
  ctx.strokeStyle = theme.surface;
  for (const mark of spec.marks) {
    const end = Math.max(mark.value, mark.high ?? mark.value, ...mark.trials);
    const left = x.getPixelForValue(end) + (slide ? 15 : 9);
    const middle = y.getPixelForValue(position(mark));
    ctx.strokeText(mark.label, left, middle);
    ctx.fillText(mark.label, left, middle);
  }
  ctx.restore();
}

/** Small print: in one line, as on every slide, or in two. */
function drawFooter({ ctx, height }: DrawnChart, theme: Theme, frame: ChartFrame): void {
  const lines = wrappedTo(frame.footer, frame.width - 72, 2, measuring(ctx, footerFont(frame)));
  ctx.save();
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  ctx.fillStyle = theme.muted;
  ctx.font = `400 ${String(footerFont(frame).size)}px ${frame.fontFamily}`;
  for (const [line, text] of lines.entries()) {
    ctx.fillText(text, 36, height - 24 + (line - (lines.length - 1) / 2) * 18);
  }
  ctx.restore();
}

function footerFont({ fontFamily }: ChartFrame): TextFont {
  return { family: fontFamily, size: 15, weight: 400 };
}
