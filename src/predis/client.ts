import { DeviceCalls } from './device-calls.js';

/**
 * A connection to an in-process key-value engine.
 *
 * Every call has two forms. `getSync` and the like run on this thread and return the result. `get` and the like return a
 * promise: small calls are done at once all the same (a trip to the thread pool costs more than they do), batches from
 * 4,096 keys or 1 MiB go to the thread pool so that the event loop lives on. Promise calls of one client take effect in the
 * order in which they were made, whichever way they run; a `…Sync` call does not wait for them. Arguments of a promise call
 * must not be changed before it settles.
 *
 * A batch takes effect as a whole, unless the client is made with `consistency: 'relaxed'`: no other client or thread sees a
 * part of it. A batch with a bad key or value is refused before anything is done. All calls throw, or reject with, a `PredisError`.
 *
 * A client belongs to one thread. To share an engine with a worker thread, post `share()` to it and `attach` there.
 */
export class PredisClient extends DeviceCalls {
  /** Removes the keys of this client's namespace and gives their memory back. */
  clearSync(): void {
    this.now((native, client) => {
      native.clear(client);
    });
  }

  /** On the thread pool always: freeing millions of keys takes a while. */
  clear(): Promise<void> {
    return this.later((native, client) => native.clearAsync(client));
  }

  /** Removes the keys of all namespaces and gives their memory back. */
  flushAllSync(): void {
    this.now((native, client) => {
      native.clearAll(client);
    });
  }

  /** On the thread pool always. */
  flushAll(): Promise<void> {
    return this.later((native, client) => native.clearAllAsync(client));
  }

  /**
   * Keys in this client's namespace; expired ones that were not yet removed count. May look at every key of the engine.
   * Redis: DBSIZE.
   */
  countKeysSync(): number {
    return this.now((native, client) => native.countKeys(client));
  }

  countKeys(): Promise<number> {
    return this.order.short(() => this.countKeysSync());
  }

  /**
   * Removes what has expired, in all namespaces, and gives its memory back; returns how many keys. An expired key is never
   * seen, but keeps its memory until a write comes upon it or this is called.
   */
  sweepExpiredSync(): number {
    return this.now((native, client) => native.sweepExpired(client));
  }

  /** On the thread pool always. */
  sweepExpired(): Promise<number> {
    return this.later((native, client) => native.sweepExpiredAsync(client));
  }
}
