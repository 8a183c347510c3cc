/** Counting how often something happens in simulated sessions, beside what was promised of it. */
import { binomialInterval, type BinomialInterval } from '../src/stats/index.js';
import { createRandom, type RandomSource } from '../src/support/random.js';

const INTERVAL_CONFIDENCE = 0.99;

export interface RateRow {
  readonly name: string;
  readonly events: number;
  readonly sessions: number;
  /** What was promised: a rate of at most, or of at least, `bound`. */
  readonly promise: 'at most' | 'at least';
  readonly bound: number;
  /** Exact, 99 %. */
  readonly interval: BinomialInterval;
  /** False when the whole interval lies on the wrong side of the bound. */
  readonly held: boolean;
}

export interface RateOptions {
  /** Simulated sessions of each row. */
  readonly sessions: number;
  readonly seed: number;
  /** Rows whose name contains this; default all. */
  readonly only?: string;
}

export interface Row {
  readonly name: string;
  readonly promise: RateRow['promise'];
  readonly bound: number;
  /** Whether the event happened in one session, null where nothing was promised; called with a source of its own for each. */
  readonly happens: (random: RandomSource, session: number) => boolean | null;
  /** Where nothing may ever be promised, which breaks no promise. */
  readonly mayPromiseNothing?: true;
}

/** Counts how often the event of each row happens; a row in which nothing was ever promised is broken. */
export function countRows(rows: readonly Row[], { sessions, seed, only = '' }: RateOptions): RateRow[] {
  const wanted = rows.filter(({ name }) => name.includes(only));
  return wanted.map(({ name, promise, bound, happens, mayPromiseNothing }, index): RateRow => {
    let events = 0;
    let promised = 0;
    for (let session = 0; session < sessions; session++) {
      const happened = happens(createRandom(seed + session, index), session);
      if (happened !== null) promised++;
      if (happened === true) events++;
    }
    const interval = binomialInterval(events, Math.max(1, promised), { confidence: INTERVAL_CONFIDENCE });
    const kept = promise === 'at most' ? interval.low <= bound : interval.high >= bound;
    const held = promised > 0 ? kept : mayPromiseNothing === true;
    return { name, events, sessions: promised, promise, bound, interval, held };
  });
}
