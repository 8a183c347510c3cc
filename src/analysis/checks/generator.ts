/** Whether requests were sent when they fell due: only an open loop has such a time. */
import { median } from '../../stats/index.js';
import type { AssumptionCheck } from '../summary.js';
import { judged, type Card, type Finding, type Session } from './check.js';

const card: Card = {
  id: 'generator',
  title: 'Rate within the reach of the generator',
  unit: 'share',
  limit: 0.1,
  rule: "median lateness of the generator itself over the median delay of a request's start, median over trials, for contenders that were saturated in every trial (0 for others); violated above the limit: then the rate was more than this client can send, and the session is invalid",
  consequence: 'the latencies are those of this client: take a lower --rate, or more --workers',
};

/**
 * Of a saturated engine requests wait until it is free; what they wait beyond that is the generator's own lag. Where that is a
 * good part of the wait, nobody knows what the engine would have done.
 *
 * @returns nothing in closed loop, and in a search for a capacity, whose rule leaves saturated loads out
 */
export function generator({ result: { plan }, series }: Session): AssumptionCheck[] {
  if (plan.loadModel !== 'open' || plan.capacity !== undefined) return [];
  const findings = series.flatMap((one): Finding[] => {
    const seen = one.trials.flatMap(({ measurements }) => measurements.openLoop ?? []);
    if (seen.length === 0) return [];
    const saturated = seen.every((trial) => trial.saturated);
    const figure = saturated
      ? median(seen.map(({ generatorLag, startDelay }) => generatorLag.p50Ns / Math.max(1, startDelay.p50Ns)))
      : 0;
    return [{ series: one, figure, violated: figure > card.limit }];
  });
  return [judged(card, findings, Math.abs, 'invalid')];
}
