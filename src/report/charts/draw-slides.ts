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

/** A thread that has nothing to do yet. */
let prepared: Worker | null = null;

/**
 * Starts the thread that the next `drawSlides` takes: it loads what draws while the caller reads what is to be drawn. It keeps no
 * process alive.
 */
export function prepareSlides(): void {
  if (prepared !== null) return;
  prepared = startThread();
  prepared.unref();
  // Without a listener this process would end of it; drawing then starts another thread, which tells its reason.
  prepared.on('error', () => undefined);
}

function startThread(): Worker {
  return new Worker(new URL('./slide-worker.js', import.meta.url));
}

/** The prepared thread, or a new one where there is none or it has ended. */
function takeThread(): Worker {
  const waiting = prepared;
  prepared = null;
  if (waiting === null || waiting.threadId < 0) return startThread();
  waiting.ref();
  return waiting;
}

/**
 * Draws slides in another thread, from now on, whatever the caller does before it asks for the first. The thread ends with the
 * iteration, also with one that is broken off.
 *
 * @throws Error in the iteration, when the thread fails
 */
export function drawSlides(orders: SlideOrders): AsyncGenerator<DrawnSlide, void, undefined> {
  if (orders.slides.length === 0) return drawnBy(null, 0);
  const worker = takeThread();
  const slides = drawnBy({ worker, answers: answersOf(worker) }, orders.slides.length);
  worker.postMessage(orders);
  return slides;
}

function answersOf(worker: Worker): AsyncIterable<[DrawnSlide]> {
  return on(worker, 'message', { close: ['exit'] }) as AsyncIterable<[DrawnSlide]>;
}

async function* drawnBy(
  thread: { readonly worker: Worker; readonly answers: AsyncIterable<[DrawnSlide]> } | null,
  count: number,
): AsyncGenerator<DrawnSlide, void, undefined> {
  if (thread === null) return;
  let left = count;
  try {
    for await (const [slide] of thread.answers) {
      yield slide;
      if (--left === 0) return;
    }
    throw new Error(`the thread that draws slides ended before the last ${String(left)}`);
  } finally {
    await thread.worker.terminate();
  }
}
