/** How many trials a run takes. */
import { BenchError } from '../errors.js';
import { requiredBlocks, smallestMannWhitneyPValue } from '../stats/index.js';
import { formatPlural } from '../support/format.js';
import { numberOption } from './option-values.js';

/** p-values that a full run must be able to reach after correction. */
const REACHABLE_P = 0.001;
const QUICK_BLOCKS = 3;

/** As commander hands them over. */
export interface BlockOptions {
  readonly blocks?: number;
  readonly trials?: number;
  readonly quick?: true;
  readonly alpha: number;
}

/**
 * Blocks for each case: as asked for, or as many as p < 0.001 needs after correction.
 *
 * @param comparisons that the run declares
 * @throws BenchError USAGE for two answers, TOO_FEW_TRIALS for fewer than can show anything, unless it is a quick look
 */
export function chooseBlocks(options: BlockOptions, comparisons: number): number {
  if (options.blocks !== undefined && options.trials !== undefined) {
    throw new BenchError('USAGE', '--blocks and --trials say the same thing: give one of them.');
  }
  const blocks = options.blocks ?? (options.trials === undefined ? undefined : options.trials / 2);
  if (blocks !== undefined) {
    if (options.quick !== true) refuseTooFewBlocks(blocks, comparisons, options.alpha);
    return blocks;
  }
  if (options.quick === true) return QUICK_BLOCKS;
  return requiredBlocks({ alpha: REACHABLE_P, comparisons: Math.max(1, comparisons) });
}

/** @throws BenchError TOO_FEW_TRIALS for a run in which nothing could be shown, however large a difference is */
function refuseTooFewBlocks(blocks: number, comparisons: number, alpha: number): void {
  const canShow = (number: number): boolean =>
    smallestMannWhitneyPValue(2 * number, 2 * number) * comparisons < alpha;
  if (comparisons === 0 || canShow(blocks)) return;
  let enough = blocks;
  while (!canShow(enough)) enough++;
  throw new BenchError(
    'TOO_FEW_TRIALS',
    `${formatPlural(blocks, 'block')} of trials cannot show any difference at the level ${String(alpha)} once corrected over ` +
      `${formatPlural(comparisons, 'comparison')}: ${String(enough)} are needed at least (--blocks ${String(enough)}, ${String(2 * enough)} trials each).`,
    {
      hint: 'Fewer workloads or contenders need fewer; --quick takes a look that is not meant to show anything.',
    },
  );
}

/** Reads --trials. @throws BenchError TOO_FEW_TRIALS, PARAMETER_OUT_OF_RANGE */
export function trialCount(text: string): number {
  const trials = numberOption({
    option: '--trials',
    unit: 'trials',
    minimum: 1,
    maximum: 2000,
    integer: true,
  })(text);
  if (trials === 1) {
    throw new BenchError(
      'TOO_FEW_TRIALS',
      'One trial shows no uncertainty: no interval and no test can be made from it, so it cannot show a difference.',
      { hint: 'Give an even number; --quick takes 6, and without --trials there are enough for p < 0.001.' },
    );
  }
  if (trials % 2 !== 0) {
    throw new BenchError(
      'PARAMETER_OUT_OF_RANGE',
      `--trials takes an even number, as every ABBA block holds two trials of each contender; ${String(trials - 1)} or ${String(trials + 1)}.`,
    );
  }
  return trials;
}
