/** The binding itself, given what no caller should give: it must refuse, and never read or write where it may not. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { NativeAddon } from '../../src/predis/native.js';
import { bareAddon, plainEngine } from './support.js';

/** The binding with types out of the way. */
type Untyped = Record<keyof NativeAddon, (...values: readonly unknown[]) => unknown>;

const codeOf = (call: () => unknown): unknown => {
  try {
    call();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'no error';
};

const blob = Uint8Array.from([97, 98, 99]);
const two = Uint32Array.from([0, 1, 3]);
const none = new Uint8Array(0);

function detached<T extends Uint8Array | Uint32Array | BigInt64Array>(array: T): T {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

describe('the binding, with hostile arguments', () => {
  const addon = bareAddon() as unknown as Untyped;
  let client: unknown;
  before(() => {
    client = addon.create(...plainEngine);
  });
  after(() => {
    addon.release(client);
  });

  const badOffsets: readonly [string, unknown, string][] = [
    ['running backwards', Uint32Array.from([0, 2, 1]), 'BAD_BATCH'],
    ['past the blob', Uint32Array.from([0, 1, 4]), 'BAD_BATCH'],
    ['far past the blob', Uint32Array.from([0, 1, 2 ** 32 - 1]), 'BAD_BATCH'],
    ['starting past the blob', Uint32Array.from([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1]), 'BAD_BATCH'],
    ['far back in the middle', Uint32Array.from([0, 2 ** 32 - 1, 3]), 'BAD_BATCH'],
    ['none at all', new Uint32Array(0), 'BAD_BATCH'],
    ['of another type', Int32Array.from([0, 1, 3]), 'BAD_ARGUMENT'],
    ['of floats', Float64Array.from([0, 1.5, 3]), 'BAD_ARGUMENT'],
    ['in an array', [0, 1, 3], 'BAD_ARGUMENT'],
    ['undefined', undefined, 'BAD_ARGUMENT'],
    ['shared with other threads', new Uint32Array(new SharedArrayBuffer(12)), 'BAD_ARGUMENT'],
    ['detached', detached(Uint32Array.from([0, 1, 3])), 'BAD_ARGUMENT'],
  ];
  const badBlobs: readonly [string, unknown][] = [
    ['a string', 'abc'],
    ['an ArrayBuffer', new ArrayBuffer(3)],
    ['of another type', new Int8Array(3)],
    ['clamped', new Uint8ClampedArray(3)],
    ['a DataView', new DataView(new ArrayBuffer(3))],
    ['null', null],
    ['an object with a length', { length: 3, buffer: new ArrayBuffer(3) }],
    ['shared with other threads', new Uint8Array(new SharedArrayBuffer(3))],
    ['detached', detached(Uint8Array.from([1, 2, 3]))],
  ];

  const callsWithKeys: readonly [string, (keys: unknown, offsets: unknown) => unknown][] = [
    ['mget', (b, o) => addon.mget(client, b, o, none, new Uint32Array(16), new Uint8Array(16))],
    ['mput (keys)', (b, o) => addon.mput(client, b, o, blob, two)],
    ['mput (values)', (b, o) => addon.mput(client, blob, two, b, o)],
    ['mdelete', (b, o) => addon.mdelete(client, b, o)],
    ['prefetch', (b, o) => addon.prefetch(client, b, o)],
    [
      'execute (keys)',
      (b, o) =>
        addon.execute(client, new Uint8Array(2), b, o, none, new Uint32Array(3), new BigInt64Array(2)),
    ],
    [
      'execute (values)',
      (b, o) => addon.execute(client, new Uint8Array(2), blob, two, b, o, new BigInt64Array(2)),
    ],
    ['decodeStrings', (b, o) => addon.decodeStrings(b, o, new Uint8Array(2))],
    ['mgetAsync', (b, o) => addon.mgetAsync(client, b, o)],
    ['mputAsync', (b, o) => addon.mputAsync(client, blob, two, b, o)],
    ['mdeleteAsync', (b, o) => addon.mdeleteAsync(client, b, o)],
    [
      'executeAsync',
      (b, o) =>
        addon.executeAsync(client, new Uint8Array(2), b, o, none, new Uint32Array(3), new BigInt64Array(2)),
    ],
  ];
  for (const [name, call] of callsWithKeys) {
    it(`${name} refuses offsets and blobs that are none`, () => {
      for (const [what, offsets, code] of badOffsets)
        assert.equal(
          codeOf(() => call(blob, offsets)),
          code,
          what,
        );
      for (const [what, bad] of badBlobs)
        assert.equal(
          codeOf(() => call(bad, two)),
          'BAD_ARGUMENT',
          what,
        );
    });
  }

  it('refuses joined strings whose offsets are wrong', () => {
    const calls = [
      (s: unknown, o: unknown): unknown => addon.mgetStrings(client, s, o),
      (s: unknown, o: unknown): unknown => addon.mdeleteStrings(client, s, o),
      (s: unknown, o: unknown): unknown => addon.prefetchStrings(client, s, o),
      (s: unknown, o: unknown): unknown => addon.mputStrings(client, s, o, 'abc', two),
      (s: unknown, o: unknown): unknown => addon.mputStrings(client, 'abc', two, s, o),
    ];
    for (const call of calls) {
      assert.equal(
        codeOf(() => call('abc', Uint32Array.from([0, 2, 1, 3]))),
        'BAD_BATCH',
      );
      assert.equal(
        codeOf(() => call('abc', new Uint32Array(0))),
        'BAD_BATCH',
      );
      assert.equal(
        codeOf(() => call('abc', [0, 3])),
        'BAD_ARGUMENT',
      );
      assert.equal(
        codeOf(() => call(blob, two)),
        'BAD_ARGUMENT',
      );
      assert.equal(
        codeOf(() => call('abc', new Uint32Array(new SharedArrayBuffer(12)))),
        'BAD_ARGUMENT',
      );
      // an end that is not the string's: taken for "not ASCII", never read past
      assert.equal(call('abc', Uint32Array.from([0, 1, 9])), undefined);
      assert.equal(call('abcdefghijklmnopqrstuvwxyz', two), undefined);
      assert.equal(call('ab', two), undefined);
    }
  });

  it('refuses output memory that is short, shared, detached or overlaps', () => {
    const mget = (
      b: unknown,
      o: unknown,
      f: unknown,
      keys: unknown = blob,
      offsets: unknown = two,
    ): unknown => codeOf(() => addon.mget(client, keys, offsets, b, o, f));
    const fine = new Uint8Array(8);
    assert.equal(mget(fine, new Uint32Array(3), new Uint8Array(2)), 'no error');
    assert.equal(mget(fine, new Uint32Array(2), new Uint8Array(2)), 'BAD_ARGUMENT');
    assert.equal(mget(fine, new Uint32Array(3), new Uint8Array(1)), 'BAD_ARGUMENT');
    assert.equal(
      mget(new Uint8Array(new SharedArrayBuffer(8)), new Uint32Array(3), new Uint8Array(2)),
      'BAD_ARGUMENT',
    );
    assert.equal(mget(detached(new Uint8Array(8)), new Uint32Array(3), new Uint8Array(2)), 'BAD_ARGUMENT');
    assert.equal(mget(fine, detached(new Uint32Array(3)), new Uint8Array(2)), 'BAD_ARGUMENT');
    const all = new ArrayBuffer(64);
    const keys = new Uint8Array(all, 0, 3);
    keys.set(blob);
    const offsets = new Uint32Array(all, 4, 3);
    offsets.set(two);
    assert.equal(
      mget(new Uint8Array(all, 2, 4), new Uint32Array(3), new Uint8Array(2), keys, offsets),
      'BAD_ARGUMENT',
    );
    assert.equal(mget(fine, offsets, new Uint8Array(2), keys, offsets), 'BAD_ARGUMENT');
    assert.equal(mget(fine, new Uint32Array(3), new Uint8Array(all, 15, 2), keys, offsets), 'BAD_ARGUMENT');
    assert.equal(
      mget(new Uint8Array(all, 30), new Uint32Array(all, 40, 3), new Uint8Array(2)),
      'BAD_ARGUMENT',
    );
    assert.equal(
      mget(
        new Uint8Array(all, 16, 8),
        new Uint32Array(all, 24, 3),
        new Uint8Array(all, 36, 2),
        keys,
        offsets,
      ),
      'no error',
    );
    assert.deepEqual([...offsets], [...two]);
  });

  it('refuses mixed batches whose parts differ in number, and kinds that are none', () => {
    const run = (...parts: readonly unknown[]): unknown => codeOf(() => addon.execute(client, ...parts));
    const values = new Uint32Array(3);
    const amounts = new BigInt64Array(2);
    assert.equal(run(new Uint8Array(2), blob, two, none, values, amounts), 'no error');
    assert.equal(run(new Uint8Array(3), blob, two, none, values, amounts), 'BAD_BATCH');
    assert.equal(run(new Uint8Array(2), blob, two, none, new Uint32Array(2), amounts), 'BAD_BATCH');
    assert.equal(run(new Uint8Array(2), blob, two, none, values, new BigInt64Array(1)), 'BAD_BATCH');
    assert.equal(run(new Uint8Array(2), blob, two, none, values, new BigUint64Array(2)), 'BAD_ARGUMENT');
    assert.equal(run(Uint8Array.from([0, 8]), blob, two, none, values, amounts), 'BAD_BATCH');
    // to compare, a batch needs values expected, as many as keys; times are not negative
    const compare = Uint8Array.from([0, 4]);
    assert.equal(run(compare, blob, two, none, values, amounts), 'BAD_BATCH');
    assert.equal(run(compare, blob, two, none, values, amounts, none, values), 'no error');
    assert.equal(run(compare, blob, two, none, values, amounts, none, new Uint32Array(2)), 'BAD_BATCH');
    assert.equal(run(compare, blob, two, none, values, amounts, none, new Uint32Array(0)), 'BAD_BATCH');
    assert.equal(run(compare, blob, two, none, values, amounts, none, two), 'BAD_BATCH');
    assert.equal(run(compare, blob, two, none, values, amounts, 'x', values), 'BAD_ARGUMENT');
    for (const kind of [1, 4, 5, 6]) {
      const kinds = Uint8Array.from([kind, 0]);
      const before = BigInt64Array.from([-1n, 0n]);
      assert.equal(run(kinds, blob, two, none, values, before, none, values), 'BAD_ARGUMENT', String(kind));
    }
    assert.equal(run(Uint8Array.from([255, 0]), blob, two, none, values, amounts), 'BAD_BATCH');
  });

  it('refuses expiry times that are negative, or not as many as pairs', () => {
    const calls = [
      (times: unknown): unknown => addon.mput(client, blob, two, blob, two, times),
      (times: unknown): unknown => addon.mputAsync(client, blob, two, blob, two, times),
      (times: unknown): unknown => addon.mputStrings(client, 'abc', two, 'abc', two, times),
    ];
    for (const call of calls) {
      const put = (times: unknown): unknown => codeOf(() => call(times));
      assert.equal(put(undefined), 'no error');
      assert.equal(put(new BigInt64Array(2)), 'no error');
      assert.equal(put(new BigInt64Array(1)), 'BAD_BATCH');
      assert.equal(put(new BigInt64Array(3)), 'BAD_BATCH');
      assert.equal(put(BigInt64Array.from([0n, -1n])), 'BAD_ARGUMENT');
      for (const bad of [null, [0n, 0n], new BigUint64Array(2), 5])
        assert.equal(put(bad), 'BAD_ARGUMENT', String(bad));
    }
  });

  it('refuses clients that are none, and numbers out of range', () => {
    for (const bad of [undefined, null, 'x', {}, 1n])
      assert.equal(
        codeOf(() => addon.get(bad, 'k')),
        'BAD_ARGUMENT',
      );
    for (const bad of [9999, -1, 2 ** 31])
      assert.equal(
        codeOf(() => addon.get(bad, 'k')),
        'CLOSED',
      );
    assert.equal(
      codeOf(() => addon.release(12345)),
      'CLOSED',
    );
    for (const bad of [-1, 0.5, NaN, Infinity, 2 ** 53, '5', undefined]) {
      assert.equal(
        codeOf(() => addon.create('cpu', bad, 0, 0, 0, 0, 0)),
        'BAD_ARGUMENT',
        String(bad),
      );
      for (const place of [3, 4, 5, 6]) {
        const settings: unknown[] = ['cpu', 0, 0, 0, 0, 0, 0];
        settings[place] = bad;
        assert.equal(
          codeOf(() => addon.create(...settings)),
          'BAD_ARGUMENT',
          `${String(bad)} at ${String(place)}`,
        );
      }
      assert.equal(
        codeOf(() => addon.attach(bad)),
        'BAD_ARGUMENT',
        String(bad),
      );
    }
    assert.equal(
      codeOf(() => addon.attach(2 ** 32)),
      'BAD_ARGUMENT',
    );
    assert.equal(
      codeOf(() => addon.attach(2 ** 32 - 1)),
      'CLOSED',
    );
    assert.equal(
      codeOf(() => addon.create('gpu', 0, 0, 0, 0, 0, 0)),
      'BAD_ARGUMENT',
    );
    for (const settings of [
      [2, 0, 0],
      [0, 0, 4],
    ]) {
      assert.equal(
        codeOf(() => addon.create('cpu', 0, 0, ...settings, 0)),
        'BAD_ARGUMENT',
      );
    }
    assert.equal(
      codeOf(() => addon.setScope(client, 'space', 2)),
      'BAD_ARGUMENT',
    );
    for (const bad of [new BigInt64Array(14), new Float64Array(15), undefined]) {
      assert.equal(
        codeOf(() => addon.stats(client, bad)),
        'BAD_ARGUMENT',
      );
    }
    for (const bad of [new BigInt64Array(13), new Float64Array(14), undefined]) {
      assert.equal(
        codeOf(() => addon.deviceStats(client, bad)),
        'BAD_ARGUMENT',
      );
    }
    for (const bad of [0, -1, 0.5, NaN, 2 ** 32, '5', undefined]) {
      assert.equal(
        codeOf(() => addon.allocatePinned(client, bad)),
        'BAD_ARGUMENT',
        String(bad),
      );
    }
    for (const bad of [-1, 0.5, NaN, 2 ** 53, 5n, undefined]) {
      assert.equal(
        codeOf(() => addon.expire(client, 'k', bad)),
        'BAD_ARGUMENT',
        String(bad),
      );
    }
    assert.equal(
      codeOf(() => addon.increment(client, 'n', 0.5)),
      'NOT_AN_INTEGER',
    );
    assert.equal(
      codeOf(() => addon.increment(client, 'n', 2n ** 64n)),
      'NOT_AN_INTEGER',
    );
    assert.equal(
      codeOf(() => addon.increment(client, 'n', '1')),
      'BAD_ARGUMENT',
    );
  });

  it('survives any mixture of arguments', () => {
    const anything = fc.oneof(
      fc.constantFrom<unknown>(
        undefined,
        null,
        true,
        NaN,
        -1,
        2 ** 32,
        10n ** 30n,
        '',
        'é',
        Symbol('s'),
        [],
        {},
        () => 1,
      ),
      fc.string(),
      fc.integer(),
      fc.uint8Array({ maxLength: 20 }),
      fc.uint32Array({ maxLength: 6 }),
      fc.uint32Array({ maxLength: 6, max: 8 }),
      fc.bigInt64Array({ maxLength: 6 }),
    );
    // the last would be asked for gigabytes, and the engine under test must stay
    const leftOut: readonly string[] = ['create', 'release', 'allocatePinned'];
    const names = (Object.keys(addon) as (keyof NativeAddon)[]).filter(
      (name) => typeof addon[name] === 'function' && !leftOut.includes(name),
    );
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(anything, { maxLength: 8 }), (name, values) => {
        try {
          const result = addon[name](name === 'decodeStrings' ? values[0] : client, ...values);
          if (result instanceof Promise) result.catch(() => undefined);
        } catch (error) {
          assert.ok(typeof (error as { code?: unknown }).code === 'string', String(error));
        }
      }),
      { seed: 7, numRuns: 20_000 },
    );
  });

  it('copies what asynchronous work reads before it returns', async () => {
    const count = 50_000;
    const texts = Array.from({ length: count }, (_, i) => String(i).padStart(8, '0'));
    const keys = new Uint8Array(Buffer.from(texts.join('')));
    const offsets = Uint32Array.from({ length: count + 1 }, (_, i) => i * 8);
    const written = addon.mputAsync(client, keys, offsets, keys, offsets) as Promise<unknown>;
    const read = addon.mgetAsync(client, keys, offsets) as Promise<unknown>;
    keys.fill(0);
    offsets.fill(2 ** 32 - 1);
    detached(keys);
    detached(offsets);
    await Promise.all([written, read]);
    assert.equal(addon.get(client, '00049999'), '00049999');
  });
});
