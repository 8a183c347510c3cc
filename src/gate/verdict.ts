import type { SessionBasis, SessionComparison } from '../analysis/sessions.js';
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
 * knows. No regression is shown when the upper bound of the corrected loss is below the margin. On the relative basis both are
 * the loss of the ratio to the controls, whose own movement then matters to nobody.
 */
export function judgeComparison(
  comparison: SessionComparison,
  {
    alpha,
    maxDrift,
    basis,
  }: { readonly alpha: number; readonly maxDrift: number; readonly basis: SessionBasis },
): Judgement {
  const { raw, corrected, drift, margin, adjustedPValue, guardedLow } = comparison;
  const invalid = invalidReason(comparison, basis);
  if (invalid !== null) return { verdict: 'invalid', reason: invalid };
  if (raw === null || corrected === null || drift === null || adjustedPValue === null) {
    return { verdict: 'invalid', reason: 'nothing was measured' };
  }
  const controls = `${drift.controls.join(' and ')}, unchanged, ${describeDrift(drift.estimate)}`;
  if (basis === 'machine' && Math.abs(drift.estimate) > maxDrift) {
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
        basis === 'relative'
          ? `lost ${formatPercent(raw.estimate)}, at least ${formatPercent(guardedLow)}, beside ${drift.controls.join(' and ')} ` +
            `in the same session (${describePValue(adjustedPValue)} after correction)`
          : `lost ${formatPercent(raw.estimate)} as measured (${describePValue(adjustedPValue)} after correction) and ` +
            `${formatPercent(corrected.estimate)}, at least ${formatPercent(guardedLow)}, beside the controls (${controls})`,
    };
  }
  const open = (why: string): Judgement => ({
    verdict: 'inconclusive',
    reason: `${why}${whatWouldSettle(comparison)}`,
  });
  if (shows) {
    return open(
      `the machine changed, or sessions differ too much: ${formatPercent(raw.estimate)} lost as measured, but ${controls}`,
    );
  }
  if (remains && basis === 'machine') {
    return open(
      `the machine changed: ${controls}, beside which a loss of ${formatPercent(corrected.estimate)} appears that the ` +
        `numbers as measured do not show`,
    );
  }
  if (corrected.high !== null && corrected.high < margin) {
    return {
      verdict: 'no-regression',
      reason:
        `at most ${formatPercent(Math.max(0, corrected.high))} lost (one-sided 95 %), below the margin of ` +
        formatPercent(margin),
    };
  }
  return open(boundsSeen(comparison));
}

/** A loss of the controls above 0 is one of speed or of latency alike. */
function describeDrift(loss: number): string {
  return `${loss > 0 ? 'lost' : 'gained'} ${formatPercent(Math.abs(loss))}`;
}

function invalidReason(
  { voided, trials, drift, raw }: SessionComparison,
  basis: SessionBasis,
): string | null {
  if (voided > 0) return `${formatPlural(voided, 'trial')} gave wrong values`;
  if (trials.baseline === 0 || trials.candidate === 0) {
    return `no trial was measured in the ${trials.baseline === 0 ? 'baseline' : 'candidate'}`;
  }
  if (drift === null) {
    return basis === 'relative'
      ? 'no Redis contender of the same version is valid in both results, so that there is no ratio to judge'
      : 'no control (a Redis contender of the same version) is valid in both results, so nobody knows what the machine did';
  }
  if (raw === null) {
    return basis === 'relative'
      ? 'no block was measured whole in both results, or a value of 0 was measured'
      : 'a value of 0 was measured';
  }
  return null;
}

function boundsSeen({ corrected, margin, raw }: SessionComparison): string {
  const { low = null, high = null } = corrected ?? {};
  if (raw === null || low === null || high === null) return 'too few trials for a bound';
  const bounds =
    low < 0 && high >= 0
      ? `from ${lostOrGained(low)} to ${lostOrGained(high)}`
      : `${formatPercent(Math.min(Math.abs(low), Math.abs(high)))} to ${lostOrGained(high < 0 ? low : high)}`;
  return `${bounds} beside the controls, margin ${formatPercent(margin)}`;
}

/** '4.2 % lost', '1 % gained'. */
function lostOrGained(loss: number): string {
  return `${formatPercent(Math.abs(loss))} ${loss < 0 ? 'gained' : 'lost'}`;
}

/** The end of every open reason: what would have been found, and how many blocks would answer. */
function whatWouldSettle({
  trials,
  minimumDetectableLoss,
  blocksToSettle,
  fewestBlocks,
  sessionDeviation,
  valuesPerBlock,
}: SessionComparison): string {
  const blocks = Math.min(trials.baseline, trials.candidate) / valuesPerBlock;
  if (minimumDetectableLoss === null && blocks < fewestBlocks) {
    const needed = Math.max(fewestBlocks, blocksToSettle ?? 0);
    return (
      `; with so few trials (${String(trials.baseline)} and ${String(trials.candidate)}) no loss would be found, however large: ` +
      `about ${formatPlural(needed, 'block')} a case in both sessions would settle it`
    );
  }
  const detectable =
    minimumDetectableLoss === null
      ? '; between two such sessions no loss would be found'
      : `; between two such sessions a loss of ${formatPercent(minimumDetectableLoss)} would be found in four of five cases`;
  if (blocksToSettle === null) {
    return (
      `${detectable}; more blocks would not settle it, another session might ` +
      `(unchanged contenders move by ${formatPercent(sessionDeviation)} from session to session)`
    );
  }
  return blocksToSettle <= blocks
    ? `${detectable}; another two sessions of as many blocks may well settle it`
    : `${detectable}; about ${formatPlural(blocksToSettle, 'block')} a case in both sessions would settle it`;
}
