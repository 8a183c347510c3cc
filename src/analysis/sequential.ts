/** Comparisons of a run that could be stopped by a rule fixed in advance: what counts is what stood at the looks. */
import type { Plan, ResultFile } from '../results/schema.js';
import {
  groupSequential,
  mannWhitneyU,
  repeatedPValue,
  smallestMannWhitneyPValue,
  smallestSignedRankPValue,
  wilcoxonSignedRank,
} from '../stats/index.js';
import { blockDifferences, comparedNumbers, type ComparisonInput } from './block-differences.js';
import { CaseTrials } from './case-trials.js';

export type Stopping = NonNullable<Plan['stopping']>;

/** p-values of one comparison at one look, and what the looks up to it amount to. */
export interface SequentialTests {
  /** Blocks at each look that was taken. */
  readonly blocks: readonly number[];
  /** As tested at each look. */
  readonly byTrials: readonly number[];
  readonly byBlocks: readonly number[];
  /** p-values that allow for the looks (`repeatedPValue`), and the smallest that were possible. */
  readonly repeated: { readonly byTrials: number; readonly byBlocks: number };
  readonly smallest: { readonly byTrials: number; readonly byBlocks: number };
}

/** Looks of the rule whose blocks are all recorded. */
export function looksTaken(stopping: Stopping, trials: CaseTrials): Stopping['looks'] {
  const recorded = trials.recordedBlocks();
  return stopping.looks.filter(({ blocks }) => blocks <= recorded);
}

/** Tests a comparison at every look that was taken. A side without a usable value gives a p of 1. */
export function testAtLooks(input: ComparisonInput & { readonly stopping: Stopping }): SequentialTests {
  const { trials, stopping, plan } = input;
  const { candidateOf, baselineOf } = comparedNumbers(input);
  const taken = trials === undefined ? [] : looksTaken(stopping, trials);
  const tests = taken.map(({ blocks }) => {
    const view = trials?.firstBlocks(blocks);
    const [baseline, candidate] = (
      [
        [plan.baseline, baselineOf],
        [plan.candidate, candidateOf],
      ] as const
    ).map(
      ([id, of]) =>
        view
          ?.measured(id)
          .map(of)
          .filter((value) => value > 0 && Number.isFinite(value)) ?? [],
    );
    const differences = blockDifferences({ ...input, trials: view }).filter(Number.isFinite);
    const [m, n] = [baseline?.length ?? 0, candidate?.length ?? 0];
    return {
      byTrials: m > 0 && n > 0 ? mannWhitneyU(candidate ?? [], baseline ?? []).pValue : 1,
      byBlocks: differences.length > 0 ? wilcoxonSignedRank(differences).pValue : 1,
      smallestByTrials: m > 0 && n > 0 ? smallestMannWhitneyPValue(m, n) : 1,
      smallestByBlocks: differences.length > 0 ? smallestSignedRankPValue(differences.length) : 1,
    };
  });
  const design = designOf(stopping);
  const repeated = (pick: (test: (typeof tests)[number]) => number): number =>
    repeatedPValue(tests.map(pick), design);
  return {
    blocks: taken.map(({ blocks }) => blocks),
    byTrials: tests.map(({ byTrials }) => byTrials),
    byBlocks: tests.map(({ byBlocks }) => byBlocks),
    repeated: {
      byTrials: repeated(({ byTrials }) => byTrials),
      byBlocks: repeated(({ byBlocks }) => byBlocks),
    },
    smallest: {
      byTrials: repeated(({ smallestByTrials }) => smallestByTrials),
      byBlocks: repeated(({ smallestByBlocks }) => smallestByBlocks),
    },
  };
}

/** The nominal level of one test at a look of the rule, when the level over all looks is `alpha`. */
export function nominalAlphaAt(stopping: Stopping, look: number, alpha: number): number {
  return groupSequential({ ...designOf(stopping), alpha })[look]?.nominalAlpha ?? alpha;
}

/** Shares of the blocks at the looks, and how the level is spent. */
function designOf({ looks, spending }: Stopping): { looks: number[]; spending: Stopping['spending'] } {
  const all = looks.at(-1)?.blocks ?? 1;
  return { looks: looks.map(({ blocks }) => blocks / all), spending };
}

/**
 * Whether a case may end at a look: every comparison that the plan declares for it has crossed the boundary of the rule, at
 * this look or at an earlier one, both by trials and by blocks.
 */
export function isDecided(file: Pick<ResultFile, 'plan' | 'trials'>, caseId: string): boolean {
  const { plan } = file;
  const { stopping } = plan;
  const casePlan = plan.cases.find(({ id }) => id === caseId);
  if (stopping === undefined || casePlan === undefined) return false;
  const trials = new CaseTrials(file, casePlan);
  const declared = plan.comparisons.filter((comparison) => comparison.caseId === caseId);
  const crossed = (pValues: readonly number[]): boolean =>
    pValues.some((p, look) => p < (stopping.looks[look]?.nominalAlpha ?? 0));
  return (
    declared.length > 0 &&
    declared.every((comparison) => {
      const { byTrials, byBlocks } = testAtLooks({
        plan: comparison,
        baseline: undefined,
        candidate: undefined,
        trials,
        stopping,
      });
      return crossed(byTrials) && crossed(byBlocks);
    })
  );
}
