/** Entry of the thread that draws slides: it waits for its orders, and posts each slide when it is done. */
import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import type { DrawnSlide, SlideOrders } from './draw-slides.js';
import { renderPng, renderPngAndStill } from './png.js';
import { drawSvg } from './svg.js';

const port = parentPort;
if (port === null) throw new Error('slide-worker.js is started as a worker thread');

const [{ slides, footer }] = (await once(port, 'message')) as [SlideOrders];
for (const { spec, withStill } of slides) {
  // While the one is compressed, the other is drawn.
  const raster = withStill
    ? renderPngAndStill(spec, footer)
    : renderPng(spec, footer, 2).then((png) => ({ png, still: null }));
  const [{ png, still }, svg] = await Promise.all([raster, drawSvg(spec, footer)]);
  const drawn: DrawnSlide = { spec, png, still, svg };
  port.postMessage(drawn);
}
