import { GlobalFonts, type Canvas, type SvgCanvas } from '@napi-rs/canvas';
import { Chart, registerables } from 'chart.js';
import { PointWithErrorBar, ScatterWithErrorBarsController } from 'chartjs-chart-error-bars';
import { fontPath } from '../assets.js';
import { fontFamily, lightTheme, markers } from '../theme.js';
import { chartConfiguration } from './configuration.js';
import { slideSize } from './slide-size.js';
import type { ChartSpec } from './spec.js';

export { slideSize } from './slide-size.js';

let ready = false;

/**
 * Draws a chart on a canvas as a slide: light, with title, subtitle and small print of its own. The chart is gone when `use`
 * is done, so that charts do not add up in memory.
 *
 * @param canvas of `slideSize`
 * @param footer small print at the foot
 * @param pixelRatio pixels for each CSS pixel
 * @param use takes the drawing off the canvas
 */
export async function drawSlide<T>(
  canvas: Canvas | SvgCanvas,
  spec: ChartSpec,
  footer: string,
  pixelRatio: number,
  use: () => T | Promise<T>,
): Promise<T> {
  getReady();
  const configuration = chartConfiguration(spec, lightTheme, {
    kind: 'slide',
    width: slideSize.width,
    footer,
    fontFamily,
    markers,
  });
  // Chart.js draws on any canvas that has the standard's 2D context; its types know that of a browser alone.
  const chart = new Chart(canvas, {
    ...configuration,
    options: {
      ...configuration.options,
      devicePixelRatio: pixelRatio,
    },
  });
  try {
    return await use();
  } finally {
    chart.destroy();
  }
}

/** Once for the process: what Chart.js may draw, and the fonts that it draws with. */
function getReady(): void {
  if (ready) return;
  Chart.register(...registerables, ScatterWithErrorBarsController, PointWithErrorBar);
  // A machine without fonts draws no text and reports no error, so the report brings its own.
  for (const weight of ['400', '500', '600'] as const)
    GlobalFonts.registerFromPath(fontPath(weight), 'Inter');
  ready = true;
}
