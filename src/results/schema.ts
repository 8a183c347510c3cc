/**
 * The result file, version 2: the one source of its TypeScript types and of the published JSON Schema
 * (`schema/result.schema.json`, written by `scripts/generate-schema.mjs`; a test holds the two together).
 *
 * The file holds what was measured and what a reader needs to judge it. Verdicts are derived by `analysis/`, never stored.
 * Units stand in the names; latencies are nanoseconds, memory is bytes, rates are per second.
 */
import type { Static } from 'typebox';
import { Type } from '../support/json-schema.js';
import { ConfigurationSchema, DisclosureSchema, TrialConditionsSchema } from './schema-disclosure.js';
import { EnvironmentSchema } from './schema-environment.js';
import type { CapacityProbeSchema, ObjectiveSchema } from './schema-load.js';
import {
  ArrivalFactsSchema,
  CapacitySearchSchema,
  LatencySchema,
  OpenLoopSchema,
  TrialCapacitySchema,
  TrialOpenLoopSchema,
} from './schema-load.js';
import { ComparisonPlanSchema, ControlPlanSchema, type MetricSchema } from './schema-comparisons.js';
import { LookSchema, StoppingSchema } from './schema-stopping.js';
import { amount, closed, count, nullable, scalar, sha256, time } from './schema-parts.js';

export {
  declarations,
  type DeclarationName,
  type Disclosure,
  type EngineConfiguration,
  type Host,
  type TrialConditions,
} from './schema-disclosure.js';
export { EnvironmentSchema, GpuFactsSchema, type Environment, type GpuFacts } from './schema-environment.js';

/** Raised when a reader of older files could misread newer ones. */
export const SCHEMA_VERSION = 2;
export const RESULT_FORMAT = 'predis-bench-result';

export const BoundarySchema = Type.Union(
  [Type.Literal('device'), Type.Literal('packed'), Type.Literal('api'), Type.Literal('socket')],
  { description: 'What a number includes: see docs/methodology.md' },
);

export const ContenderSchema = closed(
  {
    id: Type.String({ minLength: 1 }),
    label: Type.String(),
    engine: Type.String({ description: "'redis', 'predis', …" }),
    boundary: BoundarySchema,
    pipelineDepth: Type.Integer({ minimum: 1, description: 'Requests in flight on each connection' }),
    settings: Type.Record(Type.String(), scalar, {
      description: 'Asked for, without secrets and without addresses',
    }),
    floor: Type.Optional(
      Type.Literal(true, {
        description: 'It answers without storing: not verified, and nothing is compared with it',
      }),
    ),
  },
  'One of the things compared',
);

export const StreamFactsSchema = closed({
  sha256,
  operations: count(),
  requests: count(),
  reads: count(),
  writes: count(),
  keys: count(),
  meanKeyBytes: amount(),
  meanValueBytes: amount(),
  maxValueBytes: count(),
  distinctKeysRead: count(),
  hottestKeyShare: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'Share of operations on the hottest key',
  }),
  prefetchHints: count(),
});

const CaseClientsSchema = closed(
  { workers: Type.Integer({ minimum: 1 }), connections: Type.Integer({ minimum: 1 }) },
  "Only where the case sets its own number of clients, in place of the run's; latency then runs from when one may ask",
);
/** A contender of the run that does not take this case. */
const RefusalSchema = closed({ contender: Type.String(), reason: Type.String() });

export const InputFactsSchema = closed(
  {
    file: Type.String({ description: 'Name without folder' }),
    bytes: count('Of the file as it is'),
    sha256,
    format: Type.String({ description: "'cache2k', 'arc', …: see docs/traces.md" }),
    compression: Type.String({ description: "'none', 'gzip', 'brotli' or 'zstd'" }),
    accesses: count('Accesses taken from the file; a request for several keys is several'),
    requests: count(),
    keys: count('Different keys among them; 0 for a trace of arrivals alone'),
    complete: Type.Boolean({ description: 'False: a limit was met before the end of the file' }),
    timed: Type.Boolean({ description: 'Whether the requests have times' }),
    skew: Type.Union([
      closed(
        {
          hottestKeyShare: Type.Number({
            minimum: 0,
            maximum: 1,
            description: 'Of the accesses, to the hottest key',
          }),
          hottestPercentShare: Type.Number({
            minimum: 0,
            maximum: 1,
            description: 'Of the accesses, to the hottest hundredth of the keys',
          }),
          onceAccessedKeyShare: Type.Number({
            minimum: 0,
            maximum: 1,
            description: 'Of the keys, accessed once',
          }),
        },
        'How unevenly the accesses fall on the keys',
      ),
      Type.Null({ description: 'A trace of arrivals alone' }),
    ]),
  },
  'The recorded trace that a case replays',
);

