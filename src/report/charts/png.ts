import { createCanvas, type Canvas } from '@napi-rs/canvas';
import { lightTheme } from '../theme.js';
import { drawSlide, slideSize } from './slide.js';
import type { ChartSpec } from './spec.js';

export { slideSize } from './slide.js';

/** Text stays sharp, and a chart takes a third of the bytes of a PNG. */
const STILL_QUALITY = 75;

/**
 * Draws a chart as a PNG for slides.
 *
 * @param spec what to draw
 * @param footer small print at the foot
 * @param pixelRatio pixels for each CSS pixel of `slideSize`: 2 for slides
 * @returns the bytes of the PNG
 */
export async function renderPng(spec: ChartSpec, footer: string, pixelRatio: 1 | 2): Promise<Buffer> {
  return drawRaster(spec, footer, pixelRatio, (canvas) => canvas.encode('png'));
}

/** The same at twice the size, and as a WebP of a pixel a CSS pixel for readers of the page who have no scripts. */
export async function renderPngAndStill(
  spec: ChartSpec,
  footer: string,
): Promise<{ readonly png: Buffer; readonly still: Buffer }> {
  return drawRaster(spec, footer, 2, async (canvas) => {
    const small = createCanvas(slideSize.width, slideSize.height);
    small.getContext('2d').drawImage(canvas, 0, 0, slideSize.width, slideSize.height);
    const [png, still] = await Promise.all([canvas.encode('png'), small.encode('webp', STILL_QUALITY)]);
    return { png, still };
  });
}

async function drawRaster<T>(
  spec: ChartSpec,
  footer: string,
  pixelRatio: 1 | 2,
  encode: (canvas: Canvas) => Promise<T>,
): Promise<T> {
  const canvas = createCanvas(slideSize.width, slideSize.height);
  return drawSlide(canvas, spec, footer, pixelRatio, () => {
    // A canvas begins transparent; a slide does not.
    const pen = canvas.getContext('2d');
    pen.globalCompositeOperation = 'destination-over';
    pen.fillStyle = lightTheme.surface;
    pen.fillRect(0, 0, slideSize.width, slideSize.height);
    return encode(canvas);
  });
}
