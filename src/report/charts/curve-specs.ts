/** Curves: more clients, larger batches, more load, with the point from which a contender degrades. */
import type { BatchCurve } from '../../analysis/batch-curves.js';
import type { CapacityCurve } from '../../analysis/capacity-curves.js';
import type { Interval, RampSummary, Summary } from '../../analysis/summary.js';
import { displayText, formatBounds, formatCount, formatPercent, formatQuantity } from '../format.js';
import { appearance, contenderNames, contenderStyles, trialCounts, withMissingIntervals } from './marks.js';
import type { ChartSpec, Mark } from './spec.js';
import type { QuantityUnit } from './tick.js';

/** Throughput and p99 latency over the number of clients, for each workload that was ramped. */
export function scalingCharts(summary: Summary): readonly ChartSpec[] {
  return grouped(summary.ramps, ({ workload }) => workload).flatMap(([workload, ramps], group) => {
    const counts = ramps.flatMap(({ steps }) =>
      steps.flatMap(
        ({ caseId }) =>
          summary.cases
            .find(({ id }) => id === caseId)
            ?.contenders.map(({ trials }) => trials.measured)
            .filter((count) => count > 0) ?? [],
      ),
    );
    return (['throughput', 'latencyP99'] as const).map((metric): ChartSpec => {
      const isThroughput = metric === 'throughput';
      const unit = isThroughput ? 'operations/s' : 'ns';
      const [first] = ramps;
      const point = (ramp: RampSummary): number | null =>
        isThroughput
          ? ramp.throughput.state === 'stops'
            ? ramp.throughput.step
            : null
          : ramp.latencyP99.step;
      return curve(summary, {
        id: `scaling-${String(group + 1)}-${isThroughput ? 'throughput' : 'latency-p99'}`,
        title: `${isThroughput ? 'Throughput' : 'p99 latency'} as more clients ask: ${displayText(workload, 40)}`,
        subtitle: `Median of trials with ${formatPercent(summary.statistics.confidence)} confidence interval · ${trialCounts(counts)}`,
        alt: `${isThroughput ? 'Throughput' : 'p99 latency'} of each contender over the number of clients, on logarithmic axes. The tables under More clients hold the same numbers.`,
        howToRead: isThroughput
          ? `Each line is a contender and each whisker a confidence interval; the ring marks where throughput stops growing: no later point is shown to be ${formatPercent((first?.growthRatio ?? 1) - 1)} faster; both axes are logarithmic.`
          : `Each line is a contender and each whisker a confidence interval; the ring marks the first point whose p99 is shown to be more than ${formatQuantity(first?.p99Multiple ?? 1, 'ratio')} that at the fewest clients; both axes are logarithmic.`,
        axis: isThroughput ? 'Operations/s' : 'p99 latency',
        unit,
        rowTitle: 'Clients at once, logarithmic',
        rowText: formatCount,
        ringText: isThroughput ? 'stops growing' : 'degraded',
        reference: null,
        lines: ramps.map((ramp) => ({
          contender: ramp.contender,
          ring: point(ramp),
          points: ramp.steps.map((step) => ({
            at: step.clients,
            interval: step[metric],
            details: [`${formatCount(step.clients)} clients`],
          })),
        })),
      });
    });
  });
}

/** Throughput over keys a request, for each workload that was measured with several batch sizes. */
export function batchCharts(summary: Summary): readonly ChartSpec[] {
  return grouped(summary.batchCurves, ({ workload }) => workload).flatMap(([workload, curves], group) =>
    (['throughput', 'latencyP50'] as const).map((metric) => {
      const isThroughput = metric === 'throughput';
      return curve(summary, {
        id: `batch-${String(group + 1)}-${isThroughput ? 'throughput' : 'latency-p50'}`,
        title: `${isThroughput ? 'Throughput' : 'Median latency'} by batch size: ${displayText(workload, 40)}`,
        subtitle: `Median of trials with ${formatPercent(summary.statistics.confidence)} confidence interval · ${trialCounts(curves.flatMap(({ steps }) => steps.map(({ trials }) => trials)))}`,
        alt: `${isThroughput ? 'Operations per second' : 'Median latency of a request'} of each contender over the keys of a request, on logarithmic axes. The table below holds the same numbers.`,
        howToRead: isThroughput
          ? 'Every key of a batch counts as an operation; the ring marks the batch size at which a contender is fastest; both axes are logarithmic.'
          : 'A request is answered when all of its keys are; a line that rises by as much as it goes right takes the same time for every key; both axes are logarithmic.',
        axis: isThroughput ? 'Operations/s' : 'Median latency',
        unit: isThroughput ? 'operations/s' : 'ns',
        rowTitle: 'Keys a request, logarithmic',
        rowText: formatCount,
        ringText: 'fastest',
        reference: null,
        lines: curves.map((one: BatchCurve) => ({
          contender: one.contender,
          ring: isThroughput ? one.fastest : null,
          points: one.steps.map((step) => ({
            at: step.keysPerRequest,
            interval: step[metric],
            details: [
              `${formatCount(step.keysPerRequest)} keys a request`,
              `n = ${String(step.trials)} trials`,
            ],
          })),
        })),
      });
    }),
  );
}

