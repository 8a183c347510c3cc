/** One figure of `npm run bench`: what every bench's `run()` gives. */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What is wanted, in the same unit; null where a figure only informs (a ceiling, a comparison). */
  readonly target: number | null;
  readonly met: boolean | null;
  /** What bounds it, and how it was verified. */
  readonly note: string;
}
