import type { ResultFile } from '../../results/schema.js';
import { CaseTrials } from '../case-trials.js';
import { formatCheckFigure } from '../check-text.js';
import type { AssumptionCheck } from '../summary.js';
import { sessionOf } from './check.js';
import { generator } from './generator.js';
import { independence, stationarySession, stationaryWindow, warmUp } from './stability.js';
import { client, clockDrift, gpuClock, otherLoad, stolenTime, timer } from './surroundings.js';

/**
 * The assumptions that a session rests on, each held against what was recorded. A check that does not hold is a caution,
 * unless its gravity says 'invalid': docs/decisions/assumption-checks.md.
 *
 * @param trials of every case of the file, by case id
 */
export function checkAssumptions(
  result: ResultFile,
  trials: ReadonlyMap<string, CaseTrials>,
): AssumptionCheck[] {
  const session = sessionOf(result, trials);
  const gpu = gpuClock(session);
  return [
    stationaryWindow(session),
    warmUp(session),
    stationarySession(session),
    independence(session),
    client(session),
    clockDrift(session),
    ...(gpu === null ? [] : [gpu]),
    otherLoad(session),
    stolenTime(session),
    timer(session),
    ...generator(session),
  ];
}

/** Violations that no reading of the numbers survives. */
export const invalidating = (checks: readonly AssumptionCheck[]): readonly AssumptionCheck[] =>
  checks.filter(({ state, gravity }) => state === 'violated' && gravity === 'invalid');

/** Why a session is invalid by its checks, as the end of a sentence; null where it is not. */
export function checksReason(result: ResultFile): string | null {
  const trials = new Map(result.plan.cases.map((plan) => [plan.id, new CaseTrials(result, plan)]));
  const grave = invalidating(checkAssumptions(result, trials));
  if (grave.length === 0) return null;
  const texts = grave.map(
    ({ title, figure, unit, limit }) =>
      `${title}: ${formatCheckFigure(figure ?? 0, unit)}, the limit is ${formatCheckFigure(limit, unit)}`,
  );
  return `an assumption that it rests on does not hold (${texts.join('; ')})`;
}
