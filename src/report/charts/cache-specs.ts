/** Hit ratio over the course of a trace: one chart a trace and cache size. */
import type { CacheSimulationSummary } from '../../analysis/cache-simulations.js';
import type { Summary } from '../../analysis/summary.js';
import { displayText, formatCount, formatPercent } from '../format.js';
import type { ChartSpec } from './spec.js';

export function cacheCharts(summary: Summary): readonly ChartSpec[] {
  return summary.cacheSimulations.flatMap((simulation, index) =>
    [...new Set(simulation.curves.map(({ size }) => size))].map((size, place) =>
      cacheChart(simulation, size, `cache-${String(index + 1)}-${String(place + 1)}`),
    ),
  );
}

function cacheChart({ trace, curves }: CacheSimulationSummary, size: string, id: string): ChartSpec {
  const shown = curves.filter((curve) => curve.size === size);
  const policies = [...new Set(curves.map(({ policy }) => policy))];
  const windows = shown[0]?.windows.length ?? 0;
  return {
    id,
    form: 'profile',
    title: `Hit ratio over time: ${displayText(trace.file, 60)}, cache of ${displayText(size, 20)}`,
    subtitle: `All requests of the trace in ${formatCount(windows)} equal parts, ${formatCount(trace.accesses)} accesses to ${formatCount(trace.keys)} keys · ${formatCount(shown[0]?.slots ?? 0)} slots, empty at first · a simulation without chance, so there is no interval`,
    alt: `Hit ratio of each cache policy over the course of the trace, for a cache of ${displayText(size, 20)}. The table below holds the same in fifths of the trace.`,
    howToRead:
      'Left to right is the course of the trace, and the height is the share of the accesses of each part that the cache would have answered; higher is better, the beginning is cold, and MIN, which knows the future, bounds all others over the whole trace.',
    axis: { label: 'Hit ratio', scale: 'linear', unit: 'share', reference: null },
    rows: Array.from({ length: windows }, (_, window) => formatPercent((window + 1) / windows)),
    rowTitle: 'Part of the trace',
    series: shown.map(({ policy }) => ({
      label: displayText(policy, 40),
      colour: policies.indexOf(policy),
      marker: policies.indexOf(policy),
    })),
    marks: shown.flatMap((curve, series) =>
      curve.windows.map((value, row) => ({
        ...{ row, series, value },
        low: null,
        high: null,
        trials: [],
        label: '',
        details: [`to ${formatPercent((row + 1) / windows)} of the trace`, formatPercent(value)],
      })),
    ),
  };
}
