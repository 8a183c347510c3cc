import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ChartSpec } from './spec.js';

/** What is drawn, in this order. */
export interface SlideOrders {
  readonly slides: readonly {
    readonly spec: ChartSpec;
    /** Also small, for the page. */
    readonly withStill: boolean;
  }[];
  /** Small print at the foot. */
  readonly footer: string;
}

export interface DrawnSlide {
  readonly spec: ChartSpec;
  readonly png: Uint8Array;
  /** What `svgDocument` makes a file of: the caller's work, as this thread has more of it. */
  readonly svg: string;
  /** WebP; null where none was asked for. */
  readonly still: Uint8Array | null;
}

/** A chart leaves much behind: collected early it takes 50 MB less, and no more time. */
const YOUNG_MEGABYTES = 4;

/**
 * Draws slides in another thread, which goes on while the caller is busy with one of them. The thread ends with the iteration,
 * also with one that is broken off.
 *
 * @throws Error when the thread fails
 */
export async function* drawSlides(orders: SlideOrders): AsyncGenerator<DrawnSlide, void, undefined> {
  let left = orders.slides.length;
  if (left === 0) return;
  const worker = new Worker(new URL('./slide-worker.js', import.meta.url), {
    workerData: orders,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  });
  try {
    const answers = on(worker, 'message', { close: ['exit'] }) as AsyncIterable<[DrawnSlide]>;
    for await (const [slide] of answers) {
      yield slide;
      if (--left === 0) return;
    }
    throw new Error(`the thread that draws slides ended before the last ${String(left)}`);
  } finally {
    await worker.terminate();
  }
}
