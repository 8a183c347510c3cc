import { availableParallelism } from 'node:os';
import { BenchError } from '../errors.js';
import type { CapacitySearch, CasePlan, Contender, Plan } from '../results/schema.js';
import type { Arrivals } from '../workloads/arrivals.js';
import { describeStream } from '../workloads/stream.js';
import type {
  OperationStream,
  Parameters,
  Workload,
  WorkloadCase,
  WorkloadInput,
} from '../workloads/workload.js';
import { planControl } from './control.js';
import { comparedMetrics, declareComparisons } from './family.js';
import { DRAIN_MS, LATE_AFTER_MS, MAX_RATE_PER_SECOND, planArrivals, type OpenLoopRequest } from './load.js';
import { scheduleBlocks } from './schedule.js';

/** What is to be measured, before streams and schedule are made from it. */
export interface PlanRequest {
  /** Parameters are complete and validated (`resolveParameters`); input for a workload that takes one. */
  readonly workloads: readonly {
    readonly workload: Workload;
    readonly parameters: Parameters;
    readonly input?: WorkloadInput | undefined;
  }[];
  readonly contenders: readonly Contender[];
  readonly seed: number;
  readonly quick: boolean;
  /** Blocks for each case; a contender gets two trials in each. */
  readonly blocks: number;
  readonly warmupMs: number;
  readonly windowMs: number;
  readonly workers: number;
  /** Connections of each worker. */
  readonly connections: number;
  readonly verifyEvery: number;
  /** Absent or null for closed-loop driving. */
  readonly openLoop?: OpenLoopRequest | null;
  /** Search for a capacity, in open loop; absent or null for plain trials. */
  readonly capacity?: CapacitySearch | null;
  readonly alpha: number;
  readonly confidence: number;
  /** The difference that does not matter, as a fraction; absent or null where none is declared. */
  readonly margin?: number | null;
  /** Rule by which cases may end early; absent or null where all blocks are measured. */
  readonly stopping?: NonNullable<Plan['stopping']> | null;
  /** Threads that cases with clients of their own may be spread over; the machine's logical CPUs when absent. */
  readonly threads?: number;
  /** Why a contender cannot take a case, for people; null when it can. All take all when absent. */
  readonly refusal?: (contender: Contender, needs: CaseNeeds) => string | null;
  /** Contender that is compared with itself; absent or null for no A/A control. */
  readonly control?: string | null;
}

/** What a case asks of a contender beyond keys and values. */
export interface CaseNeeds {
  /** Threads that drive it. */
  readonly workers: number;
  /** It reads and increments integers, and does nothing else. */
  readonly counters: boolean;
}

/** A case of the plan together with what it is made from. */
export interface RunCase {
  readonly plan: CasePlan;
  readonly parameters: Parameters;
  /** `null` for a workload that takes none. */
  readonly input: WorkloadInput | null;
  readonly workloadCase: WorkloadCase;
}

export interface PlannedRun {
  readonly plan: Plan;
  readonly cases: readonly RunCase[];
}

/**
 * Makes streams, schedule and comparison family. Each stream is generated once here to describe it and given up again: a
 * run holds one case's stream at a time.
 *
 * @throws BenchError PARAMETER_OUT_OF_RANGE for impossible numbers, USAGE for repeated ids
 */
