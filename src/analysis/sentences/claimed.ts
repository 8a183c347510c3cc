import {
  describePValue,
  formatInUnit,
  formatPercent,
  formatPlural,
  formatRatio,
} from '../../support/format.js';
import type { ClaimPart, ClaimSummary, ClaimUnit, ClaimVerdict } from '../claims/claim-summary.js';
import type { Sentence } from '../summary.js';
import { quoted, sentence, shown, type Shown, type SummaryFacts } from './sentence.js';

const tones: Readonly<Record<ClaimVerdict, Sentence['tone']>> = {
  met: 'good',
  'not-met': 'bad',
  inconclusive: 'warning',
  'not-measured': 'neutral',
};

/** How a number in the unit of a claim is written. */
export function formatClaimed(value: number, unit: ClaimUnit): string {
  if (unit === 'ratio') return formatRatio(value);
  return unit === 'share' ? formatPercent(value) : formatInUnit(value, unit);
}

/** "at least 10.0×", "below 5.00 ms". */
export const thresholdWords: Readonly<Record<ClaimSummary['threshold']['is'], string>> = {
  'at-least': 'at least ',
  above: 'more than ',
  'at-most': 'at most ',
  below: 'less than ',
};

/** How many of the declared claims were met; then one sentence for each that was judged, met ones first. */
export function claimed(facts: SummaryFacts): Sentence[] {
  const { claims } = facts;
  if (claims === null) return [];
  const { met, notMet } = claims.tally;
  const one = (name: string): Shown => shown(`/claims/tally/${name}`);
  const first = sentence(
    facts,
    met === claims.familySize ? 'good' : notMet > 0 ? 'bad' : 'neutral',
    'Of ',
    shown('/claims/familySize', (count) => formatPlural(count, 'declared claim')),
    ', ',
    one('met'),
    ' met, ',
    one('notMet'),
    ' not met, ',
    one('inconclusive'),
    ' inconclusive, ',
    one('notMeasured'),
    ' not measured here.',
  );
  const order: readonly ClaimVerdict[] = ['met', 'not-met', 'inconclusive'];
  return [
    first,
    ...order.flatMap((verdict) =>
      claims.claims.flatMap((claim, index) =>
        claim.verdict === verdict ? [about(facts, claim, `/claims/claims/${String(index)}`)] : [],
      ),
    ),
  ];
}

const conclusions: Readonly<Record<ClaimVerdict, string>> = {
  met: 'Met: ',
  'not-met': 'Not met: ',
  inconclusive: 'Inconclusive: ',
  'not-measured': 'Not measured here: ',
};

function about(facts: SummaryFacts, claim: ClaimSummary, pointer: string): Sentence {
  const { hardest, parts, unit, verdict } = claim;
  const part = hardest === null ? undefined : parts[hardest];
  const at = `${pointer}/parts/${String(hardest)}`;
  const write = (value: number): string => formatClaimed(value, unit);
  if (part === undefined)
    return sentence(facts, tones[verdict], conclusions[verdict], quoted(`${pointer}/title`), '.');
  return sentence(
    facts,
    tones[verdict],
    conclusions[verdict],
    quoted(`${pointer}/title`),
    ' (asked for: ',
    thresholdWords[claim.threshold.is],
    shown(`${pointer}/threshold/value`, write),
    '). Hardest in ',
    quoted(`${at}/caseId`),
    ': ',
    quoted(`${at}/candidate/label`),
    ...(part.baseline === null ? [] : [' over ', quoted(`${at}/baseline/label`)]),
    ', ',
    shown(`${at}/measured/estimate`, write),
    ...(typeof part.measured?.low !== 'number' || part.measured.high === null
      ? [', no interval']
      : [' [', shown(`${at}/measured/low`, write), ', ', shown(`${at}/measured/high`, write), ']']),
    ', ',
    shown(`${pointer}/adjustedPValue`, describePValue),
    ' after correction over ',
    shown('/claims/familySize', (count) => formatPlural(count, 'claim')),
    ...(verdict === 'inconclusive' ? whatWouldBeFound(part, at, write) : []),
    ...boundaryWords(part.crossesBoundary, at),
    '.',
  );
}

function whatWouldBeFound(
  { detectable }: ClaimPart,
  at: string,
  write: (value: number) => string,
): (string | Shown)[] {
  if (detectable === null) return ['; with so few trials no effect would have been found, however large'];
  return [
    '; below ',
    shown(`${at}/detectable/low`, write),
    ' or above ',
    shown(`${at}/detectable/high`, write),
    ' would have been found in ',
    shown(`${at}/detectable/power`, formatPercent),
    ' of cases',
  ];
}

function boundaryWords(crosses: boolean, at: string): (string | Shown)[] {
  if (!crosses) return [];
  return [
    '; across two boundaries (',
    quoted(`${at}/candidate/boundary`),
    ' and ',
    quoted(`${at}/baseline/boundary`),
    '), so that it includes the cost of leaving the process',
  ];
}
