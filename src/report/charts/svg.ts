import { createCanvas, SvgExportFlag } from '@napi-rs/canvas';
import { drawSlide, slideSize } from './slide.js';
import type { ChartSpec } from './spec.js';
import { svgDocument } from './svg-document.js';

/**
 * Draws a chart as an SVG for slides, by the code that draws the page and the PNG. Text is outlines, so that it looks the same
 * where the font is not installed; the document asks for nothing, and what it says stands in its title and description.
 *
 * @param footer small print at the foot
 */
export async function renderSvg(spec: ChartSpec, footer: string): Promise<string> {
  return svgDocument(await drawSvg(spec, footer), spec, footer);
}

/** The drawing alone, as the canvas writes it. */
export async function drawSvg(spec: ChartSpec, footer: string): Promise<string> {
  const canvas = createCanvas(slideSize.width, slideSize.height, SvgExportFlag.ConvertTextToPaths);
  return drawSlide(canvas, spec, footer, 1, () => canvas.getContent().toString('utf8'));
}
