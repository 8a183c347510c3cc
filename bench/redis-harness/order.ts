import type { Redis } from 'ioredis';
import type { RedisConnectionSettings } from '../../src/engines/redis/connection-settings.js';
import { readInfo } from '../../src/engines/redis/server-facts.js';

/** What a worker of the harness bench is told. */
export interface HarnessOrder {
  readonly settings: RedisConnectionSettings;
  readonly connections: number;
  /** Requests in flight on each connection. */
  readonly depth: number;
  readonly keys: number;
  readonly valueBytes: number;
  readonly seed: number;
  readonly durationMs: number;
}

export interface HarnessAnswer {
  readonly ratePerSecond: number;
  /** Processor time of the whole process over elapsed time: 1 is one core. */
  readonly processCpuShare: number;
  /** The same of Redis, over the same time. */
  readonly redisCpuShare: number;
}

/** The keys that `redis-benchmark -t get -r` asks for. */
export function harnessKey(index: number): string {
  return `key:${String(index).padStart(12, '0')}`;
}

/** Processor milliseconds that Redis has used, by its own account (INFO cpu). */
export async function redisCpuMs(redis: Redis): Promise<number> {
  const info = await readInfo(redis, 'cpu');
  return (Number(info.get('used_cpu_user') ?? 0) + Number(info.get('used_cpu_sys') ?? 0)) * 1000;
}
