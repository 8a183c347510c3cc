import type { Metric } from '../results/schema.js';
import { hardestComparisons } from './sentences/comparison-text.js';
import type { CaseSummary } from './summary.js';

/** How one contender did on one metric over all cases, each against the Redis variant that leaves it the least. */
export interface Standing {
  readonly candidate: string;
  readonly label: string;
  readonly metric: Metric;
  readonly cases: number;
  readonly ahead: number;
  readonly behind: number;
  /** Neither was shown. */
  readonly undecided: number;
  /** Cases in which Redis was ahead. */
  readonly behindIn: readonly string[];
  /** JSON pointers into the summary, to the comparisons with the least and the largest advantage. */
  readonly least: string;
  readonly largest: string;
  readonly crossesBoundary: boolean;
}

/** Counts, for every candidate and metric, the cases in which it is ahead of the best Redis, behind it, or neither. */
export function summariseStandings(cases: readonly CaseSummary[]): Standing[] {
  const groups = new Map<string, ReturnType<typeof hardestComparisons>[number][]>();
  for (const placed of hardestComparisons({ cases })) {
    const key = JSON.stringify([placed.comparison.candidate, placed.comparison.metric]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [placed]);
    else group.push(placed);
  }
  return [...groups.values()].flatMap((group): Standing[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { candidate, metric } = first.comparison;
    const sorted = [...group].sort((a, b) => advantageOf(a) - advantageOf(b));
    const behindIn = group.flatMap(({ comparison }) =>
      comparison.verdict === 'baseline-better' ? [comparison.caseId] : [],
    );
    const ahead = group.filter(({ comparison }) => comparison.verdict === 'candidate-better').length;
    return [
      {
        candidate,
        label: first.caseSummary.contenders.find(({ id }) => id === candidate)?.label ?? candidate,
        metric,
        cases: group.length,
        ahead,
        behind: behindIn.length,
        undecided: group.length - ahead - behindIn.length,
        behindIn,
        least: sorted[0]?.pointer ?? '',
        largest: sorted.at(-1)?.pointer ?? '',
        crossesBoundary: group.some(({ comparison }) => comparison.crossesBoundary),
      },
    ];
  });
}

function advantageOf({ comparison }: ReturnType<typeof hardestComparisons>[number]): number {
  return comparison.advantage?.estimate ?? 0;
}
