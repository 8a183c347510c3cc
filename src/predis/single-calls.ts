import { isLarge, mputPackedLater } from './batches.js';
import { PredisConnection } from './connection.js';
import { fromNative } from './errors.js';
import { batchExpiry, expiresAt, remaining, someExpiry } from './expiry.js';
import { decrementAmount, incrementAmount } from './operations.js';
import type { ExpiryOptions, Key, Value } from './options.js';
import { pack } from './packed.js';

/** The calls of a client that concern one key. */
export class SingleCalls extends PredisConnection {
  /** The value as text, or null when the key does not exist. Bytes that are not UTF-8 become U+FFFD: use `getBuffer`. */
  getSync(key: Key): string | null {
    try {
      return this.open().get(this.client, key);
    } catch (error) {
      throw fromNative(error);
    }
  }

  get(key: Key): Promise<string | null> {
    return this.order.short(() => this.getSync(key));
  }

  /** The value's bytes (a copy), or null when the key does not exist. */
  getBufferSync(key: Key): Buffer | null {
    return this.now((native, client) => native.getBuffer(client, key));
  }

  getBuffer(key: Key): Promise<Buffer | null> {
    return this.order.short(() => this.getBufferSync(key));
  }

  /**
   * Creates or replaces. The key lives for ever unless `options` say otherwise; a time that it had before is dropped.
   *
   * @throws PredisError OUT_OF_MEMORY; the key then keeps its old value
   */
  putSync(key: Key, value: Value, options?: ExpiryOptions): void {
    try {
      if (options === undefined) this.open().put(this.client, key, value);
      else this.open().putUntil(this.client, key, value, expiresAt(options));
    } catch (error) {
      throw fromNative(error);
    }
  }

  put(key: Key, value: Value, options?: ExpiryOptions): Promise<void> {
    if (isLarge([value])) return this.#putLater(key, value, options);
    return this.order.short(() => {
      this.putSync(key, value, options);
    });
  }

  /** True when the key existed. */
  deleteSync(key: Key): boolean {
    return this.now((native, client) => native.remove(client, key));
  }

  delete(key: Key): Promise<boolean> {
    return this.order.short(() => this.deleteSync(key));
  }

  /** Whether the key exists; counts as a hit or a miss, as in Redis. */
  existsSync(key: Key): boolean {
    return this.now((native, client) => native.exists(client, key));
  }

  exists(key: Key): Promise<boolean> {
    return this.order.short(() => this.existsSync(key));
  }

  /**
   * Adds to a decimal integer of 64 bits, signed; a missing key counts as 0. Returns the new value.
   *
   * @throws PredisError NOT_AN_INTEGER, OVERFLOW, with Redis' texts
   */
  incrementSync(key: Key, by: number | bigint = 1): bigint {
    return this.now((native, client) => native.increment(client, key, incrementAmount(by)));
  }

  increment(key: Key, by: number | bigint = 1): Promise<bigint> {
    return this.order.short(() => this.incrementSync(key, by));
  }

  /** Subtracts, otherwise as `incrementSync`. */
  decrementSync(key: Key, by: number | bigint = 1): bigint {
    return this.now((native, client) => native.increment(client, key, decrementAmount(by)));
  }

  decrement(key: Key, by: number | bigint = 1): Promise<bigint> {
    return this.order.short(() => this.decrementSync(key, by));
  }

  /**
   * Creates a key that does not exist; true when it was created. Redis: SET with NX.
   *
   * @throws PredisError OUT_OF_MEMORY
   */
  putIfAbsentSync(key: Key, value: Value, options?: ExpiryOptions): boolean {
    return this.now((native, client) => native.putIfAbsent(client, key, value, expiresAt(options)));
  }

  putIfAbsent(key: Key, value: Value, options?: ExpiryOptions): Promise<boolean> {
    return this.order.short(() => this.putIfAbsentSync(key, value, options));
  }

  /**
   * Replaces the value of a key when it is, byte for byte, the one expected; true when it was replaced. `expected` null stands
   * for "there is no such key". The key then lives for ever unless `options` say otherwise.
   *
   * @throws PredisError OUT_OF_MEMORY; the key then keeps its old value
   */
  compareAndSetSync(key: Key, expected: Value | null, value: Value, options?: ExpiryOptions): boolean {
    return this.now((native, client) =>
      expected === null
        ? native.putIfAbsent(client, key, value, expiresAt(options))
        : native.compareAndSet(client, key, expected, value, expiresAt(options)),
    );
  }

  compareAndSet(key: Key, expected: Value | null, value: Value, options?: ExpiryOptions): Promise<boolean> {
    return this.order.short(() => this.compareAndSetSync(key, expected, value, options));
  }

  /** Sets when a key expires; false when there is no such key. Redis: PEXPIRE, PEXPIREAT. */
  expireSync(key: Key, options: ExpiryOptions): boolean {
    return this.now((native, client) => native.expire(client, key, someExpiry(options)));
  }

  expire(key: Key, options: ExpiryOptions): Promise<boolean> {
    return this.order.short(() => this.expireSync(key, options));
  }

  /** Lets a key live for ever; true when there was a time to take away, false without one or without the key. */
  persistSync(key: Key): boolean {
    return this.now((native, client) => native.persist(client, key));
  }

  persist(key: Key): Promise<boolean> {
    return this.order.short(() => this.persistSync(key));
  }

  /** Milliseconds that a key has left: null when it lives for ever, undefined when there is no such key. */
  ttlSync(key: Key): number | null | undefined {
    const at = this.now((native, client) => native.expiry(client, key));
    return at === null ? undefined : remaining(at);
  }

  ttl(key: Key): Promise<number | null | undefined> {
    return this.order.short(() => this.ttlSync(key));
  }

  /** The same as Unix time in milliseconds. Redis: PEXPIRETIME. */
  expiresAtSync(key: Key): number | null | undefined {
    const at = this.now((native, client) => native.expiry(client, key));
    return at === null ? undefined : at === 0 ? null : at;
  }

  expiresAt(key: Key): Promise<number | null | undefined> {
    return this.order.short(() => this.expiresAtSync(key));
  }

  /** A large value is copied on the thread pool. */
  async #putLater(key: Key, value: Value, options: ExpiryOptions | undefined): Promise<void> {
    const expiry = batchExpiry(options, 1);
    const [keys, values] = [pack([key]), pack([value])];
    return this.later((native, client) => mputPackedLater(native, client, keys, values, expiry));
  }
}
