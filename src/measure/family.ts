import type { ComparisonPlan, Contender, Metric } from '../results/schema.js';

/** What is compared in every case. Declared here, before anything is measured: Holm corrects over all of it. */
export const COMPARED_METRICS: readonly Metric[] = ['throughput', 'latencyP95', 'memory'];

/**
 * The comparison family of a plan: in every case and for every metric above, each Predis contender (candidate) against each
 * Redis contender (baseline). Contenders of other engines are controls: they are shown and never tested.
 */
export function declareComparisons(
  caseIds: readonly string[],
  contenders: readonly Contender[],
): ComparisonPlan[] {
  const baselines = contenders.filter(({ engine }) => engine.startsWith('redis'));
  const candidates = contenders.filter(({ engine }) => engine.startsWith('predis'));
  return caseIds.flatMap((caseId) =>
    COMPARED_METRICS.flatMap((metric) =>
      candidates.flatMap((candidate) =>
        baselines.map((baseline) => ({ caseId, metric, baseline: baseline.id, candidate: candidate.id })),
      ),
    ),
  );
}
