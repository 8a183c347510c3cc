import { sumNthPowerDeviations } from 'simple-statistics';

import type { Claim, ClaimMetric } from '../../results/declared/claims.js';
import type { Contender, MeasuredTrial, Plan } from '../../results/schema.js';
import { formatCount, formatPlural } from '../../support/format.js';
import { median, medianInterval, signTest, signTestDetectable } from '../../stats/index.js';
import type { CaseTrials } from '../case-trials.js';
import { blocksCanSpeak, compareInput } from '../compare.js';
import { DETECTABLE_POWER, type Detectable } from '../detectable.js';
import type { Interval } from '../summary.js';
import { claimMetrics } from './claim-metrics.js';
import type { ClaimPart, ClaimSide } from './claim-summary.js';

/** Level of the family, confidence of intervals, and how many claims are declared. */
export interface ClaimLevel {
  readonly alpha: number;
  readonly confidence: number;
  readonly familySize: number;
}

/** What one part of a claim is made of. */
export interface PartInput {
  readonly metric: ClaimMetric;
  readonly threshold: Claim['threshold'];
  readonly plan: Plan;
  readonly trials: CaseTrials;
  readonly candidate: Contender;
  readonly baseline: Contender | null;
  /** Label of a contender, with the engine that ran, and where the summary has its median of this metric. */
  readonly describe: (contender: Contender) => { readonly label: string; readonly ref: string | null };
}

/** A part before it is judged; `absent` says why it could not be measured, as the end of a sentence. */
export interface MeasuredPart extends ClaimPart {
  readonly absent: string | null;
}

/** Whether the claim asks for more rather than for less. */
export function asksForMore({ is }: Claim['threshold']): boolean {
  return is === 'at-least' || is === 'above';
}

/** Measures one part and tests it against the threshold. */
export function measurePart(input: PartInput, level: ClaimLevel): MeasuredPart {
  const { metric, trials, candidate, baseline } = input;
  const sides = [candidate, ...(baseline === null ? [] : [baseline])];
  const [absent] = [
    ...sides.flatMap(({ id }) => reasonOfAbsence(metric, trials.measured(id)) ?? []),
    ...(baseline === null ? [] : (saturationOfBaseline(input, baseline) ?? [])),
  ];
  const identity = {
    caseId: trials.plan.id,
    metric,
    candidate: sideOf(input, candidate),
    baseline: baseline === null ? null : sideOf(input, baseline),
    crossesBoundary: baseline !== null && baseline.boundary !== candidate.boundary,
    spoilt: spoiltBy(trials, candidate),
  };
  const tested =
    absent === undefined
      ? baseline === null
        ? testLevel(input, level)
        : testRatio({ ...input, baseline }, level)
      : null;
  if (tested === null) {
    return {
      ...identity,
      ...nothing,
      absent: absent ?? 'a value of 0, of which no ratio can be made, was measured',
    };
  }
  return { ...identity, ...tested, absent: null };
}

const nothing = {
  measured: null,
  pValue: null,
  smallestPValue: null,
  side: null,
  shown: false,
  detectable: null,
} as const;
type Tested = Pick<ClaimPart, keyof typeof nothing>;

function reasonOfAbsence(metric: ClaimMetric, trials: readonly MeasuredTrial[]): string | null {
  if (trials.length === 0) return 'no trial was measured';
  const reason = trials.map(claimMetrics[metric].of).find((value) => typeof value === 'string');
  return typeof reason === 'string' ? reason : null;
}

/** Under saturation a latency grows with the window: any ratio to it could be had by waiting. */
function saturationOfBaseline({ metric, trials }: PartInput, { id, label }: Contender): string[] | null {
  const measured = trials.measured(id);
  const saturated = measured.filter(isSaturated).length;
  if (!metric.startsWith('latency') || saturated === 0) return null;
  return [
    `${label} could not keep up with the rate in ${formatCount(saturated)} of ${formatPlural(measured.length, 'trial')}, ` +
      'where a latency grows with the window, so that a ratio of latencies says nothing',
  ];
}

function numberOf(metric: ClaimMetric): (trial: MeasuredTrial) => number {
  return (trial) => {
    const value = claimMetrics[metric].of(trial);
    return typeof value === 'number' ? value : Number.NaN;
  };
}

function sideOf({ metric, trials, describe }: PartInput, contender: Contender): ClaimSide {
  const measured = trials.measured(contender.id);
  const values = measured.map(numberOf(metric)).filter(Number.isFinite);
  const { label, ref } = describe(contender);
  return {
    contender: contender.id,
    label,
    boundary: contender.boundary,
    median: values.length === 0 ? null : median(values),
    trials: measured.length,
    ref,
  };
}

