/**
 * predis-bench as a library: the Predis client, and what it takes to define a workload. The statistics are a module of their
 * own, `predis-bench/stats`.
 */
export * from './predis/index.js';
export type {
  KeySpace,
  OperationStream,
  ParameterSpec,
  Parameters,
  Workload,
  WorkloadCase,
} from './workloads/workload.js';
export { OperationKind, NO_PREFETCH } from './workloads/workload.js';
export { defineConfig } from './cli/config/define.js';
export type { BenchConfig, SuiteConfig, SuiteOptions } from './cli/config/schema.js';
export { StreamBuilder } from './workloads/stream-builder.js';