/** Latency over load, for each case in which a capacity was searched. */
export function capacityCharts(summary: Summary): readonly ChartSpec[] {
  return grouped(summary.capacityCurves, ({ caseId }) => caseId).flatMap(([caseId, curves], group) => {
    const [first] = curves;
    if (first === undefined) return [];
    const load = (value: number): string =>
      formatQuantity(value, first.search === 'rate' ? 'operations/s' : 'clients');
    const limit = formatQuantity(first.limitNs, 'ns');
    return [
      curve(summary, {
        id: `capacity-curve-${String(group + 1)}`,
        title: `${first.statistic} latency against load: ${displayText(caseId, 40)}`,
        subtitle: `Median of probes, with ${formatPercent(summary.statistics.confidence)} confidence interval where there are enough · ${probeCounts(curves)}`,
        alt: `${first.statistic} latency from the intended start over the load, for each contender, on logarithmic axes, with the objective of ${limit}. The table below holds the same numbers.`,
        howToRead: `Left of where a line crosses the dashed line, the objective (${first.statistic} below ${limit}), a contender keeps up; the ring marks the lowest load at which half of the probes or more missed it, by their latency or as they could not keep up with the load; both axes are logarithmic.`,
        axis: `${first.statistic} latency`,
        unit: 'ns',
        rowTitle:
          first.search === 'rate' ? 'Operations a second asked for, logarithmic' : 'Clients, logarithmic',
        rowText: load,
        ringText: 'missed',
        reference: first.limitNs,
        lines: curves.map((one: CapacityCurve) => ({
          contender: one.contender,
          ring: one.degradesAt,
          points: one.points.map(({ load: at, latencyNs, probes, held }) => ({
            at,
            interval: latencyNs,
            details: [load(at), `held in ${String(held)} of ${String(probes)} probes`],
          })),
        })),
      }),
    ];
  });
}

interface CurveParts {
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly alt: string;
  readonly howToRead: string;
  readonly axis: string;
  readonly unit: QuantityUnit;
  readonly rowTitle: string;
  readonly rowText: (at: number) => string;
  readonly ringText: string;
  readonly reference: number | null;
  readonly lines: readonly {
    readonly contender: string;
    /** Index of the point with the ring. */
    readonly ring: number | null;
    readonly points: readonly {
      readonly at: number;
      readonly interval: Interval;
      readonly details: readonly string[];
    }[];
  }[];
}

function curve(summary: Summary, parts: CurveParts): ChartSpec {
  const { id, title, subtitle, alt, howToRead, rowTitle, rowText, ringText, unit, reference } = parts;
  const styles = contenderStyles(summary);
  const names = contenderNames(summary);
  const places = [...new Set(parts.lines.flatMap(({ points }) => points.map(({ at }) => at)))]
    .filter((at) => at > 0)
    .sort((a, b) => a - b);
  return withMissingIntervals({
    ...{ id, title, subtitle, alt, howToRead, rowTitle },
    form: 'profile',
    axis: { label: `${parts.axis}, logarithmic`, scale: 'logarithmic', unit, reference },
    rows: places.map(rowText),
    positions: places.map((at) => Math.log10(at)),
    series: parts.lines.map(({ contender }) => ({
      label: names.get(contender) ?? '',
      ...appearance(contender, styles),
    })),
    marks: parts.lines.flatMap(({ points, ring }, series) =>
      points.flatMap(({ at, interval, details }, index): Mark[] =>
        // a logarithmic axis has no zero
        interval.estimate > 0 && at > 0
          ? [
              {
                row: places.indexOf(at),
                series,
                value: interval.estimate,
                low: interval.low,
                high: interval.high,
                trials: [],
                label: ring === index ? ringText : '',
                details: [
                  ...details,
                  `${formatQuantity(interval.estimate, unit)} ${formatBounds(interval, unit)}`,
                ],
                ...(ring === index ? { ringed: true as const } : {}),
              },
            ]
          : [],
      ),
    ),
  });
}

function probeCounts(curves: readonly CapacityCurve[]): string {
  return trialCounts(curves.flatMap(({ points }) => points.map(({ probes }) => probes))).replace(
    'trials',
    'probes',
  );
}

function grouped<T>(items: readonly T[], key: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups];
}
