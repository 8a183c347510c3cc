import type { Metric } from '../../results/schema.js';
import type { ComparisonVerdict, Sentence } from '../summary.js';
import { comparisonsWithRedis, describeComparison, type PlacedComparison } from './comparison-text.js';
import { sentence, type SummaryFacts } from './sentence.js';

const importance: readonly Metric[] = [
  'capacityRate',
  'capacityClients',
  'throughput',
  'latencyP95',
  'latencyP99',
  'latencyP50',
  'memory',
];

const tones: Record<ComparisonVerdict, Sentence['tone']> = {
  'candidate-better': 'good',
  'baseline-better': 'bad',
  equivalent: 'neutral',
  'no-difference-shown': 'neutral',
  'too-few-trials': 'neutral',
  'not-measured': 'neutral',
};

/**
 * One sentence for each case, metric and candidate, throughput first: always against the Redis variant that leaves the
 * candidate the least advantage on that metric, whatever the verdict.
 */
export function headline(facts: SummaryFacts): Sentence[] {
  const hardest = new Map<string, PlacedComparison>();
  for (const placed of comparisonsWithRedis(facts)) {
    const { caseId, metric, candidate, advantage } = placed.comparison;
    if (advantage === null) continue;
    const key = JSON.stringify([caseId, metric, candidate]);
    const kept = hardest.get(key)?.comparison.advantage;
    if (kept === undefined || kept === null || advantage.estimate < kept.estimate) hardest.set(key, placed);
  }
  if (hardest.size === 0) {
    return [sentence(facts, 'neutral', 'This run compared nothing with Redis, so that nothing can be said.')];
  }
  return [...hardest.values()]
    .sort((a, b) => importance.indexOf(a.comparison.metric) - importance.indexOf(b.comparison.metric))
    .map((placed) => sentence(facts, tones[placed.comparison.verdict], ...describeComparison(placed, true)));
}