export function makePlan(request: PlanRequest): PlannedRun {
  checkRequest(request);
  const contenderIds = request.contenders.map(({ id }) => id);
  const chosen = request.workloads.flatMap(({ workload, parameters, input }) =>
    workload
      .cases(parameters, input)
      .map((workloadCase) => ({ workload, parameters, input: input ?? null, workloadCase })),
  );
  const openLoop = openLoopPlan(request.openLoop);
  refuseSearchForGivenClients(request, chosen);
  const capacity = boundedSearch(
    request,
    chosen.map(({ workloadCase }) => workloadCase.keySpace.size),
  );
  const metrics = comparedMetrics(openLoop !== undefined, capacity?.search ?? null);
  const control =
    typeof request.control === 'string' ? planControl(request.control, request.contenders, metrics) : null;
  const cases = chosen.map(({ workload, parameters, input, workloadCase }, index): RunCase => {
    const id = caseId(workload, workloadCase);
    const { stream: driven, arrivals } = withArrivals(
      id,
      workloadCase.generate(request.seed),
      openLoop,
      request.seed,
    );
    const stream = describeStream(workloadCase, driven);
    const clients = crewOfClients(workloadCase, request.threads ?? availableParallelism());
    const { workers, connections } = clients ?? request;
    const refusals = request.contenders.flatMap((contender) => {
      const reason =
        request.refusal?.(contender, { workers, counters: workloadCase.counters ?? false }) ?? null;
      return reason === null ? [] : [{ contender: contender.id, reason }];
    });
    const taking = contenderIds.filter((taker) => !refusals.some(({ contender }) => contender === taker));
    const lanes = workers * connections;
    if (stream.requests < lanes) {
      throw new BenchError(
        'PARAMETER_OUT_OF_RANGE',
        `${id} has ${String(stream.requests)} requests, too few for ${String(workers)} workers with ` +
          `${String(connections)} connections each: every connection needs one at least.`,
        { hint: 'Take fewer workers or connections, or a longer stream (--set operations=…).' },
      );
    }
    return {
      parameters,
      input,
      workloadCase,
      plan: {
        id,
        workload: workload.name,
        label: workloadCase.label,
        summary: workload.summary,
        derivedFrom: workloadCase.derivedFrom ?? workload.derivedFrom,
        parameters: Object.fromEntries(
          Object.entries(parameters).map(([name, value]) => [
            name,
            typeof value === 'number' ? value : [...value],
          ]),
        ),
        ...(input === null ? {} : { input: { ...input.facts } }),
        stream: { ...stream },
        ...(arrivals === null ? {} : { arrivals: arrivalFacts(id, stream, arrivals, request) }),
        ...(clients === null ? {} : { clients }),
        ...(refusals.length === 0 ? {} : { refusals }),
        blocks: scheduleBlocks(
          control !== null && taking.includes(control.contender) ? [...taking, control.arm] : taking,
          request.blocks,
          request.seed,
          index,
        ),
      },
    };
  });
  const caseIds = cases.map(({ plan }) => plan.id);
  refuseCasesOfNobody(cases);
  if (new Set(caseIds).size < caseIds.length) throw new BenchError('USAGE', 'A workload is named twice.');
  const { seed, quick, warmupMs, windowMs, workers, connections, verifyEvery, alpha, confidence } = request;
  const plan: Plan = {
    ...{ seed, quick, blocksPerCase: request.blocks, warmupMs, windowMs, workers, connections, verifyEvery },
    ...(openLoop === undefined ? { loadModel: 'closed' } : { loadModel: 'open', openLoop }),
    ...(capacity === null ? {} : { capacity }),
    ...{ alpha, confidence },
    ...(typeof request.margin === 'number' ? { margin: request.margin } : {}),
    ...(request.stopping ? { stopping: request.stopping } : {}),
    contenders: [...request.contenders],
    cases: cases.map((runCase) => runCase.plan),
    comparisons: declareComparisons(caseIds, request.contenders, metrics).filter(
      ({ caseId: id, baseline, candidate }) =>
        !refuses(cases, id, baseline) && !refuses(cases, id, candidate),
    ),
    control: control === null ? null : { ...control, extraTrials: extraTrials(cases, control.arm) },
  };
  return { plan, cases };
}

/**
 * How clients of a case's own are driven: spread evenly over as many threads as there may be.
 *
 * @param threads of the machine, 1 and up
 * @returns null when the case leaves it to the run
 */
export function crewOfClients(
  { clients }: Pick<WorkloadCase, 'clients'>,
  threads: number,
): { workers: number; connections: number } | null {
  if (clients === undefined) return null;
  let workers = Math.max(1, Math.min(clients.count, clients.maxThreads, threads));
  while (clients.count % workers !== 0) workers--;
  return { workers, connections: clients.count / workers };
}

/** How a case is driven: by its own clients, or as the plan says for all. */
export function crewOfCase(plan: Plan, { clients }: CasePlan): { workers: number; connections: number } {
  return clients ?? { workers: plan.workers, connections: plan.connections };
}

function extraTrials(cases: readonly RunCase[], arm: string): number {
  const inCase = ({ plan }: RunCase): number => plan.blocks.flat().filter((id) => id === arm).length;
  return cases.reduce((sum, runCase) => sum + inCase(runCase), 0);
}

function refuses(cases: readonly RunCase[], id: string, contender: string): boolean {
  const found = cases.find(({ plan }) => plan.id === id);
  return found?.plan.refusals?.some((refusal) => refusal.contender === contender) ?? false;
}

/** @throws BenchError USAGE for a case that no contender of the run takes */
function refuseCasesOfNobody(cases: readonly RunCase[]): void {
  for (const { plan } of cases) {
    if (plan.blocks.flat().length > 0) continue;
    const reasons = (plan.refusals ?? []).map(({ contender, reason }) => `${contender} ${reason}`);
    throw new BenchError('USAGE', `No contender of this run can take ${plan.id}: ${reasons.join('; ')}.`);
  }
}

