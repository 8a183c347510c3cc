import { BenchError } from '../errors.js';
import { nearestName } from '../support/nearest.js';
import { MapEngine } from './controls/map.js';
import type { Boundary, Engine } from './engine.js';
import { PredisEngine } from './predis.js';
import { readConnectionSettings, type RedisOptions } from './redis/connection-settings.js';
import { RedisEngine } from './redis/redis-engine.js';
import { RedisServer } from './redis/redis-server.js';
import { SharedResource } from './shared-resource.js';

/** One of the things compared: an engine and how it is driven. */
export interface ContenderDefinition {
  /** What is typed after `--contenders`, and the key of its trials in a result file. */
  readonly id: string;
  /** For charts and tables. */
  readonly label: string;
  /** One line for people. */
  readonly summary: string;
  readonly engine: 'redis' | 'predis' | 'map';
  /** Of a Predis contender that is bound to one engine, whatever --engine says. */
  readonly predisEngine?: 'cpu';
  readonly boundary: Boundary;
  /** Requests in flight on each connection, 1 and up; always 1 for synchronous engines. */
  readonly pipelineDepth: number;
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

const REDIS: ContenderDefinition = {
  id: 'redis',
  label: 'Redis',
  summary: 'Redis through ioredis, one request in flight on each connection',
  engine: 'redis',
  boundary: 'socket',
  pipelineDepth: 1,
};

/** The contenders that `predis-bench list` shows. `redis-p<depth>` exists for every depth. */
export const contenders: readonly ContenderDefinition[] = [
  REDIS,
  pipelinedRedis(16),
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
    id: 'map',
    label: 'JavaScript Map',
    summary: 'A Map in the heap of the one worker: what leaving JavaScript costs the others',
    engine: 'map',
    boundary: 'api',
    pipelineDepth: 1,
  },
];

function pipelinedRedis(depth: number): ContenderDefinition {
  return {
    ...REDIS,
    id: `redis-p${String(depth)}`,
    label: `Redis, pipelined ×${String(depth)}`,
    summary: `Redis through ioredis, ${String(depth)} requests in flight on each connection`,
    pipelineDepth: depth,
  };
}

/**
 * The contender with this name.
 *
 * @throws BenchError UNKNOWN_CONTENDER with the nearest name, PARAMETER_OUT_OF_RANGE for a pipeline depth out of range
 */
export function findContender(id: string): ContenderDefinition {
  const listed = contenders.find((contender) => contender.id === id);
  if (listed !== undefined) return listed;
  const depth = /^redis-p(\d+)$/.exec(id)?.[1];
  if (depth !== undefined) {
    const number = Number(depth);
    if (number < 1 || number > MAX_PIPELINE_DEPTH || String(number) !== depth) {
      throw new BenchError(
        'PARAMETER_OUT_OF_RANGE',
        `The pipeline depth of ${id} must be a whole number from 1 to ${String(MAX_PIPELINE_DEPTH)} requests.`,
      );
    }
    return number === 1 ? REDIS : pipelinedRedis(number);
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

/** Contenders run one after another, so those with the same server share it; the last one to close ends it. */
const redisServers = new SharedResource<RedisServer>();

/**
 * Starts the engine of a contender, or joins the one that another contender has started already. On the main thread.
 *
 * @throws BenchError when it cannot be started or reached
 */
export async function createEngine(
  contender: Pick<ContenderDefinition, 'engine' | 'predisEngine'>,
  options: EngineOptions,
): Promise<Engine> {
  switch (contender.engine) {
    case 'redis':
      return createRedisEngine(options.redis);
    case 'predis':
      return new PredisEngine({ ...options.predis, engine: contender.predisEngine ?? options.predis.engine });
    case 'map':
      return new MapEngine();
  }
}

async function createRedisEngine(options: RedisOptions): Promise<Engine> {
  const { url } = options;
  const { resource, release } = await redisServers.acquire(JSON.stringify(options), () =>
    url === undefined ? RedisServer.start() : RedisServer.join(readConnectionSettings({ ...options, url })),
  );
  return new RedisEngine(resource, release);
}
