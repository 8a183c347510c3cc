import { BenchError } from '../errors.js';

/** Raised when an engine or a worker gave no answer in time; the trial fails and the workers are replaced. */
export class NoAnswerError extends Error {
  constructor(what: string, limitMs: number) {
    super(`no answer for ${String(Math.round(limitMs / 100) / 10)} s while ${what}`);
    this.name = 'NoAnswerError';
  }
}

/**
 * Waits for a promise, but no longer than a limit and no longer than the run is wanted. What is given up on may settle
 * later; its outcome is then ignored.
 *
 * @throws NoAnswerError after `limitMs`, BenchError INTERRUPTED when `signal` is aborted
 */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  promise.catch(() => undefined); // given up on, it must not end the process
  let stop = (): void => undefined;
  const givenUp = new Promise<never>((_, reject) => {
    const interrupted = (): void => {
      reject(new BenchError('INTERRUPTED', 'Interrupted.'));
    };
    if (signal?.aborted === true) interrupted();
    const timer = setTimeout(() => {
      reject(new NoAnswerError(what, limitMs));
    }, limitMs);
    signal?.addEventListener('abort', interrupted, { once: true });
    stop = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupted);
    };
  });
  try {
    return await Promise.race([promise, givenUp]);
  } finally {
    stop();
  }
}