export const CasePlanSchema = closed(
  {
    id: Type.String({ minLength: 1, description: '<workload> or <workload>/<case>' }),
    workload: Type.String({ minLength: 1 }),
    label: Type.String(),
    summary: Type.String(),
    derivedFrom: Type.String(),
    parameters: Type.Record(Type.String(), Type.Union([Type.Number(), Type.Array(Type.Number())])),
    input: Type.Optional(InputFactsSchema),
    stream: StreamFactsSchema,
    arrivals: Type.Optional(ArrivalFactsSchema),
    clients: Type.Optional(CaseClientsSchema),
    refusals: Type.Optional(Type.Array(RefusalSchema)),
    blocks: Type.Array(Type.Array(Type.String()), {
      description: 'Contender ids in the order of the trials, one inner list a block (mirrored: A B B A)',
    }),
  },
  'One stream that every contender replays',
);

export const PlanSchema = closed({
  seed: count('Of streams and of the order of trials'),
  quick: Type.Boolean({ description: 'Too few trials for small p-values, on purpose' }),
  blocksPerCase: Type.Integer({ minimum: 1 }),
  warmupMs: amount(),
  windowMs: amount('Length of the measured window of one trial'),
  workers: Type.Integer({ minimum: 1, description: 'Threads that drive' }),
  connections: Type.Integer({ minimum: 1, description: 'Lanes (connections) in each worker' }),
  verifyEvery: Type.Integer({
    minimum: 1,
    description: 'One read in this many is verified inside the window',
  }),
  loadModel: Type.Union([Type.Literal('closed'), Type.Literal('open')], {
    description: "'closed': the next request when one is answered; 'open': when it falls due, see openLoop",
  }),
  openLoop: Type.Optional(OpenLoopSchema),
  capacity: Type.Optional(CapacitySearchSchema),
  alpha: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
  confidence: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
  stopping: Type.Optional(StoppingSchema),
  margin: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description: 'The difference that does not matter, as a fraction; absent: none was declared',
    }),
  ),
  contenders: Type.Array(ContenderSchema, { minItems: 1 }),
  cases: Type.Array(CasePlanSchema),
  comparisons: Type.Array(ComparisonPlanSchema),
  control: Type.Optional(
    Type.Union([ControlPlanSchema, Type.Null()], {
      description: 'null: switched off; absent: of a version that had none',
    }),
  ),
});

export const EngineFactsSchema = closed(
  {
    name: Type.String(),
    version: Type.String(),
    boundary: BoundarySchema,
    synchronous: Type.Boolean(),
    managed: Type.Boolean(),
    settings: Type.Record(Type.String(), scalar),
    configuration: Type.Optional(ConfigurationSchema),
  },
  'What the engine said about itself when it ran',
);

export const CorrectnessSchema = closed({
  readsVerified: count('Values checked in full inside the window'),
  readBackKeys: count('Keys read back and checked after the window: all of them'),
  misses: count('Reads inside the window that found no value'),
  errors: count('Requests that the engine answered with an error'),
  wrong: count('Values that were not what was written'),
  examples: Type.Array(Type.String(), { maxItems: 5, description: 'The first wrong values, for people' }),
});

/** What the driver tells of a GPU at one moment, in the order in which the addon gives it. */
export const gpuReadingNames = [
  'smClockMhz',
  'memoryClockMhz',
  'utilizationPercent',
  'memoryUtilizationPercent',
  'memoryUsedBytes',
  'powerWatts',
  'temperatureCelsius',
  'pcieGeneration',
  'pcieLanes',
] as const;
export type GpuReadingName = (typeof gpuReadingNames)[number];

