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
  return {
    type: 'linear',
    min: profile ? -0.15 : -0.5,
    max: profile ? spec.rows.length - 0.85 : spec.rows.length - 0.5,
    offset: false,
    reverse: !profile,
    border: { display: false },
    grid: { display: false },
    // The rows lie at whole numbers, whatever ticks the linear scale would choose.
    afterBuildTicks: (axis: Ticks): void => {
      axis.ticks = spec.rows.map((_, row) => ({ value: row }));
    },
    ticks: {
      color: theme.ink,
      font: font(fontSize, profile ? 400 : slide ? 600 : 500),
      padding: 8,
      autoSkip: false,
      maxRotation: 0,
      callback: (value: number): string | string[] => rowLabel(spec.rows[value] ?? '', layout),
    },
    title: { display: false },
  };
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
