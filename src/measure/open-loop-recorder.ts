import { LatencyRecorder } from './latency-recorder.js';
import { LATE_AFTER_MS } from './load.js';

/** What one worker saw in one open-loop window, beside the latencies from the intended start. */
export class OpenLoopRecorder {
  readonly serviceTime = new LatencyRecorder();
  readonly startDelay = new LatencyRecorder();
  readonly generatorLag = new LatencyRecorder();
  /** Requests that fell due, and their operations. */
  offeredRequests = 0;
  offeredOperations = 0;
  droppedRequests = 0;
  lateRequests = 0;
  largestInFlight = 0;

  /**
   * A request was answered. Times in milliseconds.
   *
   * @param dueMs its intended start
   * @param readyMs when nothing but the generator was in its way: its intended start, or when the engine had answered the
   *   request that it waited for
   * @param startMs when it was issued
   */
  record(dueMs: number, readyMs: number, startMs: number, endMs: number): void {
    this.serviceTime.record((endMs - startMs) * 1e6);
    const delayMs = startMs - dueMs;
    if (delayMs > LATE_AFTER_MS) this.lateRequests++;
    this.startDelay.record(Math.max(0, delayMs) * 1e6);
    this.generatorLag.record(Math.max(0, startMs - readyMs) * 1e6);
  }
}
