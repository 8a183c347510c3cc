/** The legend of a chart: an entry a series, cut by nothing but itself, and one for the rings of a curve. */
import type { Theme } from '../theme.js';
import type { DrawnChart } from './drawn-chart.js';
import type { ChartFrame, ChartLayout } from './layout.js';
import { seriesInk, type ChartSpec } from './spec.js';
import { elidedTo, measuring } from './text-fit.js';

interface LegendItem {
  readonly text: string;
  readonly fontColor: string;
  readonly fillStyle: string;
  readonly strokeStyle: string;
  readonly lineWidth: number;
  readonly pointStyle: string;
  readonly datasetIndex: number;
  readonly hidden: false;
}

/** Options of Chart.js' legend. */
export function legendOptions(
  spec: ChartSpec,
  theme: Theme,
  frame: ChartFrame,
  layout: ChartLayout,
): Readonly<Record<string, unknown>> {
  const { slide, fontSize, font } = layout;
  return {
    display: layout.legend,
    align: 'start',
    position: 'top',
    onClick: (): void => undefined,
    labels: {
      usePointStyle: spec.form !== 'bars',
      boxWidth: swatch(layout).width,
      boxHeight: swatch(layout).height,
      padding: legendPadding(layout),
      color: theme.ink,
      font: font(fontSize, 400),
      generateLabels: ({ ctx }: DrawnChart): LegendItem[] => {
        const measure = measuring(ctx, font(fontSize, 400));
        const room = frame.width - layout.left - layout.right - 2 * legendPadding(layout) - 2.5 * fontSize;
        const entry = (
          text: string,
          look: Omit<LegendItem, 'text' | 'fontColor' | 'datasetIndex' | 'hidden'>,
        ) => ({
          text: elidedTo(text, room, measure),
          fontColor: theme.ink,
          ...look,
          datasetIndex: 0,
          hidden: false as const,
        });
        return [
          ...spec.series.map(({ label, marker, hollow }, index) => {
            const ink = seriesInk(spec, index, theme);
            return entry(label, {
              fillStyle: hollow === true ? theme.surface : ink,
              strokeStyle: ink,
              lineWidth: slide ? 3 : 2,
              pointStyle: frame.markers[marker % frame.markers.length] ?? 'circle',
            });
          }),
          ...ringTexts(spec).map((text) =>
            entry(text, {
              fillStyle: 'transparent',
              strokeStyle: theme.ink,
              lineWidth: slide ? 3 : 2,
              pointStyle: 'circle',
            }),
          ),
        ];
      },
    },
  };
}

/** What the rings of a curve mean: as a rule one text. */
export function ringTexts({ marks }: ChartSpec): readonly string[] {
  return [...new Set(marks.flatMap(({ ringed, label }) => (ringed === true && label !== '' ? [label] : [])))];
}

/** Entries of the legend as texts, series first. */
export function legendTexts(spec: ChartSpec): readonly string[] {
  return [...spec.series.map(({ label }) => label), ...ringTexts(spec)];
}

export function legendPadding({ slide }: Pick<ChartLayout, 'slide'>): number {
  return slide ? 18 : 14;
}

/** Size of the coloured box of an entry: bars are told apart by texture too, which takes more room than a marker. */
export function swatch({ slide }: ChartLayout): { readonly width: number; readonly height: number } {
  return slide ? { width: 26, height: 11 } : { width: 18, height: 8 };
}
