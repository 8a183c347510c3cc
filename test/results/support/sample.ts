import { createHistogram, encodeHistogram } from '../../../src/results/histogram.js';
import { RESULT_FORMAT, SCHEMA_VERSION, type Plan, type Trial } from '../../../src/results/schema.js';
import type { ResultHead } from '../../../src/results/writer.js';

const contenderFacts = { boundary: 'api', pipelineDepth: 1, settings: {} } as const;

export const plan: Plan = {
  seed: 1,
  quick: false,
  blocksPerCase: 2,
  warmupMs: 1,
  windowMs: 10,
  workers: 1,
  connections: 1,
  verifyEvery: 16,
  loadModel: 'closed',
  alpha: 0.001,
  confidence: 0.95,
  contenders: [
    { id: 'redis', label: 'Redis', engine: 'redis', ...contenderFacts },
    { id: 'predis', label: 'Predis', engine: 'predis', ...contenderFacts },
  ],
  cases: [
    {
      id: 'basic',
      workload: 'basic',
      label: 'put, then get',
      summary: '',
      derivedFrom: '',
      parameters: { keys: 10, sizes: [1, 2] },
      stream: {
        sha256: 'a'.repeat(64),
        operations: 20,
        requests: 20,
        reads: 10,
        writes: 10,
        keys: 10,
        meanKeyBytes: 4,
        meanValueBytes: 10,
        maxValueBytes: 10,
        distinctKeysRead: 10,
        hottestKeyShare: 0.1,
        prefetchHints: 0,
      },
      blocks: [
        ['redis', 'predis', 'predis', 'redis'],
        ['predis', 'redis', 'redis', 'predis'],
      ],
    },
  ],
  comparisons: [{ caseId: 'basic', metric: 'throughput', baseline: 'redis', candidate: 'predis' }],
};

export const head: ResultHead = {
  format: RESULT_FORMAT,
  schemaVersion: SCHEMA_VERSION,
  id: '00000000-0000',
  createdAt: '2026-01-02T03:04:05.000Z',
  tool: { version: '0.1.0', commit: null, dirty: null },
  command: ['run', 'basic'],
  plan,
  environment: {
    fingerprint: '0123456789abcdef',
    cpuModel: 'CPU',
    logicalCpus: 2,
    memoryBytes: 2 ** 32,
    architecture: 'x86_64',
    platform: 'linux',
    kernel: '6',
    distribution: null,
    virtualisation: null,
    cpuGovernor: null,
    transparentHugePages: null,
    gpu: null,
    nodeVersion: '20.0.0',
    v8Version: '11',
    loadAverage1m: 0,
    clockResolutionNs: 1,
    clockOverheadNs: 40,
  },
  engines: {},
};

/** The trial at a place of the plan, measured. */
export function measuredTrial(block: number, position: number): Extract<Trial, { state: 'measured' }> {
  const histogram = createHistogram();
  for (let latencyNs = 100; latencyNs < 110; latencyNs++) histogram.recordValue(latencyNs);
  const all = {
    count: 10,
    minNs: 100,
    meanNs: 104.5,
    p50Ns: 104,
    p90Ns: 108,
    p95Ns: 109,
    p99Ns: 109,
    p999Ns: 109,
    p9999Ns: 109,
    maxNs: 109,
    histogram: encodeHistogram(histogram),
  };
  return {
    caseId: 'basic',
    contender: plan.cases[0]?.blocks[block]?.[position] ?? '',
    block,
    position,
    startedAt: '2026-01-02T03:04:06.000Z',
    state: 'measured',
    correctness: { readsVerified: 1, readBackKeys: 10, misses: 0, errors: 0, wrong: 0, examples: [] },
    measurements: {
      windowNs: 1e7,
      operations: 10,
      requests: 10,
      throughputPerSecond: 1000,
      latency: { all, read: all, write: null },
      intervalMs: 1,
      intervalOperations: [5, 5],
      memoryBytes: 1000,
      loadMs: 1,
      client: { cpuUserMs: 1, cpuSystemMs: 0, eventLoopUtilization: 1 },
    },
  };
}
