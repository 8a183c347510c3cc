import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CaseTrials } from '../../src/analysis/case-trials.js';
import { floorShares, speedupLadder } from '../../src/analysis/ladder.js';
import { stepText } from '../../src/analysis/ladder-text.js';
import { summarise } from '../../src/analysis/summarise.js';
import type { ResultFile } from '../../src/results/schema.js';
import { makeResultFile, type FixtureContender } from './fixtures.js';

const redis: FixtureContender = { id: 'redis', throughput: 10_000 };
const cluster: FixtureContender = { id: 'redis-cluster-p16', pipelineDepth: 16, throughput: 40_000 };
const map: FixtureContender = { id: 'map', engine: 'map', boundary: 'api', throughput: 2_000_000 };
const cpu: FixtureContender = { id: 'predis-cpu', engine: 'predis', boundary: 'api', throughput: 1_000_000 };
const gpu: FixtureContender = { id: 'predis', engine: 'predis', boundary: 'api', throughput: 4_000_000 };
const packed: FixtureContender = {
  id: 'predis-packed',
  engine: 'predis',
  boundary: 'packed',
  throughput: 8_000_000,
};
const floor: FixtureContender = { id: 'noop-api', engine: 'noop', boundary: 'api', throughput: 16_000_000 };

/** A made-up result in which `gpu` and `packed` ran on CUDA and no-op contenders are floors. */
function fileOf(...contenders: FixtureContender[]): ResultFile {
  const file = makeResultFile({ contenders, trialSd: 0.0001 });
  for (const id of ['predis', 'predis-packed']) {
    const engine = file.engines[id];
    if (engine !== undefined) engine.settings = { device: 'cuda', deviceName: 'made for tests' };
  }
  for (const contender of file.plan.contenders) if (contender.engine === 'noop') contender.floor = true;
  return file;
}

function ladderOf(file: ResultFile) {
  const [plan] = file.plan.cases;
  assert.ok(plan !== undefined);
  const { contenders } = file.plan;
  return speedupLadder({
    contenders,
    engines: file.engines,
    trials: new CaseTrials(file, plan),
    confidence: 0.95,
  });
}

const near = (value: number | undefined, expected: number) => {
  assert.ok(
    value !== undefined && Math.abs(value / expected - 1) < 0.001,
    `${String(value)} for ${String(expected)}`,
  );
};

describe('the ladder of a case', () => {
  it('splits the advantage over the best Redis into its steps, which multiply to the whole', () => {
    const ladder = ladderOf(fileOf(redis, cluster, map, cpu, gpu, packed, floor));
    assert.ok(ladder !== null);
    assert.equal(ladder.bestRedis, 'redis-cluster-p16');
    assert.equal(ladder.redisContenders, 2);
    assert.deepEqual(
      ladder.steps.map(({ from, to, crossesBoundary, ...step }) => [
        stepText(step),
        from,
        to,
        crossesBoundary,
      ]),
      [
        ['leaving the network', 'redis-cluster-p16', 'map', true],
        ['in native code', 'map', 'predis-cpu', false],
        ['on the GPU', 'predis-cpu', 'predis', false],
      ],
    );
    const [left, native, device] = ladder.steps.map(({ ratio }) => ratio.estimate);
    near(left, 50);
    near(native, 0.5);
    near(device, 4);
    near(ladder.total.ratio.estimate, 100);
    assert.equal(ladder.total.crossesBoundary, true);
    for (const { ratio } of [...ladder.steps, ladder.total]) {
      assert.ok(ratio.low !== null && ratio.high !== null);
      assert.ok(ratio.low <= ratio.estimate && ratio.estimate <= ratio.high);
    }
    near(ladder.packed?.ratio.estimate, 2);
    assert.deepEqual(ladder.missing, []);
  });

  it('joins the steps around a rung that was not measured, and says what is missing', () => {
    const noMap = ladderOf(fileOf(redis, cpu));
    assert.deepEqual(noMap?.steps.map(stepText), ['leaving the network and in native code']);
    assert.deepEqual(noMap.missing, ['gpu']);
    const noCpu = ladderOf(fileOf(redis, map, gpu));
    assert.deepEqual(noCpu?.steps.map(stepText), ['leaving the network', 'in native code and on the GPU']);
    assert.deepEqual(ladderOf(fileOf(redis, map))?.missing, ['native-code', 'gpu']);
  });

  it('has no step without Redis, without anything beside it, or out of a floor', () => {
    assert.equal(ladderOf(fileOf(map, cpu)), null);
    assert.equal(ladderOf(fileOf(redis, cluster)), null);
    assert.equal(ladderOf(fileOf(redis, floor)), null);
  });

  it('gives no interval where the trials are too few for one', () => {
    const file = makeResultFile({ contenders: [redis, map], blocks: 1 });
    const step = ladderOf(file)?.steps[0];
    assert.ok(step !== undefined);
    assert.deepEqual([step.ratio.low, step.ratio.high], [null, null]);
  });

  it('holds each contender against the floor of its boundary and depth alone', () => {
    const file = fileOf(redis, map, cpu, packed, floor);
    const [plan] = file.plan.cases;
    assert.ok(plan !== undefined);
    const shares = floorShares({ contenders: file.plan.contenders, trials: new CaseTrials(file, plan) });
    assert.deepEqual(
      shares.map(({ contender, floor: of }) => [contender, of]),
      [
        ['map', 'noop-api'],
        ['predis-cpu', 'noop-api'],
      ],
    );
    near(shares[0]?.share, 1 / 8);
  });
});

describe('harness efficiency', () => {
  it('is our median over the harmonic mean of the kinds, weighted as the stream has them', () => {
    const file = fileOf(redis, cpu);
    const shape = { clients: 1, pipelineDepth: 1, keys: 10, valueBytes: 8 };
    const run = { keysPerRequest: 1, command: 'redis-benchmark …' };
    file.ceilings = [
      {
        ...shape,
        caseId: 'hft',
        contender: 'redis',
        program: 'redis-benchmark',
        version: '7.0.15',
        absent: null,
        startedAt: '2026-01-01T00:00:00Z',
        runs: [
          // 90 s and 20 s for 90 and 20 requests of one and of five keys
          { ...run, kind: 'get', requestsInStream: 900_000, requestsPerSecond: 10_000 },
          { ...run, kind: 'mput', keysPerRequest: 5, requestsInStream: 20_000, requestsPerSecond: 1_000 },
        ],
      },
    ];
    const summary = summarise([{ fileName: 'made-up.json', result: file }]);
    const [ceiling] = summary.cases[0]?.ceilings ?? [];
    assert.ok(ceiling !== undefined);
    near(ceiling.operationsPerSecond ?? undefined, 1_000_000 / 110);
    near(ceiling.harnessEfficiency ?? undefined, 10_000 / (1_000_000 / 110));
  });

  it('is not known where the load generator was not asked', () => {
    const summary = summarise([{ fileName: 'made-up.json', result: fileOf(redis, cpu) }]);
    assert.deepEqual(summary.cases[0]?.ceilings, []);
  });
});
