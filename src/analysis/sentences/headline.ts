import type { Metric } from '../../results/schema.js';
import type { ComparisonVerdict, Sentence } from '../summary.js';
import { describeComparison, hardestComparisons, type PlacedComparison } from './comparison-text.js';
import { sentence, type SummaryFacts } from './sentence.js';

/** Metrics from the one that counts most. */
export const importance: readonly Metric[] = [
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
  const hardest = hardestComparisons(facts);
  if (hardest.length === 0) {
    return [sentence(facts, 'neutral', 'This run compared nothing with Redis, so that nothing can be said.')];
  }
  return [...hardest]
    .sort((a, b) => importance.indexOf(a.comparison.metric) - importance.indexOf(b.comparison.metric))
    .map((placed) => headlineSentence(facts, placed));
}

/** About one comparison with the Redis variant that is hardest to beat. */
export function headlineSentence(facts: SummaryFacts, placed: PlacedComparison): Sentence {
  return sentence(facts, tones[placed.comparison.verdict], ...describeComparison(placed, true));
}
