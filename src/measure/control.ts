import { BenchError } from '../errors.js';
import type { Contender, ControlPlan, Metric } from '../results/schema.js';

/** Trials of the second arm stand under the contender's id with this behind it; no contender's id holds a colon. */
const ARM_SUFFIX = ':control';

/**
 * The contender that a session compares with itself when none is named: the first of Predis, since it is what claims are
 * made of, otherwise the first that stores anything (a floor does not).
 */
export function defaultControl(contenders: readonly Contender[]): string | null {
  const claimed = contenders.find(({ engine }) => engine.startsWith('predis'));
  return (claimed ?? contenders.find(({ floor }) => floor !== true))?.id ?? null;
}

/**
 * Plans the A/A control: a second arm of one contender, that takes its places in the same blocks as if it were another. Its
 * trials run on the same engine, so that every difference that is found between the two arms is one that is not there.
 *
 * @param contender id of the plan
 * @param metrics those that contenders are compared on
 * @throws BenchError UNKNOWN_CONTENDER when the plan has none of that name
 */
export function planControl(
  contender: string,
  contenders: readonly Contender[],
  metrics: readonly Metric[],
): Omit<ControlPlan, 'extraTrials'> {
  if (!contenders.some(({ id }) => id === contender)) {
    throw new BenchError(
      'UNKNOWN_CONTENDER',
      `--control ${contender}: this run has no such contender; it has ${contenders.map(({ id }) => id).join(', ')}.`,
    );
  }
  return {
    contender,
    arm: `${contender}${ARM_SUFFIX}`,
    metrics: [...metrics],
  };
}
