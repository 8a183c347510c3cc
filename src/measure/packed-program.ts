import type { PackedCalls } from '../engines/engine.js';
import { packStrings, type PackedBatch, type PackedValues } from '../engines/packed.js';
import { RequestShape, type LaneProgram } from './program.js';

/** The requests of a lane in packed form, made before the window. */
export interface PackedProgram {
  readonly calls: PackedCalls;
  /** Of each request; a request of one key is a batch of one. */
  readonly keys: readonly PackedBatch[];
  /** Of each request that writes; one shared empty batch elsewhere. */
  readonly values: readonly PackedBatch[];
}

const NONE: PackedBatch = packStrings([]);

export function packLane(program: LaneProgram, calls: PackedCalls): PackedProgram {
  const keys = new Array<PackedBatch>(program.requests).fill(NONE);
  const values = new Array<PackedBatch>(program.requests).fill(NONE);
  for (let position = 0; position < program.requests; position++) {
    const shape = program.shape[position];
    const isBatch = shape === RequestShape.mget || shape === RequestShape.mput;
    keys[position] = packStrings(
      isBatch ? (program.batchKeys[position] ?? []) : [program.key[position] ?? ''],
    );
    if (shape === RequestShape.put) values[position] = packStrings([program.value[position] ?? '']);
    if (shape === RequestShape.mput) values[position] = packStrings(program.batchValues[position] ?? []);
  }
  return { calls, keys, values };
}

/** One value as text, or null when it is missing. Values are ASCII. */
export function packedValueAt({ blob, offsets, found }: PackedValues, index: number): string | null {
  if (found[index] !== 1) return null;
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);
  return bytes.toString('latin1', offsets[index], offsets[index + 1]);
}
