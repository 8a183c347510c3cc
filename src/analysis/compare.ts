import { mean } from 'simple-statistics';

import type { Contender, ComparisonPlan } from '../results/schema.js';
import {
  cliffsDelta,
  hodgesLehmannRatio,
  holm,
  mannWhitneyU,
  pseudomedian,
  smallestMannWhitneyPValue,
  smallestSignedRankPValue,
  wilcoxonSignedRank,
  type ShiftEstimate,
} from '../stats/index.js';
import type { CaseTrials } from './case-trials.js';
import { metricDefinition } from './metrics.js';
import type { ComparisonSummary, ComparisonVerdict, Interval, TestResult } from './summary.js';

/** A declared comparison with what is needed to make it. */
export interface ComparisonInput {
  readonly plan: ComparisonPlan;
  readonly baseline: Contender | undefined;
  readonly candidate: Contender | undefined;
  /** undefined when the plan names a case that the file does not hold. */
  readonly trials: CaseTrials | undefined;
}

export interface Level {
  readonly alpha: number;
  readonly confidence: number;
}

/**
 * Makes every declared comparison, and Holm's correction over all of them: one family for the Mann-Whitney tests and one
 * for the signed-rank tests, each as large as the declaration, also where a comparison could not be made.
 */
export function compareAll(inputs: readonly ComparisonInput[], level: Level): ComparisonSummary[] {
  const raw = inputs.map((input) => compareOne(input, level));
  const adjust = (pValues: readonly (number | undefined)[]): (number | undefined)[] => {
    const known = pValues.filter((p) => p !== undefined);
    const adjusted = holm(known, inputs.length);
    let next = 0;
    return pValues.map((p) => (p === undefined ? undefined : adjusted[next++]));
  };
  const unpaired = adjust(raw.map(({ test }) => test?.pValue));
  const paired = adjust(raw.map((comparison) => comparison.paired?.test.pValue));
  return raw.map((comparison, index) => {
    const test = withAdjusted(comparison.test, unpaired[index]);
    const pairedTest = withAdjusted(comparison.paired?.test ?? null, paired[index]);
    return {
      ...comparison,
      test,
      paired:
        comparison.paired === null || pairedTest === null ? null : { ...comparison.paired, test: pairedTest },
      verdict: judge(comparison.advantage, test, inputs.length, level.alpha),
    };
  });
}

function withAdjusted(test: TestResult | null, adjustedPValue: number | undefined): TestResult | null {
  return test === null || adjustedPValue === undefined ? null : { ...test, adjustedPValue };
}

/**
 * The verdict, from numbers that all stand in the summary: better when the adjusted p is below alpha and the interval of
 * the advantage lies on one side of 1; too few trials when no data could have brought the adjusted p there.
 */
function judge(
  advantage: Interval | null,
  test: TestResult | null,
  familySize: number,
  alpha: number,
): ComparisonVerdict {
  if (test === null || advantage === null) return 'not-measured';
  const { low, high } = advantage;
  if (test.adjustedPValue < alpha && low !== null && high !== null) {
    if (low > 1) return 'candidate-better';
    if (high < 1) return 'baseline-better';
    return 'no-difference-shown';
  }
  const outOfReach = low === null || high === null || test.smallestPValue * familySize >= alpha;
  return outOfReach ? 'too-few-trials' : 'no-difference-shown';
}

function compareOne(input: ComparisonInput, level: Level): ComparisonSummary {
  const { plan, trials } = input;
  const { of, higherIsBetter } = metricDefinition(plan.metric);
  const baseline = trials?.measured(plan.baseline).map(of) ?? [];
  const candidate = trials?.measured(plan.candidate).map(of) ?? [];
  const identity = {
    ...plan,
    crossesBoundary:
      input.baseline !== undefined &&
      input.candidate !== undefined &&
      input.baseline.boundary !== input.candidate.boundary,
    trials: { baseline: baseline.length, candidate: candidate.length },
  };
  const unmeasured = baseline.length === 0 || candidate.length === 0;
  if (unmeasured || [...baseline, ...candidate].some((value) => !(value > 0 && Number.isFinite(value)))) {
    return {
      ...identity,
      ratio: null,
      advantage: null,
      confidence: { asked: level.confidence, achieved: null },
      cliffsDelta: null,
      test: null,
      paired: null,
      verdict: 'not-measured',
    };
  }
  const shift = hodgesLehmannRatio(candidate, baseline, { confidence: level.confidence });
  const ratio = intervalOf(shift, level.confidence);
  const delta = cliffsDelta(candidate, baseline);
  const { u1, pValue, method } = mannWhitneyU(candidate, baseline);
  return {
    ...identity,
    ratio,
    advantage: higherIsBetter ? ratio : inverted(ratio),
    confidence: { asked: level.confidence, achieved: shift.achievedConfidence },
    cliffsDelta: higherIsBetter || delta === 0 ? delta : -delta,
    test: {
      name: 'Mann-Whitney U',
      method,
      statistic: u1,
      pValue,
      adjustedPValue: 1,
      smallestPValue: smallestMannWhitneyPValue(candidate.length, baseline.length),
    },
    paired: comparePaired(input, level),
    verdict: 'not-measured',
  };
}

/**
 * The paired comparison on complete blocks: d = mean ln(candidate) - mean ln(baseline) within a block, turned so that above
 * 0 favours the candidate. In an ABBA block both means lie at the same time, so that a linear drift cancels.
 */
function comparePaired(input: ComparisonInput, level: Level): ComparisonSummary['paired'] {
  const { plan, trials } = input;
  const { of, higherIsBetter } = metricDefinition(plan.metric);
  const differences = (trials?.completeBlocks([plan.baseline, plan.candidate]) ?? []).map((block) => {
    const meanLn = (id: string) => mean((block.get(id) ?? []).map((trial) => Math.log(of(trial))));
    const difference = meanLn(plan.candidate) - meanLn(plan.baseline);
    return higherIsBetter ? difference : -difference;
  });
  if (differences.length === 0) return null;
  const { statistic, pValue, method } = wilcoxonSignedRank(differences);
  const shift = pseudomedian(differences, { confidence: level.confidence });
  return {
    test: {
      name: 'Wilcoxon signed-rank',
      method,
      statistic,
      pValue,
      adjustedPValue: 1,
      smallestPValue: smallestSignedRankPValue(differences.length),
    },
    advantage: intervalOf(
      { ...shift, estimate: Math.exp(shift.estimate), low: Math.exp(shift.low), high: Math.exp(shift.high) },
      level.confidence,
    ),
    blocks: differences.length,
  };
}

/** No interval at all where the widest one falls short of the confidence asked: a narrower claim would be a false one. */
export function intervalOf(shift: ShiftEstimate, confidence: number): Interval {
  const enough = shift.achievedConfidence >= confidence - 1e-12;
  return { estimate: shift.estimate, low: enough ? shift.low : null, high: enough ? shift.high : null };
}

function inverted({ estimate, low, high }: Interval): Interval {
  return {
    estimate: 1 / estimate,
    low: high === null ? null : 1 / high,
    high: low === null ? null : 1 / low,
  };
}
