import type { CapacityProbe, MeasuredTrial, Objective, Trial, TrialCapacity } from '../results/schema.js';

/** What a search tries: from `from` upwards by `growth`, then between by bisection. The rule stands in the plan. */
export interface SearchRule {
  /** Lowest load tried, above 0. */
  readonly from: number;
  /** Highest load tried. */
  readonly to: number;
  /** Factor from one load to the next until one fails; above 1. */
  readonly growth: number;
  /** The search ends when the lowest load that failed is at most so many times the highest that held; above 1. */
  readonly resolution: number;
  /** A load fails when it misses the objective so many times in a row. */
  readonly attempts: number;
  /** Loads are multiples of this (clients of several workers); 0 lets them be anything. */
  readonly step: number;
}

export interface SearchOutcome<P> {
  /** Highest load that held, and its probe; 0 and null when not even the lowest did. */
  readonly held: number;
  readonly best: P | null;
  /** Lowest load that failed; null when the highest of all held. */
  readonly failed: number | null;
  readonly probes: readonly P[];
}

/**
 * Finds the highest load at which something holds, by growth and then bisection on a logarithmic scale, with a rule that is
 * fixed before anything is measured. One search gives one number; its uncertainty comes from repeating it.
 *
 * A load that misses once is tried again (`attempts`): a pause of the machine should not decide. That favours every
 * contender by the same rule.
 */
export async function searchCapacity<P extends { readonly held: boolean }>(
  rule: SearchRule,
  probe: (load: number) => Promise<P>,
): Promise<SearchOutcome<P>> {
  const probes: P[] = [];
  let held = 0;
  let best: P | null = null;
  // The compiler cannot see that `holds` assigns it.
  let failed = null as number | null;
  const holds = async (load: number): Promise<boolean> => {
    for (let attempt = 0; attempt < rule.attempts; attempt++) {
      const seen = await probe(load);
      probes.push(seen);
      if (seen.held) {
        held = load;
        best = seen;
        return true;
      }
    }
    failed = load;
    return false;
  };
  for (let load = rule.from; await holds(load);) {
    if (load >= rule.to) return { held, best, failed: null, probes };
    load = Math.min(rule.to, onStep(load * rule.growth, rule.step));
  }
  while (held > 0 && failed !== null && failed > held * rule.resolution) {
    const middle = onStep(Math.sqrt(held * failed), rule.step);
    if (middle <= held || middle >= failed) break;
    await holds(middle);
  }
  return { held, best, failed, probes };
}

function onStep(load: number, step: number): number {
  return step === 0 ? load : Math.max(step, Math.round(load / step) * step);
}

/** Nanoseconds that the objective looks at. */
function objectiveLatencyNs(trial: MeasuredTrial, { statistic }: Objective): number {
  return trial.measurements.latency.all[`${statistic}Ns`];
}

/** A measured probe, and the trial that it was. */
export interface MeasuredProbe {
  readonly held: boolean;
  readonly facts: CapacityProbe;
  readonly trial: MeasuredTrial;
}

/** A load holds when the latency is below the limit and the trial kept up: what was dropped has no latency. */
export function judgeProbe(load: number, trial: MeasuredTrial, objective: Objective): MeasuredProbe {
  const { openLoop } = trial.measurements;
  if (openLoop === undefined) throw new Error('a capacity is searched in open loop');
  const latencyNs = objectiveLatencyNs(trial, objective);
  const { offeredPerSecond, achievedPerSecond, saturated } = openLoop;
  const held = latencyNs < objective.limitNs && !saturated;
  return { held, facts: { load, held, latencyNs, offeredPerSecond, achievedPerSecond, saturated }, trial };
}

/** One trial of a capacity search: the measurements are those of the highest load that held, or of the lowest tried. */
export function capacityTrial(outcome: SearchOutcome<MeasuredProbe>): Trial {
  const shown = outcome.best ?? outcome.probes[0];
  if (shown === undefined) throw new Error('a search without a probe');
  const capacity: TrialCapacity = {
    held: outcome.held,
    failed: outcome.failed,
    probes: outcome.probes.map(({ facts }) => facts),
  };
  const { trial } = shown;
  return { ...trial, measurements: { ...trial.measurements, capacity } };
}
