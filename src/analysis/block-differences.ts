import { mean } from 'simple-statistics';

import type { ComparisonPlan, Contender, Plan } from '../results/schema.js';
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
}

/**
 * d = mean ln(candidate) - mean ln(baseline) within each complete block, turned so that above 0 favours the candidate. In an
 * ABBA block both means lie at the same time, so that a linear drift cancels.
 */
export function blockDifferences({ plan, trials }: ComparisonInput): number[] {
  const { of, higherIsBetter } = metricDefinition(plan.metric);
  return (trials?.completeBlocks([plan.baseline, plan.candidate]) ?? []).map((block) => {
    const meanLn = (id: string) => mean((block.get(id) ?? []).map((trial) => Math.log(of(trial))));
    const difference = meanLn(plan.candidate) - meanLn(plan.baseline);
    return higherIsBetter ? difference : -difference;
  });
}
