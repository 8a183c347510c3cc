import type { ChartConfiguration } from 'chart.js';
import type { Theme } from '../theme.js';
import { rowAxis, valueAxis } from './axes.js';
import { chartDatasets } from './datasets.js';
import { chartFurniture } from './furniture.js';
import { chartLayout, type ChartFrame } from './layout.js';
import { legendOptions } from './legend.js';
import type { ChartSpec } from './spec.js';
import { fittingLines } from './text-fit.js';

/**
 * Turns a chart spec into a Chart.js configuration, the same for the page (which carries this module, see assets.ts) and for the
 * PNG files. Needs the scatter controller and the point element of chartjs-chart-error-bars registered.
 *
 * @param spec what to draw
 * @param theme colours
 * @param frame where it is drawn
 */
export function chartConfiguration(spec: ChartSpec, theme: Theme, frame: ChartFrame): ChartConfiguration {
  const layout = chartLayout(spec, frame);
  const { slide, left, right, font } = layout;
  const profile = spec.form === 'profile';
  const heat = spec.form === 'heat';
  const rows = heat ? { display: false } : rowAxis(spec, theme, layout);
  const values = heat ? { display: false } : valueAxis(spec, theme, layout);
  const room = frame.width - left - right;
  const configuration = {
    type: 'scatter',
    data: { datasets: chartDatasets(spec, theme, frame, layout) },
    plugins: [chartFurniture(spec, theme, frame, layout)],
    options: {
      animation: false,
      responsive: frame.kind === 'page',
      maintainAspectRatio: false,
      normalized: true,
      events: ['mousemove', 'mouseout', 'click', 'touchstart', 'touchmove'],
      interaction: { mode: 'nearest', intersect: true },
      layout: {
        padding: slide ? { left, right, top: 30, bottom: 52 } : { left, right, top: 4, bottom: 0 },
      },
      scales: profile ? { x: rows, y: values } : { x: values, y: rows },
      plugins: {
        title: {
          display: slide,
          text: fittingLines(spec.title, room, 2, font(30, 600)),
          align: 'start',
          color: theme.ink,
          font: font(30, 600),
          padding: { bottom: 8 },
        },
        subtitle: {
          display: slide,
          text: fittingLines(spec.subtitle, room, 3, font(17, 400)),
          align: 'start',
          color: theme.muted,
          font: font(17, 400),
          padding: { bottom: 20 },
        },
        legend: legendOptions(spec, theme, frame, layout),
        tooltip: {
          filter: (item: { dataset: { auxiliary?: boolean } }): boolean => item.dataset.auxiliary !== true,
          displayColors: false,
          backgroundColor: theme.ink,
          titleColor: theme.ground,
          bodyColor: theme.ground,
          titleFont: font(12, 600),
          bodyFont: font(12, 400),
          padding: 10,
          cornerRadius: 6,
          callbacks: {
            title: (items: { dataset: { label?: string } }[]): string => items[0]?.dataset.label ?? '',
            label: (item: { dataset: { details?: string[][] }; dataIndex: number }): string[] =>
              item.dataset.details?.[item.dataIndex] ?? [],
          },
        },
      },
    },
  };
  // The error-bar chart types and the extra dataset fields are unknown to Chart.js' own types.
  return configuration as unknown as ChartConfiguration;
}
