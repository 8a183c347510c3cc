import { setImmediate } from 'node:timers/promises';
import { createCanvas, type Canvas } from '@napi-rs/canvas';
import { lightTheme } from '../theme.js';
import { encodePng } from './png-file.js';
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
  return drawRaster(spec, footer, pixelRatio, pngOf);
}

/** The same at twice the size, and as a WebP of a pixel a CSS pixel for readers of the page who have no scripts. */
export async function renderPngAndStill(
  spec: ChartSpec,
  footer: string,
): Promise<{ readonly png: Buffer; readonly still: Buffer }> {
  return drawRaster(spec, footer, 2, async (canvas) => {
    const small = createCanvas(slideSize.width, slideSize.height);
    small.getContext('2d').drawImage(canvas, 0, 0, slideSize.width, slideSize.height);
    const [png, still] = await Promise.all([pngOf(canvas), small.encode('webp', STILL_QUALITY)]);
    return { png, still };
  });
}

/** The canvas must be opaque: in its memory colours are multiplied by alpha, in a PNG they are not. */
async function pngOf(canvas: Canvas): Promise<Buffer> {
  return encodePng(canvas.data(), canvas.width, canvas.height);
}

async function drawRaster<T>(
  spec: ChartSpec,
  footer: string,
  pixelRatio: 1 | 2,
  encode: (canvas: Canvas) => T | Promise<T>,
): Promise<T> {
  const canvas = createCanvas(slideSize.width, slideSize.height);
  try {
    return await drawSlide(canvas, spec, footer, pixelRatio, () => {
      // A canvas begins transparent; a slide does not.
      const pen = canvas.getContext('2d');
      pen.globalCompositeOperation = 'destination-over';
      pen.fillStyle = lightTheme.surface;
      pen.fillRect(0, 0, slideSize.width, slideSize.height);
      return encode(canvas);
    });
  } finally {
    // Pixels are outside of the garbage collector's sight, and copies of them are only freed between two turns of the event loop.
    canvas.width = canvas.height = 1;
    await setImmediate();
  }
}
