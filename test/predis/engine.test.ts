import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PredisClient, type PredisOptions } from '../../src/predis/index.js';
import { connected, predisError, testEngine } from './support.js';

describe('PredisClient, its engine', () => {
  it('refuses calls before connect and after disconnect, and connects again to a new engine', async () => {
    const client = new PredisClient();
    assert.equal(client.connected, false);
    assert.throws(() => client.getSync('k'), predisError('CLOSED'));
    await client.connect();
    await client.connect();
    client.putSync('k', 'v');
    await client.disconnect();
    await client.disconnect();
    client.disconnectSync();
    assert.equal(client.connected, false);
    const calls: (() => unknown)[] = [
      () => client.getSync('k'),
      () => client.getBufferSync('k'),
      () => {
        client.putSync('k', 'v');
      },
      () => client.deleteSync('k'),
      () => client.existsSync('k'),
      () => client.incrementSync('k'),
      () => client.decrementSync('k'),
      () => client.mgetSync(['k']),
      () => client.mgetBufferSync(['k']),
      () => {
        client.mputSync(['k'], ['v']);
      },
      () => client.mdeleteSync(['k']),
      () => client.executeBatchSync([]),
      () => {
        client.prefetchSync(['k']);
      },
      () => {
        client.flushAllSync();
      },
      () => client.getStatsSync(),
      () => {
        client.resetStatsSync();
      },
      () => client.infoSync(),
      () => client.share(),
    ];
    for (const call of calls) assert.throws(call, predisError('CLOSED'), String(call));
    await assert.rejects(client.get('k'), predisError('CLOSED'));
    await assert.rejects(client.flushAll(), predisError('CLOSED'));
    client.connectSync();
    assert.equal(client.getSync('k'), null);
    client.disconnectSync();
  });

  it('keeps engines apart', () => {
    const [one, two] = [connected(), connected()];
    one.putSync('k', 'one');
    assert.equal(two.getSync('k'), null);
    one.disconnectSync();
    two.disconnectSync();
  });

  it('shares an engine that lives while any client is connected', () => {
    const one = connected();
    const handle = structuredClone(one.share());
    const two = connected({ attach: handle });
    one.putSync('k', 'v');
    assert.equal(two.getSync('k'), 'v');
    one.disconnectSync();
    assert.equal(two.getSync('k'), 'v');
    const three = connected({ attach: handle });
    two.disconnectSync();
    assert.equal(three.getSync('k'), 'v');
    assert.equal(three.infoSync().requested, 'attach');
    three.disconnectSync();
    assert.throws(() => connected({ attach: handle }), predisError('CLOSED'));
  });

  it('says what runs and with which settings', () => {
    const client = connected({
      ...{
        memoryLimitBytes: 1 << 24,
        expectedKeys: 1000,
        eviction: 'clock',
        path: 'packed',
        hotCacheKeys: 7,
      },
      ...{ engine: 'cpu', namespace: 'prices', consistency: 'relaxed' },
    });
    const info = client.infoSync();
    assert.deepEqual(
      [info.requested, info.engine, info.engineReason, info.device],
      ['cpu', 'cpu', null, null],
    );
    assert.deepEqual([info.namespace, info.consistency, info.failure], ['prices', 'relaxed', null]);
    assert.match(info.compiler, /^(gcc|clang) \d+/);
    assert.match(info.version, /^\d+\.\d+\.\d+/);
    assert.deepEqual(info.settings, {
      ...{
        memoryLimitBytes: 1 << 24,
        expectedKeys: 1000,
        eviction: 'clock',
        path: 'packed',
        hotCacheKeys: 7,
      },
    });
    assert.deepEqual(info.limits, {
      maxKeyBytes: 65536,
      maxValueBytes: 512 * 2 ** 20,
      maxBatchBytes: 2 ** 32 - 1,
    });
    client.disconnectSync();
    const plain = connected();
    assert.deepEqual(plain.infoSync().settings, {
      ...{ memoryLimitBytes: null, expectedKeys: null, eviction: 'none', path: 'auto', hotCacheKeys: 65536 },
    });
    assert.deepEqual([plain.infoSync().namespace, plain.infoSync().consistency], ['', 'strong']);
    plain.disconnectSync();
  });

  it("takes the fastest engine that runs for 'auto', and says which and why", (t) => {
    const client = connected({ engine: 'auto' });
    const info = client.infoSync();
    client.disconnectSync();
    assert.equal(info.requested, 'auto');
    assert.notEqual(info.engineReason ?? '', '');
    if (info.engine === 'cuda') {
      assert.notEqual(info.device?.name ?? '', '');
      assert.match(info.device?.computeCapability ?? '', /^\d+\.\d+$/);
      t.diagnostic(`on ${info.device?.name ?? ''}`);
      return;
    }
    assert.equal(info.engine, 'cpu');
    assert.equal(info.device, null);
    // what was asked for by name is not replaced by something slower
    assert.throws(
      () => connected({ engine: 'cuda' }),
      (error: unknown) => {
        predisError('ENGINE_UNAVAILABLE')(error);
        assert.ok((error as Error).message.includes(info.engineReason ?? '?'), (error as Error).message);
        return true;
      },
    );
  });

  it('refuses options that mean nothing', () => {
    const handle = { kind: 'predis-engine', engineId: 1, processId: process.pid } as const;
    const bad: unknown[] = [
      null,
      5,
      { engine: 'gpu' },
      { memoryLimitBytes: -1 },
      { memoryLimitBytes: 1.5 },
      { memoryLimitBytes: '1' },
      { expectedKeys: NaN },
      { expectedKeys: 2 ** 53 },
      { memoryLimit: 5 },
      { attach: null },
      { attach: {} },
      { attach: { ...handle, engineId: 'x' } },
      { attach: { ...handle, processId: process.pid + 1 } },
      { attach: handle, engine: 'cpu' },
      { attach: handle, hotCacheKeys: 5 },
      { eviction: 'lru' },
      { eviction: true },
      { path: 'fast' },
      { consistency: 'eventual' },
      { device: -1 },
      { device: 0.5 },
      { hotCacheKeys: 2 ** 32 },
      { namespace: 5 },
      { namespace: 'x'.repeat(65537) },
    ];
    for (const options of bad) {
      assert.throws(
        () => new PredisClient(options as PredisOptions),
        predisError('BAD_ARGUMENT'),
        JSON.stringify(options),
      );
    }
  });

  it('counts hits, misses, keys and bytes, and starts over', () => {
    const client = connected();
    assert.equal(client.getStatsSync().hitRatio, null);
    client.mputSync(['aa', 'bb', 'cc'], ['1', '22', '']);
    client.mgetSync(['aa', 'bb', 'nn']);
    client.getSync('zz');
    client.incrementSync('aa');
    client.deleteSync('bb');
    const stats = client.getStatsSync();
    assert.deepEqual(
      [stats.gets, stats.hits, stats.misses, stats.puts, stats.deletes, stats.increments, stats.operations],
      [4, 2, 2, 3, 1, 1, 9],
    );
    assert.equal(stats.hitRatio, 0.5);
    assert.equal(stats.keys, 2);
    assert.equal(stats.bytes, 5);
    assert.ok(stats.memoryBytes >= stats.bytes);
    assert.ok(stats.operationsPerSecond > 0);
    for (let i = 0; i < 5000; i++) client.getSync('aa');
    const { meanLatencyNs, meanOperationNs } = client.getStatsSync();
    assert.ok(meanLatencyNs !== null && meanLatencyNs > 0 && meanOperationNs !== null && meanOperationNs > 0);
    client.resetStatsSync();
    const fresh = client.getStatsSync();
    assert.deepEqual([fresh.operations, fresh.hits, fresh.keys], [0, 0, 2]);
    client.disconnectSync();
  });

  it('refuses what does not fit its memory limit, and keeps what it has', () => {
    const client = connected({ memoryLimitBytes: 16 << 20 });
    client.putSync('kept', 'old');
    assert.throws(() => {
      client.putSync('kept', new Uint8Array(32 << 20));
    }, predisError('OUT_OF_MEMORY'));
    assert.equal(client.getSync('kept'), 'old');
    assert.ok(client.getStatsSync().memoryBytes <= 16 << 20);
    client.disconnectSync();
  });

  it('works at the least limit, and says what it is when it is given less', () => {
    const client = connected({ memoryLimitBytes: 8 << 20 });
    client.putSync('k', 'v');
    assert.equal(client.getSync('k'), 'v');
    client.disconnectSync();
    const less = { memoryLimitBytes: (8 << 20) - 1 };
    if (testEngine === 'cpu') {
      connected(less).disconnectSync();
      return;
    }
    assert.throws(() => connected(less), predisError('ENGINE_UNAVAILABLE'));
    assert.throws(() => connected(less), /memory limit of 8388607 bytes is too small .* 8 MiB/);
    const auto = connected({ ...less, engine: 'auto' });
    assert.equal(auto.infoSync().engine, 'cpu');
    assert.match(auto.infoSync().engineReason ?? '', /memory limit of 8388607 bytes is too small/);
    auto.disconnectSync();
  });

  it('says so when the machine cannot hold the index that was asked for', () => {
    assert.throws(() => connected({ expectedKeys: 2 ** 52 }), predisError('OUT_OF_MEMORY'));
  });
});
