/** The disclosure checklist as a table; what it says is made by analysis. */
import type { Summary } from '../../analysis/summary.js';
import { displayText } from '../format.js';

export interface DisclosureRow {
  readonly number: string;
  readonly topic: string;
  /** JSON pointer of the item in the summary. */
  readonly ref: string;
  readonly disclosed: readonly { readonly name: string; readonly text: string; readonly places: string }[];
  /** Named parts that the data does not hold, with the places where they would stand. */
  readonly missing: readonly { readonly name: string; readonly places: string }[];
}

export function disclosureRows({ disclosure }: Summary): readonly DisclosureRow[] {
  return disclosure.map(({ number, topic, parts }, index) => {
    const rows = parts.map(({ name, pointers, said }) => ({
      name,
      places: pointers.join(' '),
      text: said.map((text) => displayText(text, 1000)).join('; '),
    }));
    return {
      number: String(number),
      topic,
      ref: `/disclosure/${String(index)}`,
      disclosed: rows.filter(({ text }) => text !== ''),
      missing: rows.filter(({ text }) => text === '').map(({ name, places }) => ({ name, places })),
    };
  });
}
