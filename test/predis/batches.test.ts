import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { PredisClient } from '../../src/predis/index.js';
import { PredisError, packStrings, unpackStrings } from '../../src/predis/index.js';
import { connected, predisError } from './support.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

describe('PredisClient, batches', () => {
  let client: PredisClient;
  beforeEach(() => {
    client = connected();
  });
  afterEach(() => {
    client.disconnectSync();
  });

  it('reads in the order of the keys, null for a missing one', () => {
    client.mputSync(['a', 'b', 'c'], ['1', '', '3']);
    assert.deepEqual(client.mgetSync(['c', 'x', 'b', 'a', 'c']), ['3', null, '', '1', '3']);
    assert.deepEqual(client.mgetBufferSync(['b', 'x', 'a']), [Buffer.alloc(0), null, Buffer.from('1')]);
    assert.deepEqual(client.mgetSync([]), []);
    assert.deepEqual(client.mgetBufferSync([]), []);
  });

  it('takes any mixture of ASCII, other text and bytes', () => {
    const keys = ['plain', 'clé', bytes('bytes'), '😀', new Uint8Array([0, 255])];
    const values = ['ascii', bytes('x'), 'é', '日本', ''];
    for (let count = 1; count <= keys.length; count++) {
      client.flushAllSync();
      client.mputSync(keys.slice(0, count), values.slice(0, count));
      assert.deepEqual(
        client.mgetSync(keys),
        ['ascii', 'x', 'é', '日本', ''].map((v, i) => (i < count ? v : null)),
      );
      client.prefetchSync(keys);
      assert.equal(client.mdeleteSync(keys), count);
    }
    client.mputSync(['a', 'b'], ['ascii', 'é']);
    assert.deepEqual(client.mgetSync(['a', 'b']), ['ascii', 'é']);
  });

  it('does not take wide characters for the bytes that they end in', () => {
    client.putSync('A', 'wrong');
    assert.deepEqual(client.mgetSync(['\u0141']), [null]); // U+0141 ends in 0x41, which is A
    assert.deepEqual(client.mgetSync(['\u00c1']), [null]);
  });

  it('lets the last of equal keys win, and deletes a key once', () => {
    client.mputSync(['k', 'k', 'k'], ['1', '2', '3']);
    assert.equal(client.getSync('k'), '3');
    assert.equal(client.mdeleteSync(['k', 'k', 'x']), 1);
    assert.equal(client.mdeleteSync([]), 0);
  });

  it('takes pairs from a Map, an array and a generator', () => {
    client.mputSync(new Map([['a', '1']]));
    client.mputSync([
      ['b', '2'],
      ['c', '3'],
    ]);
    client.mputSync(
      (function* (): Generator<[string, string]> {
        yield ['d', '4'];
      })(),
    );
    client.mputSync([]);
    assert.deepEqual(client.mgetSync(['a', 'b', 'c', 'd']), ['1', '2', '3', '4']);
  });

  it('handles batches of every size around the chunks in which results are made', () => {
    for (const count of [1, 2, 511, 512, 513, 1023, 1024, 1025, 5000]) {
      const keys = Array.from({ length: count }, (_, i) => `key:${String(i)}`);
      const values = keys.map((key) => `value of ${key}`);
      client.mputSync(keys, values);
      assert.deepEqual(client.mgetSync(keys), values);
      assert.deepEqual(client.mgetSync([...keys, 'missing']), [...values, null]);
      assert.equal(client.mdeleteSync(keys), count);
    }
  });

  it('refuses a batch with a bad key before doing anything, and names it', () => {
    const long = 'k'.repeat(65537);
    for (const bad of ['', long, new Uint8Array(0), `${long}é`]) {
      const code = bad.length === 0 ? 'KEY_EMPTY' : 'KEY_TOO_LONG';
      assert.throws(
        () => {
          client.mputSync(['a', bad], ['1', '2']);
        },
        predisError(code, { index: 1, failures: [] }),
      );
      assert.equal(client.getSync('a'), null);
      assert.throws(() => client.mgetSync(['a', 'b', bad]), predisError(code, { index: 2 }));
      assert.throws(() => client.mgetBufferSync([bad]), predisError(code, { index: 0 }));
      assert.throws(() => client.mdeleteSync(['a', bad]), predisError(code, { index: 1 }));
      assert.throws(
        () => {
          client.prefetchSync(['a', bad]);
        },
        predisError(code, { index: 1 }),
      );
    }
  });

  it('refuses batches that are no batches', () => {
    const notList = 'abc' as unknown as string[];
    assert.throws(() => client.mgetSync(notList), predisError('BAD_ARGUMENT'));
    assert.throws(() => client.mdeleteSync(notList), predisError('BAD_ARGUMENT'));
    assert.throws(() => {
      client.mputSync(5 as unknown as string[], []);
    }, predisError('BAD_ARGUMENT'));
    assert.throws(() => {
      client.mputSync(5 as unknown as [string, string][]);
    }, predisError('BAD_ARGUMENT'));
    assert.throws(() => {
      client.mputSync(['ab'] as unknown as [string, string][]);
    }, predisError('BAD_ARGUMENT'));
    assert.throws(() => {
      client.mputSync(['a'], []);
    }, predisError('BAD_BATCH'));
    assert.throws(
      () => client.mgetSync(['a', 5 as unknown as string]),
      predisError('BAD_ARGUMENT', { index: 1 }),
    );
    // eslint-disable-next-line no-sparse-arrays -- a hole is what is tested
    assert.throws(() => client.mgetSync(['a', , 'b'] as string[]), predisError('BAD_ARGUMENT', { index: 1 }));
    assert.throws(
      () => {
        client.mputSync(['a'], [null as unknown as string]);
      },
      predisError('BAD_ARGUMENT', { index: 0 }),
    );
  });

  it('reports which pairs found no memory; the others are stored', () => {
    const small = connected({ memoryLimitBytes: 16 << 20 });
    const keys = ['first', 'huge', 'last'];
    const values = ['1', 'x'.repeat(32 << 20), '3'];
    for (const put of [
      (): void => {
        small.mputSync(keys, values);
      },
      (): void => {
        small.mputPackedSync(packStrings(keys), packStrings(values));
      },
    ]) {
      small.flushAllSync();
      assert.throws(
        put,
        predisError('OUT_OF_MEMORY', { index: 1, failures: [{ index: 1, code: 'OUT_OF_MEMORY' }] }),
      );
      assert.deepEqual(small.mgetSync(keys), ['1', null, '3']);
    }
    small.disconnectSync();
  });

  it('does the same through promises, small and large', async () => {
    for (const count of [3, 10_000]) {
      const keys = Array.from({ length: count }, (_, i) => `key:${String(i)}`);
      const values = keys.map((key, i) => (i % 3 === 0 ? `é${key}` : key));
      await client.mput(keys, values);
      assert.deepEqual(await client.mget(keys), values);
      assert.deepEqual((await client.mgetBuffer(keys)).map(String), values);
      const packed = packStrings(keys);
      const read = await client.mgetPacked(packed);
      assert.deepEqual(unpackStrings(read), values);
      assert.equal(await client.mdeletePacked(packed), count);
      await client.mputPacked(packed, packStrings(values));
      assert.equal(await client.mdelete([...keys, 'missing']), count);
      assert.deepEqual(await client.mget(keys.slice(0, 2)), [null, null]);
    }
    const big = 'x'.repeat(3 << 20);
    await client.put('big', big);
    assert.equal(await client.get('big'), big);
    const many = Array.from({ length: 5000 }, (_, i) => `k${String(i)}`);
    await assert.rejects(client.mget([...many, '']), predisError('KEY_EMPTY', { index: 5000 }));
    await assert.rejects(
      client.mget([...many, 5 as unknown as string]),
      predisError('BAD_ARGUMENT', { index: 5000 }),
    );
    await assert.rejects(client.mget('abc' as unknown as string[]), predisError('BAD_ARGUMENT'));
    await assert.rejects(client.mput(many, []), predisError('BAD_BATCH'));
    const small = connected({ memoryLimitBytes: 16 << 20 });
    await assert.rejects(small.put('huge', 'x'.repeat(32 << 20)), predisError('OUT_OF_MEMORY', { index: 0 }));
    small.disconnectSync();
  });
});

