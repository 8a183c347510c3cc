import type { Theme } from '../theme.js';
import type { ChartLayout } from './layout.js';
import type { ChartSpec } from './spec.js';
import { fittingLines, measuring, wrappedTo, type Ruler } from './text-fit.js';
import { formatTick } from './tick.js';

/** A Chart.js scale: its options, loosely. */
export type Axis = Readonly<Record<string, unknown>>;

interface Ticks {
  readonly ctx: Ruler;
  readonly min: number;
  readonly max: number;
  ticks: { value: number }[];
}

/** The axis of the numbers: from zero, or logarithmic and labelled so. */
export function valueAxis(spec: ChartSpec, theme: Theme, layout: ChartLayout): Axis {
  const { slide, narrow, fontSize, font } = layout;
  const logarithmic = spec.axis.scale === 'logarithmic';
  const profile = spec.form === 'profile';
  return {
    type: spec.axis.scale,
    ...(logarithmic ? {} : { beginAtZero: true, grace: '4%' }),
    afterBuildTicks: (axis: Ticks): void => {
      if (spec.axis.unit === 'bytes')
        (logarithmic ? powersOfTwo : binaryTicks)(axis, mostTicks(spec, layout, axis.ctx));
      else if (logarithmic) thinLogarithmicTicks(axis, narrow);
    },
    // not as padding of the whole, which the legend would lose
    afterFit: (axis: { paddingRight: number }): void => {
      if (!profile) axis.paddingRight = Math.max(axis.paddingRight, layout.labelRoom);
    },
    border: { display: false },
    grid: { color: theme.line, drawTicks: false },
    ticks: {
      color: theme.muted,
      font: font(fontSize, 400),
      padding: 6,
      maxRotation: 0,
      ...(logarithmic ? { autoSkip: !profile } : { maxTicksLimit: narrow ? 4 : slide ? 7 : 6 }),
      callback: (value: number): string => formatTick(value, spec.axis.unit),
    },
    title: {
      display: true,
      text: profile
        ? fittingLines(spec.axis.label, slide ? 380 : 180, 2, font(fontSize, 400))
        : titleLines(spec.axis.label, spec, layout),
      color: theme.muted,
      font: font(fontSize, 400),
    },
    ...inView(spec),
  };
}

/** The reference line is always in view, and what other parts of the same chart show. */
function inView({ axis: { reference, range } }: ChartSpec): Axis {
  const shown = [
    ...(reference === null ? [] : [reference * 0.9, reference * 1.1]),
    ...(range === undefined ? [] : [range.min, range.max]),
  ];
  return shown.length === 0 ? {} : { suggestedMin: Math.min(...shown), suggestedMax: Math.max(...shown) };
}

/** The axis of the rows (percentiles, in a profile): one label a row. */
export function rowAxis(spec: ChartSpec, theme: Theme, layout: ChartLayout): Axis {
  const { fontSize, font } = layout;
  const profile = spec.form === 'profile';
  const margin = 0.05 * (rowPosition(spec, spec.rows.length - 1) - rowPosition(spec, 0)) || 0.5;
  // the rows in the order of their places, so that a tick finds its label
  const shown = profile ? labelledRows(spec, layout) : spec.rows.map((_, row) => row);
  return {
    type: 'linear',
    min: profile ? rowPosition(spec, 0) - margin : -0.5,
    max: profile ? rowPosition(spec, spec.rows.length - 1) + margin : spec.rows.length - 0.5,
    offset: false,
    reverse: !profile,
    border: { display: false },
    grid: { display: false },
    // The rows lie at whole numbers, whatever ticks the linear scale would choose.
    afterBuildTicks: (axis: Ticks): void => {
      axis.ticks = shown.map((row) => ({ value: rowPosition(spec, row) }));
    },
    ticks: {
      color: theme.ink,
      font: font(fontSize, rowWeight(spec, layout)),
      padding: 8,
      autoSkip: false,
      maxRotation: 0,
      callback(this: { readonly ctx: Ruler }, _value: number, index: number): string[] {
        return rowLabel(spec, shown[index] ?? -1, layout, this.ctx);
      },
    },
    title: {
      display: spec.rowTitle !== undefined,
      text: titleLines(spec.rowTitle ?? '', spec, layout),
      color: theme.muted,
      font: font(fontSize, 400),
    },
  };
}

/** Where a row of a profile lies on its axis. */
export function rowPosition({ positions }: ChartSpec, row: number): number {
  return positions?.[row] ?? row;
}

