import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';

/**
 * What this tool writes on a server that somebody else runs: every key of a run begins with `predis-bench:<id>:`, and
 * nothing that begins otherwise is ever touched, flushed or read, save `RUNS_KEY`.
 *
 * A run that is killed outright (`kill -9`) cannot clean up. So each run signs itself in a set under `RUNS_KEY` and holds a
 * lease, a key of its own that expires unless it is renewed; the next run on that server removes what belongs to runs whose
 * lease is gone. The lease is long, so that a suspended run does not lose its data to a neighbour.
 */
const RUNS_KEY = 'predis-bench:runs';
const LEASE_SECONDS = 900;
const LEASE_RENEWAL_MS = 120_000;
const ID_PATTERN = /^[0-9a-f]{8}$/;

const SCAN_COUNT = 2_000;

export const prefixOf = (id: string): string => `predis-bench:${id}:`;
const leaseOf = (id: string): string => `predis-bench:lease:${id}`;

/** The namespace of one run on one server. */
export interface PrefixLease {
  /** Ends with a colon and holds no character that is special in a pattern. */
  readonly prefix: string;
  /** Removes every key under the prefix and signs the run out. */
  release(): Promise<void>;
}

/**
 * Signs a run in under a new prefix, and removes what earlier runs left that can no longer do it themselves.
 *
 * @param redis used until `release`; the timer that renews the lease does not keep the process alive
 */
export async function acquirePrefix(redis: Redis): Promise<PrefixLease> {
  await removeLeftovers(redis);
  const id = randomBytes(4).toString('hex');
  const renew = (): Promise<unknown> => redis.set(leaseOf(id), '1', 'EX', LEASE_SECONDS);
  await renew();
  // A probe: a server that refuses to write or to remove must say so before anything is measured.
  await redis.set(`${prefixOf(id)}probe`, '1');
  await redis.unlink(`${prefixOf(id)}probe`);
  await redis.sadd(RUNS_KEY, id);
  // A renewal that fails shows in the measurement itself; it has nothing to add.
  const timer = setInterval(() => void renew().catch(() => undefined), LEASE_RENEWAL_MS);
  timer.unref();
  return {
    prefix: prefixOf(id),
    release: async () => {
      clearInterval(timer);
      await removePrefix(redis, prefixOf(id));
      await redis.unlink(leaseOf(id));
      await redis.srem(RUNS_KEY, id);
    },
  };
}

/**
 * Removes every key under a prefix: SCAN, which never blocks the server for long, and UNLINK, which frees in the background.
 * Its cost grows with all keys of the database, so a database of one's own (`redis://host/5`) makes it cheap.
 */
export async function removePrefix(redis: Redis, prefix: string): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', SCAN_COUNT);
    if (keys.length > 0) await redis.unlink(...keys);
    cursor = next;
  } while (cursor !== '0');
}

async function removeLeftovers(redis: Redis): Promise<void> {
  for (const id of await redis.smembers(RUNS_KEY)) {
    if (!ID_PATTERN.test(id) || (await redis.exists(leaseOf(id))) > 0) continue;
    await removePrefix(redis, prefixOf(id));
    await redis.srem(RUNS_KEY, id);
  }
}
