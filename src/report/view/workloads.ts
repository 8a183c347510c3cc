/** One section a workload case: what was asked, what each contender did, how they compare. */
import type { CaseSummary, Summary } from '../../analysis/summary.js';
import type { Metric } from '../../results/schema.js';
import { caseSlugs, contenderStyles } from '../charts/marks.js';
import { caseCharts, shownPercentiles } from '../charts/specs.js';
import type { ChartSpec } from '../charts/spec.js';
import {
  displayText,
  formatCount,
  formatNumber,
  formatPercent,
  formatQuantity,
  fullStop,
} from '../format.js';
import { metricNames } from '../names.js';
import {
  contenderCell,
  datum,
  intervalCell,
  type ContenderCell,
  type Datum,
  type IntervalCell,
} from './cells.js';
import { comparisonRow, type ComparisonRow } from './comparisons.js';
import { latencyOverTimeTable, type LatencyOverTimeTable } from './latency-over-time.js';
import { openLoopRows, type OpenLoopRow } from './open-loop.js';

export interface WorkloadView {
  readonly anchor: string;
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly derivedFrom: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly charts: readonly ChartSpec[];
  readonly metricTitles: readonly string[];
  readonly contenders: readonly {
    readonly contender: ContenderCell;
    readonly metrics: readonly (IntervalCell | null)[];
    readonly trials: string;
    readonly lost: string | null;
    readonly problems: readonly string[];
  }[];
  readonly percentileTitles: readonly string[];
  readonly latencies: readonly {
    readonly contender: ContenderCell;
    readonly requests: Datum | null;
    readonly mean: Datum | null;
    readonly percentiles: readonly (Datum | null)[];
    readonly max: Datum | null;
  }[];
  /** Empty in closed loop. */
  readonly openLoop: readonly OpenLoopRow[];
  /** null where no trial recorded latencies by interval. */
  readonly overTime: LatencyOverTimeTable | null;
  readonly comparisons: readonly ComparisonRow[];
  readonly trialTables: readonly TrialTable[];
}

export interface TrialTable {
  readonly contender: ContenderCell;
  readonly ref: string;
  readonly metricTitles: readonly string[];
  readonly rows: readonly { readonly number: string; readonly values: readonly string[] }[];
}

/** Of a capacity search the capacity first: the other numbers are those at it. */
function metricsShown({ design }: Summary): readonly Metric[] {
  const usual: readonly Metric[] = ['throughput', 'latencyP50', 'latencyP95', 'latencyP99', 'memory'];
  if (design.capacity === null) return usual;
  return [design.capacity.search === 'rate' ? 'capacityRate' : 'capacityClients', ...usual];
}

export function workloadViews(summary: Summary): readonly WorkloadView[] {
  const styles = contenderStyles(summary);
  return summary.cases.map((oneCase, index) => workloadView(summary, oneCase, index, styles));
}

function workloadView(
  summary: Summary,
  oneCase: CaseSummary,
  index: number,
  styles: ReadonlyMap<string, number>,
): WorkloadView {
  const ref = `/cases/${String(index)}`;
  const shownMetrics = metricsShown(summary);
  const percentiles = shownPercentiles(oneCase);
  const nanoseconds = (value: number): string => formatQuantity(value, 'ns');
  return {
    anchor: `workload-${caseSlugs(summary)[index] ?? ''}`,
    id: displayText(oneCase.id, 80),
    label: displayText(oneCase.label),
    summary: fullStop(displayText(oneCase.summary, 400)),
    derivedFrom: fullStop(displayText(oneCase.derivedFrom, 400)),
    facts: caseFacts(oneCase),
    charts: caseCharts(summary, index),
    metricTitles: shownMetrics.map((metric) => metricNames[metric].title),
    contenders: oneCase.contenders.map((contender, place) => ({
      contender: contenderCell(contender, styles),
      metrics: shownMetrics.map((metric) => {
        const at = contender.metrics.findIndex((row) => row.metric === metric);
        const measured = contender.metrics[at];
        const pointer = `${ref}/contenders/${String(place)}/metrics/${String(at)}/median`;
        return measured === undefined ? null : intervalCell(measured.median, pointer, measured.unit);
      }),
      trials: formatCount(contender.trials.measured),
      lost: lostText(contender.trials.voided, contender.trials.failed),
      problems: contender.problems.map((problem) => displayText(problem, 300)),
    })),
    percentileTitles: percentiles.map((percentile) => `p${String(percentile)}`),
    latencies: oneCase.contenders.flatMap((contender, place) => {
      const { latency } = contender;
      if (latency === null) return [];
      const pointer = `${ref}/contenders/${String(place)}/latency`;
      return [
        {
          contender: contenderCell(contender, styles),
          requests: datum(latency.requests, `${pointer}/requests`, formatCount),
          mean: datum(latency.meanNs, `${pointer}/meanNs`, nanoseconds),
          percentiles: percentiles.map((percentile) => {
            const at = latency.percentiles.findIndex((row) => row.percentile === percentile);
            const target = `${pointer}/percentiles/${String(at)}/valueNs`;
            return datum(latency.percentiles[at]?.valueNs, target, nanoseconds);
          }),
          max: datum(latency.maxNs, `${pointer}/maxNs`, nanoseconds),
        },
      ];
    }),
    openLoop: openLoopRows(oneCase, ref, styles),
    overTime: latencyOverTimeTable(oneCase, ref, styles),
    comparisons: oneCase.comparisons.map((comparison, at) =>
      comparisonRow(oneCase, comparison, `${ref}/comparisons/${String(at)}`),
    ),
    trialTables: trialTables(oneCase, ref, styles),
  };
}

