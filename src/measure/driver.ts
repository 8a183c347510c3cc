import { BenchError } from '../errors.js';
import type { OperationStream } from '../workloads/workload.js';
import type { Clock } from './clock.js';
import type { LatencyFrom } from './crew.js';
import { Lane, Requests, Slot, type AnswerHandler, type LaneSetup } from './requests.js';
import type { Verifier } from './verifier.js';
import type { WindowRecorder } from './window-recorder.js';
import { present } from './present.js';

export interface DriverOptions {
  readonly stream: OperationStream;
  readonly lanes: readonly LaneSetup[];
  /** Requests in flight on each lane. */
  readonly pipelineDepth: number;
  /** 'issue' when absent. */
  readonly latencyFrom?: LatencyFrom;
  /** One read in this many is verified, counted per key. */
  readonly verifyEvery: number;
  /** False for an engine whose answers cannot be right: they are counted and not looked at. True by default. */
  readonly verify?: boolean;
  readonly verifier: Verifier;
  readonly clock: Clock;
  /** Looked at before every request: true ends the phase at once. */
  readonly aborted: () => boolean;
}

/** Requests that may fail one after another, with none answered between them, before the phase is given up. */
export const MAX_FAILURES_IN_A_ROW = 1000;

/** Synchronous turns taken before the event loop gets one, when other requests are in flight. */
export const TURNS_BEFORE_YIELD = 64;

const READY = 0;
const PENDING = 1;
const DONE = 2;

/**
 * The closed-loop driver of all engines: a loop in which each lane keeps `pipelineDepth` requests in flight. Answers that an
 * engine gives at once are handled in a plain loop without touching the microtask queue; promised ones continue in
 * callbacks that are made once for each slot, so that no request allocates anything here.
 *
 * Time: a request's latency runs from its issue to its complete answer, or, where asked for, from the moment at which its
 * slot was ready: the answer before, or the beginning of the phase. The reading of the clock that ends one request
 * begins the next, unless values were verified in between; the few nanoseconds of recording thus belong to the next
 * request, and verification to none.
 *
 * The end of a phase: when its time is over no request is issued any more, and those in flight are awaited and counted.
 * `WindowRecorder` holds first start and last end, so that their time counts as well.
 */
export class Driver implements AnswerHandler<Slot> {
  readonly #options: DriverOptions;
  readonly #requests: Requests;
  readonly #slots: readonly Slot[];
  readonly #ready: Slot[];
  #readyCount = 0;
  #inFlight = 0;
  #pumping = false;
  #pumpScheduled = false;
  #stampMs = 0;
  #stampIsCurrent = false;
  #deadlineMs = 0;
  readonly #fromReady: boolean;
  #failuresInARow = 0;
  #failure: Error | null = null;
  #settle: (() => void) | null = null;
  /** Where the answers of the present phase are recorded. */
  #recorder: WindowRecorder;

