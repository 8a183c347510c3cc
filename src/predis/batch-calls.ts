import { keysAndValues, list } from './arguments.js';
import {
  isLarge,
  isLargePacked,
  mdeleteNow,
  mgetNow,
  mgetPackedNow,
  mputNow,
  mputPackedLater,
  mputPackedNow,
  prefetchNow,
  toBuffers,
} from './batches.js';
import { batchExpiry } from './expiry.js';
import {
  type EncodedBatch,
  type Operation,
  type OperationResult,
  decodeResults,
  encodeOperations,
} from './operations.js';
import type { BatchExpiryOptions, Key, Value } from './options.js';
import { type PackedBatch, type PackedValues, pack } from './packed.js';
import { SingleCalls } from './single-calls.js';

/** The two forms in which an `mput` takes its pairs: keys and values, or pairs of them; then the options. */
type Pairs = readonly Key[] | Iterable<readonly [Key, Value]>;
type ValuesOrOptions = readonly Value[] | BatchExpiryOptions;

/** The calls of a client that concern many keys. */
export class BatchCalls extends SingleCalls {
  /** Values as text in the order of the keys, null for a missing one; all read at one moment. */
  mgetSync(keys: readonly Key[]): (string | null)[] {
    return this.now((native, client) => mgetNow(native, client, list(keys)));
  }

  async mget(keys: readonly Key[]): Promise<(string | null)[]> {
    if (!isLarge(list(keys))) return this.order.short(() => this.mgetSync(keys));
    const { blob, offsets } = pack(keys);
    return this.later(async (native, client) =>
      native.decodeStrings(...(await native.mgetAsync(client, blob, offsets))),
    );
  }

  /** Values as bytes. The Buffers of one call share memory: copy one that is kept for long. */
  mgetBufferSync(keys: readonly Key[]): (Buffer | null)[] {
    return this.now((native, client) => toBuffers(mgetPackedNow(native, client, pack(list(keys)))));
  }

  async mgetBuffer(keys: readonly Key[]): Promise<(Buffer | null)[]> {
    if (!isLarge(list(keys))) return this.order.short(() => this.mgetBufferSync(keys));
    const { blob, offsets } = pack(keys);
    return this.later(async (native, client) => toBuffers(await native.mgetAsync(client, blob, offsets)));
  }

  /**
   * Creates or replaces many, in order: the last of several equal keys wins.
   *
   * @throws PredisError OUT_OF_MEMORY, with the pairs that were not stored in `failures`; all others were
   */
  mputSync(entries: Iterable<readonly [Key, Value]>, options?: BatchExpiryOptions): void;
  mputSync(keys: readonly Key[], values: readonly Value[], options?: BatchExpiryOptions): void;
  mputSync(first: Pairs, second?: ValuesOrOptions, third?: BatchExpiryOptions): void {
    const { keys, values, expiry } = pairsOf(first, second, third);
    this.now((native, client) => {
      mputNow(native, client, keys, values, expiry);
    });
  }

  mput(entries: Iterable<readonly [Key, Value]>, options?: BatchExpiryOptions): Promise<void>;
  mput(keys: readonly Key[], values: readonly Value[], options?: BatchExpiryOptions): Promise<void>;
  async mput(first: Pairs, second?: ValuesOrOptions, third?: BatchExpiryOptions): Promise<void> {
    const { keys, values, expiry } = pairsOf(first, second, third);
    if (!isLarge(keys, values)) {
      return this.order.short(() => {
        this.now((native, client) => {
          mputNow(native, client, keys, values, expiry);
        });
      });
    }
    const [packedKeys, packedValues] = [pack(keys), pack(values)];
    return this.later((native, client) => mputPackedLater(native, client, packedKeys, packedValues, expiry));
  }

  /** Deletes many; returns how many existed (a key that is given twice counts once). */
  mdeleteSync(keys: readonly Key[]): number {
    return this.now((native, client) => mdeleteNow(native, client, list(keys)));
  }

  async mdelete(keys: readonly Key[]): Promise<number> {
    if (!isLarge(list(keys))) return this.order.short(() => this.mdeleteSync(keys));
    const { blob, offsets } = pack(keys);
    return this.later((native, client) => native.mdeleteAsync(client, blob, offsets));
  }

