import { BenchError } from '../errors.js';
import { terminalSafe } from '../support/escape.js';
import type { KeySpace } from '../workloads/workload.js';
import { KeyUse, type WriteIndex } from './write-index.js';

/** Entry of a lane's last writes that says "deleted"; versions stay below it, 0 says "not written by this lane". */
export const DELETED = 0xffffffff;

/** Wrong values described for people; the rest are only counted. */
export const MAX_EXAMPLES = 5;

/**
 * Judges values that an engine returned. It knows what the key space can hold and what each lane wrote last, and it
 * remembers nothing itself, so its memory does not grow.
 *
 * A lane is one strictly ordered sequence, also when several of its requests are in flight (a connection answers in the
 * order of asking). Hence: a value last written by the reading lane must be the lane's last write; a value written by
 * another lane may be any that the stream lets that lane write.
 */
export class Verifier {
  checked = 0;
  wrong = 0;
  readonly examples: string[] = [];
  readonly #keySpace: KeySpace;
  readonly #writes: WriteIndex;
  readonly #lanes: number;

  constructor(keySpace: KeySpace, writes: WriteIndex, lanes: number) {
    this.#keySpace = keySpace;
    this.#writes = writes;
    this.#lanes = lanes;
  }

  /**
   * A read inside the window.
   *
   * @param expected the reading lane's last write of this key when the read was issued
   */
  checkRead(key: number, text: unknown, lane: number, expected: number): void {
    this.checked++;
    // Nearly always it is what the lane wrote last; equality of the whole text then says everything.
    const isCounter = (this.#writes.use(key) & KeyUse.incremented) !== 0;
    if (!isCounter && expected !== DELETED && text === this.#keySpace.value(key, expected)) return;
    const problem = this.#problemOfRead(key, text, lane, expected);
    if (problem !== null) this.#report(key, problem);
  }

  /**
   * A key read back after the window, when nothing is in flight.
   *
   * @param lastWrites every lane's last write of this key
   */
  checkFinal(key: number, text: unknown, lastWrites: readonly number[]): void {
    this.checked++;
    const problem = this.#problemOfFinal(key, text, lastWrites);
    if (problem !== null) this.#report(key, problem);
  }

  /** An answer that has not the shape of one, such as too few values for a batch. */
  reportAnswer(what: string): void {
    this.wrong++;
    if (this.examples.length < MAX_EXAMPLES) this.examples.push(what);
  }

  #problemOfRead(key: number, text: unknown, lane: number, expected: number): string | null {
    const use = this.#writes.use(key);
    if (text === null) {
      const mayBeDeleted = expected === DELETED || (this.#lanes > 1 && (use & KeyUse.deleted) !== 0);
      return mayBeDeleted ? null : 'is missing';
    }
    if ((use & KeyUse.incremented) !== 0)
      return isInteger(text) ? null : `holds ${quote(text)}, not an integer`;
    const version = this.#versionIn(key, text);
    if (typeof version === 'string') return version;
    if (version === expected) return null;
    if (this.#lanes === 1) return `holds version ${String(version)} instead of ${written(expected)}`;
    const writer = version === 0 ? lane : this.#writes.laneOfVersion(key, version);
    if (writer === -1) return `holds version ${String(version)}, which was never written`;
    return writer === lane
      ? `holds version ${String(version)} although the same connection wrote ${written(expected)} after it`
      : null;
  }

  #problemOfFinal(key: number, text: unknown, lastWrites: readonly number[]): string | null {
    if ((this.#writes.use(key) & KeyUse.incremented) !== 0)
      return this.#problemOfCounter(key, text, lastWrites);
    const written_ = lastWrites.filter((version) => version !== 0);
    const expected = written_.length === 0 ? [0] : written_;
    if (text === null) return expected.includes(DELETED) ? null : 'is missing after the window';
    const version = this.#versionIn(key, text);
    if (typeof version === 'string') return version;
    return expected.includes(version)
      ? null
      : `holds version ${String(version)} after the window instead of ${[...new Set(expected)].map(written).join(' or ')}`;
  }

  /** Increments are by 1 and commute, so the sum must be exact whatever the order of the lanes was. */
  #problemOfCounter(key: number, text: unknown, increments: readonly number[]): string | null {
    const start = this.#keySpace.value(key, 0);
    const sum = increments.reduce((total, count) => total + BigInt(count), BigInt(start));
    return text === String(sum) ? null : `holds ${quote(text)} after the window instead of ${String(sum)}`;
  }

  /** The version of a value that is one of this key's in full, or what is wrong with it. */
  #versionIn(key: number, text: unknown): number | string {
    if (typeof text !== 'string') return `holds ${quote(text)}, which is no text`;
    const version = this.#keySpace.versionOf(text);
    if (!Number.isInteger(version) || version < 0)
      return `holds ${quote(text)}, which is no value of this workload`;
    return this.#keySpace.value(key, version) === text
      ? version
      : `holds ${quote(text)}, which is not its value at version ${String(version)}`;
  }

  #report(key: number, problem: string): void {
    this.reportAnswer(`key ${quote(this.#keySpace.key(key))} ${problem}`);
  }
}

/** @throws BenchError USAGE for a stream whose counters this verifier could not check */
export function assertVerifiable(keySpace: KeySpace, writes: WriteIndex): void {
  for (let key = 0; key < keySpace.size; key++) {
    const use = writes.use(key);
    if ((use & KeyUse.incremented) === 0) continue;
    const why =
      use !== KeyUse.incremented
        ? 'is incremented and also put or deleted'
        : isInteger(keySpace.value(key, 0))
          ? null
          : 'is incremented, but its loaded value is no integer';
    if (why === null) continue;
    throw new BenchError(
      'USAGE',
      `The workload's stream cannot be verified: key ${quote(keySpace.key(key))} ${why}.`,
    );
  }
}

function isInteger(text: unknown): boolean {
  return typeof text === 'string' && /^-?\d{1,19}$/.test(text);
}

function written(version: number): string {
  return version === DELETED ? 'its deletion' : `version ${String(version)}`;
}

function quote(value: unknown): string {
  return typeof value === 'string' ? `"${terminalSafe(value, 60)}"` : terminalSafe(String(value), 60);
}
