import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { BenchError } from '../../errors.js';
import type { RedisConnectionSettings } from './connection-settings.js';
import { CLUSTER_SLOTS, slotsOfNode } from './key-slot.js';
import type { ManagedServerOptions } from './managed-server.js';
import { RedisServer } from './redis-server.js';

/** A cluster agrees within three seconds on an idle machine: a node first waits two of them on purpose. */
const FORM_LIMIT_MS = 60_000;

/** Ports from here to `LAST_PORT`, with their bus ports 10,000 above, lie below those that kernels hand out to clients. */
const FIRST_PORT = 12_000;
const LAST_PORT = 21_999;
const BUS_PORT_OFFSET = 10_000;

export interface RedisClusterOptions extends Pick<ManagedServerOptions, 'program' | 'parentFolder'> {
  /** TCP ports of the nodes, for tests; free ones by default. */
  readonly ports?: readonly number[];
  /** How long the nodes may take to agree, milliseconds. */
  readonly formLimitMs?: number;
}

/**
 * A Redis Cluster of masters alone, each a private server that this tool starts, with all slots shared evenly. Clients reach
 * the nodes over Unix sockets. Everything ends with this process, as any private server does (see guardian.ts).
 */
export class RedisCluster {
  /** Node i has the slots of `slotsOfNode(i, nodes.length)`. */
  readonly nodes: readonly RedisServer[];

  private constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes;
  }

  /**
   * Starts the nodes, assigns the slots, and waits until every node sees the whole cluster as working.
   *
   * @param masters 1 and up
   * @throws BenchError REDIS_MISSING, or REDIS_CLUSTER_FAILED that says which node did not come up, or what is missing
   */
  static async start(masters: number, options: RedisClusterOptions = {}): Promise<RedisCluster> {
    const { ports = await freePorts(masters), formLimitMs = FORM_LIMIT_MS, ...server } = options;
    const started = await Promise.allSettled(
      ports.slice(0, masters).map((port) => RedisServer.start({ ...server, cluster: { port } })),
    );
    const nodes = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    try {
      const lost = started.findIndex((result) => result.status === 'rejected');
      const failure = started[lost];
      if (failure?.status === 'rejected') throw nodeFailure(lost, masters, failure.reason);
      await form(nodes, ports, formLimitMs);
    } catch (error) {
      await Promise.all(nodes.map((node) => node.close()));
      throw error;
    }
    return new RedisCluster(nodes);
  }

  /** How a worker thread reaches each node. */
  get settings(): readonly RedisConnectionSettings[] {
    return this.nodes.map((node) => node.settings);
  }

  async flush(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.flush()));
  }

  /** Sum over the nodes, see `RedisServer.usedBytes`. */
  async usedBytes(): Promise<number> {
    const bytes = await Promise.all(this.nodes.map((node) => node.usedBytes()));
    return bytes.reduce((sum, own) => sum + own, 0);
  }

  /** Ends all nodes. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
  }
}

function nodeFailure(node: number, masters: number, error: unknown): unknown {
  if (!(error instanceof BenchError) || error.code === 'REDIS_MISSING') return error;
  return new BenchError(
    'REDIS_CLUSTER_FAILED',
    `Node ${String(node + 1)} of ${String(masters)} of the Redis cluster did not come up. ${error.message}`,
    { cause: error },
  );
}

async function form(nodes: readonly RedisServer[], ports: readonly number[], limitMs: number): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    const { first, end } = slotsOfNode(index, nodes.length);
    const slots = Array.from({ length: end - first }, (_, offset) => String(first + offset));
    await node.ask(async (redis) => {
      // Epochs of their own, so that no two masters have to settle theirs by collision.
      await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
      await redis.call('CLUSTER', 'ADDSLOTS', ...slots);
    });
  }
  for (const port of ports.slice(1, nodes.length)) {
    await nodes[0]?.ask((redis) => redis.call('CLUSTER', 'MEET', '127.0.0.1', String(port)));
  }
  const limit = performance.now() + limitMs;
  for (const [index, node] of nodes.entries()) {
    for (;;) {
      const lacking = await whatIsLacking(node, nodes.length);
      if (lacking === null) break;
      if (performance.now() > limit) {
        throw new BenchError(
          'REDIS_CLUSTER_FAILED',
          `The Redis cluster did not form within ${String(limitMs / 1000)} s: node ${String(index + 1)} of ` +
            `${String(nodes.length)} says ${lacking}.`,
        );
      }
      await delay(20);
    }
  }
}

/** What one node still lacks to call the cluster whole, in its own words; null when nothing. */
async function whatIsLacking(node: RedisServer, nodes: number): Promise<string | null> {
  const text = (await node.ask((redis) => redis.call('CLUSTER', 'INFO'))) as string;
  const field = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(text)?.[1] ?? 'nothing';
  const wanted: readonly (readonly [string, string])[] = [
    ['cluster_known_nodes', String(nodes)],
    ['cluster_slots_ok', String(CLUSTER_SLOTS)],
    ['cluster_state', 'ok'],
  ];
  const missing = wanted.find(([name, value]) => field(name) !== value);
  return missing === undefined ? null : `${missing[0]} is ${field(missing[0])}, not ${missing[1]}`;
}

/** Ports of the loopback interface that were free a moment ago, each with its bus port. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let attempt = 0; ports.size < count; attempt++) {
    if (attempt > 100 + 10 * count) {
      throw new BenchError('REDIS_CLUSTER_FAILED', 'No TCP ports are free for the nodes of a Redis cluster.');
    }
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if ((await isFree(port)) && (await isFree(port + BUS_PORT_OFFSET))) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
