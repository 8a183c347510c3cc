/** Mixed batches: operations as people write them, the packed form that the engine takes, and results. */
import { PredisError, failureOfStatus } from './errors.js';
import type { NativeResults } from './native.js';
import { type Bytes, type PackedBatch, isBytes, pack } from './packed.js';

/** One operation of a mixed batch. `by` is 1 where it is left out. */
export type Operation =
  | { readonly op: 'get'; readonly key: Bytes }
  | { readonly op: 'getBuffer'; readonly key: Bytes }
  | { readonly op: 'put'; readonly key: Bytes; readonly value: Bytes }
  | { readonly op: 'delete'; readonly key: Bytes }
  | { readonly op: 'increment'; readonly key: Bytes; readonly by?: number | bigint }
  | { readonly op: 'decrement'; readonly key: Bytes; readonly by?: number | bigint };

/**
 * What an operation gives when it succeeds: the value or null (get, getBuffer), whether the key existed (delete), the new
 * number (increment, decrement), nothing (put).
 */
export type OperationValue = string | Buffer | boolean | bigint | null | undefined;

/** What became of one operation. A failed one leaves its key as it was, and the others as they are. */
export type OperationResult =
  { readonly ok: true; readonly value: OperationValue } | { readonly ok: false; readonly error: PredisError };

/** A mixed batch as the engine takes it. */
export interface EncodedBatch {
  readonly kinds: Uint8Array;
  readonly keys: PackedBatch;
  readonly values: PackedBatch;
  readonly amounts: BigInt64Array;
  /** Operations that cannot even be asked (a key that is no key), by their index: they do not reach the engine. */
  readonly refused: ReadonlyMap<number, PredisError>;
  /** Index in the engine's batch of each operation that does. */
  readonly operations: readonly Operation[];
}

/** `OpKind` of native/engine/engine.hpp. */
const kindOf = { get: 0, getBuffer: 0, put: 1, delete: 2, increment: 3, decrement: 3 } as const;

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

/** The amount to add for an increment by `by`. @throws PredisError BAD_ARGUMENT, NOT_AN_INTEGER as Redis says it */
export function incrementAmount(by: unknown): bigint {
  if (typeof by !== 'number' && typeof by !== 'bigint') {
    throw new PredisError('BAD_ARGUMENT', 'the amount is not a number or a bigint');
  }
  if (typeof by === 'number' && !Number.isSafeInteger(by)) throw new PredisError('NOT_AN_INTEGER');
  const amount = BigInt(by);
  if (amount < int64Min || amount > int64Max) throw new PredisError('NOT_AN_INTEGER');
  return amount;
}

/** The amount to add for a decrement by `by`. @throws as `incrementAmount`, and OVERFLOW where Redis does */
export function decrementAmount(by: unknown): bigint {
  const amount = incrementAmount(by);
  if (amount === int64Min) throw new PredisError('OVERFLOW', 'ERR decrement would overflow');
  return -amount;
}

/** The amount of an operation, 0 where it has none. @throws PredisError when the operation cannot be asked */
function checkedAmount(operation: Operation): bigint {
  // what arrives may come from JavaScript, where types promise nothing
  const given: unknown = operation;
  const { op, key, value } = (given ?? {}) as { op?: unknown; key?: unknown; value?: unknown };
  if (typeof op !== 'string' || !Object.hasOwn(kindOf, op)) {
    throw new PredisError('BAD_ARGUMENT', `no such operation; there are ${Object.keys(kindOf).join(', ')}`);
  }
  if (!isBytes(key)) throw new PredisError('BAD_ARGUMENT', 'the key is not a string or a Uint8Array');
  if (operation.op === 'put' && !isBytes(value)) {
    throw new PredisError('BAD_ARGUMENT', 'the value is not a string or a Uint8Array');
  }
  if (operation.op === 'increment') return incrementAmount(operation.by ?? 1);
  if (operation.op === 'decrement') return decrementAmount(operation.by ?? 1);
  return 0n;
}

/** @throws PredisError BAD_BATCH when keys or values together pass 4 GiB - 1 */
export function encodeOperations(batch: readonly Operation[]): EncodedBatch {
  const refused = new Map<number, PredisError>();
  const operations: Operation[] = [];
  const keys: Bytes[] = [];
  const values: Bytes[] = [];
  const amounts: bigint[] = [];
  for (const [index, operation] of batch.entries()) {
    try {
      amounts.push(checkedAmount(operation));
    } catch (error) {
      if (!(error instanceof PredisError)) throw error;
      refused.set(index, error);
      continue;
    }
    operations.push(operation);
    keys.push(operation.key);
    values.push(operation.op === 'put' ? operation.value : '');
  }
  return {
    kinds: Uint8Array.from(operations, (operation) => kindOf[operation.op]),
    keys: pack(keys),
    values: pack(values),
    amounts: BigInt64Array.from(amounts),
    refused,
    operations,
  };
}

/** The results in the order of the batch that was encoded. */
export function decodeResults(batch: EncodedBatch, results: NativeResults): OperationResult[] {
  const [statuses, numbers, blob, offsets, found] = results;
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);

  const valueOf = (operation: Operation, i: number): OperationValue => {
    switch (operation.op) {
      case 'get':
        return found[i] === 1 ? bytes.toString('utf8', offsets[i], offsets[i + 1]) : null;
      case 'getBuffer':
        return found[i] === 1 ? bytes.subarray(offsets[i], offsets[i + 1]) : null;
      case 'put':
        return undefined;
      case 'delete':
        return statuses[i] === 0;
      case 'increment':
      case 'decrement':
        return numbers[i];
    }
  };

  const answered = batch.operations.map((operation, i): OperationResult => {
    const failure = failureOfStatus(statuses[i] ?? -1);
    return failure === null
      ? { ok: true, value: valueOf(operation, i) }
      : { ok: false, error: new PredisError(failure) };
  });
  if (batch.refused.size === 0) return answered;
  const ordered: OperationResult[] = [];
  const rest = answered.values();
  for (let i = 0; i < answered.length + batch.refused.size; i++) {
    const error = batch.refused.get(i);
    const next = error === undefined ? rest.next().value : ({ ok: false, error } as const);
    if (next !== undefined) ordered.push(next);
  }
  return ordered;
}
