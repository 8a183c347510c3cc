/**
 * Predis: an in-process key-value engine for Node.js, with Redis' semantics where Redis has the command.
 *
 * @packageDocumentation
 */
export { PredisClient } from './client.js';
export { type BatchFailure, PredisError, type PredisErrorCode } from './errors.js';
export type { Operation, OperationResult, OperationValue } from './operations.js';
export { DeviceBuffer } from './device-buffer.js';
export { type DeliveryOptions, missingValue } from './device-calls.js';
export type { PredisDevice, PredisDeviceStats } from './device.js';
export { type Absent, type DriverFacts, type DriverReading, driverFacts, driverReading } from './gpu.js';
export type {
  BatchExpiryOptions,
  Consistency,
  DevicePath,
  EngineChoice,
  Eviction,
  ExpiryOptions,
  Key,
  PredisOptions,
  SharedHandle,
  Value,
} from './options.js';
export {
  type Bytes,
  type PackedBatch,
  type PackedValues,
  maxBatchBytes,
  packStrings,
  unpackStrings,
} from './packed.js';
export type { PredisInfo, PredisStats } from './stats.js';
