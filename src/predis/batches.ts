/**
 * Batches of keys and values over the addon. ASCII strings take a shortcut (see JoinedText); everything else is packed. The
 * `…Now` functions run on this thread, the `…Later` ones on the thread pool.
 */
import { type BatchFailure, PredisError, failureOfStatus } from './errors.js';
import type { NativeAddon, NativeValues } from './native.js';
import { type Bytes, JoinedText, type PackedBatch, type PackedValues, isBytes, pack } from './packed.js';

const noBytes = new Uint8Array(0);
const joinedKeys = new JoinedText();
const joinedValues = new JoinedText();

/** Batches of this many keys, or bytes of keys and values, go to the thread pool: about a millisecond of work. */
const largeKeys = 4096;
const largeBytes = 2 ** 20;

/** True when a batch is large enough to block the event loop noticeably. */
export function isLarge(...parts: readonly (readonly Bytes[])[]): boolean {
  let bytes = 0;
  for (const items of parts) {
    if (items.length >= largeKeys) return true;
    for (const item of items) if (isBytes(item)) bytes += item.length; // what is neither is refused later
  }
  return bytes >= largeBytes;
}

/** The same for packed batches. */
export function isLargePacked(...parts: readonly PackedBatch[]): boolean {
  return parts.some(({ blob, offsets }) => offsets.length > largeKeys || blob.length >= largeBytes);
}

export function mgetNow(native: NativeAddon, client: number, keys: readonly Bytes[]): (string | null)[] {
  if (joinedKeys.join(keys)) {
    const values = native.mgetStrings(client, joinedKeys.text, joinedKeys.offsets);
    if (values !== undefined) return values;
  }
  return native.decodeStrings(...mgetPackedNow(native, client, pack(keys)));
}

/** @param out memory to use again where it is large enough */
export function mgetPackedNow(
  native: NativeAddon,
  client: number,
  keys: PackedBatch,
  out?: PackedValues,
): NativeValues {
  const offsetsNeeded = Math.max(1, keys.offsets.length);
  const offsets =
    out !== undefined && out.offsets.length >= offsetsNeeded ? out.offsets : new Uint32Array(offsetsNeeded);
  const found =
    out !== undefined && out.found.length >= offsetsNeeded - 1
      ? out.found
      : new Uint8Array(offsetsNeeded - 1);
  return [native.mget(client, keys.blob, keys.offsets, out?.blob ?? noBytes, offsets, found), offsets, found];
}

export function mputNow(
  native: NativeAddon,
  client: number,
  keys: readonly Bytes[],
  values: readonly Bytes[],
  expiry?: BigInt64Array,
): void {
  if (joinedKeys.join(keys) && joinedValues.join(values)) {
    const statuses = native.mputStrings(
      client,
      joinedKeys.text,
      joinedKeys.offsets,
      joinedValues.text,
      joinedValues.offsets,
      expiry,
    );
    if (statuses !== undefined) {
      throwIfPartDone(native, client, statuses);
      return;
    }
  }
  mputPackedNow(native, client, pack(keys), pack(values), expiry);
}

export function mputPackedNow(
  native: NativeAddon,
  client: number,
  keys: PackedBatch,
  values: PackedBatch,
  expiry?: BigInt64Array,
): void {
  const statuses = native.mput(client, keys.blob, keys.offsets, values.blob, values.offsets, expiry);
  throwIfPartDone(native, client, statuses);
}

export async function mputPackedLater(
  native: NativeAddon,
  client: number,
  keys: PackedBatch,
  values: PackedBatch,
  expiry?: BigInt64Array,
): Promise<void> {
  const { blob, offsets } = keys;
  const statuses = await native.mputAsync(client, blob, offsets, values.blob, values.offsets, expiry);
  throwIfPartDone(native, client, statuses);
}

export function mdeleteNow(native: NativeAddon, client: number, keys: readonly Bytes[]): number {
  if (joinedKeys.join(keys)) {
    const count = native.mdeleteStrings(client, joinedKeys.text, joinedKeys.offsets);
    if (count !== undefined) return count;
  }
  const { blob, offsets } = pack(keys);
  return native.mdelete(client, blob, offsets);
}

export function prefetchNow(native: NativeAddon, client: number, keys: readonly Bytes[]): void {
  if (joinedKeys.join(keys)) {
    if (native.prefetchStrings(client, joinedKeys.text, joinedKeys.offsets) !== undefined) return;
  }
  const { blob, offsets } = pack(keys);
  native.prefetch(client, blob, offsets);
}

/** Values as Buffers that look into one piece of memory. */
export function toBuffers([blob, offsets, found]: NativeValues): (Buffer | null)[] {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  return Array.from(found, (isThere, i) =>
    isThere === 1 ? bytes.subarray(offsets[i], offsets[i + 1]) : null,
  );
}

function gpuFailure(native: NativeAddon, client: number): string {
  try {
    return native.failure(client);
  } catch {
    return new PredisError('GPU_FAILED').message;
  }
}

/** @throws PredisError that lists the pairs which were not stored */
function throwIfPartDone(native: NativeAddon, client: number, statuses: Uint8Array | null): void {
  if (statuses === null) return;
  const failures: BatchFailure[] = [];
  for (const [index, status] of statuses.entries()) {
    const code = failureOfStatus(status);
    if (code !== null) failures.push({ index, code });
  }
  const [first] = failures;
  if (first === undefined) return;
  const done = statuses.length - failures.length;
  // the client may have disconnected while the batch was under way
  const why = first.code === 'GPU_FAILED' ? gpuFailure(native, client) : new PredisError(first.code).message;
  throw new PredisError(
    first.code,
    `${why} (${String(done)} of ${String(statuses.length)} pairs were stored; the first that was not is number ${String(first.index)})`,
    { index: first.index, failures },
  );
}
