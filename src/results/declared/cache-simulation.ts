/** What `predis-bench cachesim --json` prints, and `predis-bench report --cachesim` reads. */
import type { Static } from 'typebox';
import { Type } from '../../support/json-schema.js';
import { closed, count, nullable, sha256 } from '../schema-parts.js';

export const CACHE_SIMULATION_FORMAT = 'predis-bench-cache-simulation';

const share = Type.Number({ minimum: 0, maximum: 1 });

export const CacheSimulationSchema = closed(
  {
    format: Type.Literal(CACHE_SIMULATION_FORMAT),
    schemaVersion: Type.Literal(1),
    trace: closed({
      file: Type.String(),
      bytes: count(),
      sha256,
      format: Type.String(),
      compression: Type.String(),
      accesses: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
      requests: count(),
      keys: count(),
      complete: Type.Boolean(),
      timed: Type.Boolean(),
      skew: nullable(
        closed({ hottestKeyShare: share, hottestPercentShare: share, onceAccessedKeyShare: share }),
      ),
    }),
    windowAccesses: Type.Array(Type.Integer({ minimum: 1 }), {
      minItems: 1,
      maxItems: 1000,
      description: 'Accesses in each of the equal parts of the trace, in order',
    }),
    results: Type.Array(
      closed({
        policy: Type.String({ minLength: 1, maxLength: 40 }),
        size: Type.String({ minLength: 1, maxLength: 40, description: 'As asked for' }),
        fraction: nullable(Type.Number({ minimum: 0 })),
        slots: count(),
        hits: count(),
        misses: count(),
        hitRatio: share,
        windowHits: Type.Array(count(), { description: 'Hits in each of those parts' }),
      }),
      { minItems: 1, maxItems: 1000 },
    ),
  },
  'Hit ratios of cache policies over a recorded trace',
);

export type CacheSimulation = Static<typeof CacheSimulationSchema>;

/** What the schema cannot say; null when all counts agree, otherwise the JSON pointer of the place and what is wrong. */
export function cacheSimulationProblem({ trace, windowAccesses, results }: CacheSimulation): string | null {
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  if (sum(windowAccesses) !== trace.accesses) return '/windowAccesses does not add up to /trace/accesses';
  for (const [index, { hits, misses, hitRatio, windowHits }] of results.entries()) {
    const place = `/results/${String(index)}`;
    if (hits + misses !== trace.accesses)
      return `${place}: hits and misses are not the accesses of the trace`;
    if (Math.abs(hitRatio - hits / trace.accesses) > 1e-9)
      return `${place}/hitRatio is not hits over accesses`;
    if (windowHits.length !== windowAccesses.length) return `${place}/windowHits has other windows`;
    if (sum(windowHits) !== hits) return `${place}/windowHits does not add up to hits`;
    const beyond = windowHits.findIndex((inWindow, at) => inWindow > (windowAccesses[at] ?? 0));
    if (beyond !== -1) return `${place}/windowHits/${String(beyond)} is more than was accessed`;
  }
  return null;
}