describe('PredisClient, mixed batches', () => {
  it('runs in order, each seeing the ones before, and fails one by one', async () => {
    const client = connected();
    const operations = [
      { op: 'get', key: 'a' },
      { op: 'put', key: 'a', value: '5' },
      { op: 'increment', key: 'a', by: 2 },
      { op: 'decrement', key: 'a' },
      { op: 'get', key: 'a' },
      { op: 'getBuffer', key: bytes('a') },
      { op: 'put', key: '', value: 'x' },
      { op: 'put', key: 'b', value: 'text' },
      { op: 'increment', key: 'b' },
      { op: 'increment', key: 'a', by: 1.5 },
      { op: 'decrement', key: 'a', by: -(2n ** 63n) },
      { op: 'delete', key: 'b' },
      { op: 'delete', key: 'b' },
      { op: 'get', key: 5 as unknown as string },
      { op: 'shout' as 'get', key: 'a' },
      { op: 'put', key: 'c' } as unknown as { op: 'put'; key: string; value: string },
      null as unknown as { op: 'get'; key: string },
      { op: 'put', key: 'k'.repeat(65537), value: '' },
      { op: 'get', key: 'b' },
    ] as const;
    const expected = [
      null,
      undefined,
      7n,
      6n,
      '6',
      Buffer.from('6'),
      'KEY_EMPTY',
      undefined,
      'NOT_AN_INTEGER',
      'NOT_AN_INTEGER',
      'OVERFLOW',
      true,
      false,
      'BAD_ARGUMENT',
      'BAD_ARGUMENT',
      'BAD_ARGUMENT',
      'BAD_ARGUMENT',
      'KEY_TOO_LONG',
      null,
    ];
    for (const run of [
      () => Promise.resolve(client.executeBatchSync(operations)),
      () => client.executeBatch(operations),
    ]) {
      client.flushAllSync();
      const results = await run();
      assert.deepEqual(
        results.map((result) => (result.ok ? result.value : result.error.code)),
        expected,
      );
      assert.ok(results.every((result) => result.ok || result.error instanceof PredisError));
    }
    assert.deepEqual(client.executeBatchSync([]), []);
    assert.throws(() => client.executeBatchSync({} as unknown as []), predisError('BAD_ARGUMENT'));
    client.disconnectSync();
  });

  it('runs large ones on the thread pool with the same results', async () => {
    const client = connected();
    const operations = Array.from({ length: 6000 }, (_, i) =>
      i % 2 === 0
        ? ({ op: 'put', key: `k${String(i >> 1)}`, value: `é${String(i)}` } as const)
        : ({ op: 'get', key: `k${String(i >> 1)}` } as const),
    );
    const results = await client.executeBatch([...operations, { op: 'get', key: '' }]);
    assert.equal(results.length, 6001);
    for (let i = 1; i < 6000; i += 2) assert.deepEqual(results[i], { ok: true, value: `é${String(i - 1)}` });
    assert.equal(results.at(-1)?.ok, false);
    client.disconnectSync();
  });
});

