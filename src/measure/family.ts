import type { CapacitySearch, ComparisonPlan, Contender, Metric } from '../results/schema.js';

/** What is compared in every case. Declared here, before anything is measured: Holm corrects over all of it. */
export const COMPARED_METRICS: readonly Metric[] = ['throughput', 'latencyP95', 'memory'];

/** In open loop every contender gets the same rate: there is no throughput to compare, and memory does not depend on load. */
const OPEN_LOOP_METRICS: readonly Metric[] = ['latencyP95', 'latencyP99'];

/** What a plan compares: of a capacity search, the capacity alone. */
export function comparedMetrics(
  openLoop: boolean,
  search: CapacitySearch['search'] | null = null,
): readonly Metric[] {
  if (search !== null) return [search === 'rate' ? 'capacityRate' : 'capacityClients'];
  return openLoop ? OPEN_LOOP_METRICS : COMPARED_METRICS;
}

/**
 * The comparison family of a plan: in every case and for every metric above, each Predis contender (candidate) against each
 * Redis contender (baseline), and Predis as it comes against Predis kept on the CPU at the same boundary, which is what a GPU
 * adds. Contenders of other engines are controls: they are shown and never tested.
 */
export function declareComparisons(
  caseIds: readonly string[],
  contenders: readonly Contender[],
  metrics: readonly Metric[] = COMPARED_METRICS,
): ComparisonPlan[] {
  const baselines = contenders.filter(({ engine }) => engine.startsWith('redis'));
  const candidates = contenders.filter(({ engine }) => engine.startsWith('predis'));
  const onCpu = candidates.filter(({ settings }) => settings.engine === 'cpu');
  const pairs = candidates.flatMap((candidate) =>
    [...baselines, ...(onCpu.includes(candidate) ? [] : onCpu.filter(sameBoundary(candidate)))].map(
      (baseline) => ({ baseline: baseline.id, candidate: candidate.id }),
    ),
  );
  return caseIds.flatMap((caseId) =>
    metrics.flatMap((metric) => pairs.map((pair) => ({ caseId, metric, ...pair }))),
  );
}

function sameBoundary({ boundary }: Contender): (other: Contender) => boolean {
  return (other) => other.boundary === boundary;
}
