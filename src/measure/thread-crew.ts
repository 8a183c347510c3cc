import { Worker } from 'node:worker_threads';
import {
  defaultModules,
  type CaseOrder,
  type Crew,
  type ReadBackReport,
  type WindowOrder,
  type WindowReport,
  type WorkerModules,
} from './crew.js';
import { StartGate } from './gate.js';
import { fromPlainError, type Answers, type Order, type Reply, type ThreadSetup } from './messages.js';
import { lastWritesBuffer } from './trial-worker.js';

/**
 * Starts worker threads and waits for nothing: a thread that cannot start fails the first order given to it.
 * Threads live until `close`.
 *
 * @param workers number of threads, 1 and up
 */
export function startThreadCrew(workers: number, modules: WorkerModules = defaultModules): Crew {
  const threads = Array.from({ length: workers }, (_, worker) => new Thread({ worker, modules }));
  let gate: StartGate | null = null;

  /** Waits for all, also when one fails: nobody may be at work when the next order is given. */
  const all = async <T extends Order['type']>(order: Extract<Order, { type: T }>): Promise<Answers[T][]> => {
    const settled = await Promise.allSettled(threads.map((thread) => thread.ask(order)));
    const failures = settled
      .filter((result) => result.status === 'rejected')
      .map(({ reason }) => reason as Error);
    // One worker's failure interrupts the others: the cause is the error that is no interruption.
    const cause = failures.find((error) => !isInterruption(error)) ?? failures[0];
    if (cause !== undefined) throw cause;
    return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  };

  return {
    prepare: async (order: CaseOrder): Promise<void> => {
      await all({ type: 'prepare', order, lastWrites: lastWritesBuffer(order) });
    },
    measure: async (order: WindowOrder): Promise<readonly WindowReport[]> => {
      const buffer = StartGate.buffer();
      gate = new StartGate(buffer, workers);
      return all({ type: 'measure', order, gate: buffer, workers });
    },
    readBack: (): Promise<readonly ReadBackReport[]> => all({ type: 'readBack' }),
    endTrial: async (): Promise<void> => {
      await all({ type: 'endTrial' });
    },
    abort: (): void => {
      gate?.abort();
    },
    close: async (): Promise<void> => {
      gate?.abort(); // a thread inside a synchronous loop is reached no other way
      await Promise.all(threads.map((thread) => thread.end()));
    },
  };
}

function isInterruption(error: Error): boolean {
  return 'code' in error && error.code === 'INTERRUPTED';
}

/** One worker thread; orders are given one at a time. */
class Thread {
  readonly #worker: Worker;
  #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | null = null;
  #ended: Error | null = null;

  constructor(setup: ThreadSetup) {
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: setup });
    this.#worker.on('message', (reply: Reply) => {
      const waiting = this.#waiting;
      this.#waiting = null;
      waiting?.resolve(reply);
    });
    this.#worker.on('error', (error) => {
      this.#lose(error instanceof Error ? error : new Error(String(error)));
    });
    this.#worker.on('exit', () => {
      this.#lose(new Error('a worker thread ended'));
    });
  }

  async ask<T extends Order['type']>(order: Extract<Order, { type: T }>): Promise<Answers[T]> {
    const reply = await new Promise<Reply>((resolve, reject) => {
      if (this.#ended !== null) {
        reject(this.#ended);
        return;
      }
      this.#waiting = { resolve, reject };
      this.#worker.postMessage(order);
    });
    if (!reply.ok) throw fromPlainError(reply.error);
    return reply.answer as Answers[T];
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #lose(error: Error): void {
    this.#ended ??= error;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(this.#ended);
  }
}
