/**
 * The result file, version 2: the one source of its TypeScript types and of the published JSON Schema
 * (`schema/result.schema.json`, written by `scripts/generate-schema.mjs`; a test holds the two together).
 *
 * The file holds what was measured and what a reader needs to judge it. Verdicts are derived by `analysis/`, never stored.
 * Units stand in the names; latencies are nanoseconds, memory is bytes, rates are per second.
 */
import Type, { type Static, type TSchema } from 'typebox';

/** Raised when a reader of older files could misread newer ones. */
export const SCHEMA_VERSION = 2;
export const RESULT_FORMAT = 'predis-bench-result';

const closed = <P extends Record<string, TSchema>>(properties: P, description?: string) =>
  Type.Object(properties, {
    additionalProperties: false,
    ...(description === undefined ? {} : { description }),
  });
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const count = (description?: string) =>
  Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    ...(description === undefined ? {} : { description }),
  });
const amount = (description?: string) =>
  Type.Number({ minimum: 0, ...(description === undefined ? {} : { description }) });
const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const time = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' });

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

export const ArrivalFactsSchema = closed(
  {
    ratePerSecond: amount('Operations that fall due in a second, on average over one pass of the stream'),
    requestsPerSecond: amount(),
    periodNs: amount('Length of one pass; the arrivals then begin again'),
  },
  "Open loop: when the stream's requests fall due. The intended starts are part of the stream's SHA-256",
);

export const CasePlanSchema = closed(
  {
    id: Type.String({ minLength: 1, description: '<workload> or <workload>/<case>' }),
    workload: Type.String({ minLength: 1 }),
    label: Type.String(),
    summary: Type.String(),
    derivedFrom: Type.String(),
    parameters: Type.Record(Type.String(), Type.Union([Type.Number(), Type.Array(Type.Number())])),
    stream: StreamFactsSchema,
    arrivals: Type.Optional(ArrivalFactsSchema),
    blocks: Type.Array(Type.Array(Type.String()), {
      description: 'Contender ids in the order of the trials, one inner list a block (mirrored: A B B A)',
    }),
  },
  'One stream that every contender replays',
);

export const MetricSchema = Type.Union([
  Type.Literal('throughput'),
  Type.Literal('latencyP50'),
  Type.Literal('latencyP95'),
  Type.Literal('latencyP99'),
  Type.Literal('memory'),
  Type.Literal('capacityRate'),
  Type.Literal('capacityClients'),
]);

export const ComparisonPlanSchema = closed(
  {
    caseId: Type.String(),
    metric: MetricSchema,
    baseline: Type.String({ description: 'Contender id' }),
    candidate: Type.String({ description: 'Contender id' }),
  },
  'Declared before the first trial; the family that Holm corrects over',
);

export const OpenLoopSchema = closed(
  {
    arrivals: Type.Union([Type.Literal('constant'), Type.Literal('poisson'), Type.Literal('schedule')]),
    ratePerSecond: nullable(amount('Operations a second, as asked for; null: as the schedule has it')),
    timeScale: Type.Number({ exclusiveMinimum: 0, description: 'How many times faster a schedule runs' }),
    maxInFlight: Type.Integer({
      minimum: 1,
      description: 'Requests in flight on each connection; what falls due beyond waits, and is late',
    }),
    lateAfterMs: amount('A request that starts later than this after its intended start counts as late'),
    drainMs: amount(
      'How long after the window requests that fell due inside it are still sent; the rest is dropped',
    ),
  },
  'Open loop: requests are sent when they fall due, whatever the engine does',
);

export const ObjectiveSchema = closed(
  {
    text: Type.String({ description: "As given, e.g. 'p99<5ms'" }),
    statistic: Type.Union([
      Type.Literal('p50'),
      Type.Literal('p90'),
      Type.Literal('p95'),
      Type.Literal('p99'),
      Type.Literal('p999'),
      Type.Literal('p9999'),
      Type.Literal('max'),
    ]),
    limitNs: Type.Number({ exclusiveMinimum: 0 }),
  },
  'A latency objective: it holds when the latency from the intended start is below the limit, in a trial that is not saturated',
);

export const CapacitySearchSchema = closed(
  {
    objective: ObjectiveSchema,
    search: Type.Union([Type.Literal('rate'), Type.Literal('clients')], {
      description: "What grows: operations a second, or connections that each ask 'clientRatePerSecond'",
    }),
    clientRatePerSecond: nullable(
      amount('Operations a second of each client; null when the rate is searched'),
    ),
    from: amount('Lowest load tried'),
    to: amount('Highest load tried'),
    growth: Type.Number({ exclusiveMinimum: 1, description: 'From one load to the next until one fails' }),
    resolution: Type.Number({
      exclusiveMinimum: 1,
      description: 'Bisection ends when failed/held is not above this',
    }),
    attempts: Type.Integer({ minimum: 1, description: 'A load fails when it misses so many times in a row' }),
  },
  'Each trial is one search for the highest load at which the objective holds; the rule is fixed here',
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
  contenders: Type.Array(ContenderSchema, { minItems: 1 }),
  cases: Type.Array(CasePlanSchema),
  comparisons: Type.Array(ComparisonPlanSchema),
});

