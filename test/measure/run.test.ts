import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { BenchError } from '../../src/errors.js';
import type { Crew } from '../../src/measure/crew.js';
import type { PlannedRun, PlanRequest } from '../../src/measure/plan.js';
import type { ProgressEvent } from '../../src/measure/progress.js';
import { resumeRun } from '../../src/measure/resume.js';
import { executeRun, type RunOutcome, type RunRequest } from '../../src/measure/run.js';
import { defaultPatience } from '../../src/measure/trial.js';
import { decodeLatencyIntervals } from '../../src/results/latency-intervals.js';
import { readResultFile } from '../../src/results/read.js';
import type { ResultFile, Trial } from '../../src/results/schema.js';
import { FakeEngine, type Fault } from './support/fake-engine.js';
import { contender, environment, inTemporaryFolder, planned, tool, writerFor } from './support/fake-run.js';
import { findWorkload, pair } from './support/fake-workload.js';
import { countingClock, localCrew } from './support/local-crew.js';

interface Done {
  readonly outcome: RunOutcome | BenchError;
  readonly file: ResultFile;
  readonly engines: Map<string, FakeEngine>;
  readonly events: ProgressEvent[];
}

/** Runs a plan with fake engines; `predis` has the fault. */
async function runWith(
  fault: Fault,
  mode: 'sync' | 'async',
  changes: Partial<PlanRequest> = {},
  extra: Partial<RunRequest> = {},
): Promise<Done> {
  const run: PlannedRun = planned(changes);
  const engines = new Map<string, FakeEngine>();
  const events: ProgressEvent[] = [];
  return inTemporaryFolder(async (folder) => {
    const path = join(folder, 'result.json');
    const outcome = await executeRun({
      ...run,
      writer: writerFor(path, run),
      clock: countingClock(),
      startCrew: () => localCrew(),
      onProgress: (event) => events.push(event),
      startEngine: ({ id }) => {
        const engine = new FakeEngine(id, mode, id === 'predis' ? fault : 'none');
        engines.set(id, engine);
        return Promise.resolve(engine);
      },
      ...extra,
    }).catch((error: unknown) => {
      if (error instanceof BenchError) return error;
      throw error;
    });
    return { outcome, file: readResultFile(path), engines, events };
  });
}

function trialsOf({ file }: Done, id: string): Trial[] {
  return file.trials.filter((trial) => trial.contender === id);
}

for (const mode of ['sync', 'async'] as const) {
  describe(`executeRun with an engine that answers ${mode === 'sync' ? 'at once' : 'with promises'}`, () => {
    it('measures every trial of the schedule in its order and completes the file', async () => {
      const done = await runWith('none', mode);
      assert.deepEqual(done.outcome, { status: 'complete', measured: 8, voided: 0, failed: 0 });
      assert.equal(done.file.status, 'complete');
      const planOrder = done.file.plan.cases[0]?.blocks.flat();
      assert.deepEqual(
        done.file.trials.map((trial) => trial.contender),
        planOrder,
      );
      assert.deepEqual(Object.keys(done.file.engines).sort(), ['predis', 'redis']);
    });

    it('records what happened in the window, and verifies inside and after it', async () => {
      const done = await runWith('none', mode);
      for (const trial of done.file.trials) {
        assert.equal(trial.state, 'measured');
        const { measurements, correctness } = trial;
        const { latency } = measurements;
        assert.equal(latency.all.count, measurements.requests);
        assert.equal((latency.read?.count ?? 0) + (latency.write?.count ?? 0), measurements.requests);
        assert.ok(measurements.requests > 100);
        // a millisecond, and what was in flight at its end
        assert.ok(
          measurements.windowNs >= 1e6 && measurements.windowNs < 1.05e6,
          String(measurements.windowNs),
        );
        // put, get, mput of 3, mget of 3: two operations a request on average
        assert.ok(Math.abs(measurements.operations - 2 * measurements.requests) <= 4);
        const total = measurements.intervalOperations.reduce((sum, count) => sum + count, 0);
        assert.equal(total, measurements.operations);
        const overTime = decodeLatencyIntervals(measurements.intervalLatencies ?? '');
        assert.equal(overTime.length, measurements.intervalOperations.length);
        const timed = overTime.flat().reduce((sum, count) => sum + count, 0);
        assert.equal(timed, measurements.requests);
        assert.equal(
          measurements.throughputPerSecond,
          measurements.operations / (measurements.windowNs / 1e9),
        );
        // half of the operations are reads, and one in two of those is verified; the warm-up is not counted
        const expected = measurements.operations / 4;
        assert.ok(Math.abs(correctness.readsVerified - expected) <= 4, String(correctness.readsVerified));
        assert.equal(correctness.readBackKeys, 50);
        assert.equal(correctness.misses, 0);
        assert.equal(measurements.memoryBytes, 5000);
      }
    });

    it('gives every trial fresh state and ends the engines', async () => {
      const { engines } = await runWith('none', mode);
      const trial = ['load', 'open', 'memory', 'close session', 'flush'];
      for (const engine of engines.values()) {
        assert.deepEqual(engine.log, [...trial, ...trial, ...trial, ...trial, 'close']);
      }
    });

    const faults: readonly [Fault, RegExp][] = [
      ['wrong-value', /is not its value at version/],
      ['lost-writes', /holds version 0 instead of version \d+/],
      ['stale-reads', /holds version 0 instead of version \d+/],
      ['lost-last-write', /instead of version/],
      ['short-batch', /a batch of 3 keys was answered with 2 values/],
      ['missing', /is missing/],
    ];
    for (const [fault, reason] of faults) {
      it(`voids the trials of an engine with ${fault}, and only those`, async () => {
        const done = await runWith(fault, mode);
        for (const trial of trialsOf(done, 'predis')) {
          assert.equal(trial.state, 'void');
          assert.match(trial.reason, reason);
          assert.ok(trial.correctness.wrong > 0);
          assert.ok(trial.correctness.examples.length >= 1 && trial.correctness.examples.length <= 5);
        }
        assert.ok(trialsOf(done, 'redis').every(({ state }) => state === 'measured'));
      });
    }

    it('finds lost writes by reading back alone, when nothing was verified inside the window', async () => {
      const done = await runWith('lost-writes', mode, { verifyEvery: 1_000_000 });
      for (const trial of trialsOf(done, 'predis')) {
        assert.equal(trial.state, 'void');
        assert.ok(trial.correctness.readsVerified <= 1 && trial.correctness.wrong >= 50);
        assert.match(trial.correctness.examples.join(), /after the window instead of version/);
      }
    });

    it('voids trials with failed requests and counts them', async () => {
      const done = await runWith('errors', mode, { warmupMs: 0 });
      for (const trial of trialsOf(done, 'predis')) {
        assert.equal(trial.state, 'void');
        assert.match(trial.reason, /requests were answered with an error, the first: ERR no/);
        assert.ok(trial.correctness.errors > 10);
        assert.equal(trial.correctness.readBackKeys, 0);
        assert.equal(trial.correctness.wrong, 0, 'nobody knows what a failed request wrote');
      }
    });

    it('stops when an engine is lost: the file is interrupted, the error surfaces, engines are ended', async () => {
      const done = await runWith('lost', mode);
      assert.ok(done.outcome instanceof BenchError);
      assert.equal(done.outcome.code, 'REDIS_LOST');
      assert.equal(done.file.status, 'interrupted');
      assert.ok(done.file.trials.every((trial) => trial.contender === 'redis' && trial.state === 'measured'));
      for (const engine of done.engines.values()) assert.equal(engine.log.at(-1), 'close');
    });
  });
}

