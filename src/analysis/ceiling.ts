import type { Ceiling } from '../results/schema.js';
import type { CeilingSummary, ContenderSummary } from './summary.js';

/**
 * What a load generator of the engine's own makers reached on the shape of a case, as operations a second, and the share of it
 * that our driver reached.
 *
 * The kinds of request were asked one after another. A stream of nᵢ requests of kind i with kᵢ keys, at rates rᵢ, takes
 * Σ nᵢ/rᵢ seconds when the kinds take turns, so that the bound is Σ nᵢ·kᵢ / Σ nᵢ/rᵢ (the weighted harmonic mean).
 */
export function summariseCeiling(ceiling: Ceiling, contender: ContenderSummary | undefined): CeilingSummary {
  const { program, version, absent, startedAt, runs } = ceiling;
  const operations = runs.reduce((sum, run) => sum + run.requestsInStream * run.keysPerRequest, 0);
  const seconds = runs.reduce((sum, run) => sum + run.requestsInStream / run.requestsPerSecond, 0);
  const operationsPerSecond = seconds > 0 ? operations / seconds : null;
  const reached = contender?.metrics.find(({ metric }) => metric === 'throughput')?.median.estimate;
  return {
    contender: ceiling.contender,
    program,
    version,
    absent,
    startedAt,
    operationsPerSecond,
    harnessEfficiency:
      operationsPerSecond === null || reached === undefined ? null : reached / operationsPerSecond,
    commands: runs.map(({ command }) => command),
  };
}