function caseFacts(oneCase: CaseSummary): WorkloadView['facts'] {
  const { stream, parameters, clients, refusals } = oneCase;
  const share = stream.operations > 0 ? formatPercent(stream.reads / stream.operations) : null;
  return [
    ['Operations in the stream', formatCount(stream.operations)],
    ['Requests', formatCount(stream.requests)],
    ...(share === null ? [] : [['Reads', share] as const]),
    ['Keys', formatCount(stream.keys)],
    ['Mean key', `${formatNumber(stream.meanKeyBytes, 1)} B`],
    ['Mean value', `${formatNumber(stream.meanValueBytes, 1)} B`],
    ['Largest value', `${formatCount(stream.maxValueBytes)} B`],
    ...(oneCase.arrivals === null
      ? []
      : [
          [
            'Falls due',
            `${formatQuantity(oneCase.arrivals.ratePerSecond, 'operations/s')} on average`,
          ] as const,
        ]),
    ...(clients === null
      ? []
      : [
          ['Clients at once', formatCount(clients.workers * clients.connections)] as const,
          ['Threads that drive them', formatCount(clients.workers)] as const,
        ]),
    ...refusals.map(
      ({ contender, reason }) =>
        [`Not taken by ${displayText(contender, 60)}`, displayText(reason, 200)] as const,
    ),
    ['Share of the hottest key', formatPercent(stream.hottestKeyShare)],
    ...Object.entries(parameters).map(
      ([name, value]) =>
        [
          `Parameter ${displayText(name, 60)}`,
          typeof value === 'number'
            ? formatNumber(value, 6)
            : value.map((item) => formatNumber(item, 6)).join(', '),
        ] as const,
    ),
    ['Stream SHA-256', displayText(stream.sha256)],
  ].map(([name = '', value = '']) => ({ name, value }));
}

function lostText(voided: number, failed: number): string | null {
  const parts = [
    ...(voided > 0 ? [`${formatCount(voided)} voided`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
  ];
  return parts.length === 0 ? null : parts.join(', ');
}

/** Every trial, in the order in which the trials ran. */
function trialTables(
  oneCase: CaseSummary,
  ref: string,
  styles: ReadonlyMap<string, number>,
): readonly TrialTable[] {
  return oneCase.contenders.flatMap((contender, place) => {
    const longest = Math.max(0, ...contender.metrics.map(({ values }) => values.length));
    if (longest === 0) return [];
    return [
      {
        contender: contenderCell(contender, styles),
        ref: `${ref}/contenders/${String(place)}/metrics`,
        metricTitles: contender.metrics.map(({ metric }) => metricNames[metric].title),
        rows: Array.from({ length: longest }, (_, trial) => ({
          number: String(trial + 1),
          values: contender.metrics.map(({ values, unit }) =>
            formatQuantity(values[trial] ?? Number.NaN, unit),
          ),
        })),
      },
    ];
  });
}
