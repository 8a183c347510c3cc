/** Hit ratios over the course of recorded traces, as `predis-bench cachesim` simulated them. */
import type { CacheSimulation } from '../results/declared/cache-simulation.js';
import type { Declared } from '../results/declared/read.js';

/** Parts of the trace that the table shows. */
const PARTS = 5;

export interface CacheCurve {
  readonly policy: string;
  /** As asked for: '1%' of the keys, or a number of slots. */
  readonly size: string;
  readonly slots: number;
  /** Of the whole trace. */
  readonly hitRatio: number;
  /** In each of the equal windows of the trace, in order. */
  readonly windows: readonly number[];
  /** The same in fifths of the trace. */
  readonly parts: readonly number[];
}

export interface CacheSimulationSummary {
  readonly fileName: string;
  readonly sha256: string;
  readonly trace: {
    readonly file: string;
    readonly sha256: string;
    readonly accesses: number;
    readonly keys: number;
    readonly complete: boolean;
  };
  /** By size, then policy, as they were asked for. */
  readonly curves: readonly CacheCurve[];
}

export function summariseCacheSimulations(
  files: readonly Declared<CacheSimulation>[],
): CacheSimulationSummary[] {
  return files.map(({ fileName, sha256, content: { trace, windowAccesses, results } }) => {
    const sizes = [...new Set(results.map(({ size }) => size))];
    const windows = windowAccesses.length;
    const parts = Math.min(PARTS, windows);
    return {
      ...{ fileName, sha256 },
      trace: {
        file: trace.file,
        sha256: trace.sha256,
        accesses: trace.accesses,
        keys: trace.keys,
        complete: trace.complete,
      },
      curves: sizes.flatMap((wanted) =>
        results
          .filter(({ size }) => size === wanted)
          .map(({ policy, size, slots, hitRatio, windowHits }) => ({
            ...{ policy, size, slots, hitRatio },
            windows: windowHits.map((hits, window) =>
              ratio([hits], windowAccesses.slice(window, window + 1)),
            ),
            parts: Array.from({ length: parts }, (_, part) => {
              const [from, to] = [
                Math.floor((part * windows) / parts),
                Math.floor(((part + 1) * windows) / parts),
              ];
              return ratio(windowHits.slice(from, to), windowAccesses.slice(from, to));
            }),
          })),
      ),
    };
  });
}

function ratio(hits: readonly number[], accesses: readonly number[]): number {
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  const all = sum(accesses);
  return all === 0 ? 0 : sum(hits) / all;
}
