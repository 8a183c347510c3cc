import type { DeliveredBatch, EngineSession } from '../engines/engine.js';
import type { PackedValues } from '../engines/packed.js';
import type { OperationStream } from '../workloads/workload.js';
import { packLane, packedValueAt, type PackedProgram } from './packed-program.js';
import { RequestShape, type LaneProgram } from './program.js';
import { present } from './present.js';
import { DELETED, type Verifier } from './verifier.js';
import type { WindowRecorder } from './window-recorder.js';

/** A lane: its session, its program and where it stands. */
export interface LaneSetup {
  readonly program: LaneProgram;
  readonly session: EngineSession;
  /** Last version that this lane wrote, by key index (`DELETED`, or a count of increments for counters). */
  readonly lastWrites: Uint32Array;
}

/**
 * Issues requests of lanes and checks their answers: what both load models have in common. When a request is issued, and
 * what its latency is, the drivers say.
 */
export class Requests {
  readonly #stream: OperationStream;
  readonly #verifier: Verifier;
  readonly #verifyEvery: number;
  /** False after a failed request: nobody knows whether it wrote, so nothing can be held against later reads. */
  #verifying = true;

  /** @param verifyEvery one read in this many is verified, counted per key */
  constructor(stream: OperationStream, verifier: Verifier, verifyEvery: number) {
    this.#stream = stream;
    this.#verifier = verifier;
    this.#verifyEvery = verifyEvery;
  }

  /** Issues the next request of the slot's lane; the engine's answer, or its promise. @throws what the engine throws */
  issue(slot: Slot): unknown {
    const { lane } = slot;
    const { program, session, lastWrites, packed } = lane;
    const position = lane.next;
    lane.next = position + 1 === program.requests ? 0 : position + 1;
    const shape = present(program.shape[position]);
    const first = present(program.firstOperation[position]);
    const size = present(program.size[position]);
    const stream = this.#stream;
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
        if (packed !== null) return packed.calls.mget(present(packed.keys[position]));
        return session.mgetDelivered === undefined
          ? session.mget(present(program.batchKeys[position]))
          : session.mgetDelivered(present(program.batchKeys[position]));
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

  /**
   * Counts misses and verifies the sampled values of an answer.
   *
   * @returns whether that took time that no request should be charged with
   * @throws what the engine throws when a delivered batch cannot be copied back
   */
  check(slot: Slot, answer: unknown, recorder: WindowRecorder): boolean {
    if (slot.lane.packed !== null && slot.isRead) {
      this.#checkPackedRead(slot, answer as PackedValues, recorder);
      return slot.size > 1 || slot.checks > 0;
    }
    if (slot.shape === RequestShape.get) {
      if (answer === null) recorder.misses++;
      if (slot.checks === 0) return false;
      this.#verify(slot, answer, 0);
      return true;
    }
    if (slot.shape !== RequestShape.mget) return false;
    this.#checkBatchRead(slot, answer, recorder);
    return true;
  }

  /** From now on nothing is held against what is read. */
  stopVerifying(): void {
    this.#verifying = false;
  }

  /** Notes what the sampled keys of a read must hold, as of now: writes issued later are not seen by it. */
  #sample(slot: Slot, firstCheck: number): void {
    const { lane, first, size } = slot;
    const { lastWrites } = lane;
    const { keyIndex } = this.#stream;
    const every = this.#verifyEvery;
    let offset = firstCheck;
    let checks = 0;
    for (; offset < size; offset += every) {
      slot.expected[checks++] = present(lastWrites[present(keyIndex[first + offset])]);
    }
    slot.firstCheck = firstCheck;
    slot.checks = checks;
    lane.untilCheck = offset - size + 1;
  }

  #checkBatchRead(slot: Slot, answer: unknown, recorder: WindowRecorder): void {
    if (isDelivered(answer)) {
      this.#checkDelivery(slot, answer, recorder);
      return;
    }
    if (!Array.isArray(answer) || answer.length !== slot.size) {
      const got = Array.isArray(answer) ? String(answer.length) : 'no array of';
      this.#verifier.reportAnswer(`a batch of ${String(slot.size)} keys was answered with ${got} values`);
      return;
    }
    const values: readonly unknown[] = answer;
    let misses = 0;
    for (const value of values) if (value === null) misses++;
    recorder.misses += misses;
    for (let check = 0; check < slot.checks; check++) {
      this.#verify(slot, values[slot.firstCheck + check * this.#verifyEvery], check);
    }
  }

  /** The batch's time was taken: what is copied back to be verified is in no latency. */
  #checkDelivery(slot: Slot, batch: DeliveredBatch, recorder: WindowRecorder): void {
    if (batch.size !== slot.size) {
      this.#verifier.reportAnswer(
        `a batch of ${String(slot.size)} keys was answered with ${String(batch.size)} values`,
      );
      return;
    }
    recorder.misses += batch.misses();
    for (let check = 0; check < slot.checks; check++) {
      this.#verify(slot, batch.value(slot.firstCheck + check * this.#verifyEvery), check);
    }
  }

  #checkPackedRead(slot: Slot, answer: PackedValues, recorder: WindowRecorder): void {
    const { found } = answer;
    if (found.length < slot.size || answer.offsets.length <= slot.size) {
      this.#verifier.reportAnswer(
        `a batch of ${String(slot.size)} keys was answered with ${String(found.length)} values`,
      );
      return;
    }
    let misses = 0;
    for (let index = 0; index < slot.size; index++) if (found[index] !== 1) misses++;
    recorder.misses += misses;
    for (let check = 0; check < slot.checks; check++) {
      this.#verify(slot, packedValueAt(answer, slot.firstCheck + check * this.#verifyEvery), check);
    }
  }

  #verify(slot: Slot, value: unknown, check: number): void {
    if (!this.#verifying) return;
    const key = present(this.#stream.keyIndex[slot.first + slot.firstCheck + check * this.#verifyEvery]);
    this.#verifier.checkRead(key, value, slot.lane.program.lane, present(slot.expected[check]));
  }
}

function isDelivered(answer: unknown): answer is DeliveredBatch {
  return typeof answer === 'object' && answer !== null && 'misses' in answer && 'value' in answer;
}

export class Lane {
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

/** Where promised answers go. */
export interface AnswerHandler<S> {
  answered(slot: S, answer: unknown): void;
  rejected(slot: S, error: unknown): void;
}

/** One request in flight. Its callbacks are made once, so that no request allocates anything here. */
export class Slot {
  readonly lane: Lane;
  readonly onAnswer: (answer: unknown) => void;
  readonly onError: (error: unknown) => void;
  startMs = 0;
  /** When it could have issued its next request. */
  readyMs = 0;
  shape = 0;
  size = 0;
  /** First operation of the request in the stream. */
  first = 0;
  /** Place in the request of the first key to verify, how many are verified, and what the lane wrote last to each. */
  firstCheck = 0;
  checks = 0;
  readonly expected: Uint32Array;

  constructor(lane: Lane, handler: AnswerHandler<Slot>, verifyEvery: number) {
    this.lane = lane;
    this.expected = new Uint32Array(Math.ceil(lane.program.largestRequest / verifyEvery));
    this.onAnswer = (answer) => {
      handler.answered(this, answer);
    };
    this.onError = (error) => {
      handler.rejected(this, error);
    };
  }

  get isRead(): boolean {
    return this.shape === RequestShape.get || this.shape === RequestShape.mget;
  }
}