  constructor(options: DriverOptions, recorder: WindowRecorder) {
    this.#options = options;
    this.#recorder = recorder;
    const { stream, verifier, lanes, pipelineDepth, verifyEvery, verify = true } = options;
    this.#fromReady = options.latencyFrom === 'ready';
    this.#requests = new Requests(stream, verifier, verifyEvery);
    const running = lanes
      .filter(({ program }) => program.requests > 0)
      .map((lane) => new Lane(lane, verifyEvery, verify));
    // Depth by depth, so that every lane has its first request out before any has its second.
    this.#slots = Array.from({ length: pipelineDepth }, () =>
      running.map((lane) => new Slot(lane, this, verifyEvery)),
    ).flat();
    this.#ready = [...this.#slots];
  }

  /**
   * Drives for a time; lanes go on where the phase before ended.
   *
   * @throws the engine's BenchError, the error of a request when nothing but errors comes, or BenchError INTERRUPTED
   */
  async run(durationMs: number, recorder: WindowRecorder): Promise<void> {
    this.#recorder = recorder;
    this.#failure = null;
    this.#failuresInARow = 0;
    this.#stampMs = this.#options.clock();
    this.#stampIsCurrent = true;
    this.#deadlineMs = this.#stampMs + durationMs;
    recorder.begin(this.#stampMs);
    for (const [index, slot] of this.#slots.entries()) {
      this.#ready[index] = slot;
      slot.readyMs = this.#stampMs;
    }
    this.#readyCount = this.#slots.length;
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      this.#pump();
    });
    recorder.end();
    // The compiler cannot see that the loop assigned it.
    const failure = this.#failure as Error | null;
    if (failure !== null) throw failure;
  }

  /** A promised answer came. */
  answered(slot: Slot, answer: unknown): void {
    this.#inFlight--;
    this.#complete(slot, answer);
    this.#continue(slot);
  }

  /** A promise was rejected. */
  rejected(slot: Slot, error: unknown): void {
    this.#inFlight--;
    this.#fail(error);
    this.#continue(slot);
  }

  #continue(slot: Slot): void {
    if (this.#step(slot) === READY) {
      this.#ready[this.#readyCount++] = slot;
      this.#schedulePump();
    }
    this.#settleIfDone();
  }

  #schedulePump(): void {
    if (this.#pumpScheduled || this.#pumping) return;
    this.#pumpScheduled = true;
    setImmediate(() => {
      this.#pumpScheduled = false;
      this.#pump();
    });
  }

  /** Runs all slots whose last answer came at once, in turn, until none is left or the event loop must have its turn. */
  #pump(): void {
    this.#pumping = true;
    const ready = this.#ready;
    let turns = 0;
    while (this.#readyCount > 0) {
      for (let index = 0; index < this.#readyCount;) {
        if (this.#step(present(ready[index])) === READY) index++;
        else ready[index] = present(ready[--this.#readyCount]);
      }
      if (this.#inFlight > 0 && this.#readyCount > 0 && ++turns >= TURNS_BEFORE_YIELD) break;
    }
    this.#pumping = false;
    if (this.#readyCount > 0) this.#schedulePump();
    this.#settleIfDone();
  }

  #settleIfDone(): void {
    if (this.#inFlight > 0 || this.#readyCount > 0 || this.#settle === null) return;
    const settle = this.#settle;
    this.#settle = null;
    settle();
  }

  /** Issues a slot's next request, and completes it when the engine answers at once. */
  #step(slot: Slot): typeof READY | typeof PENDING | typeof DONE {
    const startMs = this.#stampIsCurrent ? this.#stampMs : this.#options.clock();
    if (startMs >= this.#deadlineMs || this.#failure !== null) {
      this.#stampIsCurrent = false;
      return DONE;
    }
    if (this.#options.aborted()) {
      this.#failure = new BenchError('INTERRUPTED', 'Interrupted.');
      return DONE;
    }
    slot.startMs = this.#fromReady ? slot.readyMs : startMs;
    this.#stampIsCurrent = false;
    let answer: unknown;
    try {
      answer = this.#requests.issue(slot);
    } catch (error) {
      this.#fail(error);
      return READY;
    }
    if (answer instanceof Promise) {
      this.#inFlight++;
      answer.then(slot.onAnswer, slot.onError);
      return PENDING;
    }
    this.#complete(slot, answer);
    return READY;
  }

  #complete(slot: Slot, answer: unknown): void {
    const endMs = this.#options.clock();
    slot.readyMs = endMs;
    const recorder = this.#recorder;
    this.#failuresInARow = 0;
    recorder.record(slot.isRead, (endMs - slot.startMs) * 1e6, slot.size, endMs);
    // After verification the clock is read again: it is no part of the next request.
    try {
      if (this.#requests.check(slot, answer, recorder)) return;
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#stampMs = endMs;
    this.#stampIsCurrent = true;
  }

  #fail(error: unknown): void {
    this.#requests.stopVerifying();
    this.#stampIsCurrent = false;
    this.#recorder.fail(error);
    if (error instanceof BenchError) this.#failure ??= error;
    else if (++this.#failuresInARow >= MAX_FAILURES_IN_A_ROW) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }
}
