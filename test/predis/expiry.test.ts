/** Expiry and conditional writes through the client: every form of every call. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PredisClient, type Operation, packStrings } from '../../src/predis/index.js';
import { connected, predisError } from './support.js';

const hour = 3_600_000;
/** A time to come that no test lives to see, and a time that has passed. */
const later = Date.now() + hour;
const before = Date.now() - hour;

/** Checks milliseconds left of an hour set a moment ago. */
function aboutAnHour(left: number | null | undefined): void {
  assert.ok(typeof left === 'number' && left > hour - 60_000 && left <= hour, String(left));
}

describe('PredisClient, keys that expire', () => {
  let client: PredisClient;
  beforeEach(() => {
    client = connected();
  });
  afterEach(() => {
    client.disconnectSync();
  });

  it('tells no key, a key for ever and a key with a time apart', async () => {
    assert.equal(client.ttlSync('k'), undefined);
    assert.equal(client.expiresAtSync('k'), undefined);
    client.putSync('k', 'v');
    assert.equal(client.ttlSync('k'), null);
    assert.equal(client.expiresAtSync('k'), null);
    client.putSync('k', 'v', { expiresAtMs: later });
    assert.equal(client.expiresAtSync('k'), later);
    assert.equal(await client.expiresAt('k'), later);
    client.putSync('k', 'v', { ttlMs: hour });
    aboutAnHour(client.ttlSync('k'));
    aboutAnHour(await client.ttl('k'));
    await client.put('k', 'v', { ttlMs: hour });
    aboutAnHour(client.ttlSync('k'));
    await client.put('k', 'x'.repeat(2 ** 20), { expiresAtMs: later }); // on the thread pool
    assert.equal(client.expiresAtSync('k'), later);
    assert.equal(client.getSync('k')?.length, 2 ** 20);
    client.putSync('k', 'v'); // a plain put drops the time
    assert.equal(client.ttlSync('k'), null);
  });

  it('does not find a key whose time has come, and gives its memory back when swept', async () => {
    client.putSync('gone', 'v', { expiresAtMs: before });
    assert.equal(client.getSync('gone'), null);
    client.putSync('soon', 'v', { ttlMs: 30 });
    client.mputSync(['soon 2', 'stays'], ['v', 'v'], { expiresAtMs: BigInt64Array.from([BigInt(Date.now() + 30), 0n]) });
    assert.equal(client.getSync('soon'), 'v');
    await sleep(60);
    assert.equal(client.getSync('soon'), null);
    assert.equal(client.existsSync('soon'), false);
    assert.equal(client.ttlSync('soon'), undefined);
    assert.equal(client.deleteSync('soon'), false);
    assert.deepEqual(client.mgetSync(['soon', 'soon 2', 'stays']), [null, null, 'v']);
    client.sweepExpiredSync();
    assert.equal(client.countKeysSync(), 1);
    assert.equal(client.getStatsSync().keys, 1);
    assert.ok(client.getStatsSync().expiredKeys >= 2);
    client.putSync('again', 'v', { ttlMs: 20 });
    await sleep(50);
    assert.equal(await client.sweepExpired(), 1);
    assert.equal(await client.countKeys(), 1);
    assert.equal(client.sweepExpiredSync(), 0);
  });

  it('changes and takes away times', async () => {
    assert.equal(client.expireSync('k', { ttlMs: hour }), false);
    assert.equal(client.persistSync('k'), false);
    client.putSync('k', '5');
    assert.equal(client.persistSync('k'), false, 'there was none to take away');
    assert.equal(client.expireSync('k', { ttlMs: hour }), true);
    aboutAnHour(client.ttlSync('k'));
    assert.equal(client.incrementSync('k'), 6n);
    aboutAnHour(client.ttlSync('k')); // an increment keeps it, as in Redis
    assert.equal(await client.persist('k'), true);
    assert.equal(client.ttlSync('k'), null);
    assert.equal(await client.expire('k', { expiresAtMs: later }), true);
    assert.equal(client.expiresAtSync('k'), later);
    assert.equal(client.expireSync('k', { expiresAtMs: before }), true, 'a time that has passed removes it');
    assert.equal(client.getSync('k'), null);
    assert.equal(client.expireSync('k', { ttlMs: hour }), false);
  });

  it('takes one time for a batch, or one for each pair, in every form', async () => {
    const keys = ['a', 'b'];
    const times = BigInt64Array.from([BigInt(later), 0n]);
    const puts: (() => unknown)[] = [
      () => { client.mputSync(keys, keys, { expiresAtMs: times }); }, // ASCII
      () => { client.mputSync([Buffer.from('a'), 'b'], keys, { expiresAtMs: times }); }, // packed
      () => { client.mputSync(new Map([['a', 'é'], ['b', 'b']]), { expiresAtMs: times }); },
      () => client.mput(keys, keys, { expiresAtMs: times }),
      () => client.mput([['a', 'a'], ['b', 'b']], { expiresAtMs: times }),
      () => { client.mputPackedSync(packStrings(keys), packStrings(keys), { expiresAtMs: times }); },
      () => client.mputPacked(packStrings(keys), packStrings(keys), { expiresAtMs: times }),
      () => client.executeBatch([{ op: 'put', key: 'a', value: 'a', expiresAtMs: later }, { op: 'put', key: 'b', value: 'b' }]),
    ]; // prettier-ignore
    for (const put of puts) {
      client.flushAllSync();
      await put();
      assert.equal(client.expiresAtSync('a'), later, String(put));
      assert.equal(client.expiresAtSync('b'), null, String(put));
    }
    client.mputSync(keys, keys, { ttlMs: hour });
    aboutAnHour(client.ttlSync('a'));
    aboutAnHour(client.ttlSync('b'));
    const many = Array.from({ length: 5000 }, (_, i) => `key:${String(i)}`);
    await client.mput(many, many, { expiresAtMs: later }); // on the thread pool
    assert.equal(client.expiresAtSync('key:4999'), later);
    await client.mput(many, many);
    assert.equal(client.ttlSync('key:0'), null);
  });

  it('refuses what is no time', () => {
    const bad: unknown[] = [
      null,
      5,
      { ttlMs: 0 },
      { ttlMs: -1 },
      { ttlMs: 1.5 },
      { ttlMs: '5' },
      { ttlMs: Number.MAX_SAFE_INTEGER },
      { expiresAtMs: 0 },
      { expiresAtMs: -5 },
      { expiresAtMs: 2 ** 53 },
      { expiresAtMs: new Date() },
      { ttlMs: 5, expiresAtMs: later },
    ];
    for (const options of bad as Parameters<typeof client.expireSync>[1][]) {
      const calls = [
        () => { client.putSync('k', 'v', options); },
        () => client.putIfAbsentSync('k', 'v', options),
        () => client.compareAndSetSync('k', null, 'v', options),
        () => client.expireSync('k', options),
        () => { client.mputSync(['k'], ['v'], options); },
      ];
      for (const call of calls) assert.throws(call, predisError('BAD_ARGUMENT'), `${String(call)} ${JSON.stringify(options)}`);
    }
    assert.throws(() => client.expireSync('k', {}), predisError('BAD_ARGUMENT'));
    const times = { expiresAtMs: new BigInt64Array(2) };
    assert.throws(() => { client.mputSync(['k'], ['v'], times); }, predisError('BAD_BATCH'));
    assert.throws(() => { client.mputSync(['k', 'l'], ['v', 'w'], { ...times, ttlMs: 5 }); }, predisError('BAD_ARGUMENT'));
    assert.equal(client.countKeysSync(), 0);
  });
}); // prettier-ignore

