import type { Theme } from '../theme.js';
import type { DrawnChart, Pen } from './drawn-chart.js';
import type { ChartFrame, ChartLayout } from './layout.js';
import type { ChartSpec, HeatMap, HeatPanel } from './spec.js';
import { elidedTo, measuring } from './text-fit.js';
import { formatTick } from './tick.js';

/** Panels side by side are not narrower than this, CSS pixels. */
const NARROWEST_PANEL = 190;
/** Height of a panel with its title and time axis, where the chart may choose its own. */
const PANEL_HEIGHT = 190;

/** How many panels stand side by side in a drawing of this width. */
export function heatColumns(panels: number, width: number): number {
  return Math.max(1, Math.min(panels, Math.floor(width / NARROWEST_PANEL)));
}

/** CSS pixels that the panels take in a box of this width, legend included. */
export function heatHeight({ panels }: HeatMap, width: number): number {
  return 46 + Math.ceil(panels.length / heatColumns(panels.length, width)) * PANEL_HEIGHT;
}

/** Draws the panels of a heat map, with one legend, common axes, and every cell as a rectangle. */
export function drawHeat(
  { ctx, chartArea }: DrawnChart,
  { heat }: ChartSpec,
  theme: Theme,
  frame: ChartFrame,
  { slide }: ChartLayout,
): void {
  if (heat === undefined) return;
  const size = slide ? 15 : 11;
  const look = { theme, size, text: `400 ${String(size)}px ${frame.fontFamily}` };
  ctx.save();
  ctx.lineWidth = 1;
  const legendHeight = drawLegend(ctx, heat, chartArea.left, chartArea.top, chartArea.right, look);
  const gutter = size * 4.6;
  const [left, top] = [chartArea.left + gutter, chartArea.top + legendHeight + size];
  const columns = heatColumns(heat.panels.length, chartArea.right - chartArea.left);
  const rows = Math.ceil(heat.panels.length / columns);
  const width = (chartArea.right - left) / columns;
  const height = (chartArea.bottom - top) / rows;
  for (const [index, panel] of heat.panels.entries()) {
    const column = index % columns;
    const box = {
      left: left + column * width,
      top: top + Math.floor(index / columns) * height + size * 2,
      width: width - size * 1.4,
      height: height - size * 4.4,
    };
    drawPanel(ctx, heat, panel, box, look, frame.fontFamily);
    if (column === 0) drawLatencyTicks(ctx, heat, box, look);
  }
  ctx.restore();
}

interface Look {
  readonly theme: Theme;
  readonly size: number;
  readonly text: string;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** @returns its height: on narrow drawings it takes several lines */
function drawLegend(
  ctx: Pen,
  { legend }: HeatMap,
  left: number,
  top: number,
  right: number,
  { theme, size, text }: Look,
): number {
  ctx.font = text;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  let [x, y] = [left, top + size];
  for (const [index, label] of legend.entries()) {
    const wide = size * 1.8 + ctx.measureText(label).width;
    if (x > left && x + wide > right) [x, y] = [left, y + size * 1.7];
    ctx.fillStyle = theme.heat[index] ?? theme.ink;
    ctx.fillRect(x, y - size / 2, size, size);
    ctx.strokeStyle = theme.muted;
    ctx.strokeRect(x, y - size / 2, size, size);
    ctx.fillStyle = theme.ink;
    ctx.fillText(label, x + size * 1.5, y);
    x += wide + size * 1.2;
  }
  return y - top + size;
}

function drawPanel(
  ctx: Pen,
  heat: HeatMap,
  { label, levels }: HeatPanel,
  box: Box,
  { theme, size, text }: Look,
  fontFamily: string,
): void {
  const cellWidth = box.width / Math.max(1, levels.length);
  const cellHeight = box.height / Math.max(1, heat.edgesNs.length - 1);
  ctx.font = `500 ${String(size)}px ${fontFamily}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  ctx.fillStyle = theme.ink;
  const measure = measuring(ctx, { family: fontFamily, size, weight: 500 });
  ctx.fillText(elidedTo(label, box.width, measure), box.left, box.top - size * 0.5);
  for (const [interval, column] of levels.entries()) {
    for (let row = 0; row < column.length; row++) {
      const colour = theme.heat[Number(column[row]) - 1];
      if (colour === undefined) continue;
      ctx.fillStyle = colour;
      // a little over its edge, so that no seam shows between neighbours
      ctx.fillRect(
        box.left + interval * cellWidth,
        box.top + box.height - (row + 1) * cellHeight,
        cellWidth + 0.4,
        cellHeight + 0.4,
      );
    }
  }
  ctx.strokeStyle = theme.line;
  ctx.strokeRect(box.left, box.top, box.width, box.height);
  ctx.font = text;
  ctx.fillStyle = theme.muted;
  ctx.textBaseline = 'top';
  const bottom = box.top + box.height + size * 0.4;
  ctx.fillText('0', box.left, bottom);
  ctx.textAlign = 'right';
  ctx.fillText(formatTick(heat.durationMs * 1e6, 'ns'), box.left + box.width, bottom);
}

/** Powers of ten at the left of a row of panels. */
function drawLatencyTicks(ctx: Pen, { edgesNs }: HeatMap, box: Box, { theme, size, text }: Look): void {
  const [low = 1, high = 1] = [edgesNs[0], edgesNs.at(-1)];
  ctx.font = text;
  ctx.fillStyle = theme.muted;
  ctx.strokeStyle = theme.muted;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'middle';
  for (let tick = 10 ** Math.ceil(Math.log10(Math.max(1, low))); tick <= high; tick *= 10) {
    const row = edgesNs.findLastIndex((edge) => edge <= tick);
    const [from = tick, to = tick] = [edgesNs[row], edgesNs[row + 1]];
    const place = row + (to > from ? (tick - from) / (to - from) : 0);
    const y = box.top + box.height * (1 - place / (edgesNs.length - 1));
    ctx.fillText(formatTick(tick, 'ns'), box.left - size * 0.7, y);
    ctx.beginPath();
    ctx.moveTo(box.left - size * 0.4, y);
    ctx.lineTo(box.left, y);
    ctx.stroke();
  }
}
