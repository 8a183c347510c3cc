import { mean, sumNthPowerDeviations } from 'simple-statistics';

import type { Metric, ResultFile } from '../results/schema.js';
import {
  hodgesLehmann,
  hodgesLehmannError,
  holm,
  mannWhitneyU,
  median,
  normalQuantile,
} from '../stats/index.js';
import { CaseTrials } from './case-trials.js';
import { difference, weightedMean, type LnInterval } from './ln-interval.js';
import { metricDefinition } from './metrics.js';
import { blocksToSettle, detectableShift, fewestBlocks } from './session-design.js';

/** How two sessions are compared; see docs/statistics.md. */
export interface SessionOptions {
  /** One-sided level of the whole family. */
  readonly alpha: number;
  readonly metrics: readonly SessionMetric[];
  /**
   * What a loss is one of. 'machine' (default): of the contender's own speed, as measured and beside the controls; the trial is
   * the unit. 'relative': of its ratio to the controls within each block of the same session, which takes it that a change of
   * machine moves both in one proportion; the block is the unit.
   */
  readonly basis?: SessionBasis;
}

export type SessionBasis = 'machine' | 'relative';

export interface SessionMetric {
  readonly metric: Metric;
  /** The loss that matters, as a fraction. */
  readonly margin: number;
  /**
   * Least standard deviation of ln(metric) by which a contender moves from session to session on its own, beyond what all
   * move together. What the controls show is used when it is larger.
   */
  readonly sessionDeviation: number;
}

/** A contender to judge, and those that hold still beside it: the same in both sessions. */
export interface JudgedContender {
  readonly id: string;
  readonly controls: readonly string[];
}

/** Bounds on a loss, as fractions: above 0 the candidate session is worse. */
export interface LossInterval {
  readonly estimate: number;
  /** One-sided 95 % bounds; null when the trials are too few for them. */
  readonly low: number | null;
  readonly high: number | null;
}

/** One contender of one case on one metric, in two sessions. */
export interface SessionComparison {
  readonly caseId: string;
  readonly metric: Metric;
  readonly contender: string;
  readonly margin: number;
  /** Values compared: trials, or on the relative basis blocks. */
  readonly trials: { readonly baseline: number; readonly candidate: number };
  readonly voided: number;
  /** Of the metric; on the relative basis of its ratio to the controls. */
  readonly medians: { readonly baseline: number; readonly candidate: number } | null;
  /** As measured; on the relative basis the loss of the ratio. */
  readonly raw: LossInterval | null;
  /** Mann-Whitney, one-sided: that the candidate session is worse. Holm over the family. */
  readonly pValue: number | null;
  readonly adjustedPValue: number | null;
  /** What the controls, which did not change, lost from one session to the other. */
  readonly drift: (LossInterval & { readonly controls: readonly string[] }) | null;
  /** The loss beside the controls: divided by their drift. On the relative basis the same as `raw`. */
  readonly corrected: LossInterval | null;
  /** The lower bound of the corrected loss when also the noise between sessions is allowed for. */
  readonly guardedLow: number | null;
  /** Standard deviation of ln(metric) by which a contender moves between sessions on its own: assumed or seen. */
  readonly sessionDeviation: number;
  /** Standard deviation of ln(metric) from trial to trial within a session. */
  readonly trialDeviation: number | null;
  /**
   * The loss that is found in four of five cases between sessions as noisy as these and a machine that moved as it did, as a
   * fraction; null when the trials are too few to find any.
   */
  readonly minimumDetectableLoss: number | null;
  /** Blocks a session that would settle an undecided case; null when more trials cannot. */
  readonly blocksToSettle: number | null;
  /** The fewest blocks a session with which a regression of any size can be shown in a family of this size. */
  readonly fewestBlocks: number;
  /** Of `trials` in one block: 2, or on the relative basis 1. */
  readonly valuesPerBlock: number;
}

/** One-sided bounds at 95 % are the ends of a two-sided interval at 90 %. */
const CONFIDENCE = 0.9;

/** A contender of one case and metric in both sessions, as losses on the logarithmic scale. */
interface LnLoss {
  readonly baseline: readonly number[];
  readonly candidate: readonly number[];
  readonly loss: LnInterval;
}

/**
 * Compares contenders between two sessions, with other contenders as controls for what the machine itself did.
 *
 * Loss: Hodges-Lehmann shift of ln(metric), turned so that above 0 is worse, with its interval. Drift: the weighted mean loss
 * of the controls in the same case. Corrected loss: the difference of the two, its interval by MOVER (Zou and Donner,
 * Statistics in Medicine 27, 2008: squared distances to the bounds add up). The guarded lower bound adds, in the same way, the
 * noise that no number of trials reduces: a contender's own movement between sessions, z(1 - alpha / family) * deviation *
 * sqrt(1 + 1 / controls). On the relative basis the loss is one of the contender's ratio to its controls, block by block, and
 * the drift is told but not subtracted again.
 *
 * @param caseIds cases that both files hold with the same stream
 */
