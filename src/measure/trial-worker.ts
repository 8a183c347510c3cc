import { performance } from 'node:perf_hooks';
import type { EngineSession, SessionSpec } from '../engines/engine.js';
import type { KeySpace, Workload } from '../workloads/workload.js';
import { encodeHistogram } from '../results/histogram.js';
import type { Clock } from './clock.js';
import { CollectionWatch } from './collection-watch.js';
import type {
  CaseOrder,
  LatencyReport,
  OpenLoopReport,
  ReadBackReport,
  WindowOrder,
  WindowReport,
} from './crew.js';
import { Driver, type DriverOptions } from './driver.js';
import type { StartGate } from './gate.js';
import type { LatencyRecorder } from './latency-recorder.js';
import { OpenLoopDriver } from './open-loop-driver.js';
import { OpenLoopRecorder } from './open-loop-recorder.js';
import { present } from './present.js';
import { KeyStrings, prepareLane, type LaneProgram } from './program.js';
import type { LaneSetup } from './requests.js';
import { assertVerifiable, Verifier } from './verifier.js';
import { WindowRecorder } from './window-recorder.js';
import { arrivalsOfWorker } from './worker-arrivals.js';
import { WriteIndex } from './write-index.js';

/** What a worker is given besides orders: everything that is not the same in a thread and in a test. */
export interface WorkerContext {
  /** Index of this worker. */
  readonly worker: number;
  readonly findWorkload: (name: string) => Workload;
  readonly openSession: (spec: SessionSpec) => Promise<EngineSession>;
  readonly clock: Clock;
  /** Added to this worker's clock gives the clock of all workers. */
  readonly clockOffsetMs: number;
}

/** Memory for what every lane wrote last: one word a lane and key, shared by all workers. */
export function lastWritesBuffer(order: CaseOrder): SharedArrayBuffer {
  return new SharedArrayBuffer(
    order.workers * order.connections * order.keys * Uint32Array.BYTES_PER_ELEMENT,
  );
}

/** Keys and value bytes of one answer while reading back. */
const READ_BACK_KEYS = 1000;
const READ_BACK_BYTES = 4 * 1024 * 1024;

interface PreparedCase {
  readonly order: CaseOrder;
  readonly keySpace: KeySpace;
  readonly strings: KeyStrings;
  readonly writes: WriteIndex;
  readonly programs: readonly LaneProgram[];
  /** Rows of all lanes. */
  readonly lastWrites: readonly Uint32Array[];
}

/** The two phases of a trial that are driven. */
interface Phases {
  readonly warmUp: (recorder: WindowRecorder) => Promise<void>;
  readonly measure: (recorder: WindowRecorder) => Promise<void>;
}

/** One worker: the lanes of one thread, through preparation, window and reading back. */
export class TrialWorker {
  readonly #context: WorkerContext;
  #prepared: PreparedCase | null = null;
  #sessions: EngineSession[] = [];

  constructor(context: WorkerContext) {
    this.#context = context;
  }

  prepare(order: CaseOrder, lastWrites: SharedArrayBuffer): void {
    const { workload, parameters, input, caseId, workers, connections, stream } = order;
    const found = this.#context
      .findWorkload(workload)
      .cases(parameters, input ?? undefined)
      .find(({ id }) => id === caseId);
    if (found === undefined) throw new Error(`workload ${workload} has no case ${caseId} in this thread`);
    const { keySpace } = found;
    const lanes = workers * connections;
    const strings = new KeyStrings(keySpace);
    const writes = new WriteIndex(stream, keySpace.size, lanes);
    assertVerifiable(keySpace, writes);
    this.#prepared = {
      order,
      keySpace,
      strings,
      writes,
      programs: Array.from({ length: connections }, (_, index) =>
        prepareLane(stream, strings, lanes, this.#context.worker * connections + index),
      ),
      lastWrites: Array.from(
        { length: lanes },
        (_, lane) =>
          new Uint32Array(lastWrites, lane * keySpace.size * Uint32Array.BYTES_PER_ELEMENT, keySpace.size),
      ),
    };
  }

