import type { ResultFile } from '../results/schema.js';
import { describePValue, formatRatio } from '../support/format.js';
import { CaseTrials } from './case-trials.js';
import { compareAll } from './compare.js';
import { metricDefinition } from './metrics.js';
import type { ControlSummary } from './summary.js';

/**
 * The A/A control of one session: two arms of one contender, compared by the very rule that calls a contender faster
 * (`compareAll`), at the level of the plan. Holm corrects over all of the control's own comparisons (cases times metrics),
 * so that a session in which nothing is wrong is called invalid with a probability of at most alpha.
 *
 * @param trials of every case of the file, by case id
 */
export function summariseControl(
  { plan }: ResultFile,
  trials: ReadonlyMap<string, CaseTrials>,
): ControlSummary {
  const { control, alpha, stopping } = plan;
  if (control === undefined || control === null) {
    return {
      state: 'not-controlled',
      contender: null,
      arm: null,
      alpha,
      familySize: 0,
      extraTrials: 0,
      comparisons: [],
    };
  }
  const contender = plan.contenders.find(({ id }) => id === control.contender);
  const comparisons = compareAll(
    plan.cases
      .filter(({ blocks }) => blocks.flat().includes(control.arm))
      .flatMap(({ id: caseId }) =>
        control.metrics.map((metric) => ({
          plan: { caseId, metric, baseline: control.contender, candidate: control.arm },
          baseline: contender,
          candidate: contender,
          trials: trials.get(caseId),
          stopping,
        })),
      ),
    plan,
  );
  const verdicts = comparisons.map(({ verdict }) => verdict);
  const found = verdicts.some((verdict) => verdict === 'candidate-better' || verdict === 'baseline-better');
  const looked = verdicts.includes('no-difference-shown') || verdicts.includes('equivalent');
  return {
    state: found ? 'failed' : looked ? 'passed' : 'cannot-tell',
    contender: control.contender,
    arm: control.arm,
    alpha,
    familySize: comparisons.length,
    extraTrials: control.extraTrials,
    comparisons,
  };
}

/** Why a session is invalid, as the end of a sentence; null where its control found nothing, or where it has none. */
export function controlReason(result: ResultFile): string | null {
  const trials = new Map(result.plan.cases.map((plan) => [plan.id, new CaseTrials(result, plan)]));
  const { state, contender, comparisons } = summariseControl(result, trials);
  if (state !== 'failed') return null;
  const found = comparisons.flatMap(({ verdict, caseId, metric, ratio, test }) =>
    (verdict === 'candidate-better' || verdict === 'baseline-better') && ratio !== null && test !== null
      ? [
          `${caseId}, ${metricDefinition(metric).name} ${formatRatio(ratio.estimate)}, ${describePValue(test.adjustedPValue)}`,
        ]
      : [],
  );
  return `it compared ${contender ?? ''} with itself and found a difference that is not there (${found.join('; ')})`;
}
