/** The workloads room: what is asked. */
export * from './workload.js';
export { findWorkload, workloads, workloadsWithInput } from './registry.js';
export {
  describeRange,
  listParameter,
  numberParameter,
  resolveParameters,
  type GivenValue,
} from './parameters.js';
export { describeStream, hashStream, validateStream, type StreamDescription } from './stream.js';
export { StreamBuilder, type StreamExtras } from './stream-builder.js';
