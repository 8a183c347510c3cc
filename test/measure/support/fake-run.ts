import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newResultHead } from '../../../src/measure/head.js';
import { makePlan, type PlannedRun, type PlanRequest } from '../../../src/measure/plan.js';
import type { Contender, Environment } from '../../../src/results/schema.js';
import { ResultWriter } from '../../../src/results/writer.js';
import { mixed } from './fake-workload.js';

export function contender(id: string, engine = id, pipelineDepth = 1): Contender {
  return { id, label: id, engine, boundary: 'api', pipelineDepth, settings: {} };
}

export const environment: Environment = {
  fingerprint: '0123456789abcdef',
  cpuModel: 'test',
  logicalCpus: 2,
  memoryBytes: 4 * 2 ** 30,
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
};

export const tool = { version: '0.1.0', commit: null, dirty: null };

/** Two blocks of redis and predis on the `mixed` workload; one lane; 0.3 ms windows of the counting clock. */
export function planned(changes: Partial<PlanRequest> = {}): PlannedRun {
  return makePlan({
    workloads: [{ workload: mixed, parameters: {} }],
    contenders: [contender('redis'), contender('predis')],
    seed: 1,
    quick: true,
    blocks: 2,
    warmupMs: 0.1,
    windowMs: 1,
    workers: 1,
    connections: 1,
    verifyEvery: 2,
    alpha: 0.001,
    confidence: 0.95,
    ...changes,
  });
}

export function writerFor(path: string, { plan }: PlannedRun): ResultWriter {
  return ResultWriter.create(path, newResultHead({ plan, environment, tool, command: ['run', 'mixed'] }));
}

/** Calls with a folder that is gone afterwards. */
export async function inTemporaryFolder<T>(act: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'predis-bench-test-'));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
