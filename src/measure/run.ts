import { BenchError, ExitCode } from '../errors.js';
import type { Engine, EngineDescription } from '../engines/engine.js';
import type { CapacitySearch, CasePlan, Contender, Plan, ResultFile, Trial } from '../results/schema.js';
import type { ResultWriter } from '../results/writer.js';
import { benchmarkShape } from './benchmark-shape.js';
import { monotonicClock, type Clock } from './clock.js';
import { capacityTrial, judgeProbe, searchCapacity } from './capacity-search.js';
import { machineConditions, type ConditionSenses } from './conditions.js';
import type { Crew } from './crew.js';
import { NoAnswerError, within } from './deadline.js';
import { crewOfCase, generateStream, type RunCase } from './plan.js';
import { ProgressTracker, type ProgressListener } from './progress.js';
import { shareArrivals, shareStream } from './shared-stream.js';
import { startThreadCrew } from './thread-crew.js';
import { defaultPatience, measureTrial, type Patience } from './trial.js';

/** Intervals that a window's series is cut into, where the window is long enough. */
const INTERVALS = 20;
const SHORTEST_INTERVAL_MS = 10;

export interface RunRequest {
  readonly plan: Plan;
  readonly cases: readonly RunCase[];
  /** Starts and connects the engine of a contender. Called once for each, at the beginning. */
  readonly startEngine: (contender: Contender) => Promise<Engine>;
  /** Of a file just begun, or of one to go on with: trials that it holds are not measured again. */
  readonly writer: ResultWriter;
  /** Why the engines' own load generators shall not be asked; they are when it is absent. */
  readonly withoutBenchmark?: string;
  /** Whether a case of a plan with a stopping rule may end, by all that is recorded; never when it is absent. */
  readonly isDecided?: (recorded: Pick<ResultFile, 'plan' | 'trials'>, caseId: string) => boolean;
  readonly onProgress?: ProgressListener;
  /** Ends the run at once; what was recorded stays. */
  readonly signal?: AbortSignal;
  /** Seams for tests. */
  readonly clock?: Clock;
  readonly senses?: ConditionSenses;
  readonly wallClock?: () => Date;
  readonly startCrew?: (workers: number) => Crew;
  readonly patience?: Patience;
}

export interface RunOutcome {
  readonly status: 'complete' | 'interrupted';
  /** Trials in the file by state, those of an earlier run included. */
  readonly measured: number;
  readonly voided: number;
  readonly failed: number;
}

/**
 * Measures every trial of a plan that is not in the file yet, in the order of the schedule, and records each as it ends.
 * Engines and workers are ended in every case.
 *
 * @returns 'interrupted' when `signal` ended it
 * @throws BenchError of an engine that cannot be started or was lost (the file is then finished as 'interrupted'),
 *   OUTPUT_UNWRITABLE, RESUME_MISMATCH
 */
export async function executeRun(request: RunRequest): Promise<RunOutcome> {
  const run = new Run(request);
  try {
    await run.execute();
  } catch (error) {
    if (error instanceof BenchError && error.code === 'OUTPUT_UNWRITABLE') throw error;
    request.writer.finish('interrupted');
    if (error instanceof BenchError && error.code === 'INTERRUPTED') return run.outcome('interrupted');
    throw error;
  } finally {
    await run.end();
  }
  request.writer.finish('complete');
  return run.outcome('complete');
}

class Run {
  readonly #request: RunRequest;
  readonly #clock: Clock;
  readonly #patience: Patience;
  readonly #startCrew: (workers: number) => Crew;
  readonly #engines = new Map<string, Engine>();
  readonly #progress: ProgressTracker;
  /** Workers of the present trial. */
  #crew: Crew | null = null;

