/** What operations cost at the prices that a user gave: the part of the summary that the report's cost section shows. */
import type { Interval } from '../summary.js';

/** One contender of one case at its price. */
export interface CostRow {
  readonly caseId: string;
  readonly contender: string;
  readonly label: string;
  readonly machine: string;
  readonly perHour: number;
  /** Operations for one unit of the currency: median throughput (or capacity) times 3,600 over the price of an hour. */
  readonly operationsPerUnit: Interval;
  /** What 10^9 operations cost, in the currency: the inverse. */
  readonly perBillion: Interval;
  /** JSON pointer into the summary, to the throughput or capacity that it is made of. */
  readonly ref: string;
}

/** Operations for the money of one contender over those of another. */
export interface CostRatio {
  readonly caseId: string;
  readonly candidate: string;
  readonly baseline: string;
  /** Above 1: the candidate does more for the money. The ratio of the comparison times that of the prices. */
  readonly ratio: Interval;
  readonly crossesBoundary: boolean;
  /** JSON pointer into the summary, to the comparison. */
  readonly ref: string;
}

export interface CostSummary {
  readonly fileName: string;
  readonly sha256: string;
  /** ISO 4217. */
  readonly currency: string;
  /** As the price file says. */
  readonly date: string;
  readonly source: string;
  readonly rows: readonly CostRow[];
  readonly ratios: readonly CostRatio[];
  /** Contenders that were measured and have no price. */
  readonly unpriced: readonly string[];
  /** Contenders that have a price and were not measured. */
  readonly unmeasured: readonly string[];
  /** Why there are no rows, as a sentence; null where there are. */
  readonly absent: string | null;
}