export function compareSessions(
  baseline: ResultFile,
  candidate: ResultFile,
  caseIds: readonly string[],
  contenders: readonly JudgedContender[],
  options: SessionOptions,
): SessionComparison[] {
  const pairs = caseIds.flatMap((caseId) => {
    const [before, after] = [trialsOfCase(baseline, caseId), trialsOfCase(candidate, caseId)];
    return before === null || after === null ? [] : [{ caseId, before, after }];
  });
  const basis = options.basis ?? 'machine';
  const rows = options.metrics.flatMap((setting) => collectRows(setting, pairs, contenders, basis));
  const adjusted = holm(rows.map(({ pValue }) => pValue));
  const familyAlpha = options.alpha / Math.max(1, rows.length);
  return rows.map((row, index) => summariseRow(row, adjusted[index] ?? 1, familyAlpha));
}

/** One case in both sessions. */
interface SessionPair {
  readonly caseId: string;
  readonly before: CaseTrials;
  readonly after: CaseTrials;
}

/** One comparison before Holm's correction. */
interface Row extends SessionPair {
  readonly basis: SessionBasis;
  readonly setting: SessionMetric;
  readonly contender: string;
  /** 1 when a higher value is better, otherwise -1. */
  readonly sign: number;
  readonly sessionDeviation: number;
  readonly ln: LnLoss | null;
  readonly pValue: number;
  readonly drifts: readonly { readonly id: string; readonly loss: LnInterval }[];
}

function collectRows(
  setting: SessionMetric,
  pairs: readonly SessionPair[],
  contenders: readonly JudgedContender[],
  basis: SessionBasis,
): Row[] {
  const { of, higherIsBetter } = metricDefinition(setting.metric);
  const sign = higherIsBetter ? 1 : -1;
  const logs = (trials: CaseTrials, id: string) => trials.measured(id).map((trial) => Math.log(of(trial)));
  const lossOf = ({ before, after }: SessionPair, id: string) =>
    lnLoss(logs(before, id), logs(after, id), sign);
  return contenders.flatMap(({ id, controls }) => {
    const withDrifts = pairs
      .filter(({ before, after }) => before.takes(id) && after.takes(id))
      .map((pair) => ({
        pair,
        drifts: controls.flatMap((control) => {
          const ln = lossOf(pair, control);
          const valid = ln !== null && voidedTrials(pair.before, pair.after, control) === 0;
          return valid ? [{ id: control, loss: ln.loss }] : [];
        }),
      }));
    const seen = seenDeviation(withDrifts.map(({ drifts }) => drifts.map(({ loss }) => loss.estimate)));
    const sessionDeviation = Math.max(setting.sessionDeviation, seen);
    return withDrifts.map(({ pair, drifts }): Row => {
      const valid = drifts.map((drift) => drift.id);
      const ln =
        basis === 'machine'
          ? lossOf(pair, id)
          : lnLoss(
              blockRatios(pair.before, id, valid, setting.metric),
              blockRatios(pair.after, id, valid, setting.metric),
              sign,
            );
      const pValue = ln === null ? 1 : worsePValue(ln, sign);
      return { ...pair, basis, setting, contender: id, sign, sessionDeviation, ln, pValue, drifts };
    });
  });
}

/** @param familyAlpha level of one comparison when all of the family must hold (Bonferroni) */
function summariseRow(row: Row, adjustedPValue: number, familyAlpha: number): SessionComparison {
  const { basis, setting, contender, before, after, drifts, ln, sign, sessionDeviation } = row;
  const valuesPerBlock = basis === 'relative' ? 1 : 2;
  const identity = {
    caseId: row.caseId,
    metric: setting.metric,
    contender,
    margin: setting.margin,
    trials: {
      baseline: ln?.baseline.length ?? before.measured(contender).length,
      candidate: ln?.candidate.length ?? after.measured(contender).length,
    },
    voided: voidedTrials(before, after, contender),
    sessionDeviation,
    fewestBlocks: fewestBlocks(familyAlpha, valuesPerBlock),
    valuesPerBlock,
  };
  const fraction = (loss: number): number => (sign > 0 ? 1 - Math.exp(-loss) : Math.exp(loss) - 1);
  const toLoss = (interval: LnInterval): LossInterval => ({
    estimate: fraction(interval.estimate),
    low: interval.bounded ? fraction(interval.low) : null,
    high: interval.bounded ? fraction(interval.high) : null,
  });
  const driftLn = weightedMean(drifts.map(({ loss }) => loss));
  const drift = driftLn === null ? null : { ...toLoss(driftLn), controls: drifts.map(({ id }) => id) };
  if (ln === null) {
    return {
      ...identity,
      drift,
      medians: null,
      raw: null,
      pValue: null,
      adjustedPValue: null,
      corrected: null,
      guardedLow: null,
      trialDeviation: null,
      minimumDetectableLoss: null,
      blocksToSettle: null,
    };
  }
  // The mean of c controls adds 1/c of the noise of one contender.
  const controlFactor = Math.sqrt(1 + 1 / Math.max(1, drifts.length));
  const allowance = normalQuantile(1 - familyAlpha) * sessionDeviation * controlFactor;
  // The ratio of a block has the controls' drift, and the noise of their trials, in it already.
  const beside = driftLn === null || basis === 'machine' ? driftLn : NO_DRIFT;
  const corrected = beside === null ? null : difference(ln.loss, beside, 0);
  const guarded = beside === null ? null : difference(ln.loss, beside, allowance);
  const trialDeviation = pooledDeviation(ln.baseline, ln.candidate);
  const deviation =
    trialDeviation === null ? null : trialDeviation * (basis === 'machine' ? controlFactor : 1);
  const lnMargin = sign > 0 ? -Math.log(1 - setting.margin) : Math.log(1 + setting.margin);
  const sizes = [ln.baseline.length, ln.candidate.length] as const;
  const detectable =
    trialDeviation === null || driftLn === null
      ? Infinity
      : detectableShift({
          trialDeviation,
          lossError: hodgesLehmannError({ deviation: trialDeviation, sizes }),
          driftError: basis === 'relative' ? 0 : standardError(driftLn),
          sessionDeviation,
          controls: Math.max(1, drifts.length),
          drift: basis === 'relative' ? null : driftLn.estimate,
          sizes,
          familyAlpha,
          allowance,
          lnMargin,
        });
  return {
    ...identity,
    medians: { baseline: median(ln.baseline.map(Math.exp)), candidate: median(ln.candidate.map(Math.exp)) },
    raw: toLoss(ln.loss),
    pValue: row.pValue,
    adjustedPValue,
    drift,
    corrected: corrected === null ? null : toLoss(corrected),
    guardedLow: guarded?.bounded === true ? fraction(guarded.low) : null,
    trialDeviation,
    minimumDetectableLoss: Number.isFinite(detectable) ? fraction(detectable) : null,
    blocksToSettle:
      deviation === null || corrected === null
        ? null
        : blocksToSettle({ loss: corrected.estimate, lnMargin, deviation, allowance, valuesPerBlock }),
  };
}