  /**
   * Reads many in packed form, the fastest there is.
   *
   * @param out memory to use again, as an earlier call returned it: what is large enough is written to, what is not is
   *   replaced in the result. Its arrays may end up longer than the batch needs.
   */
  mgetPackedSync(keys: PackedBatch, out?: PackedValues): PackedValues {
    return this.now((native, client) => {
      const [blob, offsets, found] = mgetPackedNow(native, client, keys, out);
      return { blob, offsets, found };
    });
  }

  async mgetPacked(keys: PackedBatch): Promise<PackedValues> {
    if (!isLargePacked(keys)) return this.order.short(() => this.mgetPackedSync(keys));
    return this.later(async (native, client) => {
      const [blob, offsets, found] = await native.mgetAsync(client, keys.blob, keys.offsets);
      return { blob, offsets, found };
    });
  }

  /** As `mputSync`, packed. */
  mputPackedSync(keys: PackedBatch, values: PackedBatch, options?: BatchExpiryOptions): void {
    this.now((native, client) => {
      mputPackedNow(native, client, keys, values, batchExpiry(options, countOf(keys)));
    });
  }

  async mputPacked(keys: PackedBatch, values: PackedBatch, options?: BatchExpiryOptions): Promise<void> {
    if (!isLargePacked(keys, values)) {
      return this.order.short(() => {
        this.mputPackedSync(keys, values, options);
      });
    }
    const expiry = batchExpiry(options, countOf(keys));
    return this.later((native, client) => mputPackedLater(native, client, keys, values, expiry));
  }

  /** As `mdeleteSync`, packed. */
  mdeletePackedSync(keys: PackedBatch): number {
    return this.now((native, client) => native.mdelete(client, keys.blob, keys.offsets));
  }

  async mdeletePacked(keys: PackedBatch): Promise<number> {
    if (!isLargePacked(keys)) return this.order.short(() => this.mdeletePackedSync(keys));
    return this.later((native, client) => native.mdeleteAsync(client, keys.blob, keys.offsets));
  }

  /**
   * Runs a mixed batch in order, as one: its gets see its puts. One bad operation fails alone; results are in the order of
   * the operations.
   */
  executeBatchSync(operations: readonly Operation[]): OperationResult[] {
    return this.now((native, client) => {
      const batch = encodeOperations(list(operations));
      return decodeResults(batch, native.execute(client, ...executeArguments(batch)));
    });
  }

  async executeBatch(operations: readonly Operation[]): Promise<OperationResult[]> {
    const batch = encodeOperations(list(operations));
    if (!isLargePacked(batch.keys, batch.values)) {
      return this.order.short(() => this.executeBatchSync(operations));
    }
    return this.later(async (native, client) =>
      decodeResults(batch, await native.executeAsync(client, ...executeArguments(batch))),
    );
  }

  /** Says that these keys are read soon. Changes nothing but time. */
  prefetchSync(keys: readonly Key[]): void {
    this.now((native, client) => {
      prefetchNow(native, client, list(keys));
    });
  }

  prefetch(keys: readonly Key[]): Promise<void> {
    return this.order.short(() => {
      this.prefetchSync(keys);
    });
  }
}

/** @throws PredisError BAD_ARGUMENT, BAD_BATCH */
function pairsOf(
  first: Pairs,
  second: ValuesOrOptions | undefined,
  third: BatchExpiryOptions | undefined,
): {
  readonly keys: readonly Key[];
  readonly values: readonly Value[];
  readonly expiry: BigInt64Array | undefined;
} {
  const isValues = Array.isArray(second);
  // what is neither a list nor an object is refused as values that are none
  const isOptions = !isValues && typeof second === 'object';
  const values = isOptions ? undefined : (second as readonly Value[] | undefined);
  const options = isOptions ? (second as BatchExpiryOptions) : third;
  const [keys, paired] = keysAndValues(first, values);
  return { keys, values: paired, expiry: batchExpiry(options, keys.length) };
}

function countOf({ offsets }: PackedBatch): number {
  return Math.max(0, offsets.length - 1);
}

function executeArguments({ kinds, keys, values, amounts, expected }: EncodedBatch) {
  return [
    kinds,
    keys.blob,
    keys.offsets,
    values.blob,
    values.offsets,
    amounts,
    expected?.blob,
    expected?.offsets,
  ] as const;
}
