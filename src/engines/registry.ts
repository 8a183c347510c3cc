import { BenchError } from '../errors.js';
import { nearestName } from '../support/nearest.js';
import { MapEngine } from './controls/map.js';
import { NoopServer, NoopServerEngine } from './controls/noop-server.js';
import { NoopEngine } from './controls/noop.js';
import type { Boundary, Engine } from './engine.js';
import { PredisDeviceEngine } from './predis-device.js';
import { PredisEngine } from './predis.js';
import { RedisClusterEngine } from './redis/cluster-engine.js';
import { readConnectionSettings, type RedisOptions } from './redis/connection-settings.js';
import { ioThreadsForThisMachine, mastersForThisMachine } from './redis/granted-cores.js';
import { RedisCluster } from './redis/redis-cluster.js';
import { RedisEngine } from './redis/redis-engine.js';
import { RedisServer } from './redis/redis-server.js';
import { RedisSortedSetEngine } from './redis/sorted-set-engine.js';
import { SharedResource } from './shared-resource.js';

/** One of the things compared: an engine and how it is driven. */
export interface ContenderDefinition {
  /** What is typed after `--contenders`, and the key of its trials in a result file. */
  readonly id: string;
  /** For charts and tables. */
  readonly label: string;
  /** One line for people. */
  readonly summary: string;
  readonly engine: 'redis' | 'predis' | 'map' | 'noop';
  /** Of a Redis contender that is a private server of its own kind, whatever --redis says. */
  readonly redisVariant?: 'tcp' | 'io-threads' | 'cluster';
  /** Of a Redis contender that keeps numbers as scores of a sorted set: it takes cases of counters, and no others. */
  readonly sortedSet?: true;
  /** Of a Predis contender that is bound to one engine, whatever --engine says. */
  readonly predisEngine?: 'cpu' | 'cuda';
  /** At 'device' the values of batches stay in GPU memory: such a contender takes cases that read batches, and no others. */
  readonly boundary: Boundary;
  /** Requests in flight on each connection, 1 and up; always 1 for synchronous engines. */
  readonly pipelineDepth: number;
  /** True of what answers without storing: its trials are not verified, and nothing is ever compared with it. */
  readonly floor?: true;
}

/** What the user may set about engines. Holds no secret: a password is read from its file or the environment when needed. */
export interface EngineOptions {
  /** Without `url`, a private server is started. */
  readonly redis: RedisOptions;
  readonly predis: {
    readonly engine: 'auto' | 'cpu' | 'cuda';
    /** Bytes of memory that the engine may take, index included; no limit when absent. */
    readonly memoryLimitBytes?: number;
  };
}

/** Deeper pipelines only lengthen the queue: Redis is busy long before. */
const MAX_PIPELINE_DEPTH = 10_000;
/** The depth that is listed; every other exists too. */
const LISTED_PIPELINE_DEPTH = 16;

type Networked = Omit<ContenderDefinition, 'summary' | 'pipelineDepth'>;

/** Contenders behind a socket, each with one request in flight; `<id>-p<depth>` has more. */
const networked: readonly (Networked & { readonly what: string })[] = [
  { id: 'redis', label: 'Redis', what: 'Redis through ioredis', engine: 'redis', boundary: 'socket' },
  {
    id: 'redis-tcp',
    label: 'Redis over TCP',
    what: 'a private Redis over TCP on the loopback interface',
    engine: 'redis',
    redisVariant: 'tcp',
    boundary: 'socket',
  },
  {
    id: 'redis-io',
    label: 'Redis with I/O threads',
    what: 'a private Redis with as many I/O threads as there are processors (io-threads, io-threads-do-reads)',
    engine: 'redis',
    redisVariant: 'io-threads',
    boundary: 'socket',
  },
  {
    id: 'redis-cluster',
    label: 'Redis Cluster',
    what: 'a private Redis Cluster, one master for each processor and three at least; batches parted by slot',
    engine: 'redis',
    redisVariant: 'cluster',
    boundary: 'socket',
  },
  {
    id: 'redis-zset',
    label: 'Redis sorted set',
    what: 'the same Redis with the numbers as scores of one sorted set (ZINCRBY, ZSCORE), for workloads of counters',
    engine: 'redis',
    sortedSet: true,
    boundary: 'socket',
  },
  {
    id: 'noop-resp',
    label: 'No-op server (floor, not verified)',
    what: "a server process that answers and does nothing, through Redis' client: the floor of the transport",
    engine: 'noop',
    boundary: 'socket',
    floor: true,
  },
];

