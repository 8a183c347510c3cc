import { BenchError } from '../errors.js';
import { MAX_FAILURES_IN_A_ROW, TURNS_BEFORE_YIELD, type DriverOptions } from './driver.js';
import { present } from './present.js';
import { Lane, Requests, Slot, type AnswerHandler, type LaneSetup } from './requests.js';
import type { WindowRecorder } from './window-recorder.js';
import { seek, type WorkerArrivals } from './worker-arrivals.js';

export interface OpenLoopOptions extends Omit<DriverOptions, 'pipelineDepth'> {
  /** Of these lanes, in this order. */
  readonly arrivals: WorkerArrivals;
  /** Requests in flight on each lane, 1 and up. */
  readonly maxInFlight: number;
  /** How long after a phase what fell due inside it is still sent. */
  readonly drainMs: number;
}

/** Until an arrival that is nearer than this the thread spins, where nobody else needs it. */
const SPIN_MS = 0.05;
/** Timers fire in whole milliseconds and up to one late: for arrivals nearer than this the event loop is turned instead. */
const TIMER_MS = 2;
/** How long a sleep lasts before an abort is looked for. */
const LONGEST_SLEEP_MS = 50;

/**
 * The open-loop driver of all engines: each request is sent when it falls due, whether earlier ones are answered or not, and
 * its latency counts from then, so that no wait is left out ("coordinated omission", Gil Tene, 2013).
 *
 * An engine that promises its answers gets up to `maxInFlight` requests on a lane; what falls due beyond waits its turn. An
 * engine that answers at once keeps the thread busy meanwhile: what falls due then is sent right after, and late. Either
 * way the wait is in the latency.
 *
 * Waiting for an intended start: timers (of a millisecond's accuracy) far from it, turns of the event loop near it, and
 * spinning over the last 50 µs where no answer is awaited. How late it was all the same is recorded.
 */
export class OpenLoopDriver implements AnswerHandler<OpenLoopSlot> {
  readonly #options: OpenLoopOptions;
  readonly #requests: Requests;
  readonly #lanes: readonly OpenLoopLane[];
  #recorder: WindowRecorder;
  /** Clock reading at time 0 of the session. */
  #epochMs = 0;
  /** The next arrival: its place in the pass, the clock reading at the start of that pass, and the one when it is due. */
  #next = 0;
  #passMs = 0;
  #nextDueMs = Infinity;
  #endMs = 0;
  #inFlight = 0;
  #waiting = 0;
  /**
   * When the engine would have answered all it answered at once so far, had no request been sent late: what falls due
   * before waits for the engine, whatever comes on top is the generator's own lag (Lindley's recursion, 1952).
   */
  #engineFreeMs = -Infinity;
  #failuresInARow = 0;
  #failure: Error | null = null;
  #wake: { readonly cancel: () => void; readonly soon: boolean } | null = null;
  #settle: (() => void) | null = null;

