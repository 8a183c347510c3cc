/** The claims table: what was declared, what was measured for it, and what became of it. */
import type { ClaimPart, ClaimSummary, ClaimVerdict } from '../../analysis/claims/claim-summary.js';
import { claimMetrics } from '../../analysis/claims/claim-metrics.js';
import { formatClaimed, thresholdWords } from '../../analysis/sentences/claimed.js';
import type { Interval, Summary } from '../../analysis/summary.js';
import { boundaryNames } from '../names.js';
import { displayText, formatPercent } from '../format.js';
import {
  datum,
  pValueCell,
  sentenceViews,
  type Datum,
  type IntervalCell,
  type PValueCell,
  type SentenceView,
} from './cells.js';

/** What a part was measured on, and between what boundaries. */
export interface ClaimPartView {
  readonly caseId: string;
  readonly metric: string;
  readonly sides: string;
  /** "across a boundary: API over socket"; null where there is none between the two. */
  readonly across: string | null;
  readonly measured: IntervalCell | null;
  readonly pValue: PValueCell | null;
  readonly detectable: { readonly low: Datum; readonly high: Datum; readonly power: Datum } | null;
  readonly trials: readonly Datum[];
}

export interface ClaimView {
  readonly id: string;
  readonly anchor: string;
  readonly title: string;
  readonly note: string | null;
  readonly verdict: { readonly text: string; readonly tone: SentenceView['tone'] };
  readonly asked: string;
  readonly threshold: Datum | null;
  readonly hardest: ClaimPartView | null;
  readonly adjusted: PValueCell | null;
  readonly why: string;
  /** Inconclusive: what would have been found stands beside it. */
  readonly undecided: boolean;
}

export interface ClaimsView {
  readonly title: string;
  readonly file: string;
  readonly sha256: string;
  readonly family: Datum | null;
  readonly claims: readonly ClaimView[];
  /** Of all claims, in their order. */
  readonly parts: readonly { readonly claim: string; readonly part: ClaimPartView }[];
  readonly tally: readonly SentenceView[];
  readonly sentences: readonly SentenceView[];
}

const verdicts: Readonly<Record<ClaimVerdict, ClaimView['verdict']>> = {
  met: { text: 'met', tone: 'good' },
  'not-met': { text: 'not met', tone: 'bad' },
  inconclusive: { text: 'inconclusive', tone: 'warning' },
  'not-measured': { text: 'not measured here', tone: 'neutral' },
};

/** null where no claims were judged. */
export function claimsView({ claims, claimed }: Summary): ClaimsView | null {
  if (claims === null) return null;
  return {
    title: displayText(claims.title),
    file: displayText(claims.fileName),
    sha256: displayText(claims.sha256),
    family: datum(claims.familySize, '/claims/familySize', String),
    claims: claims.claims.map((claim, index) => claimView(claim, `/claims/claims/${String(index)}`)),
    parts: claims.claims.flatMap((claim, index) =>
      partViews(claim, `/claims/claims/${String(index)}`).map((part) => ({ claim: claim.id, part })),
    ),
    tally: sentenceViews(claimed.slice(0, 1)),
    sentences: sentenceViews(claimed.slice(1)),
  };
}

function claimView(claim: ClaimSummary, ref: string): ClaimView {
  const { hardest, unit, threshold, adjustedPValue } = claim;
  const write = (value: number): string => formatClaimed(value, unit);
  const views = partViews(claim, ref);
  return {
    id: claim.id,
    anchor: `claim-${claim.id}`,
    title: displayText(claim.title, 200),
    note: claim.note === undefined ? null : displayText(claim.note, 600),
    verdict: verdicts[claim.verdict],
    asked: thresholdWords[threshold.is],
    threshold: datum(threshold.value, `${ref}/threshold/value`, write),
    hardest: hardest === null ? null : (views[hardest] ?? null),
    adjusted: adjustedPValue === null ? null : pValueCell(adjustedPValue, `${ref}/adjustedPValue`),
    why: displayText(claim.why, 600),
    undecided: claim.verdict === 'inconclusive',
  };
}

function partViews({ parts, unit }: ClaimSummary, ref: string): ClaimPartView[] {
  const write = (value: number): string => formatClaimed(value, unit);
  return parts.map((part, index) => partView(part, `${ref}/parts/${String(index)}`, write));
}

function partView(part: ClaimPart, ref: string, write: (value: number) => string): ClaimPartView {
  const { candidate, baseline, detectable } = part;
  const [low, high, power] = [
    datum(detectable?.low, `${ref}/detectable/low`, write),
    datum(detectable?.high, `${ref}/detectable/high`, write),
    datum(detectable?.power, `${ref}/detectable/power`, formatPercent),
  ];
  const trials = [
    datum(candidate.trials, `${ref}/candidate/trials`, String),
    datum(baseline?.trials, `${ref}/baseline/trials`, String),
  ];
  return {
    caseId: displayText(part.caseId, 60),
    metric: claimMetrics[part.metric].name,
    sides: [candidate, ...(baseline === null ? [] : [baseline])]
      .map(({ label }) => displayText(label, 60))
      .join(' over '),
    across:
      baseline === null || !part.crossesBoundary
        ? null
        : `${boundaryNames[candidate.boundary].short} over ${boundaryNames[baseline.boundary].short}`,
    measured: intervalIn(part.measured, `${ref}/measured`, write),
    pValue: part.pValue === null ? null : pValueCell(part.pValue, `${ref}/pValue`),
    detectable: low === null || high === null || power === null ? null : { low, high, power },
    trials: trials.flatMap((one) => one ?? []),
  };
}

function intervalIn(
  interval: Interval | null,
  ref: string,
  write: (value: number) => string,
): IntervalCell | null {
  const estimate = datum(interval?.estimate, `${ref}/estimate`, write);
  if (estimate === null) return null;
  const low = datum(interval?.low, `${ref}/low`, write);
  const high = datum(interval?.high, `${ref}/high`, write);
  return low === null || high === null ? { estimate, low: null, high: null } : { estimate, low, high };
}
