import { createRequire } from 'node:module';
import type * as ErrorBars from 'chartjs-chart-error-bars';
import { ChartJSNodeCanvas } from 'chartjs-node-canvas';
import { fontPath } from '../assets.js';
import { fontFamily, lightTheme, markers } from '../theme.js';
import { chartConfiguration } from './configuration.js';
import type { ChartSpec } from './spec.js';

/** Rows that a slide can hold and still be read; the page has no such limit. */
const SLIDE_ROWS = 20;

/** A slide of 16:9, in CSS pixels. */
export const slideSize = { width: 1280, height: 720 } as const;

const require = createRequire(import.meta.url);
let renderer: ChartJSNodeCanvas | undefined;

/**
 * Draws a chart as a PNG for slides: light, with title, subtitle and small print of its own.
 *
 * @param spec what to draw
 * @param footer small print at the foot
 * @param pixelRatio pixels for each CSS pixel of `slideSize`: 2 for slides
 * @returns the bytes of the PNG
 */
export async function renderPng(spec: ChartSpec, footer: string, pixelRatio: 1 | 2): Promise<Buffer> {
  const configuration = chartConfiguration(fitToSlide(spec), lightTheme, {
    kind: 'slide',
    width: slideSize.width,
    footer,
    fontFamily,
    markers,
  });
  configuration.options = { ...configuration.options, devicePixelRatio: pixelRatio };
  return slideRenderer().renderToBuffer(configuration);
}

function fitToSlide(spec: ChartSpec): ChartSpec {
  if (spec.rows.length <= SLIDE_ROWS) return spec;
  return {
    ...spec,
    subtitle: `${spec.subtitle} · the first ${String(SLIDE_ROWS)} of ${String(spec.rows.length)} cases; all are in the report`,
    rows: spec.rows.slice(0, SLIDE_ROWS),
    marks: spec.marks.filter(({ row }) => row < SLIDE_ROWS),
  };
}

/** One renderer for the whole process: each new one keeps a Chart.js of its own alive. */
function slideRenderer(): ChartJSNodeCanvas {
  if (renderer !== undefined) return renderer;
  renderer = new ChartJSNodeCanvas({
    width: slideSize.width,
    height: slideSize.height,
    backgroundColour: lightTheme.surface,
    // Through require, so that the controllers extend the very copy of Chart.js that the renderer loaded.
    chartCallback: (chartJs) => {
      const { ScatterWithErrorBarsController, PointWithErrorBar } =
        require('chartjs-chart-error-bars') as typeof ErrorBars;
      chartJs.register(ScatterWithErrorBarsController, PointWithErrorBar);
    },
  });
  // A machine without fonts draws no text and reports no error, so the report brings its own.
  for (const weight of ['400', '500', '600'] as const) {
    renderer.registerFont(fontPath(weight), { family: 'Inter', weight });
  }
  return renderer;
}