/**
 * The cases of a plan that was read from a file, to go on with it. Streams are checked by `generateStream`.
 *
 * @param findWorkload the registry's
 * @param given the input that the plan's cases were begun with, `null` for none
 * @throws BenchError RESUME_MISMATCH when this tool has no such case (any more), or the input is another; USAGE when it is
 *   missing
 */
export function casesOfPlan(
  plan: Plan,
  findWorkload: (name: string) => Workload,
  given: WorkloadInput | null = null,
): RunCase[] {
  return plan.cases.map((casePlan) => {
    const workload = findWorkload(casePlan.workload);
    const input = casePlan.input === undefined ? null : sameInput(casePlan.input, given);
    const workloadCase = workload
      .cases(casePlan.parameters, input ?? undefined)
      .find((candidate) => caseId(workload, candidate) === casePlan.id);
    if (workloadCase === undefined) {
      throw new BenchError('RESUME_MISMATCH', `This predis-bench has no case ${casePlan.id}.`);
    }
    return { plan: casePlan, parameters: casePlan.parameters, input, workloadCase };
  });
}

function sameInput(begun: NonNullable<CasePlan['input']>, given: WorkloadInput | null): WorkloadInput {
  if (given === null) {
    throw new BenchError('USAGE', `This run replays the trace ${begun.file}: give it again with --file.`);
  }
  if (given.facts.sha256 === begun.sha256) return given;
  throw new BenchError(
    'RESUME_MISMATCH',
    `This run was begun on another trace: SHA-256 ${begun.sha256.slice(0, 12)}…, not ${given.facts.sha256.slice(0, 12)}….`,
    { hint: 'Give the file that it was begun with.' },
  );
}

/**
 * Generates the stream of a case again.
 *
 * @throws BenchError RESUME_MISMATCH when it is not the stream that the plan describes
 */
export function generateStream(
  { plan, workloadCase }: RunCase,
  { seed, openLoop }: Pick<Plan, 'seed' | 'openLoop'>,
): DrivenStream {
  const driven = withArrivals(plan.id, workloadCase.generate(seed), openLoop, seed);
  const { sha256 } = describeStream(workloadCase, driven.stream);
  if (sha256 !== plan.stream.sha256) {
    throw new BenchError(
      'RESUME_MISMATCH',
      `The operation stream of ${plan.id} is not the one of the plan (SHA-256 ${sha256.slice(0, 12)}… instead of ` +
        `${plan.stream.sha256.slice(0, 12)}…): its workload has changed since.`,
    );
  }
  return driven;
}

/** A stream as it is driven: in open loop its intended starts are the arrivals. */
interface DrivenStream {
  readonly stream: OperationStream;
  readonly arrivals: Arrivals | null;
}

function withArrivals(
  caseId: string,
  stream: OperationStream,
  openLoop: Plan['openLoop'],
  seed: number,
): DrivenStream {
  if (openLoop === undefined) return { stream, arrivals: null };
  const arrivals = planArrivals(openLoop, caseId, stream, seed);
  return { stream: { ...stream, dueNs: arrivals.dueNs }, arrivals };
}

/** `<workload>` for a workload of one case, `<workload>/<case>` otherwise. */
function caseId(workload: Workload, workloadCase: WorkloadCase): string {
  return workloadCase.id === workload.name ? workload.name : `${workload.name}/${workloadCase.id}`;
}

/** @throws BenchError USAGE when the number of clients is searched in a case that says how many it has */
function refuseSearchForGivenClients(
  { capacity }: PlanRequest,
  chosen: readonly { readonly workload: Workload; readonly workloadCase: WorkloadCase }[],
): void {
  if (capacity?.search !== 'clients') return;
  const given = chosen.find(({ workloadCase }) => workloadCase.clients !== undefined);
  if (given === undefined) return;
  throw new BenchError(
    'USAGE',
    `${given.workload.name} says itself how many clients there are: how many it could have cannot be searched.`,
    { hint: 'Search with another workload, or run this one without --search clients.' },
  );
}

/** Words of memory for what every lane wrote last, over all lanes: 256 MiB, and as much again to read back against. */
const MAX_LAST_WRITES = 2 ** 26;

