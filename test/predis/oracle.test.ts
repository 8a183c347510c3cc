import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { createRandom } from '../../src/support/random.js';
import { type Answer, type Call, CallMaker, describeCall, operationsOf } from './oracle-calls.js';
import { Model, answerOfModel } from './oracle-model.js';
import { PredisAnswers, contentOfPredis } from './oracle-predis.js';
import { answerOfRedis, sendToRedis } from './oracle-redis.js';
import { type RedisProcess, startRedis } from './redis-process.js';
import { connected, testEngine } from './support.js';

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

  it(`agrees on a million random operations on the ${testEngine} engine (seed ${String(seed)})`, async (t) => {
    const first = connected();
    const clients = [first, connected({ attach: first.share(), namespace: 'second' })];
    const maker = new CallMaker(createRandom(seed, 1));
    const predis = clients.map((client, space) => new PredisAnswers(client, createRandom(seed, 2 + space)));
    const models = clients.map(() => new Model());
    const seen = new Map<string, number>();
    let operations = 0;
    let errors = 0;
    let conditionsMet = 0;

    while (operations < operationsWanted) {
      const calls = Array.from({ length: callsAtOnce }, () => maker.make());
      const pipeline = redis.connection.pipeline();
      for (const { call, space } of calls) sendToRedis(pipeline.select(space), call);
      const replies = pipeline.exec();
      const ours: Answer[] = [];
      for (const { call, space } of calls) {
        const answer = (await predis[space]?.answer(call)) ?? null;
        same(answer, answerOfModel(models[space] ?? new Model(), call, models), 'the Map', call);
        ours.push(answer);
      }
      const theirs = ((await replies) ?? []).values();
      for (const [i, { call }] of calls.entries()) {
        const answer = ours[i] ?? null;
        theirs.next(); // the answer of SELECT
        same(answer, answerOfRedis(theirs, call), 'Redis', call);
        operations += operationsOf(call);
        const answers = Array.isArray(answer) ? answer : [answer];
        for (const [at, one] of (call.kind === 'batch' ? call.calls : [call]).entries()) {
          seen.set(one.kind, (seen.get(one.kind) ?? 0) + operationsOf(one));
          if (one.kind === 'compareAndSet' && answers[at] === true) conditionsMet += 1;
        }
        if (call.kind === 'batch') seen.set('batch', (seen.get('batch') ?? 0) + 1);
        for (const one of answers) {
          if (typeof one === 'string' && one.startsWith('error: ')) errors += 1;
        }
      }
    }

    const keys = models.map(({ values }) => values.size);
    assert.equal(
      first.getStatsSync().keys,
      keys.reduce((sum, count) => sum + count, 0),
    );
    for (const [space, client] of clients.entries()) {
      assert.equal(client.countKeysSync(), keys[space]);
      await redis.connection.select(space);
      assert.equal(String(await redis.connection.dbsize()), String(keys[space])); // see stringNumbers
      assert.deepEqual(contentOfPredis(client, maker.keys), models[space]?.values);
    }
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
      'putIfAbsent',
      'compareAndSet',
      'expire',
      'persist',
      'expiresAt',
      'clear',
      'countKeys',
      'flushAll',
    ];
    for (const kind of kinds) assert.ok((seen.get(kind) ?? 0) > 20, `too few of ${kind}`);
    assert.ok(errors > 10_000, 'too few failing increments');
    assert.ok(conditionsMet > 5_000, `too few comparisons that hold: ${String(conditionsMet)}`);
    for (const client of clients) client.disconnectSync();
    t.diagnostic(
      `${String(operations)} operations, ${String(errors)} of them failing as they should; seed ${String(seed)}`,
    );
  });
});

function same(ours: Answer, theirs: Answer, who: string, call: Call): void {
  if (isDeepStrictEqual(ours, theirs)) return;
  assert.deepEqual(ours, theirs, `Predis and ${who} differ (seed ${String(seed)}) on ${describeCall(call)}`);
}
