/** Hit ratio over time where a cache was simulated. */
import type { Summary } from '../../analysis/summary.js';
import { cacheCharts } from '../charts/cache-specs.js';
import { displayText, formatCount, formatPercent } from '../format.js';
import { datum, type Datum } from './cells.js';
import type { StillChart } from './curves.js';

export interface CacheView {
  readonly charts: readonly StillChart[];
  readonly tables: readonly {
    readonly caption: string;
    readonly parts: readonly string[];
    readonly rows: readonly {
      readonly size: string;
      readonly policy: string;
      readonly slots: Datum | null;
      readonly hitRatio: Datum | null;
      readonly cells: readonly (Datum | null)[];
    }[];
  }[];
}

/** @param images data URLs by chart id */
export function cacheView(summary: Summary, images: ReadonlyMap<string, string>): CacheView {
  return {
    charts: cacheCharts(summary).map((spec) => ({ spec, image: images.get(spec.id) ?? null })),
    tables: summary.cacheSimulations.map(({ trace, fileName, curves }, index) => ({
      caption: `Hit ratio in ${displayText(trace.file, 80)} (SHA-256 ${trace.sha256}), simulated: ${displayText(fileName, 80)}`,
      parts: (curves[0]?.parts ?? []).map(
        (_, part, all) => `Part ${String(part + 1)} of ${String(all.length)}`,
      ),
      rows: curves.map(({ size, policy, slots, hitRatio, parts }, at) => {
        const ref = `/cacheSimulations/${String(index)}/curves/${String(at)}`;
        return {
          size: displayText(size, 20),
          policy: displayText(policy, 40),
          slots: datum(slots, `${ref}/slots`, formatCount),
          hitRatio: datum(hitRatio, `${ref}/hitRatio`, formatPercent),
          cells: parts.map((share, part) => datum(share, `${ref}/parts/${String(part)}`, formatPercent)),
        };
      }),
    })),
  };
}
