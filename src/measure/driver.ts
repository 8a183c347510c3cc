import { BenchError } from '../errors.js';
import type { EngineSession } from '../engines/engine.js';
import type { PackedValues } from '../engines/packed.js';
import type { OperationStream } from '../workloads/workload.js';
import type { Clock } from './clock.js';
import { packLane, packedValueAt, type PackedProgram } from './packed-program.js';
import { RequestShape, type LaneProgram } from './program.js';
import { DELETED, type Verifier } from './verifier.js';
import type { WindowRecorder } from './window-recorder.js';
import { present } from './present.js';

/** A lane: its session, its program and where it stands. */
export interface LaneSetup {
  readonly program: LaneProgram;
  readonly session: EngineSession;
  /** Last version that this lane wrote, by key index (`DELETED`, or a count of increments for counters). */
  readonly lastWrites: Uint32Array;
}

export interface DriverOptions {
  readonly stream: OperationStream;
  readonly lanes: readonly LaneSetup[];
  /** Requests in flight on each lane. */
  readonly pipelineDepth: number;
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
const MAX_FAILURES_IN_A_ROW = 1000;

/** Synchronous turns taken before the event loop gets one, when other requests are in flight. */
const TURNS_BEFORE_YIELD = 64;

const READY = 0;
const PENDING = 1;
const DONE = 2;

/**
 * The one driver of all engines: a closed loop in which each lane keeps `pipelineDepth` requests in flight. Answers that an
 * engine gives at once are handled in a plain loop without touching the microtask queue; promised ones continue in
 * callbacks that are made once for each slot, so that no request allocates anything here.
 *
 * Time: a request's latency runs from its issue to its complete answer. The reading of the clock that ends one request
 * begins the next, unless values were verified in between; the few nanoseconds of recording thus belong to the next
 * request, and verification to none.
 *
 * The end of a phase: when its time is over no request is issued any more, and those in flight are awaited and counted.
 * `WindowRecorder` holds first start and last end, so that their time counts as well.
 */
export class Driver {
  readonly #options: DriverOptions;
  readonly #slots: readonly Slot[];
  readonly #ready: Slot[];
  #readyCount = 0;
  #inFlight = 0;
  #pumping = false;
  #pumpScheduled = false;
  #stampMs = 0;
  #stampIsCurrent = false;
  #deadlineMs = 0;
  /** False after a failed request: nobody knows whether it wrote, so nothing can be held against later reads. */
  #verifying = true;
  #failuresInARow = 0;
  #failure: Error | null = null;
  #settle: (() => void) | null = null;
  /** Where the answers of the present phase are recorded. */
  #recorder: WindowRecorder;

  constructor(options: DriverOptions, recorder: WindowRecorder) {
    this.#options = options;
    this.#recorder = recorder;
    const { lanes, pipelineDepth, verifyEvery, verify = true } = options;
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
    for (const [index, slot] of this.#slots.entries()) this.#ready[index] = slot;
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
    slot.startMs = startMs;
    this.#stampIsCurrent = false;
    let answer: unknown;
    try {
      answer = this.#issue(slot);
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

  #issue(slot: Slot): unknown {
    const { lane } = slot;
    const { program, session, lastWrites, packed } = lane;
    const position = lane.next;
    lane.next = position + 1 === program.requests ? 0 : position + 1;
    const shape = present(program.shape[position]);
    const first = present(program.firstOperation[position]);
    const size = present(program.size[position]);
    const { stream } = this.#options;
    slot.shape = shape;
    slot.size = size;
    slot.first = first;
    slot.checks = 0;
    const announced = program.prefetch === null ? null : present(program.prefetch[position]);
    if (announced !== null) session.prefetch?.(announced);

    switch (shape) {
      case RequestShape.get:
        if (--lane.untilCheck === 0) this.#sample(slot, 0);
        return packed === null
          ? session.get(present(program.key[position]))
          : packed.calls.mget(present(packed.keys[position]));
      case RequestShape.mget:
        if (lane.untilCheck > size) lane.untilCheck -= size;
        else this.#sample(slot, lane.untilCheck - 1);
        return packed === null
          ? session.mget(present(program.batchKeys[position]))
          : packed.calls.mget(present(packed.keys[position]));
      case RequestShape.put:
        lastWrites[present(stream.keyIndex[first])] = present(stream.version[first]);
        return packed === null
          ? session.put(present(program.key[position]), present(program.value[position]))
          : packed.calls.mput(present(packed.keys[position]), present(packed.values[position]));
      case RequestShape.mput:
        for (let at = first; at < first + size; at++) {
          lastWrites[present(stream.keyIndex[at])] = present(stream.version[at]);
        }
        return packed === null
          ? session.mput(present(program.batchKeys[position]), present(program.batchValues[position]))
          : packed.calls.mput(present(packed.keys[position]), present(packed.values[position]));
      case RequestShape.delete:
        lastWrites[present(stream.keyIndex[first])] = DELETED;
        return packed === null
          ? session.delete(present(program.key[position]))
          : packed.calls.mdelete(present(packed.keys[position]));
      default: {
        const key = present(stream.keyIndex[first]);
        lastWrites[key] = present(lastWrites[key]) + 1;
        return session.increment(present(program.key[position]), 1);
      }
    }
  }

  /** Notes what the sampled keys of a read must hold, as of now: writes issued later are not seen by it. */
  #sample(slot: Slot, firstCheck: number): void {
    const { lane, first, size } = slot;
    const { lastWrites } = lane;
    const { keyIndex } = this.#options.stream;
    const every = this.#options.verifyEvery;
    let offset = firstCheck;
    let checks = 0;
    for (; offset < size; offset += every) {
      slot.expected[checks++] = present(lastWrites[present(keyIndex[first + offset])]);
    }
    slot.firstCheck = firstCheck;
    slot.checks = checks;
    lane.untilCheck = offset - size + 1;
  }

  #complete(slot: Slot, answer: unknown): void {
    const endMs = this.#options.clock();
    const recorder = this.#recorder;
    this.#failuresInARow = 0;
    const { shape, size } = slot;
    const isRead = shape === RequestShape.get || shape === RequestShape.mget;
    recorder.record(isRead, (endMs - slot.startMs) * 1e6, size, endMs);
    if (isRead && slot.lane.packed !== null) {
      this.#completePackedRead(slot, answer as PackedValues);
      if (size > 1 || slot.checks > 0) return;
    } else if (shape === RequestShape.get) {
      if (answer === null) recorder.misses++;
      if (slot.checks > 0) {
        this.#verify(slot, answer, 0);
        return; // the clock is read again: verification is no part of the next request
      }
    } else if (shape === RequestShape.mget) {
      this.#completeBatchRead(slot, answer);
      return;
    }
    this.#stampMs = endMs;
    this.#stampIsCurrent = true;
  }

