import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { openConnection } from './connection.js';
import type { RedisConnectionSettings } from './connection-settings.js';
import { startManagedServer, type ManagedServer, type ManagedServerOptions } from './managed-server.js';
import { acquirePrefix, removePrefix, type PrefixLease } from './prefix.js';
import { requestFailure } from './redis-errors.js';
import { RedisSession } from './redis-session.js';
import { readInfo } from './server-facts.js';

/**
 * A Redis server in use: a private one, which this tool may empty as a whole, or somebody else's, where it keeps to its
 * prefix. Engines of several contenders share one. Methods are called one at a time.
 */
export class RedisServer {
  readonly settings: RedisConnectionSettings;
  /** Put before every key; empty on a private server, where it would only cost Redis memory and time. */
  readonly prefix: string;
  readonly managed: ManagedServer | null;
  readonly #control: Redis;
  readonly #lease: PrefixLease | null;
  #closing: Promise<void> | null = null;

  private constructor(
    settings: RedisConnectionSettings,
    control: Redis,
    home: { managed: ManagedServer } | { lease: PrefixLease },
  ) {
    this.settings = settings;
    this.#control = control;
    this.managed = 'managed' in home ? home.managed : null;
    this.#lease = 'lease' in home ? home.lease : null;
    this.prefix = this.#lease?.prefix ?? '';
  }

  /** Starts a private server. @throws BenchError as `startManagedServer` and `openConnection` */
  static async start(options: ManagedServerOptions = {}): Promise<RedisServer> {
    const managed = await startManagedServer(options);
    try {
      return new RedisServer(managed.settings, await openConnection(managed.settings), { managed });
    } catch (error) {
      await managed.close();
      throw error;
    }
  }

  /**
   * Joins a running server, and writes and removes keys under a new prefix there to see that it may.
   *
   * @throws BenchError as `openConnection`, and REDIS_READ_ONLY, REDIS_OUT_OF_MEMORY or REDIS_AUTH when writing is refused
   */
  static async join(settings: RedisConnectionSettings): Promise<RedisServer> {
    const control = await openConnection(settings);
    try {
      return new RedisServer(settings, control, { lease: await acquirePrefix(control) });
    } catch (error) {
      control.disconnect();
      throw requestFailure(error as Error);
    }
  }

  /** Runs commands on the control connection; its failures become errors for the user. */
  async ask<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      return await question(this.#control);
    } catch (error) {
      throw requestFailure(error as Error);
    }
  }

  /** Removes all keys of this tool and waits until their memory is free, so that freeing disturbs no measurement. */
  async flush(): Promise<void> {
    await this.ask(async (redis) => {
      if (this.managed !== null) {
        await redis.flushall('SYNC');
        return;
      }
      await removePrefix(redis, this.prefix);
      await untilFreed(redis);
    });
  }

  /**
   * Bytes in use that are not buffers of clients: Redis' used_memory less mem_clients_normal, so that the number of
   * connections does not count as data. Redis refreshes the latter once a second per client.
   */
  async usedBytes(): Promise<number> {
    const memory = await this.ask((redis) => readInfo(redis, 'memory'));
    return Number(memory.get('used_memory') ?? 0) - Number(memory.get('mem_clients_normal') ?? 0);
  }

  /** A session on a connection of its own. */
  openSession(): Promise<RedisSession> {
    return RedisSession.open(this.settings, this.prefix);
  }

  /** Removes what this tool wrote, then leaves or ends the server. Idempotent; a server that is gone is no error. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.#lease?.release();
    } catch {
      // The server is gone or refuses: what was left there falls to the next run (prefix.ts).
    }
    this.#control.disconnect();
    await this.managed?.close();
  }
}

/** UNLINK frees in a background thread; its queue is short, but not always empty at once. */
async function untilFreed(redis: Redis): Promise<void> {
  const limit = performance.now() + 5_000;
  while (performance.now() < limit) {
    const memory = await readInfo(redis, 'memory');
    if (Number(memory.get('lazyfree_pending_objects') ?? 0) === 0) return;
    await delay(5);
  }
}
