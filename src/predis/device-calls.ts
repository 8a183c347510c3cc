import { list } from './arguments.js';
import { BatchCalls } from './batch-calls.js';
import { isLarge, isLargePacked } from './batches.js';
import { DeviceBuffer } from './device-buffer.js';
import { PredisError } from './errors.js';
import type { NativeAddon, NativeDeviceMemory } from './native.js';
import type { Key } from './options.js';
import { JoinedText, type PackedBatch, pack } from './packed.js';

/** Entry of a delivered batch's lengths that stands for a missing key. */
export const missingValue = 0xffff_ffff;

/** Where and how a batch is delivered. */
export interface DeliveryOptions {
  /**
   * Bytes from one value to the next: value `i` begins at `offsetBytes + i * strideBytes`. A longer value is cut there, and its
   * length, which is larger than the stride, says so. 1 to 512 MiB; multiples of 16 are the fastest.
   */
  readonly strideBytes: number;
  /** First byte of the batch in the buffer; 0 by default. */
  readonly offsetBytes?: number;
}

const joinedKeys = new JoinedText();

/** The calls of a client whose values stay in GPU memory. */
export class DeviceCalls extends BatchCalls {
  /**
   * GPU memory of this client's engine, zeroed, and not counted in its memory limit. It may outlive the client.
   *
   * @param bytes 1 and up
   * @throws PredisError NO_DEVICE with the CPU engine, OUT_OF_MEMORY, BAD_ARGUMENT, GPU_FAILED
   */
  allocateDevice(bytes: number): DeviceBuffer {
    return this.now(
      (native, client) => new DeviceBuffer(native, native.allocateDevice(client, bytes), bytes),
    );
  }

  /**
   * Reads many as `mget` does, but the values stay in GPU memory, for consumers there: value `i` is written to the buffer at
   * `offsetBytes + i * strideBytes`. What lies behind a shorter value in its row, and in the row of a missing key, is not
   * defined.
   *
   * @param keys strings and bytes, or a packed batch
   * @param buffer of `allocateDevice` of a client of the same engine
   * @returns the length of each value: `missingValue` where there is no key, more than `strideBytes` where it was cut
   * @throws PredisError NO_DEVICE with the CPU engine, BUFFER_TOO_SMALL, BUFFER_FREED, FOREIGN_BUFFER, BAD_ARGUMENT, KEY_EMPTY,
   *   KEY_TOO_LONG, BAD_BATCH, OUT_OF_MEMORY, GPU_FAILED. The buffer is written to by the last two alone.
   */
  mgetToDeviceSync(
    keys: readonly Key[] | PackedBatch,
    buffer: DeviceBuffer,
    options: DeliveryOptions,
  ): Uint32Array {
    return this.now((native, client) => deliverNow(native, client, keys, placeOf(buffer, options)));
  }

  /** The same; a buffer that is freed meanwhile keeps its memory until the batch is done. */
  async mgetToDevice(
    keys: readonly Key[] | PackedBatch,
    buffer: DeviceBuffer,
    options: DeliveryOptions,
  ): Promise<Uint32Array> {
    const place = placeOf(buffer, options);
    const large = isPacked(keys) ? isLargePacked(keys) : isLarge(list(keys));
    if (!large) {
      return this.order.short(() => this.now((native, client) => deliverNow(native, client, keys, place)));
    }
    const { blob, offsets } = isPacked(keys) ? keys : pack(keys);
    return this.later((native, client) => native.mgetToDeviceAsync(client, ...place, blob, offsets));
  }
}

type Place = readonly [memory: NativeDeviceMemory, offsetBytes: number, strideBytes: number];

/** @throws PredisError BAD_ARGUMENT; the numbers themselves are checked by the addon */
function placeOf(buffer: DeviceBuffer, options: DeliveryOptions): Place {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) {
    throw new PredisError('BAD_ARGUMENT', 'a delivery wants { strideBytes }, the room of one value');
  }
  return [DeviceBuffer.memoryOf(buffer), options.offsetBytes ?? 0, options.strideBytes];
}

function isPacked(keys: readonly Key[] | PackedBatch): keys is PackedBatch {
  const given: unknown = keys;
  return typeof given === 'object' && given !== null && 'blob' in given && 'offsets' in given;
}

function deliverNow(
  native: NativeAddon,
  client: number,
  keys: readonly Key[] | PackedBatch,
  place: Place,
): Uint32Array {
  if (isPacked(keys)) return native.mgetToDevice(client, ...place, keys.blob, keys.offsets);
  if (joinedKeys.join(list(keys))) {
    const lengths = native.mgetStringsToDevice(client, ...place, joinedKeys.text, joinedKeys.offsets);
    if (lengths !== undefined) return lengths;
  }
  const { blob, offsets } = pack(keys);
  return native.mgetToDevice(client, ...place, blob, offsets);
}