  #completeBatchRead(slot: Slot, answer: unknown): void {
    if (!Array.isArray(answer) || answer.length !== slot.size) {
      const got = Array.isArray(answer) ? String(answer.length) : 'no array of';
      this.#options.verifier.reportAnswer(
        `a batch of ${String(slot.size)} keys was answered with ${got} values`,
      );
      return;
    }
    const values: readonly unknown[] = answer;
    let misses = 0;
    for (const value of values) if (value === null) misses++;
    this.#recorder.misses += misses;
    for (let check = 0; check < slot.checks; check++) {
      this.#verify(slot, values[slot.firstCheck + check * this.#options.verifyEvery], check);
    }
  }

  #completePackedRead(slot: Slot, answer: PackedValues): void {
    const { found } = answer;
    if (found.length < slot.size || answer.offsets.length <= slot.size) {
      this.#options.verifier.reportAnswer(
        `a batch of ${String(slot.size)} keys was answered with ${String(found.length)} values`,
      );
      return;
    }
    let misses = 0;
    for (let index = 0; index < slot.size; index++) if (found[index] !== 1) misses++;
    this.#recorder.misses += misses;
    for (let check = 0; check < slot.checks; check++) {
      this.#verify(slot, packedValueAt(answer, slot.firstCheck + check * this.#options.verifyEvery), check);
    }
  }

  #verify(slot: Slot, value: unknown, check: number): void {
    if (!this.#verifying) return;
    const { stream, verifier, verifyEvery } = this.#options;
    const key = present(stream.keyIndex[slot.first + slot.firstCheck + check * verifyEvery]);
    verifier.checkRead(key, value, slot.lane.program.lane, present(slot.expected[check]));
  }

  #fail(error: unknown): void {
    this.#verifying = false;
    this.#stampIsCurrent = false;
    this.#recorder.fail(error);
    if (error instanceof BenchError) this.#failure ??= error;
    else if (++this.#failuresInARow >= MAX_FAILURES_IN_A_ROW) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }
}

class Lane {
  readonly program: LaneProgram;
  readonly session: EngineSession;
  readonly lastWrites: Uint32Array;
  /** null where the session has no packed calls. */
  readonly packed: PackedProgram | null;
  /** Position of the next request in the program. */
  next = 0;
  /** Reads until the next that is verified, that one included; infinite where none is. */
  untilCheck: number;

  constructor({ program, session, lastWrites }: LaneSetup, verifyEvery: number, verify: boolean) {
    this.program = program;
    this.session = session;
    this.lastWrites = lastWrites;
    this.packed = session.packed === undefined ? null : packLane(program, session.packed);
    // Lanes sample at different places of their sequences.
    this.untilCheck = verify ? 1 + (program.lane % verifyEvery) : Infinity;
  }
}

/** One request in flight. */
class Slot {
  readonly lane: Lane;
  readonly onAnswer: (answer: unknown) => void;
  readonly onError: (error: unknown) => void;
  startMs = 0;
  shape = 0;
  size = 0;
  /** First operation of the request in the stream. */
  first = 0;
  /** Place in the request of the first key to verify, how many are verified, and what the lane wrote last to each. */
  firstCheck = 0;
  checks = 0;
  readonly expected: Uint32Array;

  constructor(lane: Lane, driver: Driver, verifyEvery: number) {
    this.lane = lane;
    this.expected = new Uint32Array(Math.ceil(lane.program.largestRequest / verifyEvery));
    this.onAnswer = (answer) => {
      driver.answered(this, answer);
    };
    this.onError = (error) => {
      driver.rejected(this, error);
    };
  }
}