const GpuSeriesSchema = closed(
  {
    min: amount(),
    mean: amount(),
    max: amount(),
    values: Type.Array(nullable(amount()), { description: 'One for each of readAtMs; null: not told' }),
  },
  'One kind of reading over the window',
);

export const GpuWorkSchema = closed(
  {
    hotCacheHits: count('Gets answered from the host-side cache, without the device'),
    mailboxCalls: count(),
    directCalls: count(),
    packedCalls: count(),
    deviceCalls: count(),
    timedCalls: count('Calls that the device timed, a sample; the times below are their sums'),
    kernelNs: count(),
    toDeviceNs: count(),
    fromDeviceNs: count(),
    totalNs: count('From first to last event; less than the parts together where they overlap'),
    pinnedBytes: count('Page-locked host memory of the engine, at the end'),
  },
  'What the engine gave the device to do, over warm-up and window',
);

export const TrialGpuSchema = closed(
  {
    readingsAbsent: nullable(Type.String({ description: 'Why there are no readings; null: there are' })),
    readAtMs: Type.Array(amount(), { description: 'Since the window began' }),
    readings: closed(
      Object.fromEntries(gpuReadingNames.map((name) => [name, nullable(GpuSeriesSchema)])) as Record<
        GpuReadingName,
        ReturnType<typeof nullable<typeof GpuSeriesSchema>>
      >,
    ),
    work: GpuWorkSchema,
  },
  'The GPU during the trial; only where the engine ran on one',
);

export const TrialEnergySchema = closed(
  {
    packages: Type.Integer({ minimum: 1, description: 'Processor packages whose counters were read' }),
    packageJoules: amount('Used by all of them inside the window, whatever ran on them'),
  },
  'From the energy counters of the processor (powercap, RAPL); absent where they cannot be read',
);

export const TrialMeasurementsSchema = closed({
  windowNs: amount('First start to last end'),
  operations: count(),
  requests: count(),
  throughputPerSecond: amount('Operations, each key of a batch counted'),
  latency: closed({
    all: LatencySchema,
    read: nullable(LatencySchema),
    write: nullable(LatencySchema),
  }),
  intervalMs: amount(),
  intervalOperations: Type.Array(count(), {
    description: 'Operations completed in each interval of the window',
  }),
  intervalLatencies: Type.Optional(
    Type.String({
      description:
        'Latencies of the requests completed in each interval, in buckets of four to a power of two; base64 of a deflated table: see docs/result-file.md',
    }),
  ),
  memoryBytes: amount('Taken by our data after the window'),
  loadMs: amount('Loading the fresh state, before the window'),
  client: closed({
    cpuUserMs: amount(),
    cpuSystemMs: amount(),
    eventLoopUtilization: Type.Number({ minimum: 0, maximum: 1, description: 'Mean over the workers' }),
    gcPauses: Type.Optional(count('Garbage collections of all workers')),
    gcMs: Type.Optional(amount('Their time together')),
  }),
  gpu: Type.Optional(TrialGpuSchema),
  energy: Type.Optional(TrialEnergySchema),
  openLoop: Type.Optional(TrialOpenLoopSchema),
  capacity: Type.Optional(TrialCapacitySchema),
  conditions: Type.Optional(TrialConditionsSchema),
});

const trialIdentity = {
  caseId: Type.String(),
  contender: Type.String(),
  block: count('Index of the ABBA block'),
  position: count('Place within the block'),
  startedAt: time,
};

export const TrialSchema = Type.Union(
  [
    closed({
      ...trialIdentity,
      state: Type.Literal('measured'),
      correctness: CorrectnessSchema,
      measurements: TrialMeasurementsSchema,
    }),
    closed({
      ...trialIdentity,
      state: Type.Literal('void', {
        description: 'A value was wrong: the numbers are kept out of everything',
      }),
      reason: Type.String(),
      correctness: CorrectnessSchema,
    }),
    closed({
      ...trialIdentity,
      state: Type.Literal('failed', { description: 'The engine or the driver failed' }),
      reason: Type.String(),
    }),
  ],
  { description: 'One engine, one stream, fresh state, warm-up, one window: the unit of all inference' },
);

