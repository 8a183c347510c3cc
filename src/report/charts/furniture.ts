import type { Theme } from '../theme.js';
import { rowPosition } from './axes.js';
import type { DrawnChart } from './drawn-chart.js';
import { drawHeat } from './heat.js';
import type { ChartFrame, ChartLayout } from './layout.js';
import type { ChartSpec } from './spec.js';

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
      if (spec.form === 'heat') drawHeat(chart, spec, theme, frame, layout);
      else if (spec.form === 'profile') drawRings(chart, spec, theme, frame, layout);
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

/** Points of curves at which something begins: a ring, and what it is. */
function drawRings(
  { ctx, chartArea, scales }: DrawnChart,
  spec: ChartSpec,
  theme: Theme,
  frame: ChartFrame,
  { slide, width }: ChartLayout,
): void {
  const { x, y } = scales;
  if (x === undefined || y === undefined) return;
  ctx.save();
  ctx.textBaseline = 'middle';
  ctx.font = `500 ${String(slide ? 15 : 11)}px ${frame.fontFamily}`;
  ctx.lineJoin = 'round';
  for (const mark of spec.marks.filter(({ ringed }) => ringed === true)) {
    const [left, top] = [x.getPixelForValue(rowPosition(spec, mark.row)), y.getPixelForValue(mark.value)];
    ctx.strokeStyle = theme.ink;
    ctx.lineWidth = slide ? 3 : 2;
    ctx.beginPath();
    ctx.arc(left, top, slide ? 16 : 10, 0, 2 * Math.PI);
    ctx.stroke();
    // on a phone the sentence under the chart says what the ring is
    if (width < 340) continue;
    const atRight = left > (chartArea.left + chartArea.right) / 2;
    const start = left + (atRight ? -1 : 1) * (slide ? 24 : 16);
    ctx.textAlign = atRight ? 'right' : 'left';
    ctx.strokeStyle = theme.surface;
    ctx.fillStyle = theme.ink;
    ctx.lineWidth = 4;
    ctx.strokeText(mark.label, start, top);
    ctx.fillText(mark.label, start, top);
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
  const { ctx } = chart;
  for (const bar of chart.getDatasetMeta(index).data) {
    const left = Math.min(bar.x, bar.base);
    const right = Math.max(bar.x, bar.base);
    const step = slide ? 12 : 7;
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, bar.y - bar.height / 2, right - left, bar.height);
    ctx.clip();
    ctx.strokeStyle = theme.surface;
    ctx.globalAlpha = 0.45;
    ctx.lineWidth = slide ? 2 : 1.2;
    for (let x = left - bar.height; x < right + bar.height; x += step) {
      const up = texture % 4 === 1 ? bar.height : texture % 4 === 2 ? -bar.height : 0;
      ctx.beginPath();
      ctx.moveTo(x, bar.y + bar.height / 2);
      ctx.lineTo(x + up, bar.y - bar.height / 2);
      ctx.stroke();
    }
    ctx.restore();
  }
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

function drawFooter({ ctx, height }: DrawnChart, theme: Theme, frame: ChartFrame): void {
  ctx.save();
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  ctx.fillStyle = theme.muted;
  ctx.font = `400 15px ${frame.fontFamily}`;
  ctx.fillText(frame.footer, 36, height - 24);
  ctx.restore();
}
