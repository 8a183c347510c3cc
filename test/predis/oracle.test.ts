import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { createRandom } from '../../src/support/random.js';
import { type Answer, type Call, CallMaker, describeCall, operationsOf } from './oracle-calls.js';
import { answerOfModel } from './oracle-model.js';
import { PredisAnswers, contentOfPredis } from './oracle-predis.js';
import { answerOfRedis, sendToRedis } from './oracle-redis.js';
import { type RedisProcess, startRedis } from './redis-process.js';
import { connected } from './support.js';

const operationsWanted = 1_000_000;
const callsAtOnce = 1000;
const seed = Number(process.env.PREDIS_ORACLE_SEED ?? 20_261_120);

describe('the client against a Map and against real Redis', () => {
  let redis: RedisProcess;
  before(async () => {
    redis = await startRedis();
  });
  after(async () => {
    await redis.stop();
  });

  it(`agrees on a million random operations (seed ${String(seed)})`, async (t) => {
    const client = connected();
    const maker = new CallMaker(createRandom(seed, 1));
    const predis = new PredisAnswers(client, createRandom(seed, 2));
    const model = new Map<string, string>();
    const seen = new Map<string, number>();
    let operations = 0;
    let errors = 0;

    while (operations < operationsWanted) {
      const calls = Array.from({ length: callsAtOnce }, () => maker.make());
      const pipeline = redis.connection.pipeline();
      for (const call of calls) sendToRedis(pipeline, call);
      const replies = pipeline.exec();
      const ours: Answer[] = [];
      for (const call of calls) {
        const answer = await predis.answer(call);
        same(answer, answerOfModel(model, call), 'the Map', call);
        ours.push(answer);
      }
      const theirs = ((await replies) ?? []).values();
      for (const [i, call] of calls.entries()) {
        const answer = ours[i] ?? null;
        same(answer, answerOfRedis(theirs, call), 'Redis', call);
        operations += operationsOf(call);
        seen.set(call.kind, (seen.get(call.kind) ?? 0) + operationsOf(call));
        for (const one of Array.isArray(answer) ? answer : [answer]) {
          if (typeof one === 'string' && one.startsWith('error: ')) errors += 1;
        }
      }
    }

    assert.equal(client.getStatsSync().keys, model.size);
    assert.equal(String(await redis.connection.dbsize()), String(model.size)); // see stringNumbers
    assert.deepEqual(contentOfPredis(client, maker.keys), model);
    const kinds = [
      'get',
      'put',
      'delete',
      'exists',
      'increment',
      'decrement',
      'mget',
      'mput',
      'mdelete',
      'batch',
      'flushAll',
    ];
    for (const kind of kinds) assert.ok((seen.get(kind) ?? 0) > 20, `too few of ${kind}`);
    assert.ok(errors > 10_000, 'too few failing increments');
    client.disconnectSync();
    t.diagnostic(
      `${String(operations)} operations, ${String(errors)} of them failing as they should; seed ${String(seed)}`,
    );
  });
});

function same(ours: Answer, theirs: Answer, who: string, call: Call): void {
  if (isDeepStrictEqual(ours, theirs)) return;
  assert.deepEqual(ours, theirs, `Predis and ${who} differ (seed ${String(seed)}) on ${describeCall(call)}`);
}
