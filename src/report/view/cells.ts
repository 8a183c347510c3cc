/** The smallest parts of the page: a number with the place in the summary that it comes from, an interval, a contender. */
import type { ContenderSummary, Interval, Sentence } from '../../analysis/summary.js';
import type { QuantityUnit } from '../charts/tick.js';
import { boundaryNames } from '../names.js';
import { displayText, formatPValue, formatQuantity, type ScientificText } from '../format.js';

/** A number as shown, as it is, and the JSON pointer to it in the summary. */
export interface Datum {
  readonly text: string;
  readonly value: string;
  readonly ref: string;
}

export interface IntervalCell {
  readonly estimate: Datum;
  /** Both or neither. */
  readonly low: Datum | null;
  readonly high: Datum | null;
}

export interface PValueCell extends ScientificText {
  readonly value: string;
  readonly ref: string;
}

export interface ContenderCell {
  readonly label: string;
  readonly boundary: string;
  readonly style: number;
  /** Id of the marker's drawing in the page. */
  readonly marker: string;
}

export interface SentenceView {
  readonly text: string;
  readonly tone: Sentence['tone'];
  readonly toneText: string;
  readonly refs: string;
}

/** A number for the page; null where there is none. */
export function datum(
  value: number | null | undefined,
  ref: string,
  format: (value: number) => string,
): Datum | null {
  return value === null || value === undefined || !Number.isFinite(value)
    ? null
    : { text: format(value), value: String(value), ref };
}

export function intervalCell(
  interval: Interval | null,
  ref: string,
  unit: QuantityUnit,
): IntervalCell | null {
  const write = (value: number): string => formatQuantity(value, unit);
  const estimate = datum(interval?.estimate, `${ref}/estimate`, write);
  if (interval === null || estimate === null) return null;
  const low = datum(interval.low, `${ref}/low`, write);
  const high = datum(interval.high, `${ref}/high`, write);
  return low === null || high === null ? { estimate, low: null, high: null } : { estimate, low, high };
}

export function pValueCell(pValue: number, ref: string): PValueCell {
  return { ...formatPValue(pValue), value: String(pValue), ref };
}

export function contenderCell(
  contender: ContenderSummary,
  styles: ReadonlyMap<string, number>,
): ContenderCell {
  const style = (styles.get(contender.id) ?? 0) % 6;
  return {
    label: displayText(contender.label),
    boundary: boundaryNames[contender.boundary].short,
    style,
    marker: `marker-${String(style)}`,
  };
}

const toneTexts = { good: 'Favourable', bad: 'Unfavourable', neutral: 'Note', warning: 'Caution' } as const;

export function sentenceViews(sentences: readonly Sentence[]): readonly SentenceView[] {
  return sentences.map(({ text, tone, refs }) => ({
    // No line break inside "p < 0.001" or "95 %".
    text: displayText(text, 1000)
      .replace(/\bp ([<=>]) /g, 'p\u00a0$1\u00a0')
      .replaceAll(' %', '\u00a0%'),
    tone,
    toneText: toneTexts[tone],
    refs: refs.join(' '),
  }));
}
