/** The options of `predis-bench run` that fix a stopping rule before the first trial. */
import type { Command } from 'commander';
import { BenchError } from '../errors.js';
import type { Plan } from '../results/schema.js';
import { groupSequential, smallestSignedRankPValue } from '../stats/index.js';
import { formatPlural } from '../support/format.js';
import { numberOption } from './option-values.js';

type Stopping = NonNullable<Plan['stopping']>;

/** As commander hands them over. */
export interface StoppingOptions {
  readonly stopWhen?: 'decided';
  readonly looks?: number;
  readonly spending?: Stopping['spending'];
}

const DEFAULT_LOOKS = 4;
const MOST_BLOCKS = 1000;

/** Adds them to a command. */
export function addStoppingOptions(command: Command): Command {
  return command
    .option(
      '--stop-when <rule>',
      'decided: end a case at a look at which each of its comparisons is; --blocks is then the most (default: all blocks)',
      stopRule,
    )
    .option(
      '--looks <n>',
      `looks of that rule, at equal steps of the blocks (default: ${String(DEFAULT_LOOKS)})`,
      numberOption({ option: '--looks', unit: 'looks', minimum: 2, maximum: 10, integer: true }),
    )
    .option(
      '--spending <kind>',
      'how it spends the level: obrien-fleming (little at first; the default) or pocock (evenly)',
      spendingKind,
    );
}

/**
 * The stopping rule that the options ask for.
 *
 * @param design `comparisons` of the whole plan; each gets an equal share of alpha (Bonferroni)
 * @returns null when none is asked for
 * @throws BenchError USAGE for options that do not go together, TOO_FEW_TRIALS when no look before the last could stop
 */
export function chooseStopping(
  { stopWhen, looks, spending }: StoppingOptions,
  design: { readonly blocks: number; readonly alpha: number; readonly comparisons: number },
): Stopping | null {
  if (stopWhen === undefined) {
    if (looks === undefined && spending === undefined) return null;
    const option = looks === undefined ? '--spending' : '--looks';
    throw new BenchError('USAGE', `${option} belongs to a stopping rule: add --stop-when decided.`);
  }
  if (design.comparisons === 0) {
    throw new BenchError(
      'USAGE',
      '--stop-when decided: this run declares no comparison that could be decided.',
    );
  }
  const rule = ruleFor(design.blocks, {
    ...design,
    looks: looks ?? DEFAULT_LOOKS,
    spending: spending ?? 'obrien-fleming',
  });
  if (rule !== null && canStop(rule)) return rule;
  const needed = neededBlocks(design, looks ?? DEFAULT_LOOKS, spending ?? 'obrien-fleming');
  throw new BenchError(
    'TOO_FEW_TRIALS',
    `--stop-when decided: ${formatPlural(design.blocks, 'block')} are too few for ${formatPlural(design.comparisons, 'comparison')} ` +
      `at alpha ${String(design.alpha)}: no look before the last could decide anything` +
      (needed === null ? '.' : `; ${formatPlural(needed, 'block')} are needed at least.`),
    { hint: 'Give --blocks, fewer --looks, or --spending pocock; or leave --stop-when out.' },
  );
}

interface RuleRequest {
  readonly alpha: number;
  readonly comparisons: number;
  readonly looks: number;
  readonly spending: Stopping['spending'];
}

/** null when there are fewer blocks than looks. */
function ruleFor(blocks: number, { alpha, comparisons, looks, spending }: RuleRequest): Stopping | null {
  if (blocks < looks) return null;
  const at = Array.from({ length: looks }, (_, look) => Math.round(((look + 1) * blocks) / looks));
  const boundaries = groupSequential({
    looks: at.map((done) => done / blocks),
    alpha: alpha / comparisons,
    spending,
  });
  return {
    spending,
    looks: at.map((done, look) => ({ blocks: done, nominalAlpha: boundaries[look]?.nominalAlpha ?? 0 })),
  };
}

/** The test on blocks has the largest of the smallest p-values. */
function canStop({ looks }: Stopping): boolean {
  return looks
    .slice(0, -1)
    .some(({ blocks, nominalAlpha }) => smallestSignedRankPValue(blocks) < nominalAlpha);
}

function neededBlocks(
  design: { readonly blocks: number; readonly alpha: number; readonly comparisons: number },
  looks: number,
  spending: Stopping['spending'],
): number | null {
  for (let blocks = Math.max(looks, design.blocks + 1); blocks <= MOST_BLOCKS; blocks++) {
    const rule = ruleFor(blocks, { ...design, looks, spending });
    if (rule !== null && canStop(rule)) return blocks;
  }
  return null;
}

function stopRule(text: string): 'decided' {
  if (text === 'decided') return text;
  throw new BenchError('USAGE', `--stop-when takes decided, not "${text}".`);
}

function spendingKind(text: string): Stopping['spending'] {
  if (text === 'obrien-fleming' || text === 'pocock') return text;
  throw new BenchError('USAGE', `--spending is obrien-fleming or pocock, not "${text}".`);
}
