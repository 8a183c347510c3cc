import { heatHeight } from './heat.js';
import { legendPadding, legendTexts } from './legend.js';
import type { ChartSpec, Mark } from './spec.js';
import type { TextFont } from './text-fit.js';

/**
 * Where a chart is drawn: in the page beside its own heading, where it follows the width of its box; in the printed page, where
 * its size is fixed; or alone on a slide, where it has to say everything itself.
 */
export interface ChartFrame {
  readonly kind: 'page' | 'print' | 'slide';
  /** Width of the drawing in CSS pixels: labels are shorter and smaller on a phone. */
  readonly width: number;
  /** Small print at the foot of a slide; unused in the page. */
  readonly footer: string;
  readonly fontFamily: string;
  readonly markers: readonly string[];
}

/** Height of the plot on a slide, CSS pixels: about what title, legend and axis leave. */
export const SLIDE_PLOT = 480;

/** Margin of a slide at its sides, CSS pixels. */
const SLIDE_MARGIN = 36;

/** What datasets, axes and furniture of one drawing have to agree on. */
export interface ChartLayout {
  readonly slide: boolean;
  /** Of the drawing, CSS pixels. */
  readonly width: number;
  /** Phone width. */
  readonly narrow: boolean;
  /** There is a legend: the rows do not name the series already. */
  readonly legend: boolean;
  /** Margins at the sides, CSS pixels. */
  readonly left: number;
  readonly right: number;
  /** Right of the plot, for the labels of marks, CSS pixels. */
  readonly labelRoom: number;
  /** Several series stand side by side within a row. */
  readonly shared: boolean;
  /** Height of one series within a row, as a part of the row. */
  readonly slot: number;
  readonly fontSize: number;
  /** Largest size of the labels beside marks, CSS pixels. */
  readonly labelSize: number;
  /** Of points, CSS pixels: smaller where the rows of a slide are many. */
  readonly pointRadius: number;
  /** Where a mark lies on the axis of the rows. */
  readonly position: (mark: Mark) => number;
  readonly font: (size: number, weight: number) => TextFont;
}

/** Mean width of a letter, as a part of the size of the font: to reserve room before anything is measured. */
const LETTER = 0.56;

export function chartLayout(spec: ChartSpec, frame: ChartFrame): ChartLayout {
  const slide = frame.kind === 'slide';
  const narrow = frame.width < 520;
  const labelSize = slide ? 15 : 11;
  const hasLabels = spec.form === 'bars' || spec.form === 'points';
  const longest = hasLabels ? Math.max(0, ...spec.marks.map(({ label }) => label.length)) : 0;
  const shared = new Set(spec.marks.map((mark) => mark.row)).size < spec.marks.length;
  const slot = shared ? 0.78 / spec.series.length : 0.62;
  return {
    slide,
    width: frame.width,
    narrow,
    legend: spec.series.some(({ label }, index) => label !== spec.rows[index]),
    left: slide ? SLIDE_MARGIN : 0,
    right: slide ? SLIDE_MARGIN : spec.form === 'profile' || spec.form === 'heat' ? 14 : 0,
    labelRoom: longest * labelSize * LETTER + 14,
    shared,
    slot,
    fontSize: slide ? 17 : narrow ? 11 : 12,
    labelSize,
    pointRadius: !slide
      ? 5.5
      : spec.form === 'profile'
        ? 9
        : Math.min(9, Math.max(4, (SLIDE_PLOT / spec.rows.length) * slot * 0.5)),
    position: (mark) => mark.row + (shared ? (mark.series - (spec.series.length - 1) / 2) * slot : 0),
    font: (size, weight) => ({ family: frame.fontFamily, size, weight }),
  };
}

/** CSS pixels that a chart takes in a box of this width: rows tall enough for their marks, room for axis, title and legend. */
export function chartHeight(spec: ChartSpec, frame: ChartFrame): number {
  if (spec.heat !== undefined) return heatHeight(spec.heat, frame.width);
  const layout = chartLayout(spec, frame);
  const legend = layout.legend ? legendHeight(spec, layout) : 0;
  if (spec.form === 'profile') return 270 + legend;
  const perRow = marksPerRow(spec);
  return 56 + legend + spec.rows.length * (perRow > 1 ? 12 + 18 * perRow : 46);
}

/** The most marks that stand in one row. */
export function marksPerRow({ marks }: ChartSpec): number {
  const counts = new Map<number, number>();
  for (const { row } of marks) counts.set(row, (counts.get(row) ?? 0) + 1);
  return Math.max(1, ...counts.values());
}

/** As Chart.js breaks a legend into lines, with widths guessed from the number of letters. */
function legendHeight(spec: ChartSpec, layout: ChartLayout): number {
  const { fontSize, width, left, right } = layout;
  const padding = legendPadding(layout);
  const room = width - left - right;
  let [lines, used] = [1, padding];
  for (const text of legendTexts(spec)) {
    const wide = fontSize * (1.5 + text.length * LETTER) + padding;
    if (used > padding && used + wide > room) [lines, used] = [lines + 1, padding];
    used += wide;
  }
  return lines * (fontSize + padding) + padding;
}
