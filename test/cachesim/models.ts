/** The policies in a few lines each, slow and plain: what the fast ones are held against. Each gives the number of hits. */

export type Model = (keys: readonly number[], slots: number) => number;

const lru: Model = (keys, slots) => {
  const cache: number[] = []; // the most recent last
  let hits = 0;
  for (const key of keys) {
    const at = cache.indexOf(key);
    if (at >= 0) {
      hits++;
      cache.splice(at, 1);
    } else if (cache.length === slots) {
      cache.shift();
    }
    cache.push(key);
  }
  return hits;
};

const fifo: Model = (keys, slots) => {
  const cache: number[] = []; // the oldest first
  let hits = 0;
  for (const key of keys) {
    if (cache.includes(key)) {
      hits++;
      continue;
    }
    if (cache.length === slots) cache.shift();
    cache.push(key);
  }
  return hits;
};

/** As a queue that gives a second chance, which is the same as a hand on a ring. */
const clock: Model = (keys, slots) => {
  const cache: { key: number; referenced: boolean }[] = [];
  let hits = 0;
  for (const key of keys) {
    const found = cache.find((entry) => entry.key === key);
    if (found !== undefined) {
      hits++;
      found.referenced = true;
      continue;
    }
    while (cache.length === slots) {
      const oldest = cache.shift();
      if (oldest?.referenced === true) cache.push({ key: oldest.key, referenced: false });
    }
    cache.push({ key, referenced: false });
  }
  return hits;
};

/** Algorithm 1 of the paper: the hand moves from the tail, where the oldest is, to the head. */
const sieve: Model = (keys, slots) => {
  const cache: { key: number; visited: boolean }[] = []; // the tail first
  let hand: number | null = null;
  let hits = 0;
  for (const key of keys) {
    const found = cache.find((entry) => entry.key === key);
    if (found !== undefined) {
      hits++;
      found.visited = true;
      continue;
    }
    if (cache.length === slots) {
      let at: number = hand !== null && hand < cache.length ? hand : 0;
      for (let entry = cache[at]; entry?.visited === true; entry = cache[at]) {
        entry.visited = false;
        at = (at + 1) % cache.length;
      }
      cache.splice(at, 1);
      hand = at; // where the next newer one is now
      if (hand === cache.length) hand = null; // the head went: from the tail again
    }
    cache.push({ key, visited: false });
  }
  return hits;
};

/** The best that any choice of victims can do, where each key that is asked for must be taken in: all choices are tried. */
const min: Model = (keys, slots) => {
  const best = (from: number, cache: ReadonlySet<number>): number => {
    const key = keys[from];
    if (key === undefined) return 0;
    if (cache.has(key)) return 1 + best(from + 1, cache);
    const grown = new Set(cache).add(key);
    if (cache.size < slots) return best(from + 1, grown);
    let most = 0;
    for (const victim of cache) {
      const left = new Set(grown);
      left.delete(victim);
      most = Math.max(most, best(from + 1, left));
    }
    return most;
  };
  return best(0, new Set());
};

/** The key with the farthest next use makes room: next uses are looked for anew each time. */
const farthest: Model = (keys, slots) => {
  let cache: number[] = [];
  let hits = 0;
  keys.forEach((key, at) => {
    if (cache.includes(key)) {
      hits++;
      return;
    }
    if (cache.length === slots) {
      const nextUses = cache.map((cached) => {
        const next = keys.indexOf(cached, at + 1);
        return next < 0 ? Infinity : next;
      });
      const victim = cache[nextUses.indexOf(Math.max(...nextUses))];
      cache = cache.filter((cached) => cached !== victim);
    }
    cache.push(key);
  });
  return hits;
};

export const models = { LRU: lru, FIFO: fifo, CLOCK: clock, SIEVE: sieve, MIN: farthest };
export const minByAllChoices = min;
