import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { once } from 'node:events';
import { contenders, createEngine, findContender, type EngineOptions } from '../../src/engines/registry.js';
import { openSession } from '../../src/engines/sessions.js';
import { SharedResource } from '../../src/engines/shared-resource.js';
import { rejectsWith } from './support.js';

const options: EngineOptions = { redis: {}, predis: { engine: 'cpu' } };
const find = (id: string) => Promise.resolve().then(() => findContender(id));

describe('contenders', () => {
  it('are found by their ids, at any pipeline depth', () => {
    assert.deepEqual(
      contenders.map(({ id }) => id),
      [
        ...['redis', 'redis-p16', 'redis-tcp', 'redis-tcp-p16', 'redis-io', 'redis-io-p16'],
        ...[
          'redis-cluster',
          'redis-cluster-p16',
          'redis-zset',
          'redis-zset-p16',
          'predis',
          'predis-cpu',
          'predis-packed',
          'predis-packed-cpu',
          'predis-device',
        ],
        ...['map', 'noop-api', 'noop-packed', 'noop-device', 'noop-resp', 'noop-resp-p16'],
      ],
    );
    for (const contender of contenders) assert.equal(findContender(contender.id), contender);
    const deep = findContender('redis-p100');
    assert.equal(deep.pipelineDepth, 100);
    assert.equal(deep.engine, 'redis');
    assert.match(deep.label, /100/);
    assert.equal(findContender('redis-p1').id, 'redis', 'one thing has one name');
    assert.equal(findContender('redis-cluster-p4').redisVariant, 'cluster');
    assert.equal(findContender('redis-zset-p4').sortedSet, true);
    assert.equal(findContender('noop-resp-p4').floor, true);
  });

  it('have a floor at every boundary, at the depth of each that is listed', () => {
    for (const { id, boundary, pipelineDepth, floor } of contenders) {
      const floors = contenders.filter(
        (other) =>
          other.floor === true && other.boundary === boundary && other.pipelineDepth === pipelineDepth,
      );
      assert.equal(floors.length, 1, id);
      if (floor === true) assert.equal(floors[0]?.id, id);
    }
  });

  it('that do not exist are answered with the nearest name', async () => {
    assert.match((await rejectsWith(find('reddis'), 'UNKNOWN_CONTENDER')).message, /Did you mean redis\?/);
    assert.match(
      (await rejectsWith(find('memcached'), 'UNKNOWN_CONTENDER')).message,
      /there are redis, redis-p16/,
    );
    assert.ok(!(await rejectsWith(find('\u001b[31mx'), 'UNKNOWN_CONTENDER')).message.includes('\u001b'));
  });

  it('have pipeline depths within bounds', async () => {
    for (const id of ['redis-p0', 'redis-p10001', 'redis-p007', `redis-p${'9'.repeat(400)}`]) {
      assert.match((await rejectsWith(find(id), 'PARAMETER_OUT_OF_RANGE')).message, /1 to 10000 requests/);
    }
  });

  it('of the private Redis share one server, which ends with the last', async () => {
    const [first, second] = [
      await createEngine({ engine: 'redis' }, options),
      await createEngine({ engine: 'redis' }, options),
    ];
    const session = await openSession(second.sessionSpec());
    assert.deepEqual(first.sessionSpec(), second.sessionSpec());
    await first.close();
    await first.close(); // twice is once: the second engine still has its server
    await session.put('key', 'value');
    await session.close();
    await second.close();
    await rejectsWith(openSession(second.sessionSpec()), 'REDIS_UNREACHABLE');
    const third = await createEngine({ engine: 'redis' }, options);
    assert.notDeepEqual(third.sessionSpec(), second.sessionSpec());
    await third.close();
  });
});

describe('JavaScript Map', () => {
  it('belongs to one thread', async () => {
    const engine = await createEngine({ engine: 'map' }, options);
    await engine.load(100, (index) => ({ key: `key:${String(index)}`, value: 'v' }));
    await openSession(engine.sessionSpec());
    const script = fileURLToPath(new URL('./session-worker.js', import.meta.url));
    const worker = new Worker(script, { workerData: engine.sessionSpec() });
    const [error] = (await once(worker, 'error')) as [Error];
    assert.match(error.message, /--workers must be 1/);
  });
});

describe('Predis', () => {
  it('names its device, and stops at its memory limit with an error for people', async () => {
    const small: EngineOptions = { ...options, predis: { engine: 'cpu', memoryLimitBytes: 8 * 1024 * 1024 } };
    const engine = await createEngine({ engine: 'predis' }, small);
    const { settings } = await engine.describe();
    assert.equal(settings.device, 'cpu');
    assert.equal(settings.memoryLimitBytes, 8 * 1024 * 1024);
    const large = { key: 'k', value: 'x'.repeat(1000) };
    const loading = engine.load(100_000, (index) => ({ ...large, key: `k${String(index)}` }));
    await rejectsWith(loading, 'PREDIS_ENGINE');
    await engine.close();
  });

  it('has no sessions after its end', async () => {
    const engine = await createEngine({ engine: 'predis' }, options);
    const spec = engine.sessionSpec();
    await engine.close();
    await rejectsWith(openSession(spec), 'PREDIS_ENGINE');
  });
});

describe('a shared resource', () => {
  it('is made once, closed by the last user, and made anew after a failure', async () => {
    const log: string[] = [];
    const shared = new SharedResource<{ close: () => Promise<void> }>();
    const make = (name: string) => (): Promise<{ close: () => Promise<void> }> => {
      log.push(`make ${name}`);
      return name === 'bad'
        ? Promise.reject(new Error('bad'))
        : Promise.resolve({
            close: () => {
              log.push(`close ${name}`);
              return Promise.resolve();
            },
          });
    };
    await assert.rejects(shared.acquire('key', make('bad')));
    const [first, second] = await Promise.all([
      shared.acquire('key', make('first')),
      shared.acquire('key', make('never')),
    ]);
    assert.equal(first.resource, second.resource);
    await first.release();
    await first.release();
    assert.deepEqual(log, ['make bad', 'make first']);
    await second.release();
    assert.deepEqual(log, ['make bad', 'make first', 'close first']);
  });
});
