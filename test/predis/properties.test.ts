import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { type PredisClient, packStrings, unpackStrings } from '../../src/predis/index.js';
import { connected } from './support.js';

const runs = { seed: 20_261_120, numRuns: 300 };
const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 2000 }));
const key = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.uint8Array({ minLength: 1, maxLength: 40 }),
);
const value = fc.oneof(text, fc.uint8Array({ maxLength: 3000 }));
const bytesOf = (item: string | Uint8Array): Buffer => Buffer.from(item as string);

describe('PredisClient, for all keys and values', () => {
  let client: PredisClient;
  before(() => {
    client = connected();
  });
  after(() => {
    client.disconnectSync();
  });

  it('gives back the bytes that were put, by every way of reading', () => {
    fc.assert(
      fc.property(key, value, (k, v) => {
        client.putSync(k, v);
        const bytes = bytesOf(v);
        assert.ok(client.getBufferSync(k)?.equals(bytes));
        assert.equal(client.getSync(k), bytes.toString('utf8'));
        assert.deepEqual(client.mgetSync([k]), [bytes.toString('utf8')]);
        assert.ok(client.mgetBufferSync([k])[0]?.equals(bytes));
        assert.ok(client.getBufferSync(bytesOf(k))?.equals(bytes));
        assert.equal(client.deleteSync(k), true);
        assert.equal(client.getSync(k), null);
      }),
      runs,
    );
  });

  it('reads batches as single reads would', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 60 }), (pairs) => {
        client.flushAllSync();
        client.mputSync(pairs);
        const keys = pairs.map(([k]) => k);
        assert.deepEqual(
          client.mgetSync(keys),
          keys.map((k) => client.getSync(k)),
        );
        assert.deepEqual(
          client.mgetBufferSync(keys),
          keys.map((k) => client.getBufferSync(k)),
        );
        const last = new Map(pairs.map(([k, v]) => [bytesOf(k).toString('latin1'), bytesOf(v)]));
        for (const k of keys)
          assert.ok(
            client.getBufferSync(k)?.equals(last.get(bytesOf(k).toString('latin1')) ?? Buffer.from('?')),
          );
        assert.equal(client.getStatsSync().keys, last.size);
        assert.equal(client.mdeleteSync(keys), last.size);
      }),
      runs,
    );
  });

  it('adds as bigints do, or leaves the value alone', () => {
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(int64, int64, (start, by) => {
        client.putSync('n', String(start));
        const sum = start + by;
        if (BigInt.asIntN(64, sum) === sum) assert.equal(client.incrementSync('n', by), sum);
        else assert.throws(() => client.incrementSync('n', by), /would overflow/);
        assert.equal(client.getSync('n'), String(BigInt.asIntN(64, sum) === sum ? sum : start));
      }),
      runs,
    );
  });

  it('unpacks what it packs, lone surrogates aside', () => {
    fc.assert(
      fc.property(fc.array(text), (strings) => {
        assert.deepEqual(
          unpackStrings(packStrings(strings)),
          strings.map((s) => Buffer.from(s).toString()),
        );
      }),
      runs,
    );
  });
});
