import type { Contender, MeasuredTrial, ResultFile } from '../../results/schema.js';
import type { CaseTrials } from '../case-trials.js';
import type { AssumptionCheck, CheckState } from '../summary.js';

/** The measured trials of one contender in one case, in the order in which they ran. */
export interface Series {
  readonly caseId: string;
  readonly contender: Contender;
  readonly trials: readonly MeasuredTrial[];
  /** Requests under way at once, over all connections. */
  readonly inFlight: number;
  /** Whether a declared comparison of this case names it. */
  readonly compared: boolean;
}

/** What a check looks at: one session. */
export interface Session {
  readonly result: ResultFile;
  readonly series: readonly Series[];
}

export function sessionOf(result: ResultFile, trials: ReadonlyMap<string, CaseTrials>): Session {
  const { plan } = result;
  const named = new Set(
    plan.comparisons.flatMap(({ caseId, baseline, candidate }) => [
      JSON.stringify([caseId, baseline]),
      JSON.stringify([caseId, candidate]),
    ]),
  );
  return {
    result,
    series: plan.cases.flatMap(({ id: caseId, clients }) =>
      plan.contenders.flatMap((contender): Series[] => {
        const measured = trials.get(caseId)?.measured(contender.id) ?? [];
        if (measured.length === 0) return [];
        const compared = named.has(JSON.stringify([caseId, contender.id]));
        const { workers, connections } = clients ?? plan;
        const inFlight = workers * connections * contender.pipelineDepth;
        return [{ caseId, contender, trials: measured, inFlight, compared }];
      }),
    ),
  };
}

/** What is always true of a check. */
export type Card = Pick<AssumptionCheck, 'id' | 'title' | 'rule' | 'consequence' | 'limit' | 'unit'>;

/** A figure of one series; `violated` where it lies beyond the rule. */
export interface Finding {
  readonly series: Series | null;
  readonly figure: number;
  readonly violated: boolean;
}

/** A check that could not be made, and why in its state. */
export function unmade(
  card: Card,
  state: Extract<CheckState, 'cannot-tell' | 'not-recorded'>,
): AssumptionCheck {
  return { ...card, state, gravity: 'caution', figure: null, worst: null, looked: 0, violations: 0 };
}

/**
 * The check from what was found: violated when one finding is. Shown is the worst one, of those that violate it if any do.
 *
 * @param distance how far a figure lies from what is fine
 */
export function judged(
  card: Card,
  findings: readonly Finding[],
  distance: (figure: number) => number = Math.abs,
  gravity: AssumptionCheck['gravity'] = 'caution',
): AssumptionCheck {
  if (findings.length === 0) return unmade(card, 'cannot-tell');
  const violations = findings.filter(({ violated }) => violated);
  const candidates = violations.length > 0 ? violations : findings;
  const worst = candidates.reduce((a, b) => (distance(b.figure) > distance(a.figure) ? b : a));
  return {
    ...card,
    state: violations.length > 0 ? 'violated' : 'holds',
    gravity,
    figure: worst.figure,
    worst:
      worst.series === null ? null : { caseId: worst.series.caseId, contender: worst.series.contender.id },
    looked: findings.length,
    violations: violations.length,
  };
}
