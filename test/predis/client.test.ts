import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { PredisClient, type PredisOptions } from '../../src/predis/index.js';
import { connected, predisError } from './support.js';

describe('PredisClient, one key at a time', () => {
  let client: PredisClient;
  beforeEach(() => {
    client = connected();
  });
  afterEach(() => {
    client.disconnectSync();
  });

  it('gets what was put, as text and as bytes', () => {
    assert.equal(client.getSync('k'), null);
    assert.equal(client.getBufferSync('k'), null);
    client.putSync('k', 'value');
    assert.equal(client.getSync('k'), 'value');
    assert.deepEqual(client.getBufferSync('k'), Buffer.from('value'));
    client.putSync('k', 'other');
    assert.equal(client.getSync('k'), 'other');
  });

  it('takes a string for its UTF-8 bytes', () => {
    for (const text of ['é', 'ключ', '日本語', '😀', 'a\0b', '\u{7f}', '\u{80}']) {
      client.putSync(text, text);
      assert.equal(client.getSync(Buffer.from(text)), text);
      assert.deepEqual(client.getBufferSync(text), Buffer.from(text));
    }
  });

  it('replaces a lone surrogate by U+FFFD, as Buffer.from does', () => {
    client.putSync('k', 'a\ud800b');
    assert.deepEqual(client.getBufferSync('k'), Buffer.from('a\ud800b'));
    assert.equal(client.getSync('k'), 'a\ufffdb');
  });

  it('decodes bytes that are not UTF-8 as Buffer.toString does', () => {
    for (const bytes of [
      [0xff],
      [0xc3],
      [0xe2, 0x82],
      [0x61, 0x80, 0x62],
      [0xf0, 0x9f, 0x98],
      [0xed, 0xa0, 0x80],
    ]) {
      client.putSync('k', Uint8Array.from(bytes));
      assert.equal(client.getSync('k'), Buffer.from(bytes).toString('utf8'), bytes.join());
    }
  });

  it('tells an empty value from a missing key', () => {
    client.putSync('k', '');
    assert.equal(client.getSync('k'), '');
    assert.deepEqual(client.getBufferSync('k'), Buffer.alloc(0));
    assert.equal(client.existsSync('k'), true);
    client.putSync('k', new Uint8Array(0));
    assert.equal(client.getSync('k'), '');
  });

  it('takes keys of 1 byte to 64 KiB, in bytes and not in characters', () => {
    for (const key of [
      'k',
      'k'.repeat(1019),
      'k'.repeat(1020),
      'k'.repeat(1024),
      'k'.repeat(65536),
      'é'.repeat(32768),
    ]) {
      client.putSync(key, 'v');
      assert.equal(client.getSync(Buffer.from(key)), 'v');
    }
    const sizes = ['k'.repeat(65537), 'é'.repeat(32769), new Uint8Array(65537)];
    for (const key of sizes) {
      assert.throws(() => client.getSync(key), predisError('KEY_TOO_LONG'));
      assert.throws(() => {
        client.putSync(key, '');
      }, predisError('KEY_TOO_LONG'));
      assert.throws(() => client.existsSync(key), predisError('KEY_TOO_LONG'));
    }
    for (const key of ['', new Uint8Array(0)]) {
      assert.throws(() => client.getSync(key), predisError('KEY_EMPTY'));
      assert.throws(() => {
        client.putSync(key, '');
      }, predisError('KEY_EMPTY'));
      assert.throws(() => client.deleteSync(key), predisError('KEY_EMPTY'));
      assert.throws(() => client.existsSync(key), predisError('KEY_EMPTY'));
      assert.throws(() => client.incrementSync(key), predisError('KEY_EMPTY'));
    }
  });

  it('keeps values of many sizes, 64 MiB included, whole', () => {
    for (const bytes of [1, 15, 16, 17, 1023, 1024, 4097, 70_000, 1 << 20, (64 << 20) + 1]) {
      const value = Buffer.alloc(bytes, `${String(bytes)}-`);
      client.putSync('k', value);
      assert.ok(client.getBufferSync('k')?.equals(value), `${String(bytes)} bytes`);
      assert.equal(client.getSync('k'), value.toString('latin1'), `${String(bytes)} characters`);
    }
  });

  it('deletes, and says whether the key existed', () => {
    client.putSync('k', 'v');
    assert.equal(client.existsSync('k'), true);
    assert.equal(client.deleteSync('k'), true);
    assert.equal(client.deleteSync('k'), false);
    assert.equal(client.existsSync('k'), false);
    assert.equal(client.getSync('k'), null);
  });

  it('counts over the whole range of 64 bits', () => {
    assert.equal(client.incrementSync('n'), 1n);
    assert.equal(client.incrementSync('n', 41), 42n);
    assert.equal(client.decrementSync('n', 43n), -1n);
    assert.equal(client.decrementSync('n'), -2n);
    assert.equal(client.getSync('n'), '-2');
    client.putSync('n', '9223372036854775806');
    assert.equal(client.incrementSync('n'), 9223372036854775807n);
    assert.throws(
      () => client.incrementSync('n'),
      predisError('OVERFLOW', { message: 'ERR increment or decrement would overflow' }),
    );
    assert.equal(client.getSync('n'), '9223372036854775807');
    client.putSync('n', '-9223372036854775808');
    assert.throws(() => client.decrementSync('n'), predisError('OVERFLOW'));
    assert.equal(client.incrementSync('n', 9223372036854775807n), -1n);
  });

  it("refuses to count what is no integer, with Redis' words", () => {
    const message = 'ERR value is not an integer or out of range';
    for (const value of [
      '',
      ' 1',
      '1 ',
      '+1',
      '01',
      '-0',
      '1.0',
      '1e3',
      '0x1',
      'abc',
      '9223372036854775808',
      '-',
      '1\0',
    ]) {
      client.putSync('n', value);
      assert.throws(
        () => client.incrementSync('n'),
        predisError('NOT_AN_INTEGER', { message }),
        JSON.stringify(value),
      );
      assert.equal(client.getSync('n'), value);
    }
    client.putSync('n', '5');
    for (const by of [1.5, NaN, Infinity, 2 ** 53, 2n ** 63n, -(2n ** 63n) - 1n]) {
      assert.throws(
        () => client.incrementSync('n', by),
        predisError('NOT_AN_INTEGER', { message }),
        String(by),
      );
      assert.throws(
        () => client.decrementSync('n', by),
        predisError('NOT_AN_INTEGER', { message }),
        String(by),
      );
    }
    assert.throws(
      () => client.decrementSync('n', -(2n ** 63n)),
      predisError('OVERFLOW', { message: 'ERR decrement would overflow' }),
    );
    assert.throws(() => client.incrementSync('n', '1' as unknown as number), predisError('BAD_ARGUMENT'));
    assert.equal(client.getSync('n'), '5');
  });

  it('refuses keys and values that are neither strings nor bytes', () => {
    for (const bad of [
      undefined,
      null,
      1,
      1n,
      {},
      [],
      new ArrayBuffer(4),
      new Uint16Array(2),
      new DataView(new ArrayBuffer(4)),
      Symbol('k'),
    ]) {
      assert.throws(() => client.getSync(bad as string), predisError('BAD_ARGUMENT'));
      assert.throws(() => client.getBufferSync(bad as string), predisError('BAD_ARGUMENT'));
      assert.throws(() => {
        client.putSync('k', bad as string);
      }, predisError('BAD_ARGUMENT'));
      assert.throws(() => client.deleteSync(bad as string), predisError('BAD_ARGUMENT'));
    }
    assert.equal(client.getSync('k'), null);
  });

  it('has a promise form of each call with the same results and errors', async () => {
    await client.put('k', 'v');
    assert.equal(await client.get('k'), 'v');
    assert.deepEqual(await client.getBuffer('k'), Buffer.from('v'));
    assert.equal(await client.exists('k'), true);
    assert.equal(await client.delete('k'), true);
    assert.equal(await client.increment('n', 5), 5n);
    assert.equal(await client.decrement('n'), 4n);
    await client.prefetch(['n']);
    assert.equal((await client.getStats()).keys, 1);
    assert.equal((await client.info()).engine, 'cpu');
    await assert.rejects(client.get(''), predisError('KEY_EMPTY'));
    await assert.rejects(client.put('k', 1 as unknown as string), predisError('BAD_ARGUMENT'));
    await client.flushAll();
    assert.equal(client.getSync('n'), null);
  });
});

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
    const client = connected({ memoryLimitBytes: 1 << 24, expectedKeys: 1000 });
    const info = client.infoSync();
    assert.equal(info.requested, 'auto');
    assert.equal(info.engine, 'cpu');
    assert.match(info.reason ?? '', /CUDA/);
    assert.match(info.compiler, /^(gcc|clang) \d+/);
    assert.match(info.version, /^\d+\.\d+\.\d+/);
    assert.deepEqual(info.settings, { memoryLimitBytes: 1 << 24, expectedKeys: 1000 });
    assert.deepEqual(info.limits, {
      maxKeyBytes: 65536,
      maxValueBytes: 512 * 2 ** 20,
      maxBatchBytes: 2 ** 32 - 1,
    });
    client.disconnectSync();
    const plain = connected({ engine: 'cpu' });
    assert.equal(plain.infoSync().reason, null);
    assert.deepEqual(plain.infoSync().settings, { memoryLimitBytes: null, expectedKeys: null });
    plain.disconnectSync();
  });

  it('refuses an engine that this build lacks', () => {
    assert.throws(() => connected({ engine: 'cuda' }), predisError('ENGINE_UNAVAILABLE'));
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
    const client = connected({ memoryLimitBytes: 4 << 20 });
    client.putSync('kept', 'old');
    assert.throws(() => {
      client.putSync('kept', new Uint8Array(8 << 20));
    }, predisError('OUT_OF_MEMORY'));
    assert.equal(client.getSync('kept'), 'old');
    assert.ok(client.getStatsSync().memoryBytes <= 4 << 20);
    client.disconnectSync();
  });

  it('says so when the machine cannot hold the index that was asked for', () => {
    assert.throws(() => connected({ expectedKeys: 2 ** 52 }), predisError('OUT_OF_MEMORY'));
  });
});
