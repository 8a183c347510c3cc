import type { Theme } from '../theme.js';
import type { ChartLayout } from './layout.js';
import type { ChartSpec } from './spec.js';
import { formatTick } from './tick.js';

/** A Chart.js scale: its options, loosely. */
export type Axis = Readonly<Record<string, unknown>>;

interface Ticks {
  readonly min: number;
  readonly max: number;
  ticks: { value: number }[];
}

/** The axis of the numbers: from zero, or logarithmic and labelled so. */
export function valueAxis(
  spec: ChartSpec,
  theme: Theme,
  { slide, narrow, fontSize, font }: ChartLayout,
): Axis {
  const logarithmic = spec.axis.scale === 'logarithmic';
  const profile = spec.form === 'profile';
  return {
    type: spec.axis.scale,
    ...(logarithmic ? {} : { beginAtZero: true, grace: '4%' }),
    afterBuildTicks: (axis: Ticks): void => {
      if (logarithmic) thinLogarithmicTicks(axis, narrow);
      else if (spec.axis.unit === 'bytes') binaryTicks(axis, narrow);
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
    title: { display: true, text: spec.axis.label, color: theme.muted, font: font(fontSize, 400) },
    // The reference line is always in view.
    ...(spec.axis.reference === null
      ? {}
      : { suggestedMin: spec.axis.reference * 0.9, suggestedMax: spec.axis.reference * 1.1 }),
  };
}

/** The axis of the rows (percentiles, in a profile): one label a row. */
export function rowAxis(spec: ChartSpec, theme: Theme, layout: ChartLayout): Axis {
  const { slide, fontSize, font } = layout;
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
      font: font(fontSize, profile ? 400 : slide ? 600 : 500),
      padding: 8,
      autoSkip: false,
      maxRotation: 0,
      callback: (_value: number, index: number): string | string[] =>
        rowLabel(spec.rows[shown[index] ?? -1] ?? '', layout),
    },
    title: {
      display: spec.rowTitle !== undefined,
      text: spec.rowTitle ?? '',
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

/** Round numbers of bytes are multiples of powers of two. */
function binaryTicks(axis: Ticks, narrow: boolean): void {
  let step = 1;
  while (axis.max / step > (narrow ? 4 : 6)) step *= 2;
  axis.ticks = Array.from({ length: Math.floor(axis.max / step) + 1 }, (_, tick) => ({
    value: tick * step,
  }));
}

/** A label in at most two lines. */
function rowLabel(label: string, { slide, narrow }: ChartLayout): string | string[] {
  const limit = slide ? 30 : narrow ? 14 : 22;
  const lines = [''];
  for (const word of label.split(' ')) {
    const last = lines[lines.length - 1] ?? '';
    if (last !== '' && last.length + word.length >= limit) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  const cut = lines.slice(0, 2).map((line) => (line.length > limit ? `${line.slice(0, limit - 1)}…` : line));
  return cut.length === 1 ? (cut[0] ?? '') : cut;
}
