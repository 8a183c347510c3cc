/**
 * Keeps the promise calls of one client in the order in which they were made, though some run on the thread pool and most
 * do not.
 */
export class CallOrder {
  /** Settles when the last call that had to wait, or that others have to wait for, is done; null when none is under way. */
  #tail: Promise<void> | null = null;

  /**
   * A call that is short: done at once, on this thread, unless an earlier call is still under way. A trip to the thread
   * pool and back costs about 5 µs, ten times what a single operation takes, so it would be the whole cost.
   */
  short<T>(task: () => T): Promise<T> {
    if (this.#tail !== null) return this.#append(this.#tail.then(task));
    try {
      return Promise.resolve(task());
    } catch (error) {
      return rejected(error);
    }
  }

  /** A call that takes long enough to be worth the thread pool; `task` starts it there. */
  long<T>(task: () => Promise<T>): Promise<T> {
    if (this.#tail !== null) return this.#append(this.#tail.then(task));
    try {
      return this.#append(task());
    } catch (error) {
      return rejected(error);
    }
  }

  #append<T>(result: Promise<T>): Promise<T> {
    const settled = (): void => {
      if (this.#tail === tail) this.#tail = null;
    };
    const tail = result.then(settled, settled);
    this.#tail = tail;
    return result;
  }
}

/** A promise call reports every failure through its promise. */
function rejected(error: unknown): Promise<never> {
  return Promise.reject(error instanceof Error ? error : new Error(String(error)));
}