describe('executeRun', () => {
  it('several connections and pipelining change nothing about correctness', async () => {
    for (const mode of ['sync', 'async'] as const) {
      const done = await runWith('none', mode, {
        connections: 4,
        contenders: [contender('redis', 'redis', 8), contender('predis', 'predis', 3)],
      });
      assert.ok(done.file.trials.every(({ state }) => state === 'measured'));
    }
  });

  it('finds stale reads also among several connections', async () => {
    const done = await runWith('stale-reads', 'async', { connections: 4 });
    assert.ok(trialsOf(done, 'predis').every(({ state }) => state === 'void'));
  });

  it('fails a trial whose sessions cannot be opened and goes on', async () => {
    const done = await runWith('throws', 'async');
    assert.deepEqual(done.outcome, { status: 'complete', measured: 4, voided: 0, failed: 4 });
    for (const trial of trialsOf(done, 'predis')) {
      assert.equal(trial.state === 'failed' && trial.reason, 'this engine opens no session');
    }
  });

  it('fails a trial that gets no answer and replaces the workers', async () => {
    let crews = 0;
    const startCrew = (): Crew => {
      crews++;
      return localCrew();
    };
    const patience = { ...defaultPatience, windowMs: 1000 }; // the others answer in time on a busy machine too
    const done = await runWith('hangs', 'async', { blocks: 1 }, { startCrew, patience });
    assert.deepEqual(done.outcome, { status: 'complete', measured: 2, voided: 0, failed: 2 });
    for (const trial of trialsOf(done, 'predis')) {
      assert.ok(trial.state === 'failed' && trial.reason.startsWith('no answer for 1 s while measuring'));
    }
    assert.ok(crews >= 2);
  });

  it('an abort ends the present trial, keeps the recorded ones and marks the file', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const onProgress = (event: ProgressEvent): void => {
      seen.push(event.type);
      if (event.type === 'trial-start' && event.done === 2) controller.abort();
    };
    const done = await runWith('none', 'async', {}, { onProgress, signal: controller.signal });
    assert.deepEqual(done.outcome, { status: 'interrupted', measured: 2, voided: 0, failed: 0 });
    assert.equal(done.file.status, 'interrupted');
    assert.equal(done.file.trials.length, 2);
    for (const engine of done.engines.values()) assert.equal(engine.log.at(-1), 'close');
  });

  it('an abort ends a trial whose engine never answers', async () => {
    const controller = new AbortController();
    const onProgress = (event: ProgressEvent): void => {
      if (event.type !== 'trial-start' || event.contender !== 'predis') return;
      setTimeout(() => {
        controller.abort();
      }, 5);
    };
    const done = await runWith('hangs', 'async', {}, { onProgress, signal: controller.signal });
    assert.ok(!(done.outcome instanceof BenchError) && done.outcome.status === 'interrupted');
  });

  it('tells where it stands and how long it takes', async () => {
    const { events } = await runWith('none', 'sync', { workloads: [{ workload: pair, parameters: {} }] });
    const starts = events.filter((event) => event.type === 'trial-start');
    assert.deepEqual(
      starts.map(({ done }) => done),
      Array.from({ length: 16 }, (_, index) => index),
    );
    assert.ok(starts.every(({ trials, blocks, block }) => trials === 16 && blocks === 2 && block < 2));
    assert.deepEqual(
      events.filter((event) => event.type === 'case-start').map(({ caseId }) => caseId),
      ['pair/small', 'pair/large'],
    );
    assert.equal(starts[0]?.remainingMs, 16 * (0.1 + 1 + 500));
    const last = events.at(-1);
    assert.ok(last?.type === 'trial-end' && last.remainingMs === 0 && last.done === 16);
  });

  it('goes on with an interrupted run where it ended', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'result.json');
      const run = planned();
      const controller = new AbortController();
      const startEngine = ({ id }: { id: string }): Promise<FakeEngine> =>
        Promise.resolve(new FakeEngine(id, 'sync'));
      const common = { startEngine, clock: countingClock(), startCrew: () => localCrew() };
      await executeRun({
        ...run,
        ...common,
        writer: writerFor(path, run),
        signal: controller.signal,
        onProgress: (event) => {
          if (event.type === 'trial-end' && event.done === 3) controller.abort();
        },
      });
      const before = readResultFile(path);
      assert.equal(before.trials.length, 3);

      const resumed = resumeRun(path, { environment, tool }, findWorkload);
      const outcome = await executeRun({ ...resumed, ...common });
      const after = readResultFile(path);
      assert.deepEqual(outcome, { status: 'complete', measured: 8, voided: 0, failed: 0 });
      assert.deepEqual(after.trials.slice(0, 3), before.trials);
      assert.equal(after.id, before.id);
      assert.equal(after.trials.length, 8);
    });
  });

  it('refuses to go on with a contender on another device', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'result.json');
      const run = planned();
      const controller = new AbortController();
      let device = 'cuda';
      const startEngine = ({ id }: { id: string }): Promise<FakeEngine> => {
        const engine = new FakeEngine(id, 'sync');
        const plain = engine.describe.bind(engine);
        engine.describe = async () => {
          const facts = await plain();
          return { ...facts, settings: { device, deviceName: 'made up' } };
        };
        return Promise.resolve(engine);
      };
      const common = { startEngine, clock: countingClock(), startCrew: () => localCrew() };
      await executeRun({
        ...run,
        ...common,
        writer: writerFor(path, run),
        signal: controller.signal,
        onProgress: (event) => {
          if (event.type === 'trial-end' && event.done === 3) controller.abort();
        },
      });
      device = 'cpu';
      const elsewhere = executeRun({ ...resumeRun(path, { environment, tool }, findWorkload), ...common });
      await assert.rejects(elsewhere, {
        code: 'RESUME_MISMATCH',
        message: /cuda, made up; now it would be cpu/,
      });
      const { engines, trials } = readResultFile(path);
      assert.deepEqual([engines.predis?.settings.device, trials.length], ['cuda', 3]);
      device = 'cuda';
      const outcome = await executeRun({
        ...resumeRun(path, { environment, tool }, findWorkload),
        ...common,
      });
      assert.equal(outcome.measured, 8);
    });
  });

  it('refuses to go on elsewhere, with another build, or with another stream', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'result.json');
      const run = planned();
      writerFor(path, run);
      const mismatch = (message: RegExp) => (error: unknown) =>
        error instanceof BenchError && error.code === 'RESUME_MISMATCH' && message.test(error.message);
      const elsewhere = { ...environment, fingerprint: 'fedcba9876543210' };
      assert.throws(
        () => resumeRun(path, { environment: elsewhere, tool }, findWorkload),
        mismatch(/another machine/),
      );
      assert.throws(
        () => resumeRun(path, { environment, tool: { ...tool, version: '9.9.9' } }, findWorkload),
        mismatch(/another build.*version 0\.1\.0.*9\.9\.9/),
      );
      const resumed = resumeRun(path, { environment, tool }, (name) => {
        const workload = findWorkload(name);
        return {
          ...workload,
          cases: (parameters) =>
            workload
              .cases(parameters)
              .map((one) => ({ ...one, generate: (seed: number) => one.generate(seed + 1) })),
        };
      });
      await assert.rejects(
        executeRun({
          ...resumed,
          startEngine: ({ id }) => Promise.resolve(new FakeEngine(id)),
          startCrew: () => localCrew(),
        }),
        mismatch(/stream of mixed is not the one of the plan/),
      );
    });
  });
});
