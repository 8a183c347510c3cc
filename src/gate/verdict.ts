import type { SessionComparison } from '../analysis/sessions.js';
import { describePValue, formatPercent, formatPlural } from '../support/format.js';
import type { GateVerdict } from './report.js';

export interface Judgement {
  readonly verdict: GateVerdict;
  readonly reason: string;
}

/**
 * The verdict on one comparison, from numbers that all stand in it.
 *
 * A regression must show as measured (adjusted p below alpha, lower bound above 0, loss at least the margin) and again beside
 * the controls, with the noise between sessions allowed for. When only one of the two shows, the machine changed, and nobody
 * knows. No regression is shown when the upper bound of the corrected loss is below the margin.
 */
export function judgeComparison(comparison: SessionComparison, alpha: number, maxDrift: number): Judgement {
  const { raw, corrected, drift, margin, adjustedPValue, guardedLow } = comparison;
  const invalid = invalidReason(comparison);
  if (invalid !== null) return { verdict: 'invalid', reason: invalid };
  if (raw === null || corrected === null || drift === null || adjustedPValue === null) {
    return { verdict: 'invalid', reason: 'nothing was measured' };
  }
  const controls = `${drift.controls.join(' and ')}, unchanged, ${describeDrift(drift.estimate)}`;
  if (Math.abs(drift.estimate) > maxDrift) {
    return {
      verdict: 'invalid',
      reason: `the machine changed too much: ${controls} (limit ${formatPercent(maxDrift)})`,
    };
  }
  const shows = raw.estimate >= margin && adjustedPValue < alpha && raw.low !== null && raw.low > 0;
  const remains = corrected.estimate >= margin && guardedLow !== null && guardedLow > 0;
  if (shows && remains) {
    return {
      verdict: 'regressed',
      reason:
        `lost ${formatPercent(raw.estimate)} as measured (${describePValue(adjustedPValue)} after correction) and ` +
        `${formatPercent(corrected.estimate)}, at least ${formatPercent(guardedLow)}, beside the controls (${controls})`,
    };
  }
  if (shows) {
    return {
      verdict: 'inconclusive',
      reason: `the machine changed, or sessions differ too much: ${formatPercent(raw.estimate)} lost as measured, but ${controls}`,
    };
  }
  if (remains) {
    return {
      verdict: 'inconclusive',
      reason:
        `the machine changed: ${controls}, beside which a loss of ${formatPercent(corrected.estimate)} appears that the ` +
        `numbers as measured do not show`,
    };
  }
  if (corrected.high !== null && corrected.high < margin) {
    return {
      verdict: 'no-regression',
      reason:
        `at most ${formatPercent(Math.max(0, corrected.high))} lost (one-sided 95 %), below the margin of ` +
        formatPercent(margin),
    };
  }
  return { verdict: 'inconclusive', reason: openReason(comparison) };
}

/** A loss of the controls above 0 is one of speed or of latency alike. */
function describeDrift(loss: number): string {
  return `${loss > 0 ? 'lost' : 'gained'} ${formatPercent(Math.abs(loss))}`;
}

function invalidReason({ voided, trials, drift, raw }: SessionComparison): string | null {
  if (voided > 0) return `${formatPlural(voided, 'trial')} gave wrong values`;
  if (trials.baseline === 0 || trials.candidate === 0) {
    return `no trial was measured in the ${trials.baseline === 0 ? 'baseline' : 'candidate'}`;
  }
  if (raw === null) return 'a value of 0 was measured';
  if (drift === null) {
    return 'no control (a Redis contender of the same version) is valid in both results, so nobody knows what the machine did';
  }
  return null;
}

function openReason({
  corrected,
  margin,
  minimumDetectableLoss,
  blocksToSettle,
  raw,
}: SessionComparison): string {
  const seen =
    raw === null || typeof corrected?.high !== 'number'
      ? 'too few trials for a bound'
      : `between ${formatPercent(corrected.low ?? NaN)} and ${formatPercent(corrected.high)} lost beside the controls ` +
        `(margin ${formatPercent(margin)})`;
  const detectable =
    minimumDetectableLoss === null
      ? ''
      : `; with this noise and number of trials a loss of ${formatPercent(minimumDetectableLoss)} would be found in four of five cases`;
  const blocks =
    blocksToSettle === null
      ? '; more blocks would not settle it, another session might'
      : `; about ${formatPlural(blocksToSettle, 'block')} a case in both sessions would settle it`;
  return `${seen}${detectable}${blocks}`;
}
