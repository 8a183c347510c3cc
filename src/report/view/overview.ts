/** The top of the page: title, key figures, and the tables beside the charts over all workloads. */
import type { ComparisonSummary, Summary } from '../../analysis/summary.js';
import type { Metric } from '../../results/schema.js';
import { contenderStyles } from '../charts/marks.js';
import {
  displayText,
  formatBounds,
  formatCount,
  formatPercent,
  formatQuantity,
  formatTime,
  formatPlural,
  capitalised,
} from '../format.js';
import { metricNames } from '../names.js';
import { contenderCell, intervalCell, type ContenderCell, type IntervalCell } from './cells.js';
import { comparisonRow, type ComparisonRow } from './comparisons.js';

export interface KeyFigure {
  readonly title: string;
  readonly value: string;
  /** Exact value and its place in the summary, where the figure is one number of it. */
  readonly exact: { readonly value: string; readonly ref: string } | null;
  readonly detail: string;
  readonly note: string;
}

/**
 * "Redis and Predis", from what the engines call themselves; the contenders' labels where none was reached. Controls that
 * nothing is compared with are left to the text.
 */
export function engineNames(summary: Summary): string {
  const all = summary.cases.flatMap((row) => row.contenders);
  const sides = summary.cases.flatMap((row) =>
    row.comparisons.flatMap((one) => [one.baseline, one.candidate]),
  );
  const contenders = sides.length === 0 ? all : all.filter(({ id }) => sides.includes(id));
  const engines = contenders.flatMap(({ engine }) =>
    engine === null ? [] : [capitalised(displayText(engine.name, 40))],
  );
  const labels = contenders.map(({ label }) => displayText(label, 40));
  const names = [...new Set(engines.length > 0 ? engines : labels)];
  return names.length === 0 ? 'No engine' : new Intl.ListFormat('en', { type: 'conjunction' }).format(names);
}

/** What, how much, on what, when: the line under the title. */
export function titleFacts(summary: Summary): readonly string[] {
  const { environment, sources } = summary;
  const newest = sources.map(({ updatedAt }) => updatedAt).sort()[sources.length - 1];
  return [
    formatPlural(summary.cases.length, 'workload case'),
    formatPlural(summary.totals.trialsRecorded, 'trial'),
    `${displayText(environment.cpuModel, 80)}, ${formatPlural(environment.logicalCpus, 'logical CPU')}`,
    ...(newest === undefined ? [] : [formatTime(newest)]),
  ];
}

/** Both ends of the range of speedups, how the comparisons went, how many trials stand behind them. */
export function keyFigures(summary: Summary): readonly KeyFigure[] {
  const speedups = hardestSpeedups(summary);
  const what = summary.design.capacity === null ? 'speedup' : 'gain in capacity';
  const ends: readonly (readonly [string, PlacedAdvantage | undefined])[] =
    speedups.length === 1
      ? [[`${capitalised(what)} over the best Redis`, speedups[0]]]
      : [
          [`Largest ${what} over the best Redis`, speedups[0]],
          [`Smallest ${what} over the best Redis`, speedups[speedups.length - 1]],
        ];
  const names = new Map(
    summary.cases.flatMap(({ contenders }) => contenders.map(({ id, label }) => [id, label])),
  );
  const name = (id: string): string => displayText(names.get(id) ?? id, 40);
  const { verdicts, comparisons } = summary.statistics.againstRedis;
  const { totals } = summary;

  return [
    ...ends.flatMap(([title, entry]): KeyFigure[] => {
      const advantage = entry?.comparison.advantage ?? null;
      if (entry === undefined || advantage === null) return [];
      return [
        {
          title,
          value: formatQuantity(advantage.estimate, 'ratio'),
          exact: { value: String(advantage.estimate), ref: entry.ref },
          detail: `${formatPercent(summary.statistics.confidence)} interval ${formatBounds(advantage, 'ratio')}`,
          note: `${displayText(entry.comparison.caseId, 40)}: ${name(entry.comparison.candidate)} over ${name(entry.comparison.baseline)}${entry.comparison.crossesBoundary ? ', across a boundary' : ''}${undecided(entry.comparison)}`,
        },
      ];
    }),
    {
      title: 'Comparisons with Redis',
      value: formatCount(comparisons),
      exact: { value: String(comparisons), ref: '/statistics/againstRedis/comparisons' },
      detail: `${formatCount(verdicts['baseline-better'])} won by Redis, ${formatCount(verdicts['candidate-better'])} by the other engine`,
      note: `${verdicts.equivalent === 0 ? '' : `${formatCount(verdicts.equivalent)} equal within the margin, `}${formatCount(verdicts['no-difference-shown'])} with no difference shown, ${formatCount(verdicts['too-few-trials'] + verdicts['not-measured'])} without an answer`,
    },
    {
      title: 'Trials measured',
      value: formatCount(totals.trialsMeasured),
      exact: { value: String(totals.trialsMeasured), ref: '/totals/trialsMeasured' },
      detail: `of ${formatCount(totals.trialsPlanned)} planned${controlTrials(summary)}; ${formatCount(totals.trialsVoided)} voided, ${formatCount(totals.trialsFailed)} failed`,
      note: `${formatCount(totals.valuesChecked)} values checked, ${formatCount(totals.valuesWrong)} wrong`,
    },
  ];
}

