/** The machine, as the result file describes it. */
import type { Static } from 'typebox';
import { Type } from '../support/json-schema.js';
import { HostSchema } from './schema-disclosure.js';
import { amount, closed, count, nullable } from './schema-parts.js';

export const GpuFactsSchema = closed(
  {
    name: Type.String(),
    uuid: nullable(Type.String()),
    driverVersion: nullable(Type.String()),
    memoryBytes: nullable(count()),
    computeCapability: nullable(Type.String({ description: "As 'major.minor'" })),
    multiprocessors: nullable(count()),
    l2Bytes: nullable(count()),
    cudaDriver: nullable(Type.String({ description: 'Newest CUDA that the driver supports' })),
    cudaRuntime: nullable(Type.String({ description: 'CUDA that the engine was built with' })),
    pcieMaxGeneration: nullable(count('Of device and slot together')),
    pcieMaxLanes: nullable(count()),
    powerLimitWatts: nullable(amount()),
    readingsAbsent: nullable(
      Type.String({ description: "Why the driver's own figures are missing; null: they are not" }),
    ),
  },
  'A GPU; null stands for what is not known, never for a guess',
);

export const EnvironmentSchema = closed({
  fingerprint: Type.String({
    pattern: '^[0-9a-f]{16}$',
    description: 'Of the hardware facts below: results compare within one only',
  }),
  cpuModel: Type.String(),
  logicalCpus: Type.Integer({ minimum: 1 }),
  memoryBytes: count(),
  architecture: Type.String(),
  platform: Type.String(),
  kernel: Type.String(),
  distribution: nullable(Type.String()),
  virtualisation: nullable(Type.String({ description: 'null: not disclosed by the machine' })),
  cpuGovernor: nullable(Type.String()),
  transparentHugePages: nullable(Type.String()),
  gpu: Type.Union([GpuFactsSchema, Type.Null()], { description: 'null: no GPU was used' }),
  nodeVersion: Type.String(),
  v8Version: Type.String(),
  loadAverage1m: amount('At the start of the run'),
  clockResolutionNs: amount(),
  clockOverheadNs: amount('Cost of one reading of the clock'),
  host: Type.Optional(HostSchema),
});

export type GpuFacts = Static<typeof GpuFactsSchema>;
export type Environment = Static<typeof EnvironmentSchema>;
