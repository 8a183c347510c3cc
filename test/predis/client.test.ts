import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { PredisClient } from '../../src/predis/index.js';
import { connected, predisError, testEngine } from './support.js';

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
    assert.equal((await client.info()).engine, testEngine);
    await assert.rejects(client.get(''), predisError('KEY_EMPTY'));
    await assert.rejects(client.put('k', 1 as unknown as string), predisError('BAD_ARGUMENT'));
    await client.flushAll();
    assert.equal(client.getSync('n'), null);
  });
});