export const CeilingSchema = closed(
  {
    caseId: Type.String(),
    contender: Type.String(),
    program: Type.String(),
    version: nullable(Type.String()),
    absent: nullable(Type.String({ description: 'Why there are no runs; null: there are' })),
    startedAt: time,
    clients: count(),
    pipelineDepth: count(),
    keys: count(),
    valueBytes: count(),
    runs: Type.Array(
      closed({
        kind: Type.Union([
          Type.Literal('get'),
          Type.Literal('put'),
          Type.Literal('delete'),
          Type.Literal('increment'),
          Type.Literal('mget'),
          Type.Literal('mput'),
        ]),
        keysPerRequest: Type.Integer({ minimum: 1 }),
        requestsInStream: count('Requests of this kind in the stream of the case'),
        requestsPerSecond: Type.Number({ exclusiveMinimum: 0 }),
        command: Type.String({ description: 'As run, without addresses and without the values' }),
      }),
    ),
  },
  "What a load generator of the engine's own makers reached on the shape of a case: one run, beside the trials",
);

export const ResultFileSchema = closed(
  {
    format: Type.Literal(RESULT_FORMAT),
    schemaVersion: Type.Literal(SCHEMA_VERSION),
    id: Type.String({ minLength: 8 }),
    status: Type.Union([Type.Literal('running'), Type.Literal('complete'), Type.Literal('interrupted')], {
      description: "'running' also after a crash: predis-bench run --resume goes on",
    }),
    createdAt: time,
    updatedAt: time,
    tool: closed({
      version: Type.String(),
      commit: nullable(Type.String()),
      dirty: nullable(Type.Boolean()),
    }),
    command: Type.Array(Type.String(), { description: 'As typed, without secrets' }),
    plan: PlanSchema,
    environment: EnvironmentSchema,
    disclosure: Type.Optional(DisclosureSchema),
    engines: Type.Record(Type.String(), EngineFactsSchema, { description: 'By contender id' }),
    ceilings: Type.Optional(Type.Array(CeilingSchema)),
    looks: Type.Optional(Type.Array(LookSchema)),
    trials: Type.Array(TrialSchema),
  },
  'Result file of predis-bench',
);

export type Boundary = Static<typeof BoundarySchema>;
export type Metric = Static<typeof MetricSchema>;
export type Contender = Static<typeof ContenderSchema>;
export type StreamFacts = Static<typeof StreamFactsSchema>;
export type ArrivalFacts = Static<typeof ArrivalFactsSchema>;
export type CasePlan = Static<typeof CasePlanSchema>;
export type ComparisonPlan = Static<typeof ComparisonPlanSchema>;
export type ControlPlan = Static<typeof ControlPlanSchema>;
export type Plan = Static<typeof PlanSchema>;
export type EngineFacts = Static<typeof EngineFactsSchema>;
export type GpuWork = Static<typeof GpuWorkSchema>;
export type GpuSeries = Static<typeof GpuSeriesSchema>;
export type TrialEnergy = Static<typeof TrialEnergySchema>;
export type TrialGpu = Static<typeof TrialGpuSchema>;
export type OpenLoopPlan = Static<typeof OpenLoopSchema>;
export type Objective = Static<typeof ObjectiveSchema>;
export type CapacitySearch = Static<typeof CapacitySearchSchema>;
export type CapacityProbe = Static<typeof CapacityProbeSchema>;
export type TrialCapacity = Static<typeof TrialCapacitySchema>;
export type TrialOpenLoop = Static<typeof TrialOpenLoopSchema>;
export type LatencyRecord = Static<typeof LatencySchema>;
export type Correctness = Static<typeof CorrectnessSchema>;
export type TrialMeasurements = Static<typeof TrialMeasurementsSchema>;
export type Look = Static<typeof LookSchema>;
export type Ceiling = Static<typeof CeilingSchema>;
export type Trial = Static<typeof TrialSchema>;
export type MeasuredTrial = Extract<Trial, { state: 'measured' }>;
export type ResultFile = Static<typeof ResultFileSchema>;