/** Trials of an A/A control are planned like others, and measure nobody. */
function controlTrials({ totals: { controlTrials: extra } }: Summary): string {
  return extra === 0 ? '' : `, ${formatCount(extra)} of them for the A/A control`;
}

/** A figure that no test bears out says so beside itself. */
function undecided({ verdict }: ComparisonSummary): string {
  switch (verdict) {
    case 'candidate-better':
    case 'baseline-better':
      return '';
    case 'equivalent':
      return '; equal within the declared margin';
    case 'no-difference-shown':
      return '; no difference shown';
    case 'too-few-trials':
      return '; too few trials to show a difference';
    case 'not-measured':
      return '; not tested';
  }
}

interface PlacedAdvantage {
  readonly comparison: ComparisonSummary;
  readonly ref: string;
}

/** What the key figures are made of: a result holds one of them. */
const figures: readonly Metric[] = ['throughput', 'capacityRate', 'capacityClients'];

/**
 * Throughput (or capacity) comparisons with Redis from the largest advantage down: for each case and candidate the one against the Redis
 * variant that leaves it the least, so that no figure at the top profits from a slow way of using Redis.
 */
function hardestSpeedups(summary: Summary): readonly PlacedAdvantage[] {
  const estimate = ({ comparison }: PlacedAdvantage): number => comparison.advantage?.estimate ?? 0;
  const hardest = new Map<string, PlacedAdvantage>();
  summary.cases.forEach((row, caseIndex) => {
    const redis = new Set(
      row.contenders.filter(({ engineName }) => engineName === 'redis').map(({ id }) => id),
    );
    row.comparisons.forEach((comparison, index) => {
      if (!figures.includes(comparison.metric) || comparison.advantage === null) return;
      if (!redis.has(comparison.baseline)) return;
      const placed = {
        comparison,
        ref: `/cases/${String(caseIndex)}/comparisons/${String(index)}/advantage/estimate`,
      };
      const key = JSON.stringify([comparison.caseId, comparison.candidate]);
      const kept = hardest.get(key);
      if (kept === undefined || estimate(placed) < estimate(kept)) hardest.set(key, placed);
    });
  });
  return [...hardest.values()].sort((a, b) => estimate(b) - estimate(a));
}

/** The table under a chart of one metric over all workloads: a row a case, a column a contender. */
export interface MetricTable {
  readonly caption: string;
  readonly contenders: readonly ContenderCell[];
  readonly rows: readonly {
    readonly label: string;
    readonly cells: readonly { readonly interval: IntervalCell | null; readonly trials: string }[];
  }[];
}

export function metricTable(summary: Summary, metric: Metric): MetricTable {
  const styles = contenderStyles(summary);
  const all = new Map(summary.cases.flatMap(({ contenders }) => contenders.map((row) => [row.id, row])));
  return {
    caption: `${metricNames[metric].title}: median over trials, ${formatPercent(summary.statistics.confidence)} confidence interval, number of trials`,
    contenders: [...all.values()].map((contender) => contenderCell(contender, styles)),
    rows: summary.cases.map((row, caseIndex) => ({
      label: displayText(row.id, 60),
      cells: [...all.keys()].map((id) => {
        const contenderIndex = row.contenders.findIndex((contender) => contender.id === id);
        const metrics = row.contenders[contenderIndex]?.metrics ?? [];
        const index = metrics.findIndex((entry) => entry.metric === metric);
        const measured = metrics[index];
        const ref = `/cases/${String(caseIndex)}/contenders/${String(contenderIndex)}/metrics/${String(index)}/median`;
        return measured === undefined
          ? { interval: null, trials: '0' }
          : {
              interval: intervalCell(measured.median, ref, measured.unit),
              trials: formatCount(measured.trials),
            };
      }),
    })),
  };
}

/** The table under the speedup chart: every throughput comparison of every workload. */
export function advantageRows(summary: Summary): readonly (ComparisonRow & { readonly caseLabel: string })[] {
  return summary.cases.flatMap((row, caseIndex) =>
    row.comparisons.flatMap((comparison: ComparisonSummary, index) =>
      comparison.metric === 'throughput'
        ? [
            {
              ...comparisonRow(row, comparison, `/cases/${String(caseIndex)}/comparisons/${String(index)}`),
              caseLabel: displayText(row.id, 60),
            },
          ]
        : [],
    ),
  );
}
