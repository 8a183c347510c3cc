import type { BenchmarkReading, BenchmarkShape, Engine, EngineDescription, SessionSpec } from '../engine.js';
import { readConfigurationDifference } from './configuration.js';
import type { RedisConnectionSettings } from './connection-settings.js';
import { loadPairs } from './load-pairs.js';
import { runRedisBenchmark } from './redis-benchmark.js';
import type { RedisServer } from './redis-server.js';
import { readServerFacts } from './server-facts.js';

export interface RedisSessionSpec extends SessionSpec {
  readonly kind: 'redis';
  readonly settings: RedisConnectionSettings;
  readonly prefix: string;
}

/** Redis as an engine. Several share one `RedisServer`; each load starts from an empty one. */
export class RedisEngine implements Engine {
  readonly #server: RedisServer;
  readonly #release: () => Promise<void>;
  #emptyBytes = 0;

  /** @param release called by `close`, once or more often: gives the server back to whoever lent it */
  constructor(server: RedisServer, release: () => Promise<void>) {
    this.#server = server;
    this.#release = release;
  }

  async describe(): Promise<EngineDescription> {
    const { settings, prefix, managed } = this.#server;
    const { version, facts } = await this.#server.ask((redis) => readServerFacts(redis, settings));
    const configuration = await this.#server.ask(readConfigurationDifference);
    return {
      name: 'redis',
      version,
      boundary: 'socket',
      synchronous: false,
      managed: managed !== null,
      settings: { ...facts, client: 'ioredis', keyPrefixBytes: prefix.length },
      configuration,
    };
  }

  /**
   * Replaces our data by `count` pairs, over a connection of its own that is closed again before this returns.
   *
   * @throws BenchError REDIS_OUT_OF_MEMORY when maxmemory is reached on the way, REDIS_LOST, …
   */
  async load(count: number, pair: (index: number) => { key: string; value: string }): Promise<void> {
    await this.#server.flush();
    this.#emptyBytes = await this.#server.usedBytes();
    const session = await this.#server.openSession();
    try {
      await loadPairs(session, count, pair);
    } finally {
      await session.close();
    }
  }

  sessionSpec(): RedisSessionSpec {
    return { kind: 'redis', settings: this.#server.settings, prefix: this.#server.prefix };
  }

  processes(): readonly number[] | null {
    return this.#server.managed === null ? null : [this.#server.managed.pid];
  }

  async memoryBytes(): Promise<number> {
    return Math.max(0, (await this.#server.usedBytes()) - this.#emptyBytes);
  }

  benchmark(shape: BenchmarkShape, signal?: AbortSignal): Promise<BenchmarkReading> {
    return runRedisBenchmark(this.#server, shape, { signal });
  }

  flush(): Promise<void> {
    return this.#server.flush();
  }

  close(): Promise<void> {
    return this.#release();
  }
}