export const EngineFactsSchema = closed(
  {
    name: Type.String(),
    version: Type.String(),
    boundary: BoundarySchema,
    synchronous: Type.Boolean(),
    managed: Type.Boolean(),
    settings: Type.Record(Type.String(), scalar),
  },
  'What the engine said about itself when it ran',
);

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
});

export const LatencySchema = closed(
  {
    count: count('Requests recorded'),
    minNs: amount(),
    meanNs: amount(),
    p50Ns: amount(),
    p90Ns: amount(),
    p95Ns: amount(),
    p99Ns: amount(),
    p999Ns: amount(),
    p9999Ns: amount(),
    maxNs: amount(),
    histogram: Type.String({
      description: 'HdrHistogram V2, deflated, base64; nanoseconds, 3 significant digits',
    }),
  },
  'Time from the start of a request to its complete answer, in open loop from its intended start; a batch is one request',
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

export const TrialOpenLoopSchema = closed(
  {
    offeredRequests: count('Requests that fell due inside the window'),
    offeredOperations: count(),
    offeredPerSecond: amount('Operations that fell due inside the window, over its length'),
    achievedPerSecond: amount(
      'Operations answered, over the time from the start of the window to the last answer',
    ),
    droppedRequests: count(
      'Fell due inside the window and were not sent before plan.openLoop.drainMs had passed',
    ),
    lateRequests: count('Started more than plan.openLoop.lateAfterMs after their intended start'),
    largestInFlight: count('Most requests in flight at once, in one worker'),
    drainNs: amount('From the end of the window to the last answer'),
    saturated: Type.Boolean({
      description:
        'Requests were dropped, or the last answer came later after the end of the window than 2 % of its length (10 ms at least)',
    }),
    serviceTime: LatencySchema,
    startDelay: LatencySchema,
    generatorLag: LatencySchema,
  },
  'Open loop only. latency = startDelay + serviceTime: from intended to real start, and from there to the answer. generatorLag is the part of the start delay that is not waiting for the engine: how late the generator itself was',
);

export const CapacityProbeSchema = closed({
  load: amount('Operations a second, or clients'),
  held: Type.Boolean(),
  latencyNs: amount('Of the statistic that the objective names'),
  offeredPerSecond: amount(),
  achievedPerSecond: amount(),
  saturated: Type.Boolean(),
});

export const TrialCapacitySchema = closed(
  {
    held: amount('Highest load at which the objective held; 0: at none'),
    failed: nullable(amount('Lowest load at which it failed; null: at none')),
    probes: Type.Array(CapacityProbeSchema, { minItems: 1, description: 'In the order in which they ran' }),
  },
  'Capacity search only; the other measurements are those of the highest load that held, or of the lowest tried',
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
  memoryBytes: amount('Taken by our data after the window'),
  loadMs: amount('Loading the fresh state, before the window'),
  client: closed({
    cpuUserMs: amount(),
    cpuSystemMs: amount(),
    eventLoopUtilization: Type.Number({ minimum: 0, maximum: 1, description: 'Mean over the workers' }),
  }),
  gpu: Type.Optional(TrialGpuSchema),
  openLoop: Type.Optional(TrialOpenLoopSchema),
  capacity: Type.Optional(TrialCapacitySchema),
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
    engines: Type.Record(Type.String(), EngineFactsSchema, { description: 'By contender id' }),
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
export type Plan = Static<typeof PlanSchema>;
export type EngineFacts = Static<typeof EngineFactsSchema>;
export type GpuFacts = Static<typeof GpuFactsSchema>;
export type GpuWork = Static<typeof GpuWorkSchema>;
export type GpuSeries = Static<typeof GpuSeriesSchema>;
export type TrialGpu = Static<typeof TrialGpuSchema>;
export type OpenLoopPlan = Static<typeof OpenLoopSchema>;
export type Objective = Static<typeof ObjectiveSchema>;
export type CapacitySearch = Static<typeof CapacitySearchSchema>;
export type CapacityProbe = Static<typeof CapacityProbeSchema>;
export type TrialCapacity = Static<typeof TrialCapacitySchema>;
export type TrialOpenLoop = Static<typeof TrialOpenLoopSchema>;
export type Environment = Static<typeof EnvironmentSchema>;
export type LatencyRecord = Static<typeof LatencySchema>;
export type Correctness = Static<typeof CorrectnessSchema>;
export type TrialMeasurements = Static<typeof TrialMeasurementsSchema>;
export type Trial = Static<typeof TrialSchema>;
export type MeasuredTrial = Extract<Trial, { state: 'measured' }>;
export type ResultFile = Static<typeof ResultFileSchema>;
