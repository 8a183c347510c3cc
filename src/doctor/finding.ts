/** What the doctor says about one thing. */
export type FindingState = 'fine' | 'problem' | 'cannot-tell';

export interface Finding {
  /** Stable, for programs. */
  readonly id: string;
  readonly title: string;
  readonly state: FindingState;
  /** What was seen, with its figure. */
  readonly seen: string;
  /** What it does to a measurement. */
  readonly why: string;
  /** What to do about it; null where there is nothing to do. */
  readonly mend: string | null;
}

/** What is always true of a check, beside what was seen. */
type Card = Pick<Finding, 'id' | 'title' | 'why'>;

export const fine = (card: Card, seen: string): Finding => ({ ...card, state: 'fine', seen, mend: null });
export const problem = (card: Card, seen: string, mend: string): Finding => ({
  ...card,
  state: 'problem',
  seen,
  mend,
});
export const cannotTell = (card: Card, seen: string, mend: string | null): Finding => ({
  ...card,
  state: 'cannot-tell',
  seen,
  mend,
});
