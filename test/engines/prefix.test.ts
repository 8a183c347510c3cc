import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { createEngine, type EngineOptions } from '../../src/engines/registry.js';
import { acquirePrefix } from '../../src/engines/redis/prefix.js';
import { openSession } from '../../src/engines/sessions.js';
import { rejectsWith, startTestServer, type TestServer } from './support.js';

const pair = (index: number): { key: string; value: string } => ({
  key: `key:${String(index)}`,
  value: 'v'.repeat(100),
});

/** Everything that a server holds, all types and lifetimes included. */
async function contents({ admin }: TestServer): Promise<Map<string, string>> {
  const dumps = new Map<string, string>();
  for (const key of (await admin.keys('*')).sort()) {
    const dump = await admin.dumpBuffer(key);
    dumps.set(key, `${dump.toString('hex')} ${String(await admin.pttl(key))}`);
  }
  return dumps;
}

describe('a server that somebody else runs', () => {
  let server: TestServer;
  let options: EngineOptions;
  let foreign: Map<string, string>;

  before(async () => {
    server = await startTestServer();
    options = { redis: { url: server.socket }, predis: { engine: 'cpu' } };
    await server.admin.mset('key:1', 'not ours', 'predis-bench', 'x', 'predis-bench:00000000', 'x');
    await server.admin.set('predis-benchmark:key', 'x');
    await server.admin.hset('a hash', 'field', 'x');
    await server.admin.rpush('predis-bench:list', 'x');
    foreign = await contents(server);
  });
  afterEach(async () => {
    assert.deepEqual(await contents(server), foreign, 'foreign keys are as they were, and ours are gone');
  });
  after(() => server.close());

  it('keeps its own keys, and loses all of ours, after loads, writes and a flush', async () => {
    const engine = await createEngine({ engine: 'redis' }, options);
    await engine.load(5000, pair);
    const session = await openSession(engine.sessionSpec());
    await session.put('key:1', 'ours');
    await session.increment('counter', 1);
    await session.delete('key:2');
    await session.close();
    assert.equal(await server.admin.get('key:1'), 'not ours');
    assert.ok((await server.admin.dbsize()) > 5000);
    await engine.load(10, pair);
    await engine.flush();
    await engine.close();
    await engine.close();
    const commands = await server.admin.info('commandstats');
    assert.doesNotMatch(commands, /cmdstat_(flush|keys_|swapdb|config\|set|shutdown)/i);
  });

  it('loses ours when the load fails half-way for want of memory', async () => {
    const engine = await createEngine({ engine: 'redis' }, options);
    const used = Number(/used_memory:(\d+)/.exec(await server.admin.info('memory'))?.[1]);
    await server.admin.config('SET', 'maxmemory', String(used + 2_000_000));
    const error = await rejectsWith(engine.load(200_000, pair), 'REDIS_OUT_OF_MEMORY');
    assert.match(error.message, /maxmemory is reached/);
    await server.admin.config('SET', 'maxmemory', '0');
    await engine.close();
  });

  it('says in the middle of a run that it is out of memory, or has become a replica', async () => {
    const engine = await createEngine({ engine: 'redis' }, options);
    await engine.load(10, pair);
    const session = await openSession(engine.sessionSpec());
    await server.admin.config('SET', 'maxmemory', '1');
    await rejectsWith(Promise.resolve(session.put('key:1', 'x')), 'REDIS_OUT_OF_MEMORY');
    await server.admin.config('SET', 'maxmemory', '0');
    await server.admin.replicaof('127.0.0.1', 1);
    await rejectsWith(Promise.resolve(session.put('key:1', 'x')), 'REDIS_READ_ONLY');
    await server.admin.replicaof('NO', 'ONE');
    await session.close();
    await engine.close();
  });

  it('is shared by contenders; the last one to go cleans up', async () => {
    const first = await createEngine({ engine: 'redis' }, options);
    const second = await createEngine({ engine: 'redis' }, options);
    assert.deepEqual(first.sessionSpec(), second.sessionSpec());
    await first.load(10, pair);
    await first.close();
    const session = await openSession(second.sessionSpec());
    assert.equal(await session.get('key:3'), pair(3).value);
    await session.close();
    await second.close();
  });

  it('is rid of what a killed run left as soon as the lease of that run is gone, and not before', async () => {
    const { admin } = server;
    const alive = await acquirePrefix(admin);
    const killed = await acquirePrefix(admin);
    await admin.set(`${alive.prefix}key`, 'x');
    await admin.set(`${killed.prefix}key`, 'x');
    await admin.sadd('predis-bench:runs', '*', 'FFFFFFFF', '');
    const lease = killed.prefix.replace('predis-bench:', 'predis-bench:lease:').slice(0, -1);
    assert.ok((await admin.ttl(lease)) > 600, 'a lease outlives a suspended run');
    await admin.del(lease); // as time would

    const next = await acquirePrefix(admin);
    assert.equal(await admin.exists(`${alive.prefix}key`), 1);
    assert.equal(await admin.exists(`${killed.prefix}key`), 0);
    assert.equal(await admin.exists('predis-bench:00000000', 'key:1'), 2);
    await admin.srem('predis-bench:runs', '*', 'FFFFFFFF', '');
    for (const lease of [alive, killed, next]) await lease.release();
  });
});
