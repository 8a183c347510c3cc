/** Cases that set their own number of clients: how they are planned, driven and timed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refusalOf } from '../../src/engines/registry.js';
import { BenchError } from '../../src/errors.js';
import { Driver } from '../../src/measure/driver.js';
import { crewOfClients, makePlan, type PlanRequest, type PlannedRun } from '../../src/measure/plan.js';
import { KeyStrings, prepareLane } from '../../src/measure/program.js';
import { Verifier } from '../../src/measure/verifier.js';
import { WindowRecorder } from '../../src/measure/window-recorder.js';
import { WriteIndex } from '../../src/measure/write-index.js';
import type { EngineSession } from '../../src/engines/engine.js';
import { resolveParameters } from '../../src/workloads/parameters.js';
import { findWorkload } from '../../src/workloads/registry.js';
import { contender } from './support/fake-run.js';

function plan(changes: Partial<PlanRequest> = {}, clients = '1,4,6'): PlannedRun {
  const workload = findWorkload('concurrent');
  const parameters = resolveParameters(workload, { clients, keys: 100, operations: 2_000 });
  return makePlan({
    workloads: [{ workload, parameters }],
    contenders: [contender('redis'), contender('predis'), contender('map')],
    ...{ seed: 1, quick: true, blocks: 1, warmupMs: 1, windowMs: 1, workers: 3, connections: 5 },
    ...{ verifyEvery: 1, alpha: 0.05, confidence: 0.95, threads: 4 },
    refusal: ({ id }, needs) => refusalOf({ engine: id === 'map' ? 'map' : 'redis' }, needs),
    ...changes,
  });
}

describe('clients of a case', () => {
  it('are spread evenly over as many threads as there may be', () => {
    const crew = (count: number, maxThreads: number, threads: number): unknown =>
      crewOfClients({ clients: { count, maxThreads } }, threads);
    assert.deepEqual(crew(64, 256, 2), { workers: 2, connections: 32 });
    assert.deepEqual(crew(6, 256, 4), { workers: 3, connections: 2 });
    assert.deepEqual(crew(7, 256, 4), { workers: 1, connections: 7 });
    assert.deepEqual(crew(8, 2, 64), { workers: 2, connections: 4 });
    assert.equal(crewOfClients({}, 4), null);
  });

  it('stand in the plan, with who takes no part and why; comparisons are declared among the others', () => {
    const { plan: made } = plan();
    assert.deepEqual(
      made.cases.map(({ clients }) => clients),
      [
        { workers: 1, connections: 1 },
        { workers: 4, connections: 1 },
        { workers: 3, connections: 2 },
      ],
    );
    assert.deepEqual(made.cases[0]?.refusals, undefined);
    assert.deepEqual(made.cases[1]?.refusals, [
      { contender: 'map', reason: 'lives in the heap of one worker thread' },
    ]);
    assert.ok(made.cases[0]?.blocks.flat().includes('map'));
    assert.ok(!made.cases[1].blocks.flat().includes('map'));
    assert.equal(made.comparisons.length, 9);
    const refused = plan({ refusal: ({ id }) => (id === 'predis' ? 'has none' : null) });
    assert.equal(refused.plan.comparisons.length, 0);
  });

  it('are an error where nobody takes the case, or requests are too few for them', () => {
    const expectUsage = (code: string, pattern: RegExp) => (error: unknown) =>
      error instanceof BenchError && error.code === code && pattern.test(error.message);
    assert.throws(
      () => plan({ contenders: [contender('map')] }),
      expectUsage('USAGE', /No contender of this run can take concurrent\/4-clients: map lives/),
    );
  });
});

describe('latency from the moment at which a client may ask', () => {
  /** Four lanes in one thread on an engine that takes 1 ms for each request and answers at once. */
  const drive = async (latencyFrom: 'issue' | 'ready'): Promise<WindowRecorder> => {
    const workloadCase = plan().cases[0]?.workloadCase;
    assert.ok(workloadCase);
    const { keySpace } = workloadCase;
    const stream = workloadCase.generate(1);
    const strings = new KeyStrings(keySpace);
    let nowMs = 0;
    const data = new Map(
      Array.from({ length: keySpace.size }, (_, i) => [keySpace.key(i), keySpace.value(i, 0)]),
    );
    const slow = <T>(answer: T): T => {
      nowMs += 1;
      return answer;
    };
    const session = {
      get: (key: string) => slow(data.get(key) ?? null),
      put: (key: string, value: string) => {
        slow(data.set(key, value));
      },
    } as unknown as EngineSession;
    const recorder = new WindowRecorder(10, 40);
    const driver = new Driver(
      {
        stream,
        lanes: [0, 1, 2, 3].map((lane) => ({
          program: prepareLane(stream, strings, 4, lane),
          session,
          lastWrites: new Uint32Array(keySpace.size),
        })),
        ...{ pipelineDepth: 1, latencyFrom, verifyEvery: 1 },
        verifier: new Verifier(keySpace, new WriteIndex(stream, keySpace.size, 4), 4),
        clock: () => nowMs,
        aborted: () => false,
      },
      recorder,
    );
    await driver.run(400, recorder);
    assert.equal(recorder.errors, 0);
    assert.ok(recorder.requests >= 400);
    return recorder;
  };

  it('counts waiting for the thread that other clients keep busy', async () => {
    const [issue, ready] = [await drive('issue'), await drive('ready')];
    assert.equal(issue.reads.maxNs, 1e6);
    // Each waits for the three others; those of the first round for fewer.
    assert.equal(ready.reads.maxNs, 4e6);
    assert.ok(ready.reads.sumNs / ready.reads.count > 3.9e6);
  });
});
