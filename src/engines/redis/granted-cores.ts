import { availableParallelism } from 'node:os';

/** redis-server refuses more. */
const MAX_IO_THREADS = 128;
/** Redis Cluster asks for three masters at least; beyond the upper bound the clients' connections would be what is measured. */
const FEWEST_MASTERS = 3;
const MOST_MASTERS = 64;

/** I/O threads for a Redis that shall use the whole machine: as many as this process may use processors. */
export function ioThreadsForThisMachine(cores: number = availableParallelism()): number {
  return Math.min(Math.max(1, cores), MAX_IO_THREADS);
}

/** Masters of a cluster that shall use the whole machine: one a processor, three at least. */
export function mastersForThisMachine(cores: number = availableParallelism()): number {
  return Math.min(Math.max(FEWEST_MASTERS, cores), MOST_MASTERS);
}