function pipelined(id: string, depth: number): ContenderDefinition {
  const found = networked.find((family) => family.id === id);
  if (found === undefined) throw new Error(`no contender ${id}`);
  const { what, ...family } = found;
  return depth === 1
    ? { ...family, summary: `${what}, one request in flight on each connection`, pipelineDepth: 1 }
    : {
        ...family,
        id: `${id}-p${String(depth)}`,
        label: `${family.label}, pipelined ×${String(depth)}`,
        summary: `${what}, ${String(depth)} requests in flight on each connection`,
        pipelineDepth: depth,
      };
}

const listed = (id: string): ContenderDefinition[] => [
  pipelined(id, 1),
  pipelined(id, LISTED_PIPELINE_DEPTH),
];

/** The contenders that `predis-bench list` shows. Those behind a socket exist as `<id>-p<depth>` for every depth. */
export const contenders: readonly ContenderDefinition[] = [
  ...listed('redis'),
  ...listed('redis-tcp'),
  ...listed('redis-io'),
  ...listed('redis-cluster'),
  ...listed('redis-zset'),
  {
    id: 'predis',
    label: 'Predis',
    summary: 'The Predis engine in this process, as --engine says, through its JavaScript client',
    engine: 'predis',
    boundary: 'api',
    pipelineDepth: 1,
  },
  {
    id: 'predis-cpu',
    label: 'Predis-CPU',
    summary: 'The same with the CPU engine, whatever --engine says: beside predis, what a GPU adds',
    engine: 'predis',
    predisEngine: 'cpu',
    boundary: 'api',
    pipelineDepth: 1,
  },
  {
    id: 'predis-packed',
    label: 'Predis, packed',
    summary: 'The engine of predis through packed batches, without making strings',
    engine: 'predis',
    boundary: 'packed',
    pipelineDepth: 1,
  },
  {
    id: 'predis-packed-cpu',
    label: 'Predis-CPU, packed',
    summary: 'The same with the CPU engine, whatever --engine says',
    engine: 'predis',
    predisEngine: 'cpu',
    boundary: 'packed',
    pipelineDepth: 1,
  },
  {
    id: 'predis-device',
    label: 'Predis, to GPU memory',
    summary:
      'The CUDA engine; values of an mget stay in GPU memory, their lengths come back, and checked batches are copied back outside of any latency. All else as predis. For workloads that read by mget',
    engine: 'predis',
    predisEngine: 'cuda',
    boundary: 'device',
    pipelineDepth: 1,
  },
  {
    id: 'map',
    label: 'JavaScript Map',
    summary: 'A Map in the heap of the one worker: what leaving JavaScript costs the others',
    engine: 'map',
    boundary: 'api',
    pipelineDepth: 1,
  },
  {
    id: 'noop-api',
    label: 'No-op, API (floor, not verified)',
    summary: 'Answers strings and does nothing: what the harness costs, not an engine',
    engine: 'noop',
    boundary: 'api',
    pipelineDepth: 1,
    floor: true,
  },
  {
    id: 'noop-packed',
    label: 'No-op, packed (floor, not verified)',
    summary: 'Answers packed batches and does nothing: what the harness costs, not an engine',
    engine: 'noop',
    boundary: 'packed',
    pipelineDepth: 1,
    floor: true,
  },
  {
    id: 'noop-device',
    label: 'No-op, to GPU memory (floor, not verified)',
    summary:
      'Takes batches of keys, says that their values were delivered, and does nothing: what the harness costs, not an engine. Beside predis-device; needs no GPU',
    engine: 'noop',
    boundary: 'device',
    pipelineDepth: 1,
    floor: true,
  },
  ...listed('noop-resp'),
];

/** What `--contenders ladder` stands for: every boundary with its controls. */
export const ladder: readonly ContenderDefinition[] = contenders;

/**
 * The contender with this name.
 *
 * @throws BenchError UNKNOWN_CONTENDER with the nearest name, PARAMETER_OUT_OF_RANGE for a pipeline depth out of range
 */
