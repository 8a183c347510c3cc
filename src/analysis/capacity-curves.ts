/** Latency against load, as the probes of a capacity search saw it. */
import type { CapacitySearch, MeasuredTrial } from '../results/schema.js';
import { medianInterval } from '../stats/index.js';
import type { CaseSummary, Interval } from './summary.js';

export interface CapacityPoint {
  /** Operations a second, or clients. */
  readonly load: number;
  /** Of the statistic that the objective names; median over the probes at this load, one or more a trial. */
  readonly latencyNs: Interval;
  readonly probes: number;
  /** Probes in which the objective held. */
  readonly held: number;
}

export interface CapacityCurve {
  readonly caseId: string;
  readonly contender: string;
  readonly label: string;
  readonly search: CapacitySearch['search'];
  readonly statistic: CapacitySearch['objective']['statistic'];
  readonly limitNs: number;
  /** Ascending in load. */
  readonly points: readonly CapacityPoint[];
  /** Index of the first point at which half of the probes or more missed the objective; null: at none. */
  readonly degradesAt: number | null;
}

/** @param confidence of the intervals, in (0, 1); loads that a bisection met once have none */
export function capacityCurves(
  cases: readonly CaseSummary[],
  measuredOf: (caseId: string, contender: string) => readonly MeasuredTrial[],
  search: CapacitySearch | null,
  confidence: number,
): CapacityCurve[] {
  if (search === null) return [];
  const { objective } = search;
  return cases.flatMap((row) =>
    row.contenders.flatMap(({ id, label }): CapacityCurve[] => {
      const probes = measuredOf(row.id, id).flatMap(
        ({ measurements }) => measurements.capacity?.probes ?? [],
      );
      const loads = [...new Set(probes.map(({ load }) => load))].toSorted((a, b) => a - b);
      const points = loads.map((load) => {
        const here = probes.filter((probe) => probe.load === load);
        const { estimate, low, high } = medianInterval(
          here.map(({ latencyNs }) => latencyNs),
          { confidence },
        );
        return {
          load,
          latencyNs: { estimate, low, high },
          probes: here.length,
          held: here.filter(({ held }) => held).length,
        };
      });
      if (points.length === 0) return [];
      const degrades = points.findIndex(({ probes: count, held }) => 2 * held <= count);
      return [
        {
          ...{ caseId: row.id, contender: id, label, points },
          ...{ search: search.search, statistic: objective.statistic, limitNs: objective.limitNs },
          degradesAt: degrades === -1 ? null : degrades,
        },
      ];
    }),
  );
}
