import type { CaseSummary, ComparisonSummary, TestResult } from '../../analysis/summary.js';
import { displayText, formatCount, formatPercent, formatQuantity, formatSigned } from '../format.js';
import { metricNames, verdictText } from '../names.js';
import { datum, intervalCell, pValueCell, type Datum, type IntervalCell, type PValueCell } from './cells.js';

export interface TestCell {
  readonly name: string;
  readonly method: string;
  readonly pValue: PValueCell;
  readonly adjusted: PValueCell;
}

/** One declared comparison as a row of a table. */
export interface ComparisonRow {
  readonly metric: string;
  readonly candidate: string;
  readonly baseline: string;
  readonly crossesBoundary: boolean;
  readonly advantage: IntervalCell | null;
  /** Confidence that the interval achieves, where that differs from what was asked. */
  readonly achieved: string | null;
  readonly trials: string;
  readonly test: TestCell | null;
  readonly paired: (TestCell & { readonly blocks: string; readonly advantage: IntervalCell | null }) | null;
  readonly delta: Datum | null;
  /** What would have been found; only where no difference was shown. */
  readonly detectable: { readonly low: Datum; readonly high: Datum; readonly power: string } | null;
  /** Where a margin was declared. */
  readonly equivalence: {
    readonly margin: string;
    readonly shown: boolean;
    readonly adjusted: PValueCell;
  } | null;
  readonly verdict: { readonly text: string; readonly tone: string };
}

/** @param ref JSON pointer to the comparison in the summary */
export function comparisonRow(owner: CaseSummary, comparison: ComparisonSummary, ref: string): ComparisonRow {
  const label = (id: string): string =>
    displayText(owner.contenders.find((contender) => contender.id === id)?.label ?? id, 60);
  const [candidate, baseline] = [label(comparison.candidate), label(comparison.baseline)];
  const { paired, confidence } = comparison;
  return {
    metric: metricNames[comparison.metric].title,
    candidate,
    baseline,
    crossesBoundary: comparison.crossesBoundary,
    advantage: intervalCell(comparison.advantage, `${ref}/advantage`, 'ratio'),
    achieved: achievedText(confidence.achieved, confidence.asked),
    trials: `${formatCount(comparison.trials.candidate)} and ${formatCount(comparison.trials.baseline)}`,
    test: testCell(comparison.test, `${ref}/test`),
    paired:
      paired === null
        ? null
        : {
            ...requiredTestCell(paired.test, `${ref}/paired/test`),
            blocks: formatCount(paired.blocks),
            advantage: intervalCell(paired.advantage, `${ref}/paired/advantage`, 'ratio'),
          },
    delta: datum(comparison.cliffsDelta, `${ref}/cliffsDelta`, formatSigned),
    detectable: detectableCell(comparison, `${ref}/detectable`),
    equivalence: equivalenceCell(comparison.equivalence, `${ref}/equivalence`),
    verdict: verdictText(comparison.verdict, candidate, baseline),
  };
}

function detectableCell(
  { verdict, detectable }: ComparisonSummary,
  ref: string,
): ComparisonRow['detectable'] {
  if (verdict !== 'no-difference-shown' || detectable === null) return null;
  const low = datum(detectable.low, `${ref}/low`, asRatio);
  const high = datum(detectable.high, `${ref}/high`, asRatio);
  return low === null || high === null ? null : { low, high, power: formatPercent(detectable.power) };
}

const asRatio = (value: number): string => formatQuantity(value, 'ratio');

function equivalenceCell(
  equivalence: ComparisonSummary['equivalence'],
  ref: string,
): ComparisonRow['equivalence'] {
  if (equivalence === null) return null;
  const { margin, shown, adjustedPValue } = equivalence;
  return {
    margin: formatPercent(margin),
    shown,
    adjusted: pValueCell(adjustedPValue, `${ref}/adjustedPValue`),
  };
}

function achievedText(achieved: number | null, asked: number): string | null {
  const text = achieved === null ? null : formatPercent(achieved);
  return text === formatPercent(asked) ? null : text;
}

function testCell(test: TestResult | null, ref: string): TestCell | null {
  return test === null ? null : requiredTestCell(test, ref);
}

function requiredTestCell(test: TestResult, ref: string): TestCell {
  return {
    name: test.name,
    method: test.method,
    pValue: pValueCell(test.pValue, `${ref}/pValue`),
    adjusted: pValueCell(test.adjustedPValue, `${ref}/adjustedPValue`),
  };
}
