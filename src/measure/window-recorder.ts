import { IntervalLatencies } from './interval-latencies.js';
import { LatencyRecorder } from './latency-recorder.js';
import type { OpenLoopRecorder } from './open-loop-recorder.js';
import { present } from './present.js';

/** What one worker saw in one window; times are those of the worker's own clock. Memory is fixed when it is made. */
export class WindowRecorder {
  readonly reads = new LatencyRecorder();
  readonly writes = new LatencyRecorder();
  operations = 0;
  requests = 0;
  misses = 0;
  errors = 0;
  /** Message of the first request that failed. */
  firstError: string | null = null;
  firstStartMs = 0;
  lastEndMs = 0;
  /** What open-loop driving adds; null in closed loop. */
  readonly openLoop: OpenLoopRecorder | null;
  /** Operations completed in each interval from the first start on; the last interval takes what came after the window. */
  readonly intervals: Float64Array;
  /** Latencies of the requests completed in each of these intervals. */
  readonly intervalLatencies: IntervalLatencies;
  readonly #intervalMs: number;
  #interval = 0;
  #nextEdgeMs = 0;
  #operationsAtEdge = 0;

  /**
   * @param intervalMs length of an interval, above 0
   * @param intervals number of them, 1 and up
   */
  constructor(intervalMs: number, intervals: number, openLoop: OpenLoopRecorder | null = null) {
    this.openLoop = openLoop;
    this.#intervalMs = intervalMs;
    this.intervals = new Float64Array(intervals);
    this.intervalLatencies = new IntervalLatencies(intervals);
  }

  begin(startMs: number): void {
    this.firstStartMs = startMs;
    this.lastEndMs = startMs;
    this.#nextEdgeMs = startMs + this.#intervalMs;
  }

  /** A request was answered. `endMs` ascends from call to call. */
  record(isRead: boolean, latencyNs: number, operations: number, endMs: number): void {
    const bin = isRead ? this.reads.record(latencyNs) : this.writes.record(latencyNs);
    if (endMs >= this.#nextEdgeMs) this.#closeIntervals(endMs);
    this.intervalLatencies.record(bin);
    this.operations += operations;
    this.requests++;
    this.lastEndMs = endMs;
  }

  fail(error: unknown): void {
    this.errors++;
    this.firstError ??= error instanceof Error ? error.message : String(error);
  }

  end(): void {
    this.#count();
  }

  #closeIntervals(endMs: number): void {
    this.#count();
    while (endMs >= this.#nextEdgeMs && this.#interval + 1 < this.intervals.length) {
      this.#interval++;
      this.#nextEdgeMs += this.#intervalMs;
    }
    this.intervalLatencies.enter(this.#interval);
    if (this.#interval + 1 === this.intervals.length) this.#nextEdgeMs = Infinity;
  }

  #count(): void {
    this.intervals[this.#interval] =
      present(this.intervals[this.#interval]) + this.operations - this.#operationsAtEdge;
    this.#operationsAtEdge = this.operations;
  }
}