  constructor(options: OpenLoopOptions, recorder: WindowRecorder) {
    this.#options = options;
    this.#recorder = recorder;
    const { stream, verifier, verifyEvery, verify = true, lanes, arrivals } = options;
    this.#requests = new Requests(stream, verifier, verifyEvery);
    this.#lanes = lanes.map(
      (setup, index) => new OpenLoopLane(setup, verifyEvery, verify, present(arrivals.laneDueMs[index])),
    );
  }

  /**
   * Drives from one time of the session to another, milliseconds; it begins now. Times before 0 take the arrivals as they
   * are when the session repeats.
   *
   * @param recorder made with an `OpenLoopRecorder`
   * @throws the engine's BenchError, the error of a request when nothing but errors comes, or BenchError INTERRUPTED
   */
  async run(fromMs: number, toMs: number, recorder: WindowRecorder): Promise<void> {
    const { arrivals, clock } = this.#options;
    this.#recorder = recorder;
    this.#failure = null;
    this.#failuresInARow = 0;
    this.#engineFreeMs = -Infinity;
    const startMs = clock();
    this.#epochMs = startMs - fromMs;
    this.#endMs = this.#epochMs + toMs;
    const { pass, index } = seek(arrivals.dueMs, arrivals.periodMs, fromMs);
    this.#passMs = this.#epochMs + pass * arrivals.periodMs;
    this.#next = index;
    this.#lookAhead();
    for (const lane of this.#lanes) lane.begin(fromMs, this.#epochMs, arrivals.periodMs);
    recorder.begin(startMs);
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      this.#pump();
    });
    recorder.lastEndMs = Math.max(recorder.lastEndMs, this.#endMs);
    recorder.end();
    // The compiler cannot see that the loop assigned it.
    const failure = this.#failure as Error | null;
    if (failure !== null) throw failure;
  }

  /** A promised answer came. */
  answered(slot: OpenLoopSlot, answer: unknown): void {
    const endMs = this.#complete(slot, answer);
    this.#release(slot, endMs);
  }

  /** A promise was rejected. */
  rejected(slot: OpenLoopSlot, error: unknown): void {
    this.#fail(error);
    this.#release(slot, this.#options.clock());
  }

  #release(slot: OpenLoopSlot, nowMs: number): void {
    const { openLane } = slot;
    this.#inFlight--;
    openLane.inFlight--;
    openLane.free.push(slot);
    if (openLane.waiting > 0 && nowMs < this.#endMs + this.#options.drainMs) {
      this.#waiting--;
      openLane.waiting--;
      this.#send(openLane, nowMs, nowMs);
    }
    // What is left may be the end of the phase; a sleep that is under way must not outlast it.
    if (this.#inFlight === 0 || this.#wake === null) this.#wakeSoon();
  }

  #pump(): void {
    const { clock } = this.#options;
    for (;;) {
      if (this.#sendDue()) {
        this.#wakeSoon();
        return;
      }
      const nowMs = clock();
      if (this.#waiting > 0 && nowMs >= this.#endMs + this.#options.drainMs) this.#drop();
      if (this.#nextDueMs === Infinity && this.#waiting === 0 && this.#inFlight === 0) {
        if (nowMs >= this.#endMs || this.#failure !== null) {
          this.#finish();
          return;
        }
      }
      const gapMs = this.#nextLookMs() - nowMs;
      if (gapMs > SPIN_MS || this.#inFlight > 0) {
        if (gapMs > TIMER_MS) this.#wakeAfter(Math.min(LONGEST_SLEEP_MS, Math.floor(gapMs) - 1));
        else this.#wakeSoon();
        return;
      }
      const untilMs = nowMs + gapMs;
      while (clock() < untilMs);
    }
  }

  /** When the loop must look again, whatever is answered until then. */
  #nextLookMs(): number {
    if (this.#nextDueMs !== Infinity) return this.#nextDueMs;
    if (this.#waiting > 0) return this.#endMs + this.#options.drainMs;
    return this.#inFlight > 0 ? this.#options.clock() + LONGEST_SLEEP_MS : this.#endMs;
  }

  /** Sends everything that is due, in order. @returns whether the event loop must have a turn before the rest */
  #sendDue(): boolean {
    const { clock, aborted, maxInFlight, drainMs, arrivals } = this.#options;
    const openLoop = this.#recorder.openLoop;
    let turns = 0;
    for (;;) {
      const nowMs = clock();
      if (this.#failure === null && aborted()) {
        this.#failure = new BenchError('INTERRUPTED', 'Interrupted.');
      }
      if (this.#failure !== null) {
        this.#drop();
        return false;
      }
      if (this.#nextDueMs > nowMs) return false;
      if (nowMs >= this.#endMs + drainMs) {
        this.#drop();
        return false;
      }
      const lane = present(this.#lanes[present(arrivals.lane[this.#next])]);
      if (openLoop !== null) {
        openLoop.offeredRequests++;
        openLoop.offeredOperations += present(arrivals.size[this.#next]);
      }
      this.#advance();
      if (lane.inFlight >= maxInFlight) {
        lane.waiting++;
        this.#waiting++;
        continue;
      }
      this.#send(lane, nowMs, this.#engineFreeMs);
      if (this.#inFlight > 0 && ++turns >= TURNS_BEFORE_YIELD) return true;
    }
  }

  /** Sends a lane's next request. `readyMs`: before it the engine was in the way. */
  #send(lane: OpenLoopLane, nowMs: number, readyMs: number): void {
    const dueMs = lane.takeDue(this.#options.arrivals.periodMs);
    const slot = lane.free.pop() ?? new OpenLoopSlot(lane, this, this.#options.verifyEvery);
    slot.dueMs = dueMs;
    slot.readyMs = Math.max(dueMs, readyMs);
    slot.startMs = nowMs;
    let answer: unknown;
    try {
      answer = this.#requests.issue(slot);
    } catch (error) {
      this.#fail(error);
      lane.free.push(slot);
      return;
    }
    if (answer instanceof Promise) {
      lane.inFlight++;
      const openLoop = this.#recorder.openLoop;
      if (++this.#inFlight > (openLoop?.largestInFlight ?? Infinity) && openLoop !== null) {
        openLoop.largestInFlight = this.#inFlight;
      }
      answer.then(slot.onAnswer, slot.onError);
      return;
    }
    this.#engineFreeMs = slot.readyMs + this.#complete(slot, answer) - nowMs;
    lane.free.push(slot);
  }

  #complete(slot: OpenLoopSlot, answer: unknown): number {
    const endMs = this.#options.clock();
    const recorder = this.#recorder;
    this.#failuresInARow = 0;
    recorder.record(slot.isRead, (endMs - slot.dueMs) * 1e6, slot.size, endMs);
    recorder.openLoop?.record(slot.dueMs, slot.readyMs, slot.startMs, endMs);
    try {
      this.#requests.check(slot, answer, recorder);
    } catch (error) {
      this.#fail(error);
    }
    return endMs;
  }

  /** Gives up what is due and not sent, and what falls due before the end of the phase. */
  #drop(): void {
    const openLoop = this.#recorder.openLoop;
    const { size } = this.#options.arrivals;
    let dropped = this.#waiting;
    while (this.#nextDueMs !== Infinity) {
      dropped++;
      if (openLoop !== null) {
        openLoop.offeredRequests++;
        openLoop.offeredOperations += present(size[this.#next]);
      }
      this.#advance();
    }
    if (openLoop !== null) openLoop.droppedRequests += dropped;
    this.#waiting = 0;
    for (const lane of this.#lanes) lane.waiting = 0;
  }

  #advance(): void {
    const { dueMs, periodMs } = this.#options.arrivals;
    this.#next++;
    if (this.#next === dueMs.length) {
      this.#next = 0;
      this.#passMs += periodMs;
    }
    this.#lookAhead();
  }

  /** Finds when the next arrival is due; never, when that is after the phase. */
  #lookAhead(): void {
    const dueMs = this.#passMs + present(this.#options.arrivals.dueMs[this.#next]);
    this.#nextDueMs = dueMs < this.#endMs ? dueMs : Infinity;
  }

  #fail(error: unknown): void {
    this.#requests.stopVerifying();
    this.#recorder.fail(error);
    if (error instanceof BenchError) this.#failure ??= error;
    else if (++this.#failuresInARow >= MAX_FAILURES_IN_A_ROW) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  #wakeSoon(): void {
    if (this.#settle === null || this.#wake?.soon === true) return;
    this.#wake?.cancel();
    const immediate = setImmediate(() => {
      this.#wake = null;
      this.#pump();
    });
    this.#wake = {
      soon: true,
      cancel: () => {
        clearImmediate(immediate);
      },
    };
  }

  #wakeAfter(sleepMs: number): void {
    this.#wake?.cancel();
    const timer = setTimeout(() => {
      this.#wake = null;
      this.#pump();
    }, sleepMs);
    this.#wake = {
      soon: false,
      cancel: () => {
        clearTimeout(timer);
      },
    };
  }

  #finish(): void {
    this.#wake?.cancel();
    this.#wake = null;
    const settle = this.#settle;
    this.#settle = null;
    settle?.();
  }
}

/** A lane and what stands before it. */
class OpenLoopLane {
  readonly lane: Lane;
  readonly free: OpenLoopSlot[] = [];
  inFlight = 0;
  /** Requests that are due and not sent, because as many as may be are in flight. */
  waiting = 0;
  readonly #dueMs: Float64Array;
  #passMs = 0;

  constructor(setup: LaneSetup, verifyEvery: number, verify: boolean, dueMs: Float64Array) {
    this.lane = new Lane(setup, verifyEvery, verify);
    this.#dueMs = dueMs;
  }

  begin(fromMs: number, epochMs: number, periodMs: number): void {
    if (this.#dueMs.length === 0) return;
    const { pass, index } = seek(this.#dueMs, periodMs, fromMs);
    this.#passMs = epochMs + pass * periodMs;
    this.lane.next = index;
  }

  /** Intended start of the request that is sent next; to be called once for each. */
  takeDue(periodMs: number): number {
    const dueMs = this.#passMs + present(this.#dueMs[this.lane.next]);
    if (this.lane.next + 1 === this.#dueMs.length) this.#passMs += periodMs;
    return dueMs;
  }
}

class OpenLoopSlot extends Slot {
  readonly openLane: OpenLoopLane;
  dueMs = 0;

  constructor(openLane: OpenLoopLane, handler: AnswerHandler<OpenLoopSlot>, verifyEvery: number) {
    super(openLane.lane, handler, verifyEvery);
    this.openLane = openLane;
  }
}
