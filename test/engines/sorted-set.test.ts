import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { RedisServer } from '../../src/engines/redis/redis-server.js';
import { RedisSortedSetEngine } from '../../src/engines/redis/sorted-set-engine.js';
import { refusalOf } from '../../src/engines/registry.js';
import { openSession } from '../../src/engines/sessions.js';
import { startTestServer } from './support.js';

const player = (index: number) => `player:${String(index)}`;
const pair = (index: number) => ({ key: player(index), value: String(index * 10) });

describe('Redis with a sorted set', () => {
  const started = startTestServer();
  after(async () => {
    await (await started).close();
  });

  it('keeps everything in one sorted set under our prefix, and takes nothing else away', async () => {
    const { settings, admin } = await started;
    await admin.set('of-others', 'stays');
    const server = await RedisServer.join(settings);
    const engine = new RedisSortedSetEngine(server, () => server.close());
    await engine.load(1_000, pair);
    const keys = (await admin.keys('*')).filter((key) => key.startsWith(server.prefix));
    assert.deepEqual(keys, [`${server.prefix}leaderboard`]);
    assert.equal(await admin.zcard(keys[0] ?? ''), 1_000);
    assert.ok((await engine.memoryBytes()) > 20_000);
    assert.equal((await engine.describe()).settings.dataStructure, 'sorted set');
    await engine.load(10, pair);
    assert.equal(await admin.zcard(keys[0] ?? ''), 10, 'a load begins with nothing');
    await engine.flush();
    assert.equal(await admin.exists(keys[0] ?? ''), 0);
    await engine.close();
    assert.equal(await admin.get('of-others'), 'stays');
  });

  it('answers as counters under plain keys do, whatever is asked in whatever order', async () => {
    const server = await RedisServer.join((await started).settings);
    const engine = new RedisSortedSetEngine(server, () => server.close());
    const session = await openSession(engine.sessionSpec());
    const member = fc.integer({ min: 0, max: 7 }).map(player);
    const score = fc.integer({ min: -(10 ** 12), max: 10 ** 12 });
    const call = fc.oneof(
      fc.record({ do: fc.constant('get' as const), member }),
      fc.record({ do: fc.constant('put' as const), member, score }),
      fc.record({ do: fc.constant('increment' as const), member, score }),
      fc.record({ do: fc.constant('delete' as const), member }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 40 }), async (calls) => {
        await engine.flush();
        const model = new Map<string, number>();
        for (const one of calls) {
          const now = model.get(one.member);
          if (one.do === 'get') {
            assert.equal(await session.get(one.member), now === undefined ? null : String(now));
          } else if (one.do === 'put') {
            await session.put(one.member, String(one.score));
            model.set(one.member, one.score);
          } else if (one.do === 'increment') {
            const sum = (now ?? 0) + one.score;
            model.set(one.member, sum);
            assert.equal(await session.increment(one.member, one.score), String(sum));
          } else {
            assert.equal(await session.delete(one.member), model.delete(one.member));
          }
        }
        const all = Array.from({ length: 8 }, (_, index) => player(index));
        const expected = all.map((name) => (model.has(name) ? String(model.get(name)) : null));
        assert.deepEqual(await session.mget(all), expected);
      }),
      { numRuns: 50, seed: 1 },
    );
    await session.mput(['a', 'b'], ['1', '2']);
    assert.deepEqual(await session.mget(['b', 'none', 'a']), ['2', null, '1']);
    assert.deepEqual(await session.mget([]), []);
    await session.mput([], []);
    await assert.rejects(async () => session.put('a', 'no number'), /not a valid float/);
    await session.close();
    await engine.close();
  });

  it('takes counters and nothing else', () => {
    const sorted = { engine: 'redis', sortedSet: true } as const;
    assert.equal(refusalOf(sorted, { workers: 1, counters: true }), null);
    assert.match(refusalOf(sorted, { workers: 1, counters: false }) ?? '', /nothing but numbers/);
    assert.equal(refusalOf({ engine: 'redis' }, { workers: 1, counters: false }), null);
  });
});
