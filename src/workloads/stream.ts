/** What can be said about a stream before anybody replays it: its hash, and the facts that a reader of results needs. */
import { createHash } from 'node:crypto';
import { float64At, uint32At, uint8At } from './typed-array.js';
import { NO_PREFETCH, OperationKind, type OperationStream, type WorkloadCase } from './workload.js';

/** Facts about a stream, as stored in the result file (`StreamFacts` of results/schema.ts has the same fields). */
export interface StreamDescription {
  /** See `hashStream`. */
  readonly sha256: string;
  readonly operations: number;
  readonly requests: number;
  /** Operations that read: get. */
  readonly reads: number;
  /** Operations that change something: put, delete, increment. */
  readonly writes: number;
  /** Keys in the key space; all of them are loaded before a trial. */
  readonly keys: number;
  readonly meanKeyBytes: number;
  /** Over all values that are loaded (each key at version 0) or written by the stream. */
  readonly meanValueBytes: number;
  readonly maxValueBytes: number;
  readonly distinctKeysRead: number;
  /** Share of all operations that fall on the key with the most of them, 0 to 1. */
  readonly hottestKeyShare: number;
  readonly prefetchHints: number;
}

/**
 * SHA-256 of everything that an engine is asked to hold and to do, as 64 lower-case hexadecimal digits. Two runs with equal
 * hashes replayed the same work. Anybody can recompute it: the bytes hashed are, in this order,
 *
 * 1. the ASCII text `predis-bench stream 1` and a line feed;
 * 2. the case id as a string (a string is its length in bytes as u32, then its bytes);
 * 3. u32 operations, u32 requests, u32 keys;
 * 4. the arrays kind (u8), keyIndex, version, requestStart (u32);
 * 5. dueNs: one byte 0 when null, otherwise one byte 1 and the array (IEEE 754 binary64);
 * 6. prefetchRequest: likewise (u32);
 * 7. every key in index order, as strings;
 * 8. the value of every key at version 0, in index order, as strings;
 * 9. the value of every put in the order of the stream, as strings.
 *
 * All numbers are little-endian. Time grows with keys, operations and value bytes: about 0.3 µs a string of 100 bytes.
 */
export function hashStream(workloadCase: WorkloadCase, stream: OperationStream): string {
  return walk(workloadCase, stream).sha256;
}

/** The stream's hash and facts, in one walk over keys and values. */
export function describeStream(workloadCase: WorkloadCase, stream: OperationStream): StreamDescription {
  const keys = workloadCase.keySpace.size;
  const operations = stream.kind.length;
  const operationsOfKey = new Uint32Array(keys);
  const isRead = new Uint8Array(keys);
  let reads = 0;
  let distinctKeysRead = 0;
  let hottest = 0;
  for (let operation = 0; operation < operations; operation++) {
    const key = uint32At(stream.keyIndex, operation);
    const times = uint32At(operationsOfKey, key) + 1;
    operationsOfKey[key] = times;
    if (times > hottest) hottest = times;
    if (stream.kind[operation] === OperationKind.get) {
      reads++;
      if (isRead[key] === 0) {
        isRead[key] = 1;
        distinctKeysRead++;
      }
    }
  }
  let prefetchHints = 0;
  for (const target of stream.prefetchRequest ?? []) if (target !== NO_PREFETCH) prefetchHints++;

  const { sha256, keyBytes, values, valueBytes, maxValueBytes } = walk(workloadCase, stream);
  return {
    sha256,
    operations,
    requests: stream.requestStart.length - 1,
    reads,
    writes: operations - reads,
    keys,
    meanKeyBytes: keys === 0 ? 0 : keyBytes / keys,
    meanValueBytes: values === 0 ? 0 : valueBytes / values,
    maxValueBytes,
    distinctKeysRead,
    hottestKeyShare: operations === 0 ? 0 : hottest / operations,
    prefetchHints,
  };
}