describe('PredisClient, writes under a condition', () => {
  let client: PredisClient;
  beforeEach(() => {
    client = connected();
  });
  afterEach(() => {
    client.disconnectSync();
  });

  it('creates a key that is not there, and only that', async () => {
    assert.equal(client.putIfAbsentSync('k', 'first', { ttlMs: hour }), true);
    assert.equal(client.putIfAbsentSync('k', 'second'), false);
    assert.equal(await client.putIfAbsent('k', 'third'), false);
    assert.equal(client.getSync('k'), 'first');
    aboutAnHour(client.ttlSync('k'));
    assert.equal(await client.putIfAbsent('l', ''), true);
    assert.equal(client.getSync('l'), '');
    client.expireSync('k', { expiresAtMs: before });
    assert.equal(client.putIfAbsentSync('k', 'after'), true, 'a key that expired is not there');
    assert.equal(client.ttlSync('k'), null);
  });

  it('replaces the value that is expected, and no other', async () => {
    assert.equal(client.compareAndSetSync('k', 'v', 'w'), false);
    assert.equal(client.compareAndSetSync('k', '', 'w'), false, 'no value is not an empty one');
    assert.equal(client.existsSync('k'), false);
    assert.equal(client.compareAndSetSync('k', null, ''), true);
    assert.equal(client.compareAndSetSync('k', null, 'x'), false);
    assert.equal(client.compareAndSetSync('k', '', 'v1'), true);
    assert.equal(client.compareAndSetSync('k', 'v', 'x'), false, 'a prefix is not the value');
    assert.equal(client.compareAndSetSync('k', 'v11', 'x'), false);
    assert.equal(
      await client.compareAndSet('k', Buffer.from('v1'), new Uint8Array([0, 255]), { ttlMs: hour }),
      true,
    );
    assert.deepEqual(client.getBufferSync('k'), Buffer.from([0, 255]));
    aboutAnHour(client.ttlSync('k'));
    assert.equal(client.compareAndSetSync('k', Buffer.from([0, 254]), 'x'), false);
    aboutAnHour(client.ttlSync('k'));
    assert.equal(client.compareAndSetSync('k', Buffer.from([0, 255]), 'y'), true);
    assert.equal(client.ttlSync('k'), null, 'as by a put');
  });

  it('does all of it in mixed batches, in order', async () => {
    const operations: Operation[] = [
      { op: 'putIfAbsent', key: 'k', value: '1', expiresAtMs: later },
      { op: 'putIfAbsent', key: 'k', value: '2' },
      { op: 'expiresAt', key: 'k' },
      { op: 'compareAndSet', key: 'k', expected: '1', value: '3', expiresAtMs: later + 1 },
      { op: 'compareAndSet', key: 'k', expected: '1', value: '4' },
      { op: 'compareAndSet', key: 'k', expected: null, value: '4' },
      { op: 'expiresAt', key: 'k' },
      { op: 'increment', key: 'k', by: 4 },
      { op: 'persist', key: 'k' },
      { op: 'persist', key: 'k' },
      { op: 'ttl', key: 'k' },
      { op: 'get', key: 'k' },
      { op: 'expire', key: 'k', expiresAtMs: before },
      { op: 'get', key: 'k' },
      { op: 'expire', key: 'k', ttlMs: 5 },
      { op: 'ttl', key: 'k' },
      { op: 'persist', key: 'k' },
      { op: 'compareAndSet', key: 'k', expected: null, value: 'new' },
      { op: 'getBuffer', key: 'k' },
    ];
    const expected = [
      true, false, later, true, false, false, later + 1, 7n, true, false, null, '7', true, null, false,
      undefined, false, true, Buffer.from('new'),
    ]; // prettier-ignore
    for (const run of [client.executeBatchSync.bind(client), client.executeBatch.bind(client)]) {
      client.flushAllSync();
      const results = await run(operations);
      assert.deepEqual(
        results.map((result) => (result.ok ? result.value : result.error.message)),
        expected,
      );
    }
    // on the thread pool
    const many = Array.from({ length: 3000 }, (_, i) => [
      { op: 'put', key: `n${String(i)}`, value: 'a' } as const,
      { op: 'compareAndSet', key: `n${String(i)}`, expected: i % 2 === 0 ? 'a' : 'b', value: 'c' } as const,
    ]).flat();
    const results = await client.executeBatch(many);
    results.forEach((result, i) => {
      assert.deepEqual(result, { ok: true, value: i % 2 === 0 ? undefined : i % 4 === 1 });
    });
  });

  it('fails a bad operation of a batch alone', () => {
    const odd: unknown[] = [
      { op: 'put', key: 'ok', value: 'v' },
      { op: 'compareAndSet', key: 'k', value: 'v' },
      { op: 'compareAndSet', key: 'k', expected: 5, value: 'v' },
      { op: 'putIfAbsent', key: 'k' },
      { op: 'putIfAbsent', key: 'k', value: 'v', ttlMs: -1 },
      { op: 'expire', key: 'k' },
      { op: 'touch', key: 'k' },
      { op: 'persist', key: 'ok' },
      { op: 'persist', key: '' },
      { op: 'get', key: 'ok' },
    ];
    const results = client.executeBatchSync(odd as Operation[]);
    const bad = 'BAD_ARGUMENT';
    assert.deepEqual(
      results.map((result) => (result.ok ? result.value : result.error.code)),
      [undefined, bad, bad, bad, bad, bad, bad, false, 'KEY_EMPTY', 'v'],
    );
  });

  it('refuses keys and values beyond the limits', () => {
    const long = 'k'.repeat(65537);
    for (const call of [
      () => client.putIfAbsentSync(long, 'v'),
      () => client.compareAndSetSync(long, 'a', 'v'),
      () => client.expireSync(long, { ttlMs: 5 }),
      () => client.persistSync(long),
      () => client.ttlSync(long),
      () => {
        client.putSync(long, 'v', { ttlMs: 5 });
      },
    ]) {
      assert.throws(call, predisError('KEY_TOO_LONG'));
    }
    assert.throws(() => client.putIfAbsentSync('', 'v'), predisError('KEY_EMPTY'));
    assert.throws(() => client.ttlSync(5 as unknown as string), predisError('BAD_ARGUMENT'));
    assert.throws(
      () => client.compareAndSetSync('k', undefined as unknown as null, 'v'),
      predisError('BAD_ARGUMENT'),
    );
  });
});
