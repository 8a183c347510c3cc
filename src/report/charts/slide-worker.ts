/** Entry of the thread that draws slides: one after the other, each posted when it is done. */
import { parentPort, workerData } from 'node:worker_threads';
import type { DrawnSlide, SlideOrders } from './draw-slides.js';
import { renderPng, renderPngAndStill } from './png.js';
import { drawSvg } from './svg.js';

const port = parentPort;
if (port === null) throw new Error('slide-worker.js is started as a worker thread');

const { slides, footer } = workerData as SlideOrders;
for (const { spec, withStill } of slides) {
  const { png, still } = withStill
    ? await renderPngAndStill(spec, footer)
    : { png: await renderPng(spec, footer, 2), still: null };
  const drawn: DrawnSlide = { spec, png, still, svg: await drawSvg(spec, footer) };
  port.postMessage(drawn);
}