/** An engine that lost trials, or could not keep up, is not credited with what was left of them. */
function spoiltBy(trials: CaseTrials, { id, label }: Contender): string | null {
  const all = trials.all(id);
  const lost = all.filter(({ state }) => state !== 'measured').length;
  if (lost > 0)
    return `${formatCount(lost)} of ${formatCount(all.length)} trials of ${label} were void or failed`;
  const saturated = trials.measured(id).filter(isSaturated).length;
  if (saturated === 0) return null;
  return `${formatCount(saturated)} of ${formatCount(all.length)} trials of ${label} could not keep up with the rate`;
}

function isSaturated({ measurements }: MeasuredTrial): boolean {
  return measurements.openLoop?.saturated === true;
}

/**
 * Candidate over baseline against the threshold: the tests of every comparison (compare.ts), with the baseline's numbers
 * multiplied by the threshold. The p-value is that of the rank test on trials, or of the test on blocks where that is larger and
 * the blocks can speak.
 */
function testRatio(input: PartInput & { readonly baseline: Contender }, level: ClaimLevel): Tested | null {
  const { metric, threshold, plan, trials, candidate, baseline } = input;
  const more = asksForMore(threshold);
  const comparison = compareInput(
    {
      // the metric that `against` stands in for
      plan: { caseId: trials.plan.id, metric: 'throughput', baseline: baseline.id, candidate: candidate.id },
      baseline,
      candidate,
      trials,
      stopping: plan.stopping,
      against: { of: numberOf(metric), higherIsBetter: more, ratio: threshold.value },
    },
    level,
    level.familySize,
  );
  const { ratio, test, paired, detectable } = comparison;
  if (ratio === null || test === null) return null;
  const onScale = (value: number | null): number | null => (value === null ? null : value * threshold.value);
  const byBlocks = paired !== null && blocksCanSpeak(paired.blocks, level.familySize, level.alpha);
  const measured = {
    estimate: ratio.estimate * threshold.value,
    low: onScale(ratio.low),
    high: onScale(ratio.high),
  };
  return {
    measured,
    pValue: byBlocks ? Math.max(test.pValue, paired.test.pValue) : test.pValue,
    smallestPValue: test.smallestPValue,
    ...sideOfThreshold(measured, threshold),
    detectable:
      detectable === null
        ? null
        : {
            ...detectable,
            low: detectable.low * threshold.value,
            high: detectable.high * threshold.value,
          },
  };
}

/**
 * The candidate's trials against the threshold: exact sign test, and the interval of the median that goes with it. A trial that
 * could not keep up with the rate misses, whatever it measured, and leaves no interval.
 */
function testLevel({ metric, threshold, trials, candidate }: PartInput, level: ClaimLevel): Tested {
  const measured = trials.measured(candidate.id);
  const values = measured.map(numberOf(metric));
  const missing = asksForMore(threshold) ? 0 : Number.MAX_VALUE;
  const counted = measured.map((trial, index) => (isSaturated(trial) ? missing : (values[index] ?? missing)));
  const { above, below, pValue, smallestPValue } = signTest(counted, threshold.value);
  const { estimate, low, high } = medianInterval(values, { confidence: level.confidence });
  const whole = measured.some(isSaturated) ? { estimate, low: null, high: null } : { estimate, low, high };
  const better = asksForMore(threshold) ? above > below : below > above;
  const { shown } = sideOfThreshold(whole, threshold);
  return {
    measured: whole,
    pValue,
    smallestPValue,
    side: better ? 'clears' : 'misses',
    shown: shown || (measured.some(isSaturated) && !better),
    detectable: detectableLevel(values, threshold.value, level),
  };
}

function detectableLevel(
  values: readonly number[],
  threshold: number,
  { alpha, familySize }: ClaimLevel,
): Detectable | null {
  if (values.length < 2) return null;
  const shift = signTestDetectable({
    deviation: Math.sqrt(sumNthPowerDeviations([...values], 2) / (values.length - 1)),
    trials: values.length,
    alpha: alpha / familySize,
    power: DETECTABLE_POWER,
  });
  return Number.isFinite(shift)
    ? { low: Math.max(0, threshold - shift), high: threshold + shift, power: DETECTABLE_POWER }
    : null;
}

function sideOfThreshold(
  { estimate, low, high }: Interval,
  threshold: Claim['threshold'],
): Pick<ClaimPart, 'side' | 'shown'> {
  const { value } = threshold;
  const clears = asksForMore(threshold) ? estimate > value : estimate < value;
  const bounded = low !== null && high !== null;
  const beyond = clears === asksForMore(threshold) ? (low ?? 0) > value : (high ?? 0) < value;
  return { side: clears ? 'clears' : 'misses', shown: bounded && beyond };
}
