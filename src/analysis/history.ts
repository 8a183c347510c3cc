import type { CasePlan, Contender, Metric, ResultFile } from '../results/schema.js';
import { changePoints, median, medianInterval, smallestMannWhitneyPValue } from '../stats/index.js';
import { CaseTrials } from './case-trials.js';
import { metricDefinition } from './metrics.js';
import type { Source } from './source.js';
import type { Interval } from './summary.js';

export interface HistoryOptions {
  readonly metrics: readonly Metric[];
  /** Level of each test for a change. */
  readonly alpha: number;
  /** Smallest change that is shown, as a fraction of the level before. */
  readonly minimumChange: number;
  readonly seed: number;
}

/** What one result says about a series. */
export interface HistoryPoint {
  readonly fileName: string;
  readonly resultId: string;
  readonly createdAt: string;
  readonly toolVersion: string;
  readonly commit: string | null;
  readonly engineVersion: string | null;
  readonly trials: number;
  /** Median over the trials with its interval. */
  readonly median: Interval;
}

export interface HistoryChange {
  /** Index of the first point after the change, and the interval of it. */
  readonly index: number;
  readonly low: number;
  readonly high: number;
  readonly pValue: number;
  /** Level after over level before. */
  readonly ratio: Interval;
  readonly better: boolean;
}

/** One metric of one contender in one case, on one machine under one way of driving, in order of time. */
export interface HistorySeries {
  readonly caseId: string;
  readonly contender: string;
  readonly metric: Metric;
  /** Whether results are comparable is decided by these. */
  readonly machine: string;
  readonly streamSha256: string;
  readonly setup: string;
  readonly points: readonly HistoryPoint[];
  /** Ascending in index; those below the smallest change are left out. */
  readonly changes: readonly HistoryChange[];
  /** Whether so many results can show a change at all. */
  readonly enough: boolean;
}

export interface History {
  readonly format: 'predis-bench-history';
  readonly schemaVersion: 1;
  readonly alpha: number;
  readonly minimumChange: number;
  readonly seed: number;
  readonly confidence: number;
  readonly results: number;
  readonly series: readonly HistorySeries[];
}

const CONFIDENCE = 0.95;
/** Fewest results between two changes: a single odd session is not a change. */
const MINIMUM_SEGMENT = 4;

/**
 * Brings results into series of what is comparable (machine, stream, driving, contender, boundary, pipeline depth, device)
 * and looks for change points in each: E-divisive on ln(median over the trials of a result).
 *
 * @param sources in any order; a result that was given twice counts once
 */
export function buildHistory(sources: readonly Source[], options: HistoryOptions): History {
  const once = [...new Map(sources.map((source) => [source.result.id, source])).values()];
  const inOrder = once.sort(
    (a, b) =>
      Date.parse(a.result.createdAt) - Date.parse(b.result.createdAt) || (a.result.id < b.result.id ? -1 : 1),
  );
  const series = new Map<string, { head: SeriesHead; points: HistoryPoint[] }>();
  for (const source of inOrder) {
    for (const { head, point } of pointsOf(source, options.metrics)) {
      const key = JSON.stringify(head);
      const known = series.get(key);
      if (known === undefined) series.set(key, { head, points: [point] });
      else known.points.push(point);
    }
  }
  return {
    format: 'predis-bench-history',
    schemaVersion: 1,
    alpha: options.alpha,
    minimumChange: options.minimumChange,
    seed: options.seed,
    confidence: CONFIDENCE,
    results: inOrder.length,
    series: [...series.values()].map(({ head, points }) => ({
      ...head,
      points,
      changes: changesOf(head.metric, points, options),
      enough:
        smallestMannWhitneyPValue(Math.floor(points.length / 2) || 1, Math.ceil(points.length / 2)) <=
        options.alpha,
    })),
  };
}

type SeriesHead = Pick<
  HistorySeries,
  'caseId' | 'contender' | 'metric' | 'machine' | 'streamSha256' | 'setup'
>;

function pointsOf(
  { fileName, result }: Source,
  metrics: readonly Metric[],
): { readonly head: SeriesHead; readonly point: HistoryPoint }[] {
  return result.plan.cases.flatMap((plan: CasePlan) => {
    const trials = new CaseTrials(result, plan);
    return result.plan.contenders.flatMap((contender) =>
      metrics.flatMap((metric) => {
        const values = trials.measured(contender.id).map(metricDefinition(metric).of);
        if (values.length === 0 || !values.every((value) => value > 0 && Number.isFinite(value))) return [];
        const { estimate, low, high } = medianInterval(values, { confidence: CONFIDENCE });
        return [
          {
            head: {
              caseId: plan.id,
              contender: contender.id,
              metric,
              machine: result.environment.fingerprint,
              streamSha256: plan.stream.sha256,
              setup: setupOf(result, contender),
            },
            point: {
              fileName,
              resultId: result.id,
              createdAt: result.createdAt,
              toolVersion: result.tool.version,
              commit: result.tool.commit,
              engineVersion: result.engines[contender.id]?.version ?? null,
              trials: values.length,
              median: { estimate, low, high },
            },
          },
        ];
      }),
    );
  });
}

/** Driving and contender, as far as numbers depend on them; the versions are what may change. */
function setupOf({ plan, engines }: ResultFile, { id, boundary, pipelineDepth }: Contender): string {
  const { device, deviceName } = engines[id]?.settings ?? {};
  return [
    boundary,
    `pipeline ${String(pipelineDepth)}`,
    `${String(plan.workers)} workers`,
    `${String(plan.connections)} connections`,
    `warm-up ${String(plan.warmupMs)} ms`,
    `window ${String(plan.windowMs)} ms`,
    `verify every ${String(plan.verifyEvery)}`,
    `${plan.loadModel} loop${plan.openLoop === undefined ? '' : ` ${JSON.stringify(plan.openLoop)}`}`,
    ...[device, deviceName].filter((part) => typeof part === 'string'),
  ].join(', ');
}

function changesOf(
  metric: Metric,
  points: readonly HistoryPoint[],
  options: HistoryOptions,
): HistoryChange[] {
  const { alpha, minimumChange, seed } = options;
  const { higherIsBetter } = metricDefinition(metric);
  const logs = points.map((point) => Math.log(point.median.estimate));
  const found = changePoints(logs, {
    alpha,
    minimumSegment: MINIMUM_SEGMENT,
    seed,
    confidence: CONFIDENCE,
    permutations: Math.max(999, Math.ceil(2 / alpha)),
  });
  return found
    .map(({ index, low, high, pValue, shift }): HistoryChange => {
      const bounded = shift.achievedConfidence >= CONFIDENCE - 1e-12;
      return {
        index,
        low,
        high,
        pValue,
        ratio: {
          estimate: Math.exp(shift.estimate),
          low: bounded ? Math.exp(shift.low) : null,
          high: bounded ? Math.exp(shift.high) : null,
        },
        better: shift.estimate > 0 === higherIsBetter,
      };
    })
    .filter(({ ratio }) => Math.abs(ratio.estimate - 1) >= minimumChange);
}

/** Level of a stretch of points: the median of their medians. */
export function levelOf(points: readonly HistoryPoint[]): number {
  return median(points.map((point) => point.median.estimate));
}