export function findContender(id: string): ContenderDefinition {
  const found = contenders.find((contender) => contender.id === id);
  if (found !== undefined) return found;
  const [, family, depth] = /^(.+)-p(\d+)$/.exec(id) ?? [];
  if (family !== undefined && depth !== undefined && networked.some((one) => one.id === family)) {
    const number = Number(depth);
    if (number < 1 || number > MAX_PIPELINE_DEPTH || String(number) !== depth) {
      throw new BenchError(
        'PARAMETER_OUT_OF_RANGE',
        `The pipeline depth of ${id} must be a whole number from 1 to ${String(MAX_PIPELINE_DEPTH)} requests.`,
      );
    }
    return number === 1 ? findContender(family) : pipelined(family, number);
  }
  const names = contenders.map((contender) => contender.id);
  const nearest = nearestName(id, names);
  throw new BenchError(
    'UNKNOWN_CONTENDER',
    nearest === null
      ? `There is no contender "${id}"; there are ${names.join(', ')}.`
      : `There is no contender "${id}". Did you mean ${nearest}?`,
  );
}

/**
 * Why a contender cannot take a case, as the end of a sentence that begins with its name; null when it can.
 *
 * @param needs.workers threads that drive the case; `counters`: it reads and increments integers, and nothing else
 */
export function refusalOf(
  contender: Pick<ContenderDefinition, 'engine' | 'sortedSet'>,
  needs: { readonly workers: number; readonly counters: boolean },
): string | null {
  if (contender.engine === 'map' && needs.workers > 1) return 'lives in the heap of one worker thread';
  return contender.sortedSet && !needs.counters
    ? 'keeps nothing but numbers, as scores of a sorted set'
    : null;
}

/** Contenders run one after another, so those with the same server share it; the last one to close ends it. */
const redisServers = new SharedResource<RedisServer>();
const redisClusters = new SharedResource<RedisCluster>();
const noopServers = new SharedResource<NoopServer>();

/**
 * Starts the engine of a contender, or joins the one that another contender has started already. On the main thread.
 *
 * @param contender `boundary` is the engine's usual one when it is left out
 * @throws BenchError when it cannot be started or reached
 */
export async function createEngine(
  contender: Pick<ContenderDefinition, 'engine' | 'predisEngine' | 'redisVariant' | 'sortedSet'> & {
    readonly boundary?: Boundary;
  },
  options: EngineOptions,
): Promise<Engine> {
  const { engine, boundary, redisVariant } = contender;
  switch (engine) {
    case 'redis':
      return redisVariant === undefined
        ? createRedisEngine(options.redis, contender.sortedSet)
        : createRedisVariant(redisVariant);
    case 'predis':
      if (boundary === 'device') return new PredisDeviceEngine(options.predis);
      return new PredisEngine(
        { ...options.predis, engine: contender.predisEngine ?? options.predis.engine },
        boundary === 'packed' ? 'packed' : 'api',
      );
    case 'map':
      return new MapEngine();
    case 'noop':
      return boundary === 'socket' ? createNoopServerEngine() : new NoopEngine(boundary ?? 'api');
  }
}

async function createRedisEngine(options: RedisOptions, sortedSet?: true): Promise<Engine> {
  const { url } = options;
  const { resource, release } = await redisServers.acquire(JSON.stringify(options), () =>
    url === undefined ? RedisServer.start() : RedisServer.join(readConnectionSettings({ ...options, url })),
  );
  return sortedSet ? new RedisSortedSetEngine(resource, release) : new RedisEngine(resource, release);
}

async function createRedisVariant(
  variant: NonNullable<ContenderDefinition['redisVariant']>,
): Promise<Engine> {
  if (variant === 'cluster') {
    const masters = mastersForThisMachine();
    const { resource, release } = await redisClusters.acquire(variant, () => RedisCluster.start(masters));
    return new RedisClusterEngine(resource, release);
  }
  const server = variant === 'tcp' ? { transport: variant } : { ioThreads: ioThreadsForThisMachine() };
  const { resource, release } = await redisServers.acquire(variant, () => RedisServer.start(server));
  return new RedisEngine(resource, release);
}

async function createNoopServerEngine(): Promise<Engine> {
  const { resource, release } = await noopServers.acquire('noop', () => NoopServer.start());
  return NoopServerEngine.open(resource, release);
}