  async measure(order: WindowOrder, gate: StartGate): Promise<WindowReport> {
    const { stream, writes, keySpace, programs, lastWrites } = this.#case();
    await this.endTrial();
    const verifier = new Verifier(keySpace, writes, lastWrites.length);
    const recorder = newRecorder(order);
    let phases: Phases;
    try {
      const lanes: LaneSetup[] = [];
      for (const program of programs) {
        const session = await this.#context.openSession(order.session);
        this.#sessions.push(session);
        const last = present(lastWrites[program.lane]);
        last.fill(0);
        lanes.push({ program, session, lastWrites: last });
      }
      phases = this.#phases(order, recorder, {
        stream,
        lanes,
        verifier,
        clock: this.#context.clock,
        verifyEvery: order.verifyEvery,
        verify: order.verify !== false,
        aborted: () => gate.aborted(),
      });
      const warmup = newRecorder(order);
      await phases.warmUp(warmup);
      if (warmup.errors > 0) throw new Error(`an error during warm-up: ${warmup.firstError ?? ''}`);
    } catch (error) {
      gate.abort(); // or the others would wait for this worker
      throw error;
    }
    const checkedBefore = verifier.checked;
    const collections = new CollectionWatch();
    gate.arrive();
    const loopBefore = performance.eventLoopUtilization();
    const cpuBefore = process.cpuUsage();
    const windowStartMs = performance.now();
    await phases.measure(recorder);
    const windowEndMs = performance.now();
    const cpu = process.cpuUsage(cpuBefore);
    const loop = performance.eventLoopUtilization(loopBefore);
    const { gcPauses, gcMs } = await collections.between(windowStartMs, windowEndMs);
    const { clockOffsetMs } = this.#context;
    return {
      firstStartMs: recorder.firstStartMs + clockOffsetMs,
      lastEndMs: recorder.lastEndMs + clockOffsetMs,
      operations: recorder.operations,
      requests: recorder.requests,
      misses: recorder.misses,
      errors: recorder.errors,
      firstError: recorder.firstError,
      readsVerified: verifier.checked - checkedBefore,
      wrong: verifier.wrong,
      examples: verifier.examples,
      intervals: [...recorder.intervals],
      intervalLatencies: recorder.intervalLatencies.counts,
      reads: latencyReport(recorder.reads),
      writes: latencyReport(recorder.writes),
      openLoop: recorder.openLoop === null ? null : openLoopReport(recorder.openLoop),
      eventLoopUtilization: Math.min(1, Math.max(0, loop.utilization)),
      cpuUserMs: cpu.user / 1000,
      cpuSystemMs: cpu.system / 1000,
      ...{ gcPauses, gcMs },
    };
  }

  /** Reads this worker's share of the keys back. All lanes of all workers must have ended their windows. */
  async readBack(): Promise<ReadBackReport> {
    const { order, keySpace, strings, writes, lastWrites } = this.#case();
    const session = present(this.#sessions[0]);
    const verifier = new Verifier(keySpace, writes, lastWrites.length);
    const from = Math.floor((keySpace.size * this.#context.worker) / order.workers);
    const to = Math.floor((keySpace.size * (this.#context.worker + 1)) / order.workers);
    const fitting = Math.floor(READ_BACK_BYTES / Math.max(1, order.maxValueBytes));
    const chunk = Math.max(1, Math.min(READ_BACK_KEYS, fitting));
    const last = new Array<number>(lastWrites.length);
    for (let first = from; first < to; first += chunk) {
      const indices = Array.from({ length: Math.min(chunk, to - first) }, (_, i) => first + i);
      const values = await session.mget(indices.map((index) => strings.key(index)));
      for (const [place, index] of indices.entries()) {
        for (const [lane, row] of lastWrites.entries()) last[lane] = present(row[index]);
        verifier.checkFinal(index, values[place] ?? null, last);
      }
    }
    return { keys: verifier.checked, wrong: verifier.wrong, examples: verifier.examples };
  }

  async endTrial(): Promise<void> {
    const open = this.#sessions;
    this.#sessions = [];
    await Promise.all(open.map((session) => session.close()));
  }

  /**
   * The driver that the order asks for. In closed loop the window goes on where the warm-up ended; in open loop it begins
   * with the first arrival of the session, and the warm-up is what comes before that when the session repeats.
   */
  #phases(
    { warmupMs, windowMs, pipelineDepth, latencyFrom, openLoop = null }: WindowOrder,
    recorder: WindowRecorder,
    options: Omit<DriverOptions, 'pipelineDepth' | 'latencyFrom'>,
  ): Phases {
    if (openLoop === null) {
      const driver = new Driver({ ...options, pipelineDepth, latencyFrom }, recorder);
      return {
        warmUp: async (warmup) => {
          for (let part = 0; part < WARM_UP_PARTS; part++) await driver.run(warmupMs / WARM_UP_PARTS, warmup);
        },
        measure: (window) => driver.run(windowMs, window),
      };
    }
    const { order } = this.#case();
    const { workers, connections, stream, arrivals = null } = order;
    if (arrivals === null) throw new Error('open-loop driving needs arrivals');
    const driver = new OpenLoopDriver(
      {
        ...options,
        ...openLoop,
        arrivals: arrivalsOfWorker(
          stream,
          arrivals,
          workers * connections,
          this.#context.worker * connections,
          connections,
          openLoop.rateFactor,
        ),
      },
      recorder,
    );
    return {
      warmUp: (warmup) => driver.run(-warmupMs, 0, warmup),
      measure: (window) => driver.run(0, windowMs, window),
    };
  }

  #case(): PreparedCase & { readonly stream: CaseOrder['stream'] } {
    if (this.#prepared === null) throw new Error('no case was prepared');
    return { ...this.#prepared, stream: this.#prepared.order.stream };
  }
}

/**
 * A warm-up in one piece is one call of the driver's loop, which the compiler replaces while it runs; the next call, the window,
 * would begin with code that is not optimized.
 */
const WARM_UP_PARTS = 8;

function newRecorder({ windowMs, intervalMs, openLoop = null }: WindowOrder): WindowRecorder {
  const intervals = Math.max(1, Math.ceil(windowMs / intervalMs));
  return new WindowRecorder(intervalMs, intervals, openLoop === null ? null : new OpenLoopRecorder());
}

function openLoopReport(recorder: OpenLoopRecorder): OpenLoopReport {
  const { offeredRequests, offeredOperations, droppedRequests, lateRequests, largestInFlight } = recorder;
  return {
    ...{ offeredRequests, offeredOperations, droppedRequests, lateRequests, largestInFlight },
    serviceTime: latencyReport(recorder.serviceTime),
    startDelay: latencyReport(recorder.startDelay),
    generatorLag: latencyReport(recorder.generatorLag),
  };
}

function latencyReport(recorder: LatencyRecorder): LatencyReport {
  const { count, sumNs, minNs, maxNs } = recorder;
  return {
    count,
    sumNs,
    // the clock's fraction of a nanosecond is an artefact of its unit, milliseconds in a double
    minNs: count === 0 ? 0 : Math.round(minNs),
    maxNs: Math.round(maxNs),
    histogram: encodeHistogram(recorder.toHistogram()),
  };
}
