import {
  cliffsDelta,
  equivalence as testEquivalence,
  hodgesLehmannRatio,
  holm,
  mannWhitneyU,
  pairedEquivalence,
  pseudomedian,
  smallestMannWhitneyPValue,
  smallestSignedRankPValue,
  wilcoxonSignedRank,
  type ShiftEstimate,
} from '../stats/index.js';
import { blockDifferences, comparedNumbers, type ComparisonInput } from './block-differences.js';
import { looksTaken, nominalAlphaAt, testAtLooks, type Stopping } from './sequential.js';
import type { CaseTrials } from './case-trials.js';
import { detectableByBlocks, detectableEffect, type Detectable } from './detectable.js';
import type {
  ComparisonSummary,
  ComparisonVerdict,
  EquivalenceSummary,
  Interval,
  TestResult,
} from './summary.js';

export type { ComparisonInput } from './block-differences.js';

export interface Level {
  readonly alpha: number;
  readonly confidence: number;
  /** The difference that does not matter, as a fraction; absent where none was declared. */
  readonly margin?: number;
}

/**
 * Makes every declared comparison, and Holm's correction over all of them: one family for the Mann-Whitney tests and one
 * for the signed-rank tests, each as large as the declaration, also where a comparison could not be made.
 */
export function compareAll(inputs: readonly ComparisonInput[], level: Level): ComparisonSummary[] {
  const raw = inputs.map((input) => compareInput(input, level, inputs.length));
  const adjust = (pValues: readonly (number | undefined)[]): (number | undefined)[] => {
    const known = pValues.filter((p) => p !== undefined);
    const adjusted = holm(known, inputs.length);
    let next = 0;
    return pValues.map((p) => (p === undefined ? undefined : adjusted[next++]));
  };
  const unpaired = adjust(raw.map(({ test }) => test?.pValue));
  const paired = adjust(raw.map((comparison) => comparison.paired?.test.pValue));
  const equal = adjust(raw.map(({ equivalence }) => equivalence?.pValue));
  return raw.map((comparison, index) => {
    const test = withAdjusted(comparison.test, unpaired[index]);
    const pairedTest = withAdjusted(comparison.paired?.test ?? null, paired[index]);
    const adjustedEqual = equal[index] ?? 1;
    const equivalence =
      comparison.equivalence === null
        ? null
        : {
            ...comparison.equivalence,
            adjustedPValue: adjustedEqual,
            shown: adjustedEqual < level.alpha,
          };
    const judged = {
      ...comparison,
      test,
      equivalence,
      paired:
        comparison.paired === null || pairedTest === null ? null : { ...comparison.paired, test: pairedTest },
    };
    return { ...judged, verdict: judge(judged, inputs.length, level.alpha) };
  });
}

function withAdjusted(test: TestResult | null, adjustedPValue: number | undefined): TestResult | null {
  return test === null || adjustedPValue === undefined ? null : { ...test, adjustedPValue };
}

/**
 * The verdict, from numbers that all stand in the summary: better when the adjusted p is below alpha, that of the blocks too
 * where they are not too few for it, and the interval of the advantage lies on one side of 1; otherwise equivalent when that was shown within the declared margin; too few trials
 * when no data could have brought the adjusted p there.
 */
function judge(
  {
    advantage,
    test,
    paired,
    equivalence,
  }: Pick<ComparisonSummary, 'advantage' | 'test' | 'paired' | 'equivalence'>,
  familySize: number,
  alpha: number,
): ComparisonVerdict {
  if (test === null || advantage === null) return 'not-measured';
  const { low, high } = advantage;
  if (test.adjustedPValue < alpha && borneOut(paired, familySize, alpha) && low !== null && high !== null) {
    if (low > 1) return 'candidate-better';
    if (high < 1) return 'baseline-better';
  }
  if (equivalence?.shown === true) return 'equivalent';
  const outOfReach = low === null || high === null || test.smallestPValue * familySize >= alpha;
  return outOfReach ? 'too-few-trials' : 'no-difference-shown';
}

/**
 * Whether the blocks agree, or are too few to say. The two trials of a contender in a block stand in mirrored places, and
 * whatever comes back with the length of a block (a job every few seconds) makes them alike: the rank test then takes for two
 * values what is one. The order of each block was drawn anew, so that the test on blocks holds whatever the weather did.
 */
function borneOut(paired: ComparisonSummary['paired'], familySize: number, alpha: number): boolean {
  return (
    !blocksCanSpeak(paired?.blocks ?? 0, familySize, alpha) || (paired?.test.adjustedPValue ?? 1) < alpha
  );
}

/** Whether so many blocks can bring the adjusted p of the test on blocks below the level at all. */
export function blocksCanSpeak(blocks: number, familySize: number, alpha: number): boolean {
  return blocks > 0 && smallestSignedRankPValue(blocks) * familySize < alpha;
}

