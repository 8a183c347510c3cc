import type { Contender, EngineFacts, ResultFile } from '../../results/schema.js';
import { terminalSafe } from '../../support/escape.js';
import type { SummaryFacts } from '../sentences/sentence.js';

/** What a part of the disclosure is made from. */
export interface DisclosureContext {
  readonly results: readonly ResultFile[];
  readonly facts: SummaryFacts;
}

/** One thing that an item of the checklist asks for. */
export interface DisclosurePart {
  /** What it is: stands before what is disclosed, and in its place where nothing is. */
  readonly name: string;
  /** Places of the result file that hold it; `*` stands for every member. */
  readonly pointers: readonly string[];
  /** Texts for people; none where the files do not hold it. */
  readonly say: (context: DisclosureContext) => readonly string[];
}

export interface DisclosureItem {
  readonly topic: string;
  readonly parts: readonly DisclosurePart[];
}

/** Text from a result file, fit to be shown. */
export const quote = (text: string, maxLength = 200): string => terminalSafe(text, maxLength);

export const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

const NOT_EVERYWHERE = '(not in every file of this report)';

/** Asks every file; says so where some of them hold nothing. */
export function perFile(pick: (result: ResultFile) => string | null | undefined): DisclosurePart['say'] {
  return ({ results }) => {
    const said = results.map((result) => pick(result) ?? null);
    const texts = unique(said.filter((text): text is string => text !== null && text !== ''));
    return texts.length > 0 && said.some((text) => text === null || text === '')
      ? [...texts, NOT_EVERYWHERE]
      : texts;
  };
}

/** Asks every contender that ran for something that its engine told. */
export function perEngine(
  pick: (engine: EngineFacts, contender: Contender) => string | null | undefined,
): DisclosurePart['say'] {
  return ({ results }) =>
    unique(
      results.flatMap(({ plan, engines }) =>
        plan.contenders.flatMap((contender) => {
          const engine = engines[contender.id];
          const text = engine === undefined ? null : pick(engine, contender);
          return text === null || text === undefined || text === ''
            ? []
            : [`${quote(contender.id, 40)}: ${text}`];
        }),
      ),
    );
}

/** A setting that an engine told, as text. */
export function setting({ settings }: EngineFacts, name: string): string | null {
  const value = settings[name];
  return value === undefined || value === null ? null : quote(String(value), 500);
}

/** What can only be declared by whoever ran it. */
export function declaredPart(
  name: string,
  key: keyof NonNullable<ResultFile['disclosure']>['declared'],
): DisclosurePart {
  return {
    name,
    pointers: [`/disclosure/declared/${key}`],
    say: perFile(({ disclosure }) => {
      const told = disclosure?.declared[key] ?? null;
      return told === null ? null : `as declared: ${quote(told, 300)}`;
    }),
  };
}
