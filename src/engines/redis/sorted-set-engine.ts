import type { BenchmarkReading, Engine, EngineDescription, SessionSpec } from '../engine.js';
import type { RedisConnectionSettings } from './connection-settings.js';
import { loadPairs } from './load-pairs.js';
import { RedisEngine } from './redis-engine.js';
import type { RedisServer } from './redis-server.js';
import { RedisSortedSetSession } from './sorted-set-session.js';

export interface RedisSortedSetSessionSpec extends SessionSpec {
  readonly kind: 'redis-sorted-set';
  readonly settings: RedisConnectionSettings;
  readonly key: string;
}

/** Redis as an engine that keeps numbers as the scores of one sorted set. Shares its `RedisServer` with `RedisEngine`. */
export class RedisSortedSetEngine implements Engine {
  readonly #server: RedisServer;
  readonly #plain: RedisEngine;
  readonly #key: string;

  /** @param release called by `close`, once or more often: gives the server back to whoever lent it */
  constructor(server: RedisServer, release: () => Promise<void>) {
    this.#server = server;
    this.#plain = new RedisEngine(server, release);
    this.#key = `${server.prefix}leaderboard`;
  }

  async describe(): Promise<EngineDescription> {
    const plain = await this.#plain.describe();
    return { ...plain, settings: { ...plain.settings, dataStructure: 'sorted set' } };
  }

  /** @throws BenchError REDIS_LOST, REDIS_OUT_OF_MEMORY, …; Error in Redis' words for values that are no numbers */
  async load(count: number, pair: (index: number) => { key: string; value: string }): Promise<void> {
    await this.#plain.load(0, pair);
    const session = await RedisSortedSetSession.open(this.#server.settings, this.#key);
    try {
      await loadPairs(session, count, pair);
    } finally {
      await session.close();
    }
  }

  sessionSpec(): RedisSortedSetSessionSpec {
    return { kind: 'redis-sorted-set', settings: this.#server.settings, key: this.#key };
  }

  memoryBytes(): Promise<number> {
    return this.#plain.memoryBytes();
  }

  benchmark(): Promise<BenchmarkReading> {
    return Promise.resolve({
      program: 'redis-benchmark',
      version: null,
      absent: 'it asks a sorted set for nothing but ZADD and ZPOPMIN',
      runs: [],
    });
  }

  flush(): Promise<void> {
    return this.#plain.flush();
  }

  close(): Promise<void> {
    return this.#plain.close();
  }
}