/** One comparison of a family of so many, before Holm's correction: `adjustedPValue` and `verdict` say nothing yet. */
export function compareInput(input: ComparisonInput, level: Level, familySize: number): ComparisonSummary {
  return input.stopping === undefined || input.trials === undefined
    ? compareOne(input, level, familySize)
    : compareAtLooks({ ...input, stopping: input.stopping }, input.trials, level, familySize);
}

/**
 * A comparison of a run that could be stopped: on the trials up to the last look, with p-values that allow for all of the looks
 * (`repeatedPValue`), and intervals at the confidence that the rule leaves to that look, so that those of all looks hold
 * together (repeated confidence intervals; Jennison and Turnbull 2000, ch. 9). Equivalence is not tested where a case was
 * stopped, which happens only when everything in it differs.
 */
function compareAtLooks(
  input: ComparisonInput & { readonly stopping: Stopping },
  trials: CaseTrials,
  level: Level,
  familySize: number,
): ComparisonSummary {
  const { stopping } = input;
  const taken = looksTaken(stopping, trials);
  const last = taken.at(-1);
  // Before the first look nothing is known: an interval that no data can give.
  const confidence =
    last === undefined ? 1 - 1e-12 : 1 - nominalAlphaAt(stopping, taken.length - 1, 1 - level.confidence);
  const alone = nominalAlphaAt(stopping, Math.max(0, taken.length - 1), level.alpha / familySize);
  const comparison = compareOne(
    { ...input, trials: last === undefined ? trials : trials.firstBlocks(last.blocks) },
    { ...level, confidence },
    familySize,
    alone,
  );
  const { blocks, byTrials, repeated, smallest } = testAtLooks(input);
  const { test, paired, equivalence } = comparison;
  return {
    ...comparison,
    test: test === null ? null : { ...test, pValue: repeated.byTrials, smallestPValue: smallest.byTrials },
    paired:
      paired === null
        ? null
        : {
            ...paired,
            test: { ...paired.test, pValue: repeated.byBlocks, smallestPValue: smallest.byBlocks },
          },
    equivalence: taken.length === stopping.looks.length ? equivalence : null,
    looks: blocks.map((count, look) => ({ blocks: count, pValue: byTrials[look] ?? 1 })),
  };
}

/** @param alone level of this one test, when every one of the family must hold */
function compareOne(
  input: ComparisonInput,
  level: Level,
  familySize: number,
  alone = level.alpha / familySize,
): ComparisonSummary {
  const { plan, trials } = input;
  const { candidateOf, baselineOf, higherIsBetter } = comparedNumbers(input);
  const baseline = trials?.measured(plan.baseline).map(baselineOf) ?? [];
  const candidate = trials?.measured(plan.candidate).map(candidateOf) ?? [];
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
      detectable: null,
      equivalence: null,
      looks: null,
      verdict: 'not-measured',
    };
  }
  const shift = hodgesLehmannRatio(candidate, baseline, { confidence: level.confidence });
  const ratio = intervalOf(shift, level.confidence);
  const delta = cliffsDelta(candidate, baseline);
  const { u1, pValue, method } = mannWhitneyU(candidate, baseline);
  const differences = blockDifferences(input);
  const byBlocks = blocksCanSpeak(differences.length, familySize, level.alpha);
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
    paired: comparePaired(differences, level),
    // symmetrical on logarithms, so that it holds for the advantage too, whichever way the metric points
    detectable: widest(
      detectableEffect(candidate, baseline, alone, 'ratio'),
      byBlocks ? detectableByBlocks(differences, alone) : null,
    ),
    equivalence:
      level.margin === undefined
        ? null
        : compareEquivalence(candidate, baseline, byBlocks ? differences : null, {
            margin: level.margin,
            alpha: level.alpha,
          }),
    looks: null,
    verdict: 'not-measured',
  };
}

/**
 * The bounds are those of a loss and their inverse, and hold for ratio and advantage alike.
 *
 * @param differences of the blocks where these can speak; then both tests must show it
 */
function compareEquivalence(
  candidate: readonly number[],
  baseline: readonly number[],
  differences: readonly number[] | null,
  options: { readonly margin: number; readonly alpha: number },
): EquivalenceSummary {
  const { bounds, pValue } = testEquivalence(candidate, baseline, options);
  const blocks = differences === null ? 0 : pairedEquivalence(differences, options).pValue;
  return {
    margin: options.margin,
    bounds,
    pValue: Math.max(pValue, blocks),
    adjustedPValue: 1,
    shown: false,
  };
}

/** What both tests find; null where the rank test finds nothing. */
function widest(byTrials: Detectable | null, byBlocks: Detectable | null): Detectable | null {
  return byTrials !== null && byBlocks !== null && byBlocks.high > byTrials.high ? byBlocks : byTrials;
}

/** The paired comparison on complete blocks. */
function comparePaired(differences: readonly number[], level: Level): ComparisonSummary['paired'] {
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
