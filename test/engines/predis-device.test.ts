import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planRequest, type RunOptions } from '../../src/cli/run-options.js';
import type { Engine } from '../../src/engines/engine.js';
import { createEngine, type EngineOptions, findContender } from '../../src/engines/registry.js';
import { openSession } from '../../src/engines/sessions.js';
import { BenchError } from '../../src/errors.js';
import { PredisClient } from '../../src/predis/index.js';
import { resolveParameters, workloads } from '../../src/workloads/index.js';
import { rejectsWith } from './support.js';

const options: EngineOptions = { redis: {}, predis: { engine: 'auto' } };
const contender = findContender('predis-device');

/** Why the CUDA engine does not run here; null when it does. */
function whyNoGpu(): string | null {
  const client = new PredisClient({ engine: 'cuda' });
  try {
    client.connectSync();
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    client.disconnectSync();
  }
}
const noGpu = whyNoGpu();
const withGpu = { skip: noGpu ?? false };

const plan = (names: string[], given: Partial<RunOptions>): string[] =>
  planRequest(names, {
    ...{ workers: 1, connections: 1, set: {}, seed: 1, alpha: 0.05, verifyEvery: 16, engine: 'auto' },
    redisBenchmark: false,
    disclose: {},
    ...given,
  }).contenders.map(({ id }) => id);

const benchError = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof BenchError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

describe('predis-device among the contenders', () => {
  it('is one by default where CUDA is asked for and all reads are mgets, and nowhere else', () => {
    const usual = ['redis', 'redis-p16', 'predis', 'map'];
    const delivered = ['redis', 'redis-p16', 'predis', 'predis-device', 'map'];
    assert.deepEqual(plan(['ml-training'], { engine: 'cuda' }), delivered);
    assert.deepEqual(plan(['ml-training', 'batch'], { engine: 'cuda' }), delivered);
    assert.deepEqual(plan(['ml-training'], {}), usual);
    assert.deepEqual(plan(['ml-training'], { engine: 'cpu' }), usual);
    assert.deepEqual(plan(['hft'], { engine: 'cuda' }), usual);
    assert.deepEqual(plan(['all'], { engine: 'cuda' }), usual);
    assert.deepEqual(plan(['batch'], { engine: 'cuda', set: { batchSizes: '1' } }), usual);
  });

  it('is refused where it would measure nothing of its own', () => {
    const contenders = ['redis', 'predis-device'];
    assert.deepEqual(plan(['ml-training'], { contenders }), contenders);
    assert.throws(
      () => plan(['ml-training'], { contenders, engine: 'cpu' }),
      benchError('PREDIS_NO_DEVICE', /--engine cpu/),
    );
    const floor = ['redis', 'noop-device'];
    assert.deepEqual(plan(['ml-training'], { contenders: floor, engine: 'cpu' }), floor, 'needs no GPU');
    assert.throws(() => plan(['hft'], { contenders: floor }), benchError('USAGE', /noop-device measures/));
    assert.ok(plan(['ml-training'], { contenders: ['ladder'], engine: 'cuda' }).includes('noop-device'));
    assert.ok(!plan(['ml-training'], { contenders: ['ladder'] }).includes('noop-device'));
    assert.throws(() => plan(['hft'], { contenders }), benchError('USAGE', /nothing is read by mget in hft/));
    assert.throws(
      () => plan(['batch'], { contenders, set: { batchSizes: '1,10' } }),
      benchError('USAGE', /batch\/1-keys/),
    );
  });

  it('says of which workloads the truth: those whose reads are all mgets', () => {
    for (const workload of workloads) {
      for (const workloadCase of workload.cases(resolveParameters(workload, {}))) {
        const { kind, requestStart } = workloadCase.generate(1);
        let single = 0;
        let batches = 0;
        for (let request = 0; request + 1 < requestStart.length; request++) {
          const [first, end] = [requestStart[request] ?? 0, requestStart[request + 1] ?? 0];
          if (kind[first] !== 0) continue; // OperationKind.get
          if (end - first > 1) batches++;
          else single++;
        }
        assert.equal(workloadCase.readsBatches ?? false, batches > 0 && single === 0, workloadCase.id);
      }
    }
  });
});

describe('predis-device without a GPU', { skip: noGpu === null ? 'there is one' : false }, () => {
  it('is an error that says why, and what to do', async () => {
    const error = await rejectsWith(createEngine(contender, options), 'PREDIS_NO_DEVICE');
    assert.match(error.message, /leaves values in GPU memory.*the CUDA engine cannot run here/);
    assert.match(error.hint ?? '', /--contenders/);
  });
});

describe('predis-device', withGpu, () => {
  const withEngine = async (test: (engine: Engine) => Promise<void>): Promise<void> => {
    const engine = await createEngine(contender, options);
    try {
      await test(engine);
    } finally {
      await engine.close();
    }
  };

  it('tells what its numbers include and leave out', () =>
    withEngine(async (engine) => {
      const { boundary, settings } = await engine.describe();
      assert.equal(boundary, 'device');
      assert.equal(settings.device, 'cuda');
      assert.match(String(settings.delivery), /stay in GPU memory/);
      assert.match(String(settings.verification), /copied back.*after its latency/);
    }));

  it('delivers batches that can be copied back, also when a value outgrows its row', () =>
    withEngine(async (engine) => {
      await engine.load(1000, (index) => ({ key: `k${String(index)}`, value: `v${String(index)}` }));
      const session = await openSession(engine.sessionSpec());
      assert.ok(session.mgetDelivered !== undefined);
      const batch = await session.mgetDelivered(['k7', 'none', 'k999']);
      assert.deepEqual([batch.size, batch.misses()], [3, 1]);
      assert.deepEqual([batch.value(2), batch.value(1), batch.value(0)], ['v999', null, 'v7']);
      const long = 'x'.repeat(5000);
      await session.put('k7', long);
      assert.equal((await session.mgetDelivered(['k8', 'k7'])).value(1), long);
      assert.deepEqual(await session.mget(['k7', 'none', 'k8']), [long, null, 'v8']);
      assert.deepEqual(await session.mget([]), []);
      await session.close();
    }));
});
