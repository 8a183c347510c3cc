import type { Theme } from '../theme.js';
import type { ChartFrame, ChartLayout } from './layout.js';
import { rowPosition } from './axes.js';
import { seriesInk, type ChartSpec, type Mark } from './spec.js';

/** A Chart.js dataset; the error-bar types and our own fields (see drawn-chart.ts) are unknown to Chart.js' types. */
export type Dataset = Readonly<Record<string, unknown>>;

/** What Chart.js shall draw of the marks: bars or points with whiskers and trials, or the lines of a profile. */
export function chartDatasets(
  spec: ChartSpec,
  theme: Theme,
  frame: ChartFrame,
  layout: ChartLayout,
): readonly Dataset[] {
  if (spec.form === 'heat') return [];
  return spec.series.flatMap(({ label, colour, marker, dash, hollow }, index) => {
    const marks = spec.marks.filter((mark) => mark.series === index);
    const ink = seriesInk(spec, index, theme);
    const pointStyle = frame.markers[marker % frame.markers.length] ?? 'circle';
    const filled = pointLook(pointStyle, ink, theme, layout);
    const point =
      hollow === true
        ? {
            ...filled,
            backgroundColor: theme.surface,
            borderColor: ink,
            borderWidth: layout.slide ? 2.5 : 1.5,
          }
        : filled;
    const common = { label, details: marks.map((mark) => mark.details) };
    if (spec.form === 'profile') {
      const line = profileLine(spec, marks, dash ?? colour, ink, point, layout, index);
      return [
        ...(marks.some(({ low }) => low !== null) ? [uprightWhiskers(spec, marks, ink, layout)] : []),
        { ...common, ...line },
      ];
    }
    const data = marks.map((mark) => ({ x: mark.value, y: layout.position(mark) }));
    if (spec.form === 'points') {
      return [
        whiskers(marks, 2, 0.7, theme.ink, 1, layout),
        { ...common, type: 'scatter', data, order: 1, ...point },
      ];
    }
    return [
      trialDots(marks, theme, layout),
      // With a halo, so that they show on the bar and among the dots.
      whiskers(marks, 0, 1, theme.ink, 1, layout),
      whiskers(marks, 0.5, 1.15, theme.surface, 2, layout),
      {
        ...common,
        type: 'bar',
        data,
        order: 3,
        texture: colour,
        grouped: false,
        indexAxis: 'y',
        barPercentage: 1,
        categoryPercentage: layout.shared ? 0.94 : layout.slot,
        maxBarThickness: layout.slide ? 56 : 30,
        backgroundColor: ink,
        pointStyle,
      },
    ];
  });
}

function pointLook(
  pointStyle: string,
  ink: string,
  theme: Theme,
  { slide, pointRadius }: ChartLayout,
): Dataset {
  const linesOnly = pointStyle === 'star' || pointStyle === 'crossRot';
  return {
    pointStyle,
    radius: pointRadius,
    hoverRadius: slide ? pointRadius : 7,
    backgroundColor: ink,
    borderColor: linesOnly ? ink : theme.surface,
    borderWidth: linesOnly ? 2.5 : 1,
    clip: false,
  };
}

function profileLine(
  spec: ChartSpec,
  marks: readonly Mark[],
  dash: number,
  ink: string,
  point: Dataset,
  { slide }: ChartLayout,
  index: number,
): Dataset {
  // markers of long lines would hide them; some tell the series apart, each line's beside the others'
  const everyNth = marks.length > 20 ? 8 : 1;
  return {
    type: 'line',
    data: marks.map((mark) => ({ x: rowPosition(spec, mark.row), y: mark.value })),
    borderColor: ink,
    borderWidth: slide ? 3 : 2,
    borderDash: [[], [8, 4], [2, 3], [10, 3, 2, 3]][dash % 4],
    pointStyle: point.pointStyle,
    pointRadius: marks.map((_, at) => (at % everyNth === index % everyNth ? point.radius : 0)),
    pointHoverRadius: point.hoverRadius,
    pointBackgroundColor: point.backgroundColor,
    pointBorderColor: point.borderColor,
    pointBorderWidth: point.borderWidth,
    clip: false,
  };
}

/** Confidence intervals of the points of a curve. */
function uprightWhiskers(
  spec: ChartSpec,
  marks: readonly Mark[],
  ink: string,
  { slide }: ChartLayout,
): Dataset {
  return {
    type: 'scatterWithErrorBars',
    label: 'confidence intervals',
    auxiliary: true,
    data: marks
      .filter((mark) => mark.low !== null && mark.high !== null)
      .map((mark) => ({ x: rowPosition(spec, mark.row), y: mark.value, yMin: mark.low, yMax: mark.high })),
    order: 1,
    radius: 0,
    hoverRadius: 0,
    hitRadius: 0,
    clip: false,
    errorBarColor: ink,
    errorBarWhiskerColor: ink,
    errorBarLineWidth: slide ? 2.5 : 1.5,
    errorBarWhiskerLineWidth: slide ? 2.5 : 1.5,
    errorBarWhiskerRatio: 0,
    errorBarWhiskerSize: slide ? 14 : 8,
  };
}

function trialDots(marks: readonly Mark[], theme: Theme, { slide, slot, position }: ChartLayout): Dataset {
  return {
    type: 'scatter',
    label: 'single trials',
    auxiliary: true,
    data: marks.flatMap((mark) =>
      mark.trials.map((value, trial) => ({
        x: value,
        // A golden-ratio sequence spreads the dots over the row evenly and the same way every time.
        y: position(mark) + (((trial * 0.618034) % 1) - 0.5) * slot * 0.62,
      })),
    ),
    order: 1,
    pointStyle: 'circle',
    radius: slide ? 3 : 1.8,
    hoverRadius: slide ? 3 : 1.8,
    backgroundColor: theme.ink,
    borderWidth: 0,
    // Many dots lie on top of each other and add up; few have to be seen one by one.
    opacity: marks.every(({ trials }) => trials.length <= 24) ? 0.6 : 0.28,
  };
}

/**
 * Confidence intervals, a dataset of their own: over bars and their dots, but under points, which they would hide.
 *
 * @param order Chart.js draws low numbers above high ones
 * @param size of the end strokes, relative
 * @param width of the strokes, relative
 */
function whiskers(
  marks: readonly Mark[],
  order: number,
  size: number,
  ink: string,
  width: number,
  { slide, pointRadius, position }: ChartLayout,
): Dataset {
  const lineWidth = width * (slide ? 2.5 : 1.5);
  return {
    type: 'scatterWithErrorBars',
    label: 'confidence intervals',
    auxiliary: true,
    data: marks
      .filter((mark) => mark.low !== null && mark.high !== null)
      .map((mark) => ({ x: mark.value, y: position(mark), xMin: mark.low, xMax: mark.high })),
    order,
    radius: 0,
    hoverRadius: 0,
    hitRadius: 0,
    clip: false,
    errorBarColor: ink,
    errorBarWhiskerColor: ink,
    errorBarLineWidth: lineWidth,
    errorBarWhiskerLineWidth: lineWidth,
    errorBarWhiskerRatio: 0,
    errorBarWhiskerSize: size * (slide ? Math.max(8, pointRadius * 1.6) : 8),
  };
}
