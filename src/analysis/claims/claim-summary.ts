/** What became of the declared claims: the part of the summary that the claims table shows. */
import type { Boundary } from '../../results/schema.js';
import type { Claim, ClaimMetric, ClaimUnit } from '../../results/declared/claims.js';
import type { Detectable } from '../detectable.js';
import type { Interval } from '../summary.js';

export type { ClaimUnit } from '../../results/declared/claims.js';

export type ClaimVerdict = 'met' | 'not-met' | 'inconclusive' | 'not-measured';

/** One side of what was measured for a claim. */
export interface ClaimSide {
  readonly contender: string;
  readonly label: string;
  readonly boundary: Boundary;
  /** Median over trials, in the unit of the metric; null where nothing was measured. */
  readonly median: number | null;
  readonly trials: number;
  /** JSON pointer into the summary, to the same median with its interval; null for a metric that stands here alone. */
  readonly ref: string | null;
}

/** One thing that has to hold for the claim to hold: one metric of one case, beside one contender of the baseline. */
export interface ClaimPart {
  readonly caseId: string;
  readonly metric: ClaimMetric;
  readonly candidate: ClaimSide;
  /** null for a claim about the candidate alone. */
  readonly baseline: ClaimSide | null;
  /** The two sides were measured at different boundaries. */
  readonly crossesBoundary: boolean;
  /** Candidate over baseline, or the candidate's median, in the claim's unit; null where it could not be measured. */
  readonly measured: Interval | null;
  /** Two-sided, of the test against the threshold; null where nothing was tested. */
  readonly pValue: number | null;
  /** The smallest that so many trials can give. */
  readonly smallestPValue: number | null;
  /** On which side of the threshold the estimate lies. */
  readonly side: 'clears' | 'misses' | null;
  /** The whole interval lies there too. */
  readonly shown: boolean;
  /** What would have been found, in the claim's unit. */
  readonly detectable: Detectable | null;
  /** Why it cannot count in favour of the claim whatever its number is; null where it can. */
  readonly spoilt: string | null;
}

export interface ClaimSummary extends Claim {
  readonly verdict: ClaimVerdict;
  /** Why it is not met, in a sentence; what it was held against where it is. */
  readonly why: string;
  readonly unit: ClaimUnit;
  /** Of `parts`: the one that is furthest from clearing the threshold; null where nothing was measured. */
  readonly hardest: number | null;
  readonly parts: readonly ClaimPart[];
  /** Contenders of the baseline, and cases, that it was held against. */
  readonly against: { readonly contenders: number; readonly cases: number };
  readonly crossesBoundary: boolean;
  /** For the direction in which the estimates lie: of all parts together, and after Holm over the declared claims. */
  readonly pValue: number | null;
  readonly adjustedPValue: number | null;
}

export interface ClaimsSummary {
  readonly title: string;
  readonly fileName: string;
  readonly sha256: string;
  /** Level of the family of claims. */
  readonly alpha: number;
  readonly familySize: number;
  readonly tally: {
    readonly met: number;
    readonly notMet: number;
    readonly inconclusive: number;
    readonly notMeasured: number;
  };
  readonly claims: readonly ClaimSummary[];
}