/** Of an estimate with one-sided bounds at 95 %. */
function standardError({ low, high }: LnInterval): number {
  return (high - low) / (2 * normalQuantile((1 + CONFIDENCE) / 2));
}

const NO_DRIFT: LnInterval = { estimate: 0, low: 0, high: 0, bounded: true };

/**
 * ln of the contender's metric over the geometric mean of its controls, one a block in which all their trials were measured:
 * in a mirrored block all means lie at the same time.
 */
function blockRatios(
  trials: CaseTrials,
  id: string,
  controls: readonly string[],
  metric: Metric,
): readonly number[] {
  if (controls.length === 0) return [];
  const { of } = metricDefinition(metric);
  return trials.completeBlocks([id, ...controls]).map((block) => {
    const meanLn = (name: string) => mean((block.get(name) ?? []).map((trial) => Math.log(of(trial))));
    return meanLn(id) - mean(controls.map(meanLn));
  });
}

function trialsOfCase(result: ResultFile, caseId: string): CaseTrials | null {
  const plan = result.plan.cases.find(({ id }) => id === caseId);
  return plan === undefined ? null : new CaseTrials(result, plan);
}

function voidedTrials(before: CaseTrials, after: CaseTrials, contender: string): number {
  return [before, after].reduce(
    (sum, trials) => sum + trials.all(contender).filter(({ state }) => state === 'void').length,
    0,
  );
}

/** null when one side has no trial, or a value of which there is no logarithm. */
function lnLoss(baseline: readonly number[], candidate: readonly number[], sign: number): LnLoss | null {
  if (baseline.length === 0 || candidate.length === 0) return null;
  if (![...baseline, ...candidate].every(Number.isFinite)) return null;
  const [worse, better] = sign > 0 ? [baseline, candidate] : [candidate, baseline];
  const { estimate, low, high, achievedConfidence } = hodgesLehmann(worse, better, {
    confidence: CONFIDENCE,
  });
  return {
    baseline,
    candidate,
    loss: { estimate, low, high, bounded: achievedConfidence >= CONFIDENCE - 1e-12 },
  };
}

/** Exact where it can be: that the candidate session is worse. */
function worsePValue({ baseline, candidate }: LnLoss, sign: number): number {
  return mannWhitneyU(candidate, baseline, { alternative: sign > 0 ? 'less' : 'greater' }).pValue;
}

/**
 * How much contenders that did not change moved between the sessions beyond what their case moved: the pooled standard
 * deviation of the controls' losses around the mean of their case. Trial noise is in it too, which errs on the safe side.
 */
function seenDeviation(cases: readonly (readonly number[])[]): number {
  let squares = 0;
  let freedom = 0;
  for (const losses of cases) {
    if (losses.length < 2) continue;
    squares += sumNthPowerDeviations([...losses], 2);
    freedom += losses.length - 1;
  }
  return freedom === 0 ? 0 : Math.sqrt(squares / freedom);
}

function pooledDeviation(a: readonly number[], b: readonly number[]): number | null {
  const freedom = a.length + b.length - 2;
  if (freedom < 1) return null;
  const squares = sumNthPowerDeviations([...a], 2) + sumNthPowerDeviations([...b], 2);
  return Math.sqrt(squares / freedom);
}
