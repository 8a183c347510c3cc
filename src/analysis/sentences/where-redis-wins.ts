import type { Sentence } from '../summary.js';
import { comparisonsWithRedis, describeComparison } from './comparison-text.js';
import { sentence, shown, type SummaryFacts } from './sentence.js';

/** Every comparison that Redis won or was not shown to lose; when there is none, a sentence that says so. Never empty. */
export function whereRedisWins(facts: SummaryFacts): Sentence[] {
  const sentences = comparisonsWithRedis(facts).flatMap((placed) => {
    const { verdict } = placed.comparison;
    if (verdict === 'baseline-better') return [sentence(facts, 'bad', ...describeComparison(placed, false))];
    if (verdict === 'no-difference-shown' || verdict === 'equivalent') {
      return [sentence(facts, 'neutral', ...describeComparison(placed, false))];
    }
    return [];
  });
  const against = '/statistics/againstRedis';
  const { comparisons, verdicts } = facts.statistics.againstRedis;
  if (comparisons === 0) return [sentence(facts, 'neutral', 'This run compared nothing with Redis.')];
  if (verdicts['too-few-trials'] > 0) {
    sentences.push(
      sentence(
        facts,
        'warning',
        'In ',
        shown(`${against}/verdicts/too-few-trials`),
        ' of the ',
        shown(`${against}/comparisons`),
        ' comparisons with Redis the trials were too few to say who is ahead.',
      ),
    );
  }
  if (verdicts['not-measured'] > 0) {
    sentences.push(
      sentence(
        facts,
        'warning',
        shown(`${against}/verdicts/not-measured`),
        ' of the ',
        shown(`${against}/comparisons`),
        ' comparisons with Redis could not be made.',
      ),
    );
  }
  if (sentences.length > 0) return sentences;
  return [
    sentence(
      facts,
      'neutral',
      'In this run Redis won none of the ',
      shown(`${against}/comparisons`),
      ' comparisons.',
    ),
  ];
}