/** Clients are connections: as many as memory for verification allows, in equal numbers on every worker. */
function boundedSearch(
  { capacity = null, openLoop = null, workers }: PlanRequest,
  keys: readonly number[],
): CapacitySearch | null {
  if (capacity === null) return null;
  if (openLoop === null) throw new BenchError('USAGE', 'A capacity is searched in open loop.');
  if (capacity.search === 'rate') return capacity;
  const fitting = Math.floor(MAX_LAST_WRITES / Math.max(...keys) / workers) * workers;
  const to = Math.max(workers, Math.min(capacity.to, fitting));
  return { ...capacity, from: Math.min(to, Math.max(workers, capacity.from)), to };
}

function openLoopPlan(request: PlanRequest['openLoop']): Plan['openLoop'] {
  return request === undefined || request === null
    ? undefined
    : { ...request, lateAfterMs: LATE_AFTER_MS, drainMs: DRAIN_MS };
}

/** Fewer requests in a window than this say nothing about a latency. */
const FEWEST_REQUESTS = 20;

/** @throws BenchError PARAMETER_OUT_OF_RANGE when next to nothing falls due inside a window */
function arrivalFacts(
  caseId: string,
  { requests, operations }: { readonly requests: number; readonly operations: number },
  { dueNs, periodNs }: Arrivals,
  { windowMs }: PlanRequest,
): NonNullable<CasePlan['arrivals']> {
  const passes = Math.floor((windowMs * 1e6) / periodNs);
  const rest = windowMs * 1e6 - passes * periodNs;
  const inWindow = passes * requests + dueNs.filter((due) => due < rest).length;
  if (inWindow < FEWEST_REQUESTS) {
    throw new BenchError(
      'PARAMETER_OUT_OF_RANGE',
      `Of ${caseId} ${String(inWindow)} requests fall due inside a window of ${String(windowMs)} ms; ` +
        `${String(FEWEST_REQUESTS)} at least are needed.`,
      { hint: 'Take a longer window (--window-ms), a higher --rate or a larger --time-scale.' },
    );
  }
  const requestsPerSecond = (requests * 1e9) / periodNs;
  return { ratePerSecond: (operations * 1e9) / periodNs, requestsPerSecond, periodNs };
}

function checkRequest(request: PlanRequest): void {
  const whole = (name: string, value: number, minimum: number, maximum: number): void => {
    if (Number.isInteger(value) && value >= minimum && value <= maximum) return;
    const range = `a whole number from ${String(minimum)} to ${String(maximum)}`;
    throw new BenchError('PARAMETER_OUT_OF_RANGE', `${name} must be ${range}, not ${String(value)}.`);
  };
  const between = (name: string, value: number, minimum: number, maximum: number, unit: string): void => {
    if (value >= minimum && value <= maximum) return;
    const range = `from ${String(minimum)} to ${String(maximum)} ${unit}`.trimEnd();
    throw new BenchError('PARAMETER_OUT_OF_RANGE', `${name} must be ${range}, not ${String(value)}.`);
  };
  whole('seed', request.seed, 0, 0xffffffff);
  whole('blocks', request.blocks, 1, 10_000);
  whole('workers', request.workers, 1, 256);
  whole('connections', request.connections, 1, 10_000);
  whole('verifyEvery', request.verifyEvery, 1, 1_000_000);
  between('warmupMs', request.warmupMs, 0, 3_600_000, 'milliseconds');
  between('windowMs', request.windowMs, 1, 3_600_000, 'milliseconds');
  between('alpha', request.alpha, 1e-12, 0.5, '');
  between('confidence', request.confidence, 0.5, 1 - 1e-12, '');
  if (typeof request.margin === 'number') between('margin', request.margin, 1e-6, 0.99, '');
  if (request.openLoop !== undefined && request.openLoop !== null) {
    const { ratePerSecond, timeScale, maxInFlight } = request.openLoop;
    if (ratePerSecond !== null)
      between('rate', ratePerSecond, 1, MAX_RATE_PER_SECOND, 'operations per second');
    between('timeScale', timeScale, 1e-6, 1e9, '');
    whole('maxInFlight', maxInFlight, 1, 1_000_000);
  }
  if (request.workloads.length === 0) throw new BenchError('USAGE', 'No workload is named.');
  if (request.contenders.length === 0) throw new BenchError('USAGE', 'No contender is named.');
  for (const { id, pipelineDepth } of request.contenders) {
    whole(`pipeline depth of ${id}`, pipelineDepth, 1, 10_000);
  }
  if (new Set(request.contenders.map(({ id }) => id)).size < request.contenders.length) {
    throw new BenchError('USAGE', 'A contender is named twice.');
  }
}
