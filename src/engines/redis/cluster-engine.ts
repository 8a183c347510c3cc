import type { BenchmarkReading, Engine, EngineDescription, SessionSpec } from '../engine.js';
import { RedisClusterSession } from './cluster-session.js';
import { readConfigurationDifference } from './configuration.js';
import type { RedisConnectionSettings } from './connection-settings.js';
import { loadPairs } from './load-pairs.js';
import type { RedisCluster } from './redis-cluster.js';
import { readServerFacts } from './server-facts.js';

export interface RedisClusterSessionSpec extends SessionSpec {
  readonly kind: 'redis-cluster';
  /** Of the nodes, in the order in which they share the slots. */
  readonly settings: readonly RedisConnectionSettings[];
}

/** A Redis Cluster as an engine. Several share one `RedisCluster`; each load starts from an empty one. */
export class RedisClusterEngine implements Engine {
  readonly #cluster: RedisCluster;
  readonly #release: () => Promise<void>;
  #emptyBytes = 0;

  /** @param release called by `close`, once or more often: gives the cluster back to whoever lent it */
  constructor(cluster: RedisCluster, release: () => Promise<void>) {
    this.#cluster = cluster;
    this.#release = release;
  }

  async describe(): Promise<EngineDescription> {
    const [first] = this.#cluster.nodes;
    if (first === undefined) throw new Error('a cluster has one node at least');
    const { version, facts } = await first.ask((redis) => readServerFacts(redis, first.settings));
    const configuration = await first.ask(readConfigurationDifference);
    return {
      name: 'redis',
      version,
      boundary: 'socket',
      synchronous: false,
      managed: true,
      settings: {
        ...facts,
        client: 'ioredis, one connection to each master',
        masters: this.#cluster.nodes.length,
        replicas: 0,
        multiKeyOperations:
          'one MGET or MSET a slot (GET or SET for a single key), all slots of a batch in flight at once; not atomic',
      },
      configuration,
    };
  }

  /** @throws BenchError REDIS_LOST, REDIS_OUT_OF_MEMORY, … */
  async load(count: number, pair: (index: number) => { key: string; value: string }): Promise<void> {
    await this.#cluster.flush();
    this.#emptyBytes = await this.#cluster.usedBytes();
    const session = await RedisClusterSession.open(this.#cluster.settings);
    try {
      await loadPairs(session, count, pair);
    } finally {
      await session.close();
    }
  }

  sessionSpec(): RedisClusterSessionSpec {
    return { kind: 'redis-cluster', settings: this.#cluster.settings };
  }

  processes(): readonly number[] {
    return this.#cluster.nodes.flatMap(({ managed }) => (managed === null ? [] : [managed.pid]));
  }

  async memoryBytes(): Promise<number> {
    return Math.max(0, (await this.#cluster.usedBytes()) - this.#emptyBytes);
  }

  /** Its keys all carry one hash tag a client, so that it would measure another spread of keys than the workload has. */
  benchmark(): Promise<BenchmarkReading> {
    return Promise.resolve({
      program: 'redis-benchmark',
      version: null,
      absent: 'on a cluster it cannot spread the keys as the workload does',
      runs: [],
    });
  }

  flush(): Promise<void> {
    return this.#cluster.flush();
  }

  close(): Promise<void> {
    return this.#release();
  }
}
