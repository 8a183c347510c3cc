import type { Claim, ClaimsFile } from '../../results/declared/claims.js';
import type { Declared } from '../../results/declared/read.js';
import type { ResultFile } from '../../results/schema.js';
import { holm } from '../../stats/index.js';
import { terminalSafe } from '../../support/escape.js';
import { formatCount, formatPlural } from '../../support/format.js';
import type { CaseTrials } from '../case-trials.js';
import { contenderLabel } from '../contender-label.js';
import type { CaseSummary, SessionValidity } from '../summary.js';
import type { ClaimPart, ClaimsSummary, ClaimSummary, ClaimVerdict } from './claim-summary.js';
import { measurePart, type ClaimLevel, type MeasuredPart } from './part.js';
import { hardestOf, selectCases, type SessionCase } from './select.js';

/** What claims are judged by: the sessions with what was already said about them, in the same order. */
export interface Evidence {
  readonly sources: readonly { readonly fileName: string; readonly result: ResultFile }[];
  readonly trials: readonly ReadonlyMap<string, CaseTrials>[];
  readonly validity: readonly SessionValidity[];
  readonly cases: readonly CaseSummary[];
  readonly alpha: number;
  readonly confidence: number;
}

/**
 * Judges declared claims. A claim is a conjunction: it has to hold on each of its metrics, in each case that it is about and that
 * was measured, against each contender of its baseline, so that Redis is credited with the best way of driving it.
 *
 * Each part is tested against the threshold. That all parts clear it has the largest of their p-values (intersection-union test:
 * Berger 1982, needs no correction); that any one misses it has the smallest times their number (Bonferroni). Whichever
 * direction the estimates point in is the claim's p-value, corrected by Holm over all declared claims, measured or not.
 *
 * - met: nothing is missing or spoilt, the interval of every part lies beyond the threshold, and the adjusted p is below alpha.
 * - not met: the interval of a part lies on the wrong side, and the adjusted p is below alpha.
 * - not measured: no part could be, or only in an invalid session.
 * - inconclusive: all else.
 */
export function judgeClaims(
  { fileName, sha256, content }: Declared<ClaimsFile>,
  evidence: Evidence,
): ClaimsSummary {
  const level: ClaimLevel = {
    alpha: evidence.alpha,
    confidence: evidence.confidence,
    familySize: content.claims.length,
  };
  const sessions = evidence.sources.flatMap(({ fileName: session, result }, index): SessionCase[] =>
    [...(evidence.trials[index]?.values() ?? [])].map((trials) => ({
      fileName: session,
      valid: evidence.validity[index]?.valid === true,
      plan: result.plan,
      trials,
    })),
  );
  const raw = content.claims.map((claim) => weigh(claim, sessions, evidence, level));
  const known = raw.flatMap(({ pValue }) => (pValue === null ? [] : [pValue]));
  const adjusted = holm(known, level.familySize);
  let next = 0;
  const claims = raw.map((claim): ClaimSummary =>
    conclude({ ...claim, adjustedPValue: claim.pValue === null ? null : (adjusted[next++] ?? 1) }, level),
  );
  const count = (wanted: ClaimVerdict): number => claims.filter(({ verdict }) => verdict === wanted).length;
  return {
    title: content.title,
    fileName,
    sha256,
    alpha: level.alpha,
    familySize: level.familySize,
    tally: {
      met: count('met'),
      notMet: count('not-met'),
      inconclusive: count('inconclusive'),
      notMeasured: count('not-measured'),
    },
    claims,
  };
}

interface Weighed extends Omit<ClaimSummary, 'verdict' | 'why' | 'parts'> {
  readonly parts: readonly MeasuredPart[];
  readonly obstacles: readonly string[];
  /** Cases in which the baseline is not credited with its best. */
  readonly uncredited: readonly string[];
}

function weigh(
  claim: Claim,
  sessions: readonly SessionCase[],
  { cases, sources }: Evidence,
  level: ClaimLevel,
): Weighed {
  const { selected, obstacles } = selectCases(claim, sessions);
  const parts = selected.flatMap(({ metric, plan, trials, candidate, baselines, fileName }) => {
    const engines = sources.find((source) => source.fileName === fileName)?.result.engines ?? {};
    return (baselines.length === 0 ? [null] : baselines).map((baseline) =>
      measurePart(
        {
          metric,
          threshold: claim.threshold,
          plan,
          trials,
          candidate,
          baseline,
          describe: (contender) => ({
            label: contenderLabel(contender, engines[contender.id] ?? null),
            ref: pointerOf(cases, trials.plan.id, contender.id, metric),
          }),
        },
        level,
      ),
    );
  });
  const pValue = pOf(parts);
  const uncredited = selected.flatMap(({ missing, trials }) =>
    missing.map(
      (id) =>
        `${terminalSafe(id, 60)} was not measured beside it in ${terminalSafe(trials.plan.id, 60)}, so that the baseline is not credited with its best`,
    ),
  );
  return {
    ...claim,
    unit: claim.threshold.unit,
    hardest: hardestOf(parts, claim.threshold),
    parts,
    obstacles,
    uncredited,
    against: {
      contenders: new Set(parts.flatMap(({ baseline }) => (baseline === null ? [] : [baseline.contender])))
        .size,
      cases: new Set(parts.map(({ caseId }) => caseId)).size,
    },
    crossesBoundary: parts.some(({ crossesBoundary }) => crossesBoundary),
    pValue,
    adjustedPValue: null,
  };
}

