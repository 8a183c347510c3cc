/** The whole page as one object: what the template walks through. */
import type { Summary } from '../../analysis/summary.js';
import type { Metric } from '../../results/schema.js';
import type { ChartSpec } from '../charts/spec.js';
import { shortNamesText } from '../charts/marks.js';
import { overviewCharts } from '../charts/specs.js';
import { displayText, formatPlural } from '../format.js';
import { assumptionViews, type AssumptionView } from './assumptions.js';
import { cacheView, type CacheView } from './cache.js';
import { claimsView, type ClaimsView } from './claims.js';
import { sentenceViews, type SentenceView } from './cells.js';
import { costView, type CostView } from './cost.js';
import { curvesView, type CurvesView } from './curves.js';
import { disclosureRows, type DisclosureRow } from './disclosure.js';
import { efficiencyView, type EfficiencyView } from './efficiency.js';
import {
  engineViews,
  environmentFacts,
  sourceViews,
  type EngineView,
  type Fact,
  type SourceView,
} from './environment.js';
import { gpuView, type GpuView } from './gpu.js';
import { ladderView, type LadderView } from './ladder.js';
import { methodPoints, type MethodPoint } from './method.js';
import {
  advantageRows,
  engineNames,
  keyFigures,
  metricTable,
  titleFacts,
  type KeyFigure,
  type MetricTable,
} from './overview.js';
import { rampViews, type RampView } from './ramps.js';
import { workloadViews, type WorkloadView } from './workloads.js';

export interface OverviewChartView {
  readonly spec: ChartSpec;
  /** PNG as a data URL for readers without scripts; null when it was not drawn. */
  readonly image: string | null;
  readonly table: MetricTable | null;
  readonly advantages: ReturnType<typeof advantageRows> | null;
}

export interface PageView {
  readonly engines: string;
  readonly label: string;
  readonly facts: readonly string[];
  /** Why a session is invalid; empty where all are valid. */
  readonly invalid: readonly SentenceView[];
  /** The whole in a few sentences, each with what speaks against the candidate in it. */
  readonly executive: readonly SentenceView[];
  /** Every finding, folded away where there is more than the summary says. */
  readonly findings: readonly SentenceView[];
  readonly findingsTitle: string;
  readonly keyFigures: readonly KeyFigure[];
  /** null where no claims were judged. */
  readonly claims: ClaimsView | null;
  readonly cost: CostView;
  readonly charts: readonly OverviewChartView[];
  /** Whom the short names in the charts mean; empty where no chart has one. */
  readonly shortNames: string;
  /** Empty where no workload was measured with several numbers of clients. */
  readonly ramps: readonly RampView[];
  readonly curves: CurvesView;
  readonly efficiency: EfficiencyView;
  readonly cache: CacheView;
  readonly ladder: LadderView;
  /** The chart that stands with the ladder, not among the others; null where nothing could be split. */
  readonly ladderChart: OverviewChartView | null;
  readonly redisWins: readonly SentenceView[];
  /** Stands in for an empty list of Redis' wins. */
  readonly redisWinsNone: string;
  readonly caveats: readonly SentenceView[];
  readonly workloads: readonly WorkloadView[];
  readonly method: readonly MethodPoint[];
  /** One for each source. */
  readonly assumptions: readonly AssumptionView[];
  readonly disclosure: readonly DisclosureRow[];
  readonly gpu: GpuView;
  readonly environment: readonly Fact[];
  readonly engineFacts: readonly EngineView[];
  readonly sources: readonly SourceView[];
  readonly streams: readonly { readonly id: string; readonly sha256: string }[];
}

/** @param images PNG data URLs by chart id */
export function pageView(summary: Summary, images: ReadonlyMap<string, string>): PageView {
  const compared = summary.cases.some(({ comparisons }) =>
    comparisons.some(({ advantage }) => advantage !== null),
  );
  const findings = summary.headline.length > summary.executive.length ? summary.headline : [];
  const charts = overviewCharts(summary).map((spec): OverviewChartView => ({
    spec,
    image: images.get(spec.id) ?? null,
    table: tableOf(summary, spec.id),
    advantages: spec.id === 'speedup' ? advantageRows(summary) : null,
  }));
  return {
    engines: engineNames(summary),
    label: displayText(summary.label),
    facts: titleFacts(summary),
    invalid: sentenceViews(summary.invalid),
    executive: sentenceViews(summary.executive),
    findings: sentenceViews(findings),
    findingsTitle: `${formatPlural(findings.length, 'finding')}, one by one`,
    keyFigures: keyFigures(summary),
    claims: claimsView(summary),
    cost: costView(summary),
    charts: charts.filter(({ spec }) => spec.id !== 'ladder'),
    shortNames: shortNamesText(summary),
    curves: curvesView(summary, images),
    efficiency: efficiencyView(summary, images),
    cache: cacheView(summary, images),
    ladder: ladderView(summary),
    ladderChart: charts.find(({ spec }) => spec.id === 'ladder') ?? null,
    ramps: rampViews(summary),
    redisWins: sentenceViews(summary.whereRedisWins),
    redisWinsNone: compared
      ? 'In no declared comparison of this run did Redis win or stay unbeaten. Other workloads, sizes and settings may show the opposite.'
      : 'Nothing was compared in this run, so nothing can be said about who wins.',
    caveats: sentenceViews(summary.caveats),
    workloads: workloadViews(summary),
    method: methodPoints(summary),
    assumptions: assumptionViews(summary),
    disclosure: disclosureRows(summary),
    gpu: gpuView(summary),
    environment: environmentFacts(summary),
    engineFacts: engineViews(summary),
    sources: sourceViews(summary),
    streams: summary.cases.map(({ id, stream }) => ({
      id: displayText(id, 80),
      sha256: displayText(stream.sha256),
    })),
  };
}

/** The metric that each chart over all workloads shows. */
const chartMetrics: Readonly<Record<string, Metric>> = {
  'capacity-rate': 'capacityRate',
  'capacity-clients': 'capacityClients',
  throughput: 'throughput',
  'latency-p95': 'latencyP95',
  memory: 'memory',
};

function tableOf(summary: Summary, chart: string): MetricTable | null {
  const metric = chartMetrics[chart];
  return metric === undefined ? null : metricTable(summary, metric);
}
