import type { ChartSpec, Mark } from './spec.js';

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

interface Font {
  readonly family: string;
  readonly size: number;
  readonly weight: number;
}

/** What datasets, axes and furniture of one drawing have to agree on. */
export interface ChartLayout {
  readonly slide: boolean;
  /** Of the drawing, CSS pixels. */
  readonly width: number;
  /** Phone width. */
  readonly narrow: boolean;
  /** Several series stand side by side within a row. */
  readonly shared: boolean;
  /** Height of one series within a row, as a part of the row. */
  readonly slot: number;
  readonly fontSize: number;
  /** Largest size of the labels beside marks, CSS pixels. */
  readonly labelSize: number;
  /** Where a mark lies on the axis of the rows. */
  readonly position: (mark: Mark) => number;
  readonly font: (size: number, weight: number) => Font;
}

export function chartLayout(spec: ChartSpec, frame: ChartFrame): ChartLayout {
  const slide = frame.kind === 'slide';
  const narrow = frame.width < 520;
  const shared = new Set(spec.marks.map((mark) => mark.row)).size < spec.marks.length;
  const slot = shared ? 0.78 / spec.series.length : 0.62;
  return {
    slide,
    width: frame.width,
    narrow,
    shared,
    slot,
    fontSize: slide ? 17 : narrow ? 11 : 12,
    labelSize: slide ? 15 : 11,
    position: (mark) => mark.row + (shared ? (mark.series - (spec.series.length - 1) / 2) * slot : 0),
    font: (size, weight) => ({ family: frame.fontFamily, size, weight }),
  };
}
