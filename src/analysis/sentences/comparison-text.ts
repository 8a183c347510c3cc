import {
  describePValue,
  formatInUnit,
  formatPercent,
  formatRate,
  formatRatio,
} from '../../support/format.js';
import { metricDefinition } from '../metrics.js';
import type { CaseSummary, ComparisonSummary, ComparisonVerdict } from '../summary.js';
import { quoted, shown, type Shown, type SummaryFacts } from './sentence.js';

/** A comparison and where it stands in the summary. */
export interface PlacedComparison {
  readonly comparison: ComparisonSummary;
  readonly pointer: string;
  readonly caseSummary: CaseSummary;
  readonly casePointer: string;
}

/** Every comparison of another engine with Redis, in the order of the summary. */
export function comparisonsWithRedis(facts: Pick<SummaryFacts, 'cases'>): PlacedComparison[] {
  return facts.cases.flatMap((caseSummary, caseIndex) =>
    caseSummary.comparisons.flatMap((comparison, index) => {
      const casePointer = `/cases/${String(caseIndex)}`;
      return isAgainstRedis(caseSummary, comparison)
        ? [{ comparison, pointer: `${casePointer}/comparisons/${String(index)}`, caseSummary, casePointer }]
        : [];
    }),
  );
}

/** For every case, metric and candidate, the comparison with the Redis variant that leaves it the least advantage. */
export function hardestComparisons(facts: Pick<SummaryFacts, 'cases'>): PlacedComparison[] {
  const hardest = new Map<string, PlacedComparison>();
  for (const placed of comparisonsWithRedis(facts)) {
    const { caseId, metric, candidate, advantage } = placed.comparison;
    if (advantage === null) continue;
    const key = JSON.stringify([caseId, metric, candidate]);
    const kept = hardest.get(key)?.comparison.advantage;
    if (kept === undefined || kept === null || advantage.estimate < kept.estimate) hardest.set(key, placed);
  }
  return [...hardest.values()];
}

export function isAgainstRedis(caseSummary: CaseSummary, comparison: ComparisonSummary): boolean {
  const engine = (id: string) =>
    caseSummary.contenders.find((contender) => contender.id === id)?.engineName ?? '';
  return engine(comparison.baseline).startsWith('redis') && !engine(comparison.candidate).startsWith('redis');
}

const opening: Record<ComparisonVerdict, string> = {
  'candidate-better': '',
  'baseline-better': 'Redis was ahead: ',
  equivalent: 'equal within the declared margin: ',
  'no-difference-shown': 'no difference was shown: ',
  'too-few-trials': 'too few trials to show a difference: ',
  'not-measured': 'not measured: ',
};

/**
 * The parts of a sentence about one comparison that was made: the case, both medians, the advantage with interval and p,
 * and, in the same sentence, the boundary that lies between the two.
 *
 * @param best whether the baseline is the Redis variant that is hardest to beat on this metric
 */
export function describeComparison(placed: PlacedComparison, best: boolean): (string | Shown)[] {
  const { comparison, pointer, caseSummary, casePointer } = placed;
  const { name, unit } = metricDefinition(comparison.metric);
  const contender = (id: string): string =>
    `${casePointer}/contenders/${String(caseSummary.contenders.findIndex((one) => one.id === id))}`;
  const medianOf = (id: string): Shown => {
    const metrics = caseSummary.contenders.find((one) => one.id === id)?.metrics ?? [];
    const index = metrics.findIndex(({ metric }) => metric === comparison.metric);
    return shown(`${contender(id)}/metrics/${String(index)}/median/estimate`, (value) =>
      formatInUnit(value, unit),
    );
  };
  const { candidate, baseline } = comparison;
  return [
    quoted(`${casePointer}/id`),
    ' (',
    quoted(`${casePointer}/label`),
    '): ',
    opening[comparison.verdict],
    `${name} of `,
    quoted(`${contender(candidate)}/label`),
    ' was ',
    medianOf(candidate),
    ' against ',
    medianOf(baseline),
    ' for ',
    quoted(`${contender(baseline)}/label`),
    ...(best ? [', the Redis variant that did best on this metric'] : []),
    ...describeRate(placed),
    comparison.verdict === 'candidate-better' ? ', an advantage of ' : ', a ratio of ',
    shown(`${pointer}/advantage/estimate`, formatRatio),
    comparison.verdict === 'candidate-better' ? '' : ', where less than one favours Redis',
    ' (',
    ...describeInterval(placed),
    shown(`${pointer}/test/adjustedPValue`, describePValue),
    ' after correction over ',
    shown('/statistics/familySize'),
    ' comparisons)',
    ...describeWhatIsShown(placed),
    ...describeBoundary(placed, contender),
    ...describeSaturation(placed, contender),
    '.',
  ];
}