/** Where the summary has the median of a metric with its interval; null for a metric that it has not. */
function pointerOf(
  cases: readonly CaseSummary[],
  caseId: string,
  contender: string,
  metric: string,
): string | null {
  const caseIndex = cases.findIndex(({ id }) => id === caseId);
  const contenders = cases[caseIndex]?.contenders ?? [];
  const contenderIndex = contenders.findIndex(({ id }) => id === contender);
  const index = (contenders[contenderIndex]?.metrics ?? []).findIndex((one) => one.metric === metric);
  return index === -1
    ? null
    : `/cases/${String(caseIndex)}/contenders/${String(contenderIndex)}/metrics/${String(index)}/median`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function pOf(parts: readonly ClaimPart[]): number | null {
  const tested = parts.flatMap(({ pValue, side }) => (pValue === null ? [] : [{ pValue, side }]));
  if (tested.length === 0) return null;
  const missing = tested.filter(({ side }) => side === 'misses');
  return missing.length === 0
    ? Math.max(...tested.map(({ pValue }) => pValue))
    : Math.min(1, tested.length * Math.min(...missing.map(({ pValue }) => pValue)));
}

function conclude(weighed: Weighed, level: ClaimLevel): ClaimSummary {
  const { obstacles, uncredited, ...claim } = weighed;
  const { parts, adjustedPValue } = claim;
  const significant = adjustedPValue !== null && adjustedPValue < level.alpha;
  const misses = parts.some(({ side }) => side === 'misses');
  const judged = { ...claim, parts: parts.map(withoutAbsence) };
  if (adjustedPValue === null) {
    const reasons = [...new Set([...parts.flatMap(({ absent }) => absent ?? []), ...obstacles])];
    return { ...judged, verdict: 'not-measured', why: `${capitalised(reasons.join('; '))}.` };
  }
  if (misses) {
    const shown = significant && parts.some(({ side, shown }) => side === 'misses' && shown);
    return shown
      ? { ...judged, verdict: 'not-met', why: whatMisses(parts) }
      : { ...judged, verdict: 'inconclusive', why: whyInconclusive(parts, level) };
  }
  const unmeasured = parts.flatMap(({ absent, caseId }) =>
    absent === null ? [] : [`${terminalSafe(caseId, 60)}: ${absent}`],
  );
  const spoilt = parts.flatMap(({ spoilt: one }) => one ?? []);
  const objections = [...new Set([...unmeasured, ...uncredited, ...spoilt])];
  if (objections.length > 0) {
    return {
      ...judged,
      verdict: 'inconclusive',
      why: `What was measured clears the threshold, but does not count for the claim: ${objections.join('; ')}.`,
    };
  }
  return significant && parts.every(({ shown }) => shown)
    ? { ...judged, verdict: 'met', why: whatClears(weighed) }
    : { ...judged, verdict: 'inconclusive', why: whyInconclusive(parts, level) };
}

function withoutAbsence(measured: MeasuredPart): ClaimPart {
  const part: ClaimPart & { absent?: string | null } = { ...measured };
  delete part.absent;
  return part;
}

function whatClears({ against, parts }: Weighed): string {
  const where = `in ${against.cases === 1 ? 'the one case' : `each of ${formatCount(against.cases)} cases`}`;
  const whom =
    against.contenders === 0
      ? ''
      : `, against the best of ${formatPlural(against.contenders, 'way', 'ways')} of driving the baseline`;
  return `Shown ${where}${whom} (${formatPlural(parts.length, 'comparison')} with the threshold).`;
}

function whatMisses(parts: readonly MeasuredPart[]): string {
  const missing = parts.filter(({ side, shown }) => side === 'misses' && shown).length;
  return `Shown to miss the threshold in ${formatCount(missing)} of ${formatPlural(parts.length, 'comparison')} with it.`;
}

function whyInconclusive(parts: readonly MeasuredPart[], { alpha, familySize }: ClaimLevel): string {
  const tests = parts.some(({ side }) => side === 'misses') ? parts.length * familySize : familySize;
  const outOfReach = parts.some(
    ({ smallestPValue }) => smallestPValue !== null && smallestPValue * tests >= alpha,
  );
  return outOfReach
    ? 'Too few trials: whatever they had shown, the corrected p could not have fallen below the level.'
    : 'Neither that the threshold is cleared nor that it is missed was shown.';
}