function walk(
  workloadCase: WorkloadCase,
  stream: OperationStream,
): { sha256: string; keyBytes: number; values: number; valueBytes: number; maxValueBytes: number } {
  const { keySpace } = workloadCase;
  const hash = new CanonicalHash();
  hash.text('predis-bench stream 1\n');
  hash.string(workloadCase.id);
  hash.uint32(stream.kind.length);
  hash.uint32(stream.requestStart.length - 1);
  hash.uint32(keySpace.size);
  hash.array(stream.kind);
  hash.array(stream.keyIndex);
  hash.array(stream.version);
  hash.array(stream.requestStart);
  for (const optional of [stream.dueNs, stream.prefetchRequest]) {
    hash.byte(optional === null ? 0 : 1);
    if (optional !== null) hash.array(optional);
  }

  let keyBytes = 0;
  for (let index = 0; index < keySpace.size; index++) {
    const key = keySpace.key(index);
    keyBytes += key.length;
    hash.string(key);
  }
  let values = 0;
  let valueBytes = 0;
  let maxValueBytes = 0;
  const addValue = (value: string): void => {
    values++;
    valueBytes += value.length;
    if (value.length > maxValueBytes) maxValueBytes = value.length;
    hash.string(value);
  };
  for (let index = 0; index < keySpace.size; index++) addValue(keySpace.value(index, 0));
  for (let operation = 0; operation < stream.kind.length; operation++) {
    if (uint8At(stream.kind, operation) !== OperationKind.put) continue;
    addValue(keySpace.value(uint32At(stream.keyIndex, operation), uint32At(stream.version, operation)));
  }
  return { sha256: hash.digest(), keyBytes, values, valueBytes, maxValueBytes };
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** SHA-256 over the canonical byte form; strings are collected in a buffer, because a call to OpenSSL costs a microsecond. */
class CanonicalHash {
  readonly #hash = createHash('sha256');
  readonly #buffer = Buffer.allocUnsafe(1 << 20);
  #used = 0;

  /** Printable ASCII (one byte a character) without its length. */
  text(text: string): void {
    if (text.length > this.#buffer.length - this.#used) this.#flush();
    if (text.length > this.#buffer.length) this.#hash.update(text, 'latin1');
    else this.#used += this.#buffer.write(text, this.#used, 'latin1');
  }

  string(text: string): void {
    this.uint32(text.length);
    this.text(text);
  }

  uint32(value: number): void {
    if (this.#buffer.length - this.#used < 4) this.#flush();
    this.#used = this.#buffer.writeUInt32LE(value, this.#used);
  }

  byte(value: number): void {
    if (this.#used === this.#buffer.length) this.#flush();
    this.#used = this.#buffer.writeUInt8(value, this.#used);
  }

  array(array: Uint8Array | Uint32Array | Float64Array): void {
    this.#flush();
    const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    this.#hash.update(LITTLE_ENDIAN ? bytes : swapped(bytes, array.BYTES_PER_ELEMENT));
  }

  digest(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #flush(): void {
    if (this.#used > 0) this.#hash.update(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}

/** A copy with the byte order of each element turned. */
function swapped(bytes: Buffer, elementBytes: number): Buffer {
  const copy = Buffer.from(bytes);
  if (elementBytes === 4) return copy.swap32();
  return elementBytes === 8 ? copy.swap64() : copy;
}

/**
 * Checks what `OperationStream` promises, and that keys and values of the operations are printable ASCII of legal size.
 * For tests of workloads: it looks at everything and is slow.
 *
 * @returns sentences about what is wrong, at most ten; empty when the stream is valid
 */
export function validateStream(workloadCase: WorkloadCase, stream: OperationStream): readonly string[] {
  const problems: string[] = [];
  const check = (holds: boolean, problem: () => string): void => {
    if (!holds && problems.length < 10) problems.push(problem());
  };
  const { keySpace } = workloadCase;
  const { kind, keyIndex, version, requestStart, dueNs, prefetchRequest } = stream;
  const operations = kind.length;
  const requests = requestStart.length - 1;
  check(operations > 0, () => 'the stream is empty');
  check(keyIndex.length === operations, () => 'keyIndex and kind differ in length');
  check(version.length === operations, () => 'version and kind differ in length');
  check(requestStart[0] === 0, () => 'requestStart does not begin with 0');
  check(
    requestStart[requests] === operations,
    () => 'requestStart does not end with the number of operations',
  );
  check(dueNs === null || dueNs.length === requests, () => 'dueNs has not one entry a request');
  check(
    prefetchRequest === null || prefetchRequest.length === requests,
    () => 'prefetchRequest has not one entry a request',
  );
  if (problems.length > 0) return problems;

  const lastVersion = new Map<number, number>();
  const knownKinds: readonly number[] = Object.values(OperationKind);
  for (let request = 0; request < requests; request++) {
    const first = uint32At(requestStart, request);
    const end = uint32At(requestStart, request + 1);
    check(first < end && end <= operations, () => `request ${String(request)} is empty or runs backwards`);
    for (let operation = first; operation < end && operation < operations; operation++) {
      const where = (): string => `operation ${String(operation)}`;
      const operationKind = uint8At(kind, operation);
      const key = uint32At(keyIndex, operation);
      const written = uint32At(version, operation);
      check(knownKinds.includes(operationKind), () => `${where()} is of no known kind`);
      check(operationKind === kind[first], () => `${where()} differs in kind from its request`);
      check(key < keySpace.size, () => `${where()} has a key outside of the key space`);
      if (operationKind === OperationKind.put) {
        check(written > (lastVersion.get(key) ?? 0), () => `${where()} does not raise its key's version`);
        lastVersion.set(key, written);
      } else {
        check(written === 0, () => `${where()} carries a version and is no put`);
      }
      if (key < keySpace.size) checkTexts(keySpace.key(key), keySpace.value(key, written), where, check);
    }
    if (dueNs !== null) {
      const due = float64At(dueNs, request);
      const before = request === 0 ? 0 : float64At(dueNs, request - 1);
      check(due >= before && Number.isFinite(due), () => `request ${String(request)} is due before the last`);
    }
    const target = prefetchRequest === null ? NO_PREFETCH : uint32At(prefetchRequest, request);
    check(
      target === NO_PREFETCH || target < requests,
      () => `request ${String(request)} announces none there`,
    );
  }
  return problems;
}

function checkTexts(
  key: string,
  value: string,
  where: () => string,
  check: (holds: boolean, problem: () => string) => void,
): void {
  check(key.length >= 1 && key.length <= 65_536, () => `${where()} has a key of illegal length`);
  check(/^[\x20-\x7e]*$/.test(key), () => `${where()} has a key that is not printable ASCII`);
  check(/^[\x20-\x7e]*$/.test(value), () => `${where()} has a value that is not printable ASCII`);
}