/** Without a difference: that it was shown to be small, or how large one would have been found. */
function describeWhatIsShown({ comparison, pointer }: PlacedComparison): (string | Shown)[] {
  const { verdict, detectable } = comparison;
  if (verdict === 'equivalent') {
    return [
      '; that they differ by less than ',
      shown(`${pointer}/equivalence/margin`, formatPercent),
      ' was shown (',
      shown(`${pointer}/equivalence/adjustedPValue`, describePValue),
      ')',
    ];
  }
  if (verdict !== 'no-difference-shown' || detectable === null) return [];
  return [
    '; a ratio below ',
    shown(`${pointer}/detectable/low`, formatRatio),
    ' or above ',
    shown(`${pointer}/detectable/high`, formatRatio),
    ' would have been found in ',
    shown(`${pointer}/detectable/power`, formatPercent),
    ' of cases',
  ];
}

/** In open loop a latency is one at a rate, and counts from the intended start. */
function describeRate({ caseSummary, casePointer, comparison }: PlacedComparison): (string | Shown)[] {
  if (comparison.metric === 'capacityRate') {
    return [', the highest rate that kept ', quoted('/design/capacity/objective/text')];
  }
  if (comparison.metric === 'capacityClients') {
    return [
      ', the most clients of ',
      shown('/design/capacity/clientRatePerSecond', formatRate),
      ' each that kept ',
      quoted('/design/capacity/objective/text'),
    ];
  }
  if (caseSummary.arrivals === null || !comparison.metric.startsWith('latency')) return [];
  return [', from the intended start at ', shown(`${casePointer}/arrivals/ratePerSecond`, formatRate)];
}

/** A latency of requests that pile up is no property of an engine: whoever reads the ratio must read that beside it. */
function describeSaturation(
  { comparison, caseSummary }: PlacedComparison,
  contender: (id: string) => string,
): (string | Shown)[] {
  if (!comparison.metric.startsWith('latency')) return [];
  const saturated = [comparison.candidate, comparison.baseline].filter((id) => {
    const openLoop = caseSummary.contenders.find((one) => one.id === id)?.openLoop ?? null;
    return openLoop !== null && openLoop.saturatedTrials > 0;
  });
  if (saturated.length === 0) return [];
  return [
    ...saturated.flatMap((id) => [
      '; ',
      quoted(`${contender(id)}/label`),
      ' could not keep up in ',
      shown(`${contender(id)}/openLoop/saturatedTrials`),
      ' of ',
      shown(`${contender(id)}/openLoop/trials`),
      ' trials',
    ]),
    ', and its latency then grows with the window: the ratio says who kept up, not how fast each is',
  ];
}

function describeInterval({ comparison, pointer }: PlacedComparison): (string | Shown)[] {
  if (typeof comparison.advantage?.low !== 'number') return ['too few trials for an interval; '];
  return [
    shown(`${pointer}/confidence/asked`, formatPercent),
    ' interval ',
    shown(`${pointer}/advantage/low`, formatRatio),
    ' to ',
    shown(`${pointer}/advantage/high`, formatRatio),
    '; ',
  ];
}

function describeBoundary(
  { comparison, caseSummary }: PlacedComparison,
  contender: (id: string) => string,
): (string | Shown)[] {
  if (!comparison.crossesBoundary || comparison.metric === 'memory') return [];
  const boundaries = [comparison.candidate, comparison.baseline].map(
    (id) => caseSummary.contenders.find((one) => one.id === id)?.boundary,
  );
  return [
    ', measured across two boundaries (',
    quoted(`${contender(comparison.candidate)}/boundary`),
    ' and ',
    quoted(`${contender(comparison.baseline)}/boundary`),
    boundaries.includes('socket') ? '), which includes the cost of leaving the process' : ')',
  ];
}
