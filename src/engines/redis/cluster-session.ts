import type { EngineSession } from '../engine.js';
import type { RedisConnectionSettings } from './connection-settings.js';
import { CLUSTER_SLOTS, keySlot, slotsOfNode } from './key-slot.js';
import { RedisSession } from './redis-session.js';

/**
 * One connection to each node of a cluster as a session. It knows which node has which slot, as any cluster client does after
 * its first look, so that no request is redirected.
 *
 * A cluster refuses commands on keys of several slots. A batch is therefore parted by slot, into one MGET or MSET a slot (GET or
 * SET where it has one key); all parts are in flight at once, those for one node leave in one write, and the batch is answered
 * when the last part is. It is thus not atomic, unlike a batch on one server.
 */
export class RedisClusterSession implements EngineSession {
  readonly #nodes: readonly RedisSession[];
  /** Session of each slot. */
  readonly #bySlot: readonly RedisSession[];

  private constructor(nodes: readonly RedisSession[]) {
    this.#nodes = nodes;
    this.#bySlot = nodes.flatMap((node, index) => {
      const { first, end } = slotsOfNode(index, nodes.length);
      return new Array<RedisSession>(end - first).fill(node);
    });
    if (this.#bySlot.length !== CLUSTER_SLOTS) throw new RangeError('a cluster has one node at least');
  }

  /**
   * @param settings of the nodes, in the order in which they share the slots
   * @throws BenchError as `openConnection`
   */
  static async open(settings: readonly RedisConnectionSettings[]): Promise<RedisClusterSession> {
    const opened = await Promise.allSettled(settings.map((node) => RedisSession.open(node, '')));
    const nodes = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failure = opened.find((result) => result.status === 'rejected');
    if (failure !== undefined) {
      await Promise.all(nodes.map((node) => node.close()));
      throw failure.reason;
    }
    return new RedisClusterSession(nodes);
  }

  get(key: string): Promise<string | null> {
    return this.#nodeOf(keySlot(key)).get(key);
  }

  put(key: string, value: string): Promise<void> {
    return this.#nodeOf(keySlot(key)).put(key, value);
  }

  delete(key: string): Promise<boolean> {
    return this.#nodeOf(keySlot(key)).delete(key);
  }

  increment(key: string, by: number): Promise<string> {
    return this.#nodeOf(keySlot(key)).increment(key, by);
  }

  mget(keys: readonly string[]): Promise<(string | null)[]> {
    const answer = new Array<string | null>(keys.length).fill(null);
    const parts: Promise<void>[] = [];
    for (const [slot, places] of placesBySlot(keys)) {
      const node = this.#nodeOf(slot);
      const [first = 0] = places;
      if (places.length === 1) {
        parts.push(
          node.get(keys[first] ?? '').then((value) => {
            answer[first] = value;
          }),
        );
        continue;
      }
      parts.push(
        node.mget(places.map((place) => keys[place] ?? '')).then((values) => {
          for (const [index, place] of places.entries()) answer[place] = values[index] ?? null;
        }),
      );
    }
    return Promise.all(parts).then(() => answer);
  }

  mput(keys: readonly string[], values: readonly string[]): Promise<void> {
    const parts: Promise<void>[] = [];
    for (const [slot, places] of placesBySlot(keys)) {
      const node = this.#nodeOf(slot);
      const [first = 0] = places;
      parts.push(
        places.length === 1
          ? node.put(keys[first] ?? '', values[first] ?? '')
          : node.mput(
              places.map((place) => keys[place] ?? ''),
              places.map((place) => values[place] ?? ''),
            ),
      );
    }
    return Promise.all(parts).then(() => undefined);
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
  }

  #nodeOf(slot: number): RedisSession {
    const node = this.#bySlot[slot];
    if (node === undefined) throw new RangeError(`there is no slot ${String(slot)}`);
    return node;
  }
}

/** Places of the keys of each slot, in the order of the keys. */
function placesBySlot(keys: readonly string[]): Map<number, number[]> {
  const bySlot = new Map<number, number[]>();
  for (let place = 0; place < keys.length; place++) {
    const slot = keySlot(keys[place] ?? '');
    const places = bySlot.get(slot);
    if (places === undefined) bySlot.set(slot, [place]);
    else places.push(place);
  }
  return bySlot;
}
