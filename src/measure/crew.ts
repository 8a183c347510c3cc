import type { SessionSpec } from '../engines/engine.js';
import type { Arrivals } from '../workloads/arrivals.js';
import type { Parameters, WorkloadInput } from '../workloads/workload.js';
import type { SharedStream } from './shared-stream.js';

/**
 * Modules that each worker thread loads: functions cannot be handed to a thread, so names are. `workloads` exports
 * `findWorkload(name)`, `sessions` exports `openSession(spec)`; URLs.
 */
export interface WorkerModules {
  readonly workloads: string;
  readonly sessions: string;
}

export const defaultModules: WorkerModules = {
  workloads: new URL('../workloads/registry.js', import.meta.url).href,
  sessions: new URL('../engines/sessions.js', import.meta.url).href,
};

/** How many drive: lane l of all `workers * connections` lanes belongs to worker `floor(l / connections)`. */
export interface CrewSize {
  readonly workers: number;
  readonly connections: number;
}

/** One case, as a worker needs it to make the requests of its lanes. */
export interface CaseOrder extends CrewSize {
  readonly workload: string;
  readonly parameters: Parameters;
  /** Of a workload that takes one; absent or null for the others. */
  readonly input?: WorkloadInput | null;
  /** `WorkloadCase.id`, unique within the workload. */
  readonly caseId: string;
  readonly stream: SharedStream;
  /** When its requests fall due in open loop, in shared memory; absent or null for closed-loop driving. */
  readonly arrivals?: Arrivals | null;
  /** Size of the key space. */
  readonly keys: number;
  readonly maxValueBytes: number;
}

/**
 * Where a request's latency begins in closed-loop driving: when it is issued, or when its lane became ready to ask. The two
 * differ only where lanes share a thread that another lane keeps busy.
 */
export type LatencyFrom = 'issue' | 'ready';

/** One trial of the case prepared last. */
export interface WindowOrder {
  readonly session: SessionSpec;
  readonly pipelineDepth: number;
  readonly latencyFrom: LatencyFrom;
  readonly verifyEvery: number;
  /** False for a floor, whose answers cannot be right; true by default. */
  readonly verify?: boolean;
  readonly warmupMs: number;
  readonly windowMs: number;
  readonly intervalMs: number;
  /** Absent or null for closed-loop driving. */
  readonly openLoop?: OpenLoopOrder | null;
}

/** What open-loop driving needs besides the arrivals of the case. */
export interface OpenLoopOrder {
  /** How many times faster than the arrivals of the case; above 0. */
  readonly rateFactor: number;
  /** Requests in flight on each connection. */
  readonly maxInFlight: number;
  readonly drainMs: number;
}

/** What one worker measured; times are of the clock that all workers share. */
export interface WindowReport {
  readonly firstStartMs: number;
  readonly lastEndMs: number;
  readonly operations: number;
  readonly requests: number;
  readonly misses: number;
  readonly errors: number;
  readonly firstError: string | null;
  readonly readsVerified: number;
  readonly wrong: number;
  readonly examples: readonly string[];
  readonly intervals: readonly number[];
  /** Of all requests, interval by interval: see `IntervalLatencies`. */
  readonly intervalLatencies: Uint32Array;
  readonly reads: LatencyReport;
  readonly writes: LatencyReport;
  /** Null in closed loop. */
  readonly openLoop: OpenLoopReport | null;
  readonly eventLoopUtilization: number;
  /** Of the whole process, during this worker's window. */
  readonly cpuUserMs: number;
  readonly cpuSystemMs: number;
  /** Garbage collections of this worker, and their time. */
  readonly gcPauses: number;
  readonly gcMs: number;
}

/** What one worker saw in an open-loop window; see `TrialOpenLoopSchema`. */
export interface OpenLoopReport {
  readonly offeredRequests: number;
  readonly offeredOperations: number;
  readonly droppedRequests: number;
  readonly lateRequests: number;
  readonly largestInFlight: number;
  readonly serviceTime: LatencyReport;
  readonly startDelay: LatencyReport;
  readonly generatorLag: LatencyReport;
}

/** Latencies of one kind of request; min and max are 0 when there is none. */
export interface LatencyReport {
  readonly count: number;
  readonly sumNs: number;
  readonly minNs: number;
  readonly maxNs: number;
  /** Encoded HdrHistogram. */
  readonly histogram: string;
}

/** What reading back all keys found. */
export interface ReadBackReport {
  readonly keys: number;
  readonly wrong: number;
  readonly examples: readonly string[];
}

/**
 * The workers as the run sees them. Methods are called one at a time, in the order prepare, (measure, readBack, endTrial)
 * for each trial. Real threads in `thread-crew.ts`; tests hand in one without threads.
 */
export interface Crew {
  /** Makes the requests of all lanes; kept until the next call. */
  prepare(order: CaseOrder): Promise<void>;
  /**
   * Opens sessions, warms up and measures one window, all workers together.
   *
   * @throws the BenchError of an engine, an Error for a trial that failed, BenchError INTERRUPTED after `abort`
   */
  measure(order: WindowOrder): Promise<readonly WindowReport[]>;
  /** Reads all keys back and checks them against what the lanes wrote. */
  readBack(): Promise<readonly ReadBackReport[]>;
  /** Closes the sessions. */
  endTrial(): Promise<void>;
  /** Ends the present phase as soon as a worker looks. */
  abort(): void;
  /** Ends the workers, whatever they are doing. Idempotent. */
  close(): Promise<void>;
}
