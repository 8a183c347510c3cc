/** Namespaces, consistency, eviction and pinned memory through the client. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PredisClient, packStrings, unpackStrings } from '../../src/predis/index.js';
import { connected, predisError } from './support.js';

describe('PredisClient, namespaces', () => {
  it('keep their keys apart, and are found by name from every client of an engine', async () => {
    const plain = connected();
    const attach = plain.share();
    const prices = connected({ attach, namespace: 'prices' });
    const same = connected({ attach, namespace: 'prices', consistency: 'relaxed' });
    const other = connected({ attach, namespace: 'Prices' });
    plain.putSync('k', 'plain');
    prices.putSync('k', 'prices');
    other.mputSync(['k', 'l'], ['other', 'other']);
    assert.deepEqual(
      [plain, prices, same, other].map((client) => client.getSync('k')),
      ['plain', 'prices', 'prices', 'other'],
    );
    assert.deepEqual(
      [plain, prices, other].map((client) => client.countKeysSync()),
      [1, 1, 2],
    );
    assert.equal(plain.getStatsSync().keys, 4);
    assert.equal(prices.deleteSync('l'), false);
    assert.deepEqual(await prices.mget(['k', 'l']), ['prices', null]);
    const results = same.executeBatchSync([{ op: 'increment', key: 'n' }]);
    assert.deepEqual(results, [{ ok: true, value: 1n }]);
    assert.equal(plain.existsSync('n'), false);

    other.clearSync();
    assert.deepEqual([plain.countKeysSync(), prices.countKeysSync(), other.countKeysSync()], [1, 2, 0]);
    await plain.clear();
    assert.deepEqual([plain.countKeysSync(), prices.countKeysSync()], [0, 2]);
    await plain.flushAll();
    assert.equal(plain.getStatsSync().keys, 0);
    assert.equal(prices.getSync('k'), null);
    for (const client of [plain, prices, same, other]) client.disconnectSync();
  });

  it('work on the thread pool too', async () => {
    const plain = connected();
    const space = connected({ attach: plain.share(), namespace: 'ключ' });
    const keys = Array.from({ length: 10_000 }, (_, i) => `key:${String(i)}`);
    await space.mput(keys, keys);
    assert.equal(plain.countKeysSync(), 0);
    assert.deepEqual(await space.mget(keys), keys);
    assert.deepEqual(await plain.mget(keys), new Array<null>(10_000).fill(null));
    assert.equal(await plain.mdelete(keys), 0);
    assert.equal(await space.mdelete(keys), 10_000);
    space.disconnectSync();
    plain.disconnectSync();
  });

  it('are 1,024 at most', () => {
    const plain = connected();
    const attach = plain.share();
    for (let i = 1; i < 1024; i++) connected({ attach, namespace: String(i) }).disconnectSync();
    const one = new PredisClient({ attach, namespace: 'one too many' });
    assert.throws(() => {
      one.connectSync();
    }, predisError('TOO_MANY_NAMESPACES'));
    assert.equal(one.connected, false);
    connected({ attach, namespace: '1023' }).disconnectSync(); // those that are there can be opened
    plain.disconnectSync();
  });
});

describe('PredisClient, eviction', () => {
  const value = 'x'.repeat(1000);

  it("fails what does not fit, or makes room with 'clock', and counts what it removed", () => {
    const memoryLimitBytes = 16 * 2 ** 20;
    const keys = Array.from({ length: 60_000 }, (_, i) => `key:${String(i)}`);
    const values = keys.map(() => value);
    const strict = connected({ memoryLimitBytes });
    assert.throws(() => {
      strict.mputSync(keys, values);
    }, predisError('OUT_OF_MEMORY'));
    assert.equal(strict.getStatsSync().evictedKeys, 0);
    assert.equal(strict.getSync('key:0'), value);
    strict.disconnectSync();

    const client = connected({ memoryLimitBytes, eviction: 'clock' });
    for (let i = 0; i < keys.length; i += 1000)
      client.mputSync(keys.slice(i, i + 1000), values.slice(i, i + 1000));
    const { evictedKeys, keys: left, memoryBytes } = client.getStatsSync();
    assert.ok(evictedKeys > 10_000, String(evictedKeys));
    assert.equal(left, keys.length - evictedKeys);
    assert.ok(memoryBytes <= memoryLimitBytes, String(memoryBytes));
    assert.equal(client.getSync('key:59999'), value, 'the last written is there');
    client.resetStatsSync();
    assert.equal(client.getStatsSync().evictedKeys, 0);
    client.disconnectSync();
  });
});

describe('PredisClient, pinned memory', () => {
  it('serves as input and output of packed batches, and outlives its client', () => {
    const client = connected();
    const keys = packStrings(['a', 'b', 'c']);
    const blob = client.allocatePinned(64);
    assert.equal(blob.length, 64);
    assert.ok(
      blob.every((byte) => byte === 0),
      'zeroed',
    );
    blob.set(Buffer.from('oneTWO'));
    client.mputPackedSync(keys, { blob, offsets: Uint32Array.from([0, 3, 6, 6]) });
    const out = { blob: client.allocatePinned(16), offsets: new Uint32Array(4), found: new Uint8Array(3) };
    const answer = client.mgetPackedSync(keys, out);
    assert.equal(answer.blob, out.blob, 'the memory that was lent');
    assert.deepEqual(unpackStrings(answer), ['one', 'TWO', '']);
    // what does not fit is answered elsewhere
    client.putSync('a', 'x'.repeat(17));
    const larger = client.mgetPackedSync(keys, out);
    assert.notEqual(larger.blob, out.blob);
    assert.deepEqual(unpackStrings(larger), ['x'.repeat(17), 'TWO', '']);
    client.disconnectSync();
    blob.fill(7);
    assert.equal(blob[63], 7);
    assert.throws(() => client.allocatePinned(5), predisError('CLOSED'));
  });
});