/** Rows of a profile that have room for their labels: always the first and the last. */
function labelledRows(spec: ChartSpec, { width, fontSize }: ChartLayout): number[] {
  const last = spec.rows.length - 1;
  const span = rowPosition(spec, last) - rowPosition(spec, 0);
  const letter = (span * fontSize * 0.56) / Math.max(100, width - 110);
  const length = (row: number): number => Math.min(12, spec.rows[row]?.length ?? 0);
  const tooNear = (row: number, other: number): boolean =>
    rowPosition(spec, row) - rowPosition(spec, other) < letter * ((length(row) + length(other)) / 2 + 1.5);
  const kept: number[] = [];
  for (let row = 0; row <= last; row++) {
    const before = kept.at(-1);
    if (row === last) while (kept.length > 1 && tooNear(row, kept.at(-1) ?? 0)) kept.pop();
    else if (before !== undefined && tooNear(row, before)) continue;
    kept.push(row);
  }
  return kept;
}

/** Chart.js puts a line at every 1, 2, 3, … 9 of a decade; a reader needs 1, or 1, 2 and 5 where there are few decades. */
function thinLogarithmicTicks(axis: Ticks, narrow: boolean): void {
  const decades = Math.log10(axis.max / axis.min);
  const wanted = decades > (narrow ? 1.2 : 2.2) ? [1] : decades > 0.8 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7];
  axis.ticks = axis.ticks.filter(({ value }) => {
    const power = Math.floor(Math.log10(value) + 1e-9);
    return wanted.includes(Math.round((value / 10 ** power) * 10) / 10);
  });
}

/** Of bytes on a logarithmic axis: every power of two, or every second, third, … so that the labels have room. */
function powersOfTwo(axis: Ticks, most: number): void {
  const [first, last] = [Math.ceil(Math.log2(axis.min)), Math.floor(Math.log2(axis.max))];
  const step = Math.max(1, Math.ceil((last - first + 1) / most));
  const ticks = Array.from({ length: Math.max(0, Math.floor((last - first) / step) + 1) }, (_, tick) => ({
    value: 2 ** (first + tick * step),
  }));
  // less than a doubling in all: the decades do
  if (ticks.length > 1) axis.ticks = ticks;
  else thinLogarithmicTicks(axis, most < 5);
}

/** Round numbers of bytes are multiples of powers of two. */
function binaryTicks(axis: Ticks, most: number): void {
  let step = 1;
  while (axis.max / step >= most) step *= 2;
  axis.ticks = Array.from({ length: Math.floor(axis.max / step) + 1 }, (_, tick) => ({
    value: tick * step,
  }));
}

/** Weight of the labels of rows. */
function rowWeight({ form }: ChartSpec, { slide }: ChartLayout): number {
  return form === 'profile' ? 400 : slide ? 600 : 500;
}

/** Room for the label of a row, CSS pixels: of a profile as wide as `labelledRows` takes it to be. */
function rowRoom({ form }: ChartSpec, { slide, width }: ChartLayout): number {
  if (form === 'profile') return slide ? 110 : 76;
  return slide ? 300 : Math.min(180, 0.34 * width);
}

/** Labels of bytes, such as '128 MiB', that have room beside each other under the plot. */
function mostTicks(spec: ChartSpec, layout: ChartLayout, ruler: Ruler): number {
  const upright = spec.form === 'profile';
  const fitting = Math.floor(plotRoom(spec, layout, ruler) / (5 * layout.fontSize));
  return upright ? 6 : Math.max(2, Math.min(layout.slide ? 9 : 7, fitting));
}

/** Width that is left for the plot, and for the title under it, CSS pixels. */
function plotRoom(spec: ChartSpec, layout: ChartLayout, ruler: Ruler): number {
  const { width, left, right, labelRoom, slide, fontSize, font } = layout;
  if (spec.form === 'profile') return width - left - right - (slide ? 130 : 90);
  const measure = measuring(ruler, font(fontSize, rowWeight(spec, layout)));
  const labels = spec.rows.flatMap((_, row) => rowLabel(spec, row, layout, ruler).map(measure));
  return width - left - right - labelRoom - Math.max(0, ...labels) - 32;
}

/** For the title of a horizontal axis: in lines that are no wider than the plot. */
function titleLines(text: string, spec: ChartSpec, layout: ChartLayout) {
  return ({ chart }: { readonly chart: { readonly ctx: Ruler } }): string[] =>
    wrappedTo(
      text,
      plotRoom(spec, layout, chart.ctx),
      5,
      measuring(chart.ctx, layout.font(layout.fontSize, 400)),
    );
}

/** The label of a row in at most two lines, one where the rows of a slide are too many. */
function rowLabel(spec: ChartSpec, row: number, layout: ChartLayout, ruler: Ruler): string[] {
  const { slide, fontSize, font } = layout;
  const lines = spec.form === 'profile' || (slide && spec.rows.length > 10) ? 1 : 2;
  const measure = measuring(ruler, font(fontSize, rowWeight(spec, layout)));
  return wrappedTo(spec.rows[row] ?? '', rowRoom(spec, layout), lines, measure);
}
