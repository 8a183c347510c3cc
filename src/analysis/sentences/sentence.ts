import { formatCount } from '../../support/format.js';
import { terminalSafe } from '../../support/escape.js';
import { resolvePointer } from '../../support/json-pointer.js';
import type { Sentence, Summary } from '../summary.js';

/** A summary before anything is said about it. */
export type SummaryFacts = Omit<
  Summary,
  | 'invalid'
  | 'claimed'
  | 'executive'
  | 'headline'
  | 'whereRedisWins'
  | 'caveats'
  | 'degradation'
  | 'disclosure'
>;

/** A value of the summary inside a sentence: only its place is given, so that no number can be made up on the way. */
export interface Shown {
  readonly pointer: string;
  readonly as: (value: number) => string;
}

/** A number of the summary, written by a formatter; plain counts by default. */
export function shown(pointer: string, as: (value: number) => string = formatCount): Shown {
  return { pointer, as };
}

/** A text of the summary. */
export function quoted(pointer: string): Shown {
  return { pointer, as: String };
}

/**
 * Makes a sentence out of words and of values that are read from the summary at their pointers. The pointers become its
 * `refs`, so that every number that a reader sees can be traced.
 *
 * @throws Error when a pointer leads to no number or text: a mistake in this program
 */
export function sentence(
  facts: SummaryFacts,
  tone: Sentence['tone'],
  ...parts: readonly (string | Shown)[]
): Sentence {
  const refs: string[] = [];
  const text = parts.map((part) => {
    if (typeof part === 'string') return part;
    const value = resolvePointer(facts, part.pointer);
    if (!refs.includes(part.pointer)) refs.push(part.pointer);
    if (typeof value === 'number') return part.as(value);
    if (typeof value === 'string') return terminalSafe(value);
    throw new Error(`nothing to say at ${part.pointer}`);
  });
  return { text: text.join(''), tone, refs };
}
