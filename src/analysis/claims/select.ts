import type { Claim, ClaimMetric } from '../../results/declared/claims.js';
import type { CasePlan, Contender, Plan } from '../../results/schema.js';
import { formatRate } from '../../support/format.js';
import { terminalSafe } from '../../support/escape.js';
import type { CaseTrials } from '../case-trials.js';
import { asksForMore } from './part.js';

/** One case of one session. */
export interface SessionCase {
  readonly fileName: string;
  readonly valid: boolean;
  readonly plan: Plan;
  readonly trials: CaseTrials;
}

/** A case that a claim is about, with those it is about. */
export interface SelectedCase extends SessionCase {
  readonly metric: ClaimMetric;
  readonly candidate: Contender;
  /** Empty for a claim about the candidate alone. */
  readonly baselines: readonly Contender[];
  /** Contenders of the baseline that had to be measured too, and were not. */
  readonly missing: readonly string[];
}

/**
 * The cases and contenders that a claim is about, one entry for each case and metric; and, without repeats, as the ends of
 * sentences, why others that it might be about do not count.
 */
export function selectCases(
  claim: Claim,
  sessions: readonly SessionCase[],
): { readonly selected: readonly SelectedCase[]; readonly obstacles: readonly string[] } {
  const selected: SelectedCase[] = [];
  const obstacles = new Set<string>();
  const fitting = sessions.filter(({ trials }) => fits(claim, trials.plan));
  if (fitting.length === 0) obstacles.add(`no case of the result is one of ${describeCases(claim)}`);
  for (const session of fitting) {
    for (const metric of claim.metrics) {
      const found = selectOne(claim, metric, session);
      if (typeof found === 'string') obstacles.add(found);
      else selected.push({ ...session, metric, ...found });
    }
  }
  return { selected, obstacles: [...obstacles] };
}

function selectOne(
  claim: Claim,
  metric: ClaimMetric,
  { fileName, valid, plan, trials }: SessionCase,
): Pick<SelectedCase, 'candidate' | 'baselines' | 'missing'> | string {
  if (!valid) return `the session in ${terminalSafe(fileName, 100)} is invalid, and nothing in it counts`;
  const wrongLoad = loadProblem(claim, metric, plan, trials.plan);
  if (wrongLoad !== null) return wrongLoad;
  const wanted = terminalSafe(claim.candidate.contender, 60);
  const candidate = plan.contenders.find(({ id }) => id === claim.candidate.contender);
  if (candidate === undefined || !trials.takes(candidate.id)) return `${wanted} was not among the contenders`;
  if (candidate.floor === true) return `${wanted} answers without storing`;
  if (candidate.boundary !== claim.candidate.boundary) {
    return `${wanted} was measured at the boundary ${candidate.boundary}, and the claim is about ${claim.candidate.boundary}`;
  }
  const { baseline } = claim;
  if (baseline === undefined) return { candidate, baselines: [], missing: [] };
  const baselines = plan.contenders.filter(
    ({ id, engine, floor }) =>
      engine === baseline.engine && floor !== true && id !== candidate.id && trials.takes(id),
  );
  if (baselines.length === 0)
    return `nothing of ${terminalSafe(baseline.engine, 60)} was measured beside ${wanted}`;
  const missing = (baseline.including ?? []).filter((id) => !baselines.some((one) => one.id === id));
  return { candidate, baselines, missing };
}

function fits({ cases }: Claim, plan: CasePlan): boolean {
  if (cases === undefined) return true;
  const { workloads, ids, keysPerRequest } = cases;
  const keys = plan.stream.requests === 0 ? 0 : plan.stream.operations / plan.stream.requests;
  return (
    (workloads?.includes(plan.workload) ?? true) &&
    (ids?.includes(plan.id) ?? true) &&
    keys >= (keysPerRequest?.atLeast ?? 0) &&
    keys <= (keysPerRequest?.atMost ?? Infinity)
  );
}

/** Which cases a claim is about, for people. */
export function describeCases({ cases }: Claim): string {
  if (cases === undefined) return 'all cases';
  const { workloads, ids, keysPerRequest } = cases;
  const list = (all: readonly string[]): string => all.map((one) => terminalSafe(one, 60)).join(', ');
  const { atLeast, atMost } = keysPerRequest ?? {};
  return [
    ids === undefined ? 'the cases' : `the cases ${list(ids)}`,
    ...(workloads === undefined ? [] : [`of the workloads ${list(workloads)}`]),
    ...(atLeast === undefined ? [] : [`of at least ${String(atLeast)} keys a request`]),
    ...(atMost === undefined
      ? []
      : [`of at most ${String(atMost)} ${atMost === 1 ? 'key' : 'keys'} a request`]),
  ].join(' ');
}

function loadProblem(
  { load }: Claim,
  metric: ClaimMetric,
  { loadModel, openLoop, capacity }: Plan,
  { arrivals }: CasePlan,
): string | null {
  if (metric === 'capacityRate' || metric === 'capacityClients') {
    const wanted = metric === 'capacityRate' ? 'rate' : 'clients';
    return capacity?.search === wanted
      ? null
      : `no capacity in ${wanted === 'rate' ? 'operations a second' : 'clients'} was searched (predis-bench run --slo, --search ${wanted})`;
  }
  if (capacity !== undefined) {
    return `the run searched for a capacity, so that its ${metric.startsWith('latency') ? 'latencies are those' : 'numbers are those'} at the load that it found`;
  }
  if (metric === 'throughput' && loadModel === 'open') {
    return 'the run was an open loop, in which throughput is what was asked for';
  }
  if (load === undefined) return null;
  const wanted = load.atLeastPerSecond;
  if (load.loop !== loadModel) {
    const rate = wanted === undefined ? '' : ` of at least ${formatRate(wanted)}`;
    return load.loop === 'open'
      ? `the run was a closed loop, and the claim asks for an open loop${rate} (predis-bench run --rate)`
      : 'the run was an open loop, and the claim asks for a closed loop';
  }
  const asked = openLoop?.ratePerSecond ?? arrivals?.ratePerSecond ?? 0;
  return wanted !== undefined && asked < wanted
    ? `the run asked for ${formatRate(asked)}, and the claim for at least ${formatRate(wanted)}`
    : null;
}

/** Where the part that is hardest stands: the least, over the parts, of how far the estimate clears the threshold. */
export function hardestOf(
  parts: readonly { readonly measured: { readonly estimate: number } | null }[],
  threshold: Claim['threshold'],
): number | null {
  let hardest: number | null = null;
  let least = Infinity;
  parts.forEach(({ measured }, index) => {
    if (measured === null) return;
    const clearance = asksForMore(threshold) ? measured.estimate : -measured.estimate;
    if (clearance < least) {
      least = clearance;
      hardest = index;
    }
  });
  return hardest;
}