describe('PredisClient, packed batches', () => {
  it('packs and unpacks strings of any kind', () => {
    for (const strings of [[], [''], ['a', '', 'bc'], ['é', 'a', '😀'], ['x'.repeat(5000), 'y']]) {
      const packed = packStrings(strings);
      assert.equal(packed.offsets.length, strings.length + 1);
      assert.equal(packed.offsets.at(-1), packed.blob.length);
      assert.deepEqual(unpackStrings(packed), strings);
    }
    assert.throws(
      () => packStrings(['a', bytes('b') as unknown as string]),
      predisError('BAD_ARGUMENT', { index: 1 }),
    );
  });

  it('keeps packed batches apart that were packed one after the other', () => {
    const one = packStrings(['a', 'bb']);
    packStrings(['cccc', 'd', 'e']);
    assert.deepEqual([...one.offsets], [0, 1, 3]);
    assert.deepEqual(unpackStrings(one), ['a', 'bb']);
  });

  it('reads and writes without a string', () => {
    const client = connected();
    const keys = packStrings(['a', 'bb', 'ccc']);
    client.mputPackedSync(keys, packStrings(['1', '', '333']));
    const { blob, offsets, found } = client.mgetPackedSync(packStrings(['ccc', 'x', 'bb', 'a']));
    assert.deepEqual([...found], [1, 0, 1, 1]);
    assert.deepEqual([...offsets], [0, 3, 3, 3, 4]);
    assert.equal(Buffer.from(blob).toString(), '3331');
    assert.equal(client.mdeletePackedSync(keys), 3);
    const none = client.mgetPackedSync(keys);
    assert.deepEqual([[...none.found], none.blob.length], [[0, 0, 0], 0]);
    const empty = client.mgetPackedSync(packStrings([]));
    assert.deepEqual([[...empty.offsets], empty.found.length], [[0], 0]);
    client.disconnectSync();
  });

  it('uses output memory again where it is large enough, and replaces what is not', () => {
    const client = connected();
    client.mputSync(['a', 'b', 'c'], ['1', '22', '333']);
    const first = client.mgetPackedSync(packStrings(['a', 'b', 'c']));
    const second = client.mgetPackedSync(packStrings(['c', 'a']), first);
    assert.equal(second.blob, first.blob);
    assert.equal(second.offsets, first.offsets);
    assert.equal(second.found, first.found);
    assert.equal(Buffer.from(second.blob.subarray(0, second.offsets[2])).toString(), '3331');
    const third = client.mgetPackedSync(packStrings(['c', 'c', 'c', 'c']), second);
    assert.notEqual(third.blob, second.blob);
    assert.notEqual(third.offsets, second.offsets);
    assert.deepEqual(unpackStrings(third), ['333', '333', '333', '333']);
    client.disconnectSync();
  });
});