  constructor(request: RunRequest) {
    this.#request = request;
    this.#clock = request.clock ?? monotonicClock;
    this.#patience = request.patience ?? defaultPatience;
    this.#startCrew = request.startCrew ?? startThreadCrew;
    this.#progress = new ProgressTracker(
      request.plan,
      request.writer.head.looks ?? [],
      request.writer.trials.length,
      this.#clock,
    );
  }

  async execute(): Promise<void> {
    const abortCrew = (): void => {
      this.#crew?.abort();
    };
    this.#request.signal?.addEventListener('abort', abortCrew);
    try {
      if (this.#progress.done === this.#progress.trials) return;
      await this.#startEngines();
      for (const runCase of this.#request.cases) await this.#runCase(runCase);
    } finally {
      this.#request.signal?.removeEventListener('abort', abortCrew);
    }
  }

  outcome(status: RunOutcome['status']): RunOutcome {
    const count = (state: Trial['state']): number =>
      this.#request.writer.trials.filter((trial) => trial.state === state).length;
    return { status, measured: count('measured'), voided: count('void'), failed: count('failed') };
  }

  async end(): Promise<void> {
    await this.#endCrew();
    for (const engine of this.#engines.values()) {
      // A lost engine cannot be closed properly; that must not hide the reason why it was lost.
      await within(engine.close(), 'closing an engine', this.#patience.otherMs, undefined).catch(
        () => undefined,
      );
    }
  }

  async #startEngines(): Promise<void> {
    const { plan, startEngine, writer, signal, onProgress } = this.#request;
    for (const contender of plan.contenders) {
      onProgress?.({ type: 'engine-start', contender: contender.id });
      const starting = startEngine(contender);
      // Interrupted while it starts, it must still be ended when it has started.
      const engine = await within(
        starting,
        `starting ${contender.label}`,
        this.#patience.loadMs,
        signal,
      ).catch(async (error: unknown) => {
        starting.then((late) => late.close()).catch(() => undefined);
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      });
      this.#engines.set(contender.id, engine);
      const facts = await within(engine.describe(), 'asking what it is', this.#patience.otherMs, signal);
      refuseOtherDevice(writer, contender, facts);
      const { configuration, ...rest } = facts;
      writer.setEngine(contender.id, {
        ...rest,
        settings: { ...facts.settings },
        ...(configuration === undefined
          ? {}
          : {
              configuration: {
                comparedWith: configuration.comparedWith,
                differs: configuration.differs === null ? null : { ...configuration.differs },
              },
            }),
      });
      const gpu = engine.gpu?.() ?? null;
      if (gpu !== null) writer.setGpu({ ...gpu.facts });
    }
  }

  async #runCase(runCase: RunCase): Promise<void> {
    const { plan, writer, onProgress } = this.#request;
    const casePlan = runCase.plan;
    const pending = casePlan.blocks.flatMap((contenders, block) =>
      contenders
        .map((contender, position) => ({ caseId: casePlan.id, contender, block, position }))
        .filter((identity) => !writer.has(identity)),
    );
    if (pending.length === 0) {
      this.#look(casePlan, casePlan.blocks.length);
      return;
    }
    if (this.#look(casePlan, pending[0]?.block ?? 0)) return;
    onProgress?.({ type: 'case-start', caseId: casePlan.id, caseLabel: casePlan.label });
    await this.#askBenchmarks(runCase);
    const prepare = this.#preparation(runCase);
    for (const identity of pending) {
      if (this.#look(casePlan, identity.block)) return;
      const place = {
        ...identity,
        caseLabel: casePlan.label,
        blocks: casePlan.blocks.length,
        trials: this.#progress.trials,
      };
      const now = (): { done: number; remainingMs: number } => ({
        done: this.#progress.done,
        remainingMs: this.#progress.remainingMs(),
      });
      onProgress?.({ type: 'trial-start', ...place, ...now() });
      this.#progress.start();
      const trial = await this.#runTrial(runCase, identity, prepare, plan);
      this.#progress.end();
      writer.addTrial(trial);
      onProgress?.({ type: 'trial-end', trial, ...place, ...now() });
    }
    this.#look(casePlan, casePlan.blocks.length);
  }

  /**
   * Takes the looks of the stopping rule that are due when so many blocks of a case are done, and records them.
   *
   * @returns whether the case ends here, or was ended at an earlier look
   */
  #look({ id: caseId, blocks: planned }: CasePlan, done: number): boolean {
    const { plan, writer, isDecided, onProgress } = this.#request;
    const looks = plan.stopping?.looks ?? [];
    for (const { blocks } of looks) {
      const taken = (writer.head.looks ?? []).find(
        (look) => look.caseId === caseId && look.blocks === blocks,
      );
      if (taken?.stopped === true) return true;
      if (taken !== undefined || blocks > done) continue;
      const stopped =
        blocks < planned.length && isDecided?.({ plan, trials: [...writer.trials] }, caseId) === true;
      const look = {
        caseId,
        blocks,
        lookedAt: (this.#request.wallClock?.() ?? new Date()).toISOString(),
        stopped,
      };
      writer.addLook(look);
      onProgress?.({ type: 'look', ...look, looks: looks.length });
      if (!stopped) continue;
      this.#progress.drop(planned.slice(blocks).flat().length);
      return true;
    }
    return false;
  }

  /**
   * Before the trials of a case: what the engines' own load generators reach on its shape. A run of its own for each contender
   * that has one, no trial: it is an upper bound to hold the driver against, not something that is compared.
   */
  async #askBenchmarks(runCase: RunCase): Promise<void> {
    const { plan, writer, signal, onProgress } = this.#request;
    const withoutBenchmark =
      plan.loadModel === 'open'
        ? 'an open loop asks for a rate, and a load generator for the most'
        : this.#request.withoutBenchmark;
    const caseId = runCase.plan.id;
    const asked = plan.contenders.filter(
      ({ id }) =>
        this.#engines.get(id)?.benchmark !== undefined && !writer.hasCeiling({ caseId, contender: id }),
    );
    if (asked.length === 0) return;
    const { stream } = generateStream(runCase, plan);
    for (const { id, pipelineDepth } of asked) {
      const engine = this.#engines.get(id);
      if (engine?.benchmark === undefined) continue;
      onProgress?.({ type: 'benchmark-start', caseId, contender: id });
      const startedAt = (this.#request.wallClock?.() ?? new Date()).toISOString();
      const { requests, durationMs, ...shape } = benchmarkShape(plan, runCase.plan, stream, pipelineDepth);
      const reading =
        withoutBenchmark === undefined
          ? await within(
              engine.benchmark({ ...shape, requests, durationMs }, signal),
              "the engine's own load generator",
              this.#patience.loadMs,
              signal,
            )
          : { program: 'redis-benchmark', version: null, absent: withoutBenchmark, runs: [] };
      writer.addCeiling({ caseId, contender: id, startedAt, ...shape, ...reading, runs: [...reading.runs] });
    }
  }

  /**
   * Starts the workers of one trial, with the case's requests made. Workers live for one trial: code that was compiled, and
   * abandoned again, for earlier trials changes the speed of later ones for good (seen: 40 % on the seventh trial of a
   * kept worker), and trials that depend on their history are not exchangeable. See docs/decisions/fresh-workers.md.
   */
  #preparation(runCase: RunCase): Preparation {
    const { plan, signal } = this.#request;
    const driven = generateStream(runCase, plan);
    const stream = shareStream(driven.stream);
    const arrivals = driven.arrivals === null ? null : shareArrivals(driven.arrivals);
    const { workers } = crewOfCase(plan, runCase.plan);
    return async (connections) => {
      const crew = this.#startCrew(workers);
      this.#crew = crew;
      const order = {
        workload: runCase.plan.workload,
        parameters: runCase.parameters,
        input: runCase.input,
        caseId: runCase.workloadCase.id,
        stream,
        arrivals,
        keys: runCase.workloadCase.keySpace.size,
        workers,
        connections,
        maxValueBytes: runCase.plan.stream.maxValueBytes,
      };
      await within(crew.prepare(order), 'preparing the requests', this.#patience.loadMs, signal);
      return crew;
    };
  }

  async #runTrial(
    runCase: RunCase,
    identity: Pick<Trial, 'caseId' | 'contender' | 'block' | 'position'>,
    prepare: Preparation,
    plan: Plan,
  ): Promise<Trial> {
    const startedAt = (this.#request.wallClock?.() ?? new Date()).toISOString();
    const driven = identity.contender === plan.control?.arm ? plan.control.contender : identity.contender;
    const engine = this.#engines.get(driven);
    const contender = plan.contenders.find(({ id }) => id === driven);
    if (engine === undefined || contender === undefined) throw new Error(`no contender ${driven}`);
    try {
      const measure = async (load: { connections: number; rateFactor: number }): Promise<Trial> => {
        await this.#endCrew();
        return measureTrial({
          identity: { ...identity, startedAt },
          engine,
          keySpace: runCase.workloadCase.keySpace,
          crew: await prepare(load.connections),
          window: {
            pipelineDepth: contender.pipelineDepth,
            latencyFrom: runCase.plan.clients === undefined ? 'issue' : 'ready',
            verifyEvery: plan.verifyEvery,
            verify: contender.floor !== true,
            warmupMs: plan.warmupMs,
            windowMs: plan.windowMs,
            intervalMs: Math.max(SHORTEST_INTERVAL_MS, plan.windowMs / INTERVALS),
            openLoop:
              plan.openLoop === undefined
                ? null
                : {
                    rateFactor: load.rateFactor,
                    maxInFlight: plan.openLoop.maxInFlight,
                    drainMs: plan.openLoop.drainMs,
                  },
          },
          clock: this.#clock,
          senses: this.#request.senses ?? machineConditions,
          patience: this.#patience,
          signal: this.#request.signal,
        });
      };
      const crew = crewOfCase(plan, runCase.plan);
      return plan.capacity === undefined
        ? await measure({ connections: crew.connections, rateFactor: 1 })
        : await searchTrial(crew, plan.capacity, measure);
    } catch (error) {
      if (endsTheRun(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      return { ...identity, startedAt, state: 'failed', reason };
    } finally {
      await this.#endCrew();
    }
  }

  async #endCrew(): Promise<void> {
    const crew = this.#crew;
    this.#crew = null;
    await crew?.close();
  }
}

/** Starts workers with so many connections each. */
type Preparation = (connections: number) => Promise<Crew>;

/** One search for a capacity: a trial a probe, the last of which to go wrong is the answer. */
async function searchTrial(
  { workers, connections }: { workers: number; connections: number },
  search: CapacitySearch,
  measure: (load: { connections: number; rateFactor: number }) => Promise<Trial>,
): Promise<Trial> {
  const clients = search.search === 'clients';
  const outcome = await searchCapacity({ ...search, step: clients ? workers : 0 }, async (load) => {
    const trial = await measure({
      connections: clients ? load / workers : connections,
      // Arrivals were made for one client, or for the lowest rate.
      rateFactor: clients ? load : load / search.from,
    });
    if (trial.state === 'measured') return judgeProbe(load, trial, search.objective);
    throw new SpoiltProbe(trial);
  }).catch((error: unknown) => {
    if (error instanceof SpoiltProbe) return error.trial;
    throw error;
  });
  return 'probes' in outcome ? capacityTrial(outcome) : outcome;
}

class SpoiltProbe extends Error {
  constructor(readonly trial: Trial) {
    super('a probe was spoilt');
  }
}

/**
 * Trials of one contender on two devices must not stand under one name: a result of the CPU would be read as one of the GPU.
 *
 * @throws BenchError RESUME_MISMATCH
 */
function refuseOtherDevice(writer: ResultWriter, { id, label }: Contender, now: EngineDescription): void {
  const before = writer.head.engines[id];
  if (before === undefined || !writer.trials.some(({ contender }) => contender === id)) return;
  const deviceOf = ({ settings }: { settings: EngineDescription['settings'] }): string =>
    [settings.device, settings.deviceName].filter((part) => typeof part === 'string').join(', ');
  if (deviceOf(before) === deviceOf(now)) return;
  throw new BenchError(
    'RESUME_MISMATCH',
    `The trials of ${label} in this file ran on another device (${deviceOf(before)}; now it would be ${deviceOf(now)}).`,
  );
}

/** An engine that is gone fails every later trial too; one that ran out of memory may manage the next case. */
function endsTheRun(error: unknown): boolean {
  if (error instanceof NoAnswerError || !(error instanceof BenchError)) return false;
  if (error.code === 'REDIS_OUT_OF_MEMORY' || error.code === 'PREDIS_ENGINE') return false;
  return (
    error.exitCode === ExitCode.engineUnavailable ||
    error.exitCode === ExitCode.interrupted ||
    error.exitCode === ExitCode.usage
  );
}
