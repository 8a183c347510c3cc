/** The replacement policies that are simulated, by name. */
import { Clock } from './clock.js';
import { Fifo } from './fifo.js';
import { Lru } from './lru.js';
import { Sieve } from './sieve.js';

/** A cache of a number of equal slots that is filled on demand: an access to a key that is not there puts it there. */
export interface OnlineCache {
  /** @param key dense index; @returns whether it was there */
  access(key: number): boolean;
}

/** All policies, in the order in which they are shown; MIN knows the future. */
export const policyNames = ['LRU', 'FIFO', 'CLOCK', 'SIEVE', 'MIN'] as const;
export type PolicyName = (typeof policyNames)[number];

/** Policies that decide by the past alone. @param keys number of different keys; @param slots 1 and up */
export const onlinePolicies: Readonly<
  Record<Exclude<PolicyName, 'MIN'>, (keys: number, slots: number) => OnlineCache>
> = {
  LRU: (keys, slots) => new Lru(keys, slots),
  FIFO: (keys, slots) => new Fifo(keys, slots),
  CLOCK: (keys, slots) => new Clock(keys, slots),
  SIEVE: (keys, slots) => new Sieve(keys, slots),
};
