/** Latencies over time as charts: one a case, a panel a contender. */
import { SHARE_LEVELS } from '../../analysis/latency-over-time.js';
import type { Summary } from '../../analysis/summary.js';
import { bucketFloorNs, LATENCY_BUCKETS } from '../../results/latency-intervals.js';
import { formatNumber } from '../format.js';
import { contenderNames, trialCounts } from './marks.js';
import type { ChartSpec } from './spec.js';

/** What the levels say: "under 0.01 %", "0.01 % and more", … of the requests of a moment. */
export function shareLegend(): readonly string[] {
  const text = (share: number): string => `${formatNumber(share * 100)} %`;
  return SHARE_LEVELS.map((share, level) => {
    const next = SHARE_LEVELS[level + 1];
    if (level === 0) return `under ${text(next ?? 1)}`;
    return next === undefined ? `${text(share)} and more` : `${text(share)} to ${text(next)}`;
  });
}

/** No chart where no trial recorded latencies by interval. */
export function heatChart(summary: Summary, index: number, slug: string): readonly ChartSpec[] {
  const oneCase = summary.cases[index];
  const names = contenderNames(summary);
  const panels = (oneCase?.contenders ?? []).flatMap(({ id, latencyOverTime }) =>
    latencyOverTime === null ? [] : [{ label: names.get(id) ?? '', ...latencyOverTime }],
  );
  if (oneCase === undefined || panels.length === 0) return [];
  const from = Math.min(...panels.map(({ edgesNs }) => edgesNs[0] ?? Infinity));
  const to = Math.max(...panels.map(({ edgesNs }) => edgesNs.at(-1) ?? 0));
  const edgesNs = Array.from({ length: LATENCY_BUCKETS + 1 }, (_, bucket) => bucketFloorNs(bucket)).filter(
    (edge) => edge >= from && edge <= to,
  );
  const padded = (levels: string, own: readonly number[]): string => {
    const below = edgesNs.indexOf(own[0] ?? from);
    const above = edgesNs.length - 1 - edgesNs.indexOf(own.at(-1) ?? to);
    return `${'0'.repeat(below)}${levels}${'0'.repeat(above)}`;
  };
  const intervals = panels[0]?.levels.length ?? 0;
  return [
    {
      id: `case-${slug}-latency-over-time`,
      form: 'heat',
      title: 'Latency over time',
      subtitle: `Requests of each of ${String(intervals)} intervals by how long they took, trials laid over each other · ${trialCounts(panels.map(({ trials }) => trials))}`,
      alt: 'For each contender a map of its requests: from left to right the course of the window, upwards the latency on a logarithmic axis, the colour the share of the requests. The table below tells the same in parts of the window.',
      howToRead:
        'Left to right is the course of the window, upwards is slower (logarithmic axis), and the further along the legend the colour, the larger the share of the requests answered in that interval: a level band is steady, a rising one degrades, and single cells above it are stalls.',
      axis: { label: 'Latency, logarithmic scale', scale: 'logarithmic', unit: 'ns', reference: null },
      rows: [],
      series: [],
      marks: [],
      heat: {
        panels: panels.map((panel) => ({
          label: panel.label,
          levels: panel.levels.map((levels) => padded(levels, panel.edgesNs)),
        })),
        edgesNs,
        durationMs: Math.max(...panels.map(({ intervalMs, levels }) => intervalMs * levels.length)),
        legend: shareLegend(),
      },
    },
  ];
}
