import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { MapEngine } from '../../src/engines/controls/map.js';
import type { Engine } from '../../src/engines/engine.js';
import { createEngine } from '../../src/engines/registry.js';
import { BenchError } from '../../src/errors.js';
import { makePlan, type PlannedRun, type PlanRequest } from '../../src/measure/plan.js';
import { executeRun, type RunOutcome, type RunRequest } from '../../src/measure/run.js';
import { shareStream } from '../../src/measure/shared-stream.js';
import { startThreadCrew } from '../../src/measure/thread-crew.js';
import { readResultFile } from '../../src/results/read.js';
import type { Contender, ResultFile } from '../../src/results/schema.js';
import { resolveParameters } from '../../src/workloads/parameters.js';
import { findWorkload } from '../../src/workloads/registry.js';
import { contender, inTemporaryFolder, writerFor } from './support/fake-run.js';

const realEngine = ({ engine }: Contender): Promise<Engine> =>
  createEngine({ engine: engine === 'redis' ? 'redis' : 'map' }, { redis: {}, predis: { engine: 'auto' } });

function smallPlan(changes: Partial<PlanRequest> = {}): PlannedRun {
  const workload = findWorkload('basic');
  return makePlan({
    workloads: [{ workload, parameters: resolveParameters(workload, { keys: 200, operations: 2000 }) }],
    contenders: [contender('map')],
    seed: 7,
    quick: true,
    blocks: 1,
    warmupMs: 10,
    windowMs: 40,
    workers: 1,
    connections: 1,
    verifyEvery: 4,
    alpha: 0.001,
    confidence: 0.95,
    ...changes,
  });
}

async function execute(
  run: PlannedRun,
  extra: Partial<RunRequest> = {},
): Promise<{ outcome: RunOutcome; file: ResultFile }> {
  return inTemporaryFolder(async (folder) => {
    const path = join(folder, 'result.json');
    const outcome = await executeRun({
      ...run,
      writer: writerFor(path, run),
      startEngine: realEngine,
      ...extra,
    });
    return { outcome, file: readResultFile(path) };
  });
}

describe('worker threads', () => {
  it('drive an engine in the heap of the one worker', async () => {
    const { outcome, file } = await execute(smallPlan({ connections: 3 }));
    assert.deepEqual(outcome, { status: 'complete', measured: 2, voided: 0, failed: 0 });
    for (const trial of file.trials) {
      assert.ok(trial.state === 'measured' && trial.correctness.readBackKeys === 200);
      assert.ok(trial.measurements.operations > 0);
    }
  });

  it('drive Redis from several threads and connections, pipelined and not, verified in full', async () => {
    const contenders = [contender('redis', 'redis', 1), contender('redis-p4', 'redis', 4)];
    const { outcome, file } = await execute(smallPlan({ contenders, workers: 2, connections: 2 }));
    assert.deepEqual(outcome, { status: 'complete', measured: 4, voided: 0, failed: 0 });
    for (const trial of file.trials) {
      assert.ok(trial.state === 'measured');
      assert.ok(trial.correctness.readsVerified > 0 && trial.correctness.readBackKeys === 200);
    }
  });

  it('start together and tell times of one clock', async () => {
    const [runCase] = smallPlan().cases;
    assert.ok(runCase !== undefined);
    const { keySpace } = runCase.workloadCase;
    const engine = await createEngine({ engine: 'redis' }, { redis: {}, predis: { engine: 'auto' } });
    const crew = startThreadCrew(2);
    const sharedMs = (): number => Number(process.hrtime.bigint()) / 1e6;
    try {
      await engine.load(keySpace.size, (index) => ({
        key: keySpace.key(index),
        value: keySpace.value(index, 0),
      }));
      await crew.prepare({
        workload: 'basic',
        parameters: runCase.parameters,
        caseId: 'basic',
        stream: shareStream(runCase.workloadCase.generate(1)),
        keys: keySpace.size,
        workers: 2,
        connections: 1,
        maxValueBytes: 100,
      });
      const beforeMs = sharedMs();
      const reports = await crew.measure({
        session: engine.sessionSpec(),
        pipelineDepth: 1,
        latencyFrom: 'issue' as const,
        verifyEvery: 1,
        warmupMs: 1,
        windowMs: 20,
        intervalMs: 10,
      });
      const afterMs = sharedMs();
      assert.equal(reports.length, 2);
      for (const { firstStartMs, lastEndMs } of reports) {
        // 5 ms for the reading of two clocks at once on a busy machine
        assert.ok(firstStartMs > beforeMs - 5 && lastEndMs < afterMs + 5 && firstStartMs <= lastEndMs);
      }
      await crew.endTrial();
    } finally {
      await crew.close();
      await engine.close();
    }
  });

  it('are stopped inside the synchronous loop of an engine', async () => {
    const controller = new AbortController();
    const { outcome, file } = await execute(smallPlan({ windowMs: 600_000 }), {
      signal: controller.signal,
      onProgress: ({ type }) => {
        if (type === 'trial-start')
          setTimeout(() => {
            controller.abort();
          }, 200);
      },
    });
    assert.equal(outcome.status, 'interrupted');
    assert.equal(file.status, 'interrupted');
    assert.equal(file.trials.length, 0);
  });

  it('pass the errors of engines on as what they are', async () => {
    await assert.rejects(
      execute(smallPlan({ workers: 2 })),
      (error) => error instanceof BenchError && error.code === 'PARAMETER_OUT_OF_RANGE',
    );
  });

  it('that cannot start fail their trials with the reason', async () => {
    const { outcome, file } = await execute(smallPlan(), {
      startCrew: (workers) =>
        startThreadCrew(workers, {
          workloads: 'data:text/javascript,',
          sessions: 'data:text/javascript,throw Error("broken")',
        }),
      startEngine: () => Promise.resolve(new MapEngine()),
    });
    assert.equal(outcome.failed, 2);
    assert.ok(file.trials.every((trial) => trial.state === 'failed' && trial.reason === 'broken'));
  });
});
