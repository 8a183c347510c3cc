import { mean } from 'simple-statistics';

import type { ComparisonPlan, Contender, MeasuredTrial, Plan } from '../results/schema.js';
import type { CaseTrials } from './case-trials.js';
import { metricDefinition } from './metrics.js';

/** A declared comparison with what is needed to make it. */
export interface ComparisonInput {
  readonly plan: ComparisonPlan;
  readonly baseline: Contender | undefined;
  readonly candidate: Contender | undefined;
  /** undefined when the plan names a case that the file does not hold. */
  readonly trials: CaseTrials | undefined;
  /** Rule by which the run could be stopped. */
  readonly stopping?: Plan['stopping'] | undefined;
  /** Tests other numbers than those of the plan's metric, and against another ratio than 1. */
  readonly against?: {
    readonly of: (trial: MeasuredTrial) => number;
    readonly higherIsBetter: boolean;
    /** Candidate over baseline that counts as no difference: ratio and advantage are told over it. */
    readonly ratio: number;
  };
}

/** What is compared: the candidate's numbers, and the baseline's, multiplied by the ratio that is tested against. */
export function comparedNumbers({ plan, against }: ComparisonInput): {
  readonly candidateOf: (trial: MeasuredTrial) => number;
  readonly baselineOf: (trial: MeasuredTrial) => number;
  readonly higherIsBetter: boolean;
} {
  const { of, higherIsBetter } = against ?? metricDefinition(plan.metric);
  const ratio = against?.ratio ?? 1;
  return { candidateOf: of, baselineOf: (trial) => of(trial) * ratio, higherIsBetter };
}

/**
 * d = mean ln(candidate) - mean ln(baseline) within each complete block, turned so that above 0 favours the candidate. In an
 * ABBA block both means lie at the same time, so that a linear drift cancels.
 */
export function blockDifferences(input: ComparisonInput): number[] {
  const { plan, trials } = input;
  const { candidateOf, baselineOf, higherIsBetter } = comparedNumbers(input);
  return (trials?.completeBlocks([plan.baseline, plan.candidate]) ?? []).map((block) => {
    const meanLn = (id: string, of: (trial: MeasuredTrial) => number) =>
      mean((block.get(id) ?? []).map((trial) => Math.log(of(trial))));
    const difference = meanLn(plan.candidate, candidateOf) - meanLn(plan.baseline, baselineOf);
    return higherIsBetter ? difference : -difference;
  });
}
