/**
 * Delivery into GPU memory. The errors of an engine that has none are checked everywhere; the real thing where the tests run
 * on the CUDA engine: on a GPU (`npm run test:gpu`), and on a simulated one (`device-simulated.test.ts`).
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { PredisError } from '../../src/predis/index.js';
import {
  type DeliveryOptions,
  DeviceBuffer,
  type PackedBatch,
  type PredisClient,
  missingValue,
  packStrings,
} from '../../src/predis/index.js';
import { bareAddon, connected, plainEngine, predisError, testEngine } from './support.js';

const onDevice = { skip: testEngine === 'cuda' ? false : 'the engine under test has no GPU memory' };

/** A client and a buffer; both end with the test. */
function withBuffer(bytes: number, test: (client: PredisClient, buffer: DeviceBuffer) => void): void {
  const client = connected();
  try {
    const buffer = client.allocateDevice(bytes);
    try {
      test(client, buffer);
    } finally {
      buffer.free();
    }
  } finally {
    client.disconnectSync();
  }
}

/** What was delivered, as a model would say it: each value cut at the stride, null for a missing one. */
function delivered(
  buffer: DeviceBuffer,
  lengths: Uint32Array,
  { strideBytes, offsetBytes = 0 }: DeliveryOptions,
): (string | null)[] {
  return Array.from(lengths, (bytes, i) =>
    bytes === missingValue
      ? null
      : Buffer.from(buffer.read(offsetBytes + i * strideBytes, Math.min(bytes, strideBytes))).toString(
          'utf8',
        ),
  );
}

describe('GPU memory, with the CPU engine', () => {
  it('is an error that says what to do', () => {
    const client = connected({ engine: 'cpu' });
    assert.throws(
      () => client.allocateDevice(100),
      (error: unknown) => {
        predisError('NO_DEVICE', { index: null })(error);
        assert.match((error as PredisError).message, /CPU engine.*engine: 'cuda'.*engineReason/);
        return true;
      },
    );
    client.disconnectSync();
    assert.throws(() => client.allocateDevice(100), predisError('CLOSED'));
  });

  it('takes no other object for a buffer, in either form of the call', async () => {
    const client = connected({ engine: 'cpu' });
    for (const wrong of [undefined, null, {}, new Uint8Array(9), Object.create(DeviceBuffer.prototype)]) {
      const buffer = wrong as DeviceBuffer;
      const call = () => client.mgetToDeviceSync(['a'], buffer, { strideBytes: 8 });
      assert.throws(call, predisError('BAD_ARGUMENT'));
      await assert.rejects(
        client.mgetToDevice(['a'], buffer, { strideBytes: 8 }),
        predisError('BAD_ARGUMENT'),
      );
    }
    client.disconnectSync();
  });

  it('is refused by the addon itself, whatever it is given', () => {
    const addon = bareAddon();
    const client = addon.create('cpu', 0, 0, 0, 0, 0, 0);
    const { blob, offsets } = packStrings(['a']);
    const code = (wanted: string) => (error: unknown) => (error as { code?: unknown }).code === wanted;
    for (const wrong of [undefined, null, 7, 'x', {}, blob, addon]) {
      const memory = wrong as never;
      assert.throws(() => addon.deviceAddress(memory), code('BAD_ARGUMENT'));
      assert.throws(() => {
        addon.freeDevice(memory);
      }, code('BAD_ARGUMENT'));
      assert.throws(() => addon.readDevice(memory, 0, 1, undefined), code('BAD_ARGUMENT'));
      assert.throws(() => addon.mgetToDevice(client, memory, 0, 8, blob, offsets), code('NO_DEVICE'));
    }
    assert.throws(() => addon.allocateDevice(client, 1), code('NO_DEVICE'));
    addon.release(client);
  });
});

describe('a device buffer', onDevice, () => {
  it('is zeroed, has an address, and is copied back in whole and in part', () => {
    withBuffer(5_000_000, (client, buffer) => {
      assert.equal(buffer.bytes, 5_000_000);
      assert.ok(buffer.pointer > 0n);
      assert.ok(buffer.read().every((byte) => byte === 0));
      client.putSync('k', 'value');
      client.mgetToDeviceSync(['k'], buffer, { strideBytes: 5, offsetBytes: 4_999_995 });
      assert.equal(Buffer.from(buffer.read(4_999_995)).toString(), 'value');
      assert.equal(Buffer.from(buffer.read(4_999_996, 3)).toString(), 'alu');
      assert.equal(buffer.read(5_000_000).length, 0);
      const target = client.allocatePinned(6_000_000);
      assert.equal(buffer.copyToHost(target), target);
      assert.equal(Buffer.from(target.subarray(4_999_995, 5_000_001)).toString(), 'value\0');
      assert.equal(buffer.copyToHost(new Uint8Array(10)).length, 10);
    });
  });

  it('refuses what lies outside of it', () => {
    withBuffer(100, (_, buffer) => {
      for (const [at, bytes] of [
        [0, 101],
        [100, 1],
        [101, 0],
        [2 ** 52, 2 ** 52],
      ] as const) {
        assert.throws(() => buffer.read(at, bytes), predisError('BUFFER_TOO_SMALL'), String(at));
      }
      for (const wrong of [-1, 0.5, NaN, Infinity, 2 ** 53, '1' as never, null as never]) {
        assert.throws(() => buffer.read(wrong, 1), predisError('BAD_ARGUMENT'), String(wrong));
        assert.throws(() => buffer.read(0, wrong), predisError('BAD_ARGUMENT'), String(wrong));
      }
      for (const wrong of [[], new Uint8Array(new SharedArrayBuffer(8)), new Uint32Array(9)]) {
        assert.throws(() => buffer.copyToHost(wrong as never), predisError('BAD_ARGUMENT'));
      }
    });
  });

  it('of no bytes, of more than there are, or of no number is refused', () => {
    const client = connected();
    for (const wrong of [0, -1, 1.5, NaN, '9' as never]) {
      assert.throws(() => client.allocateDevice(wrong), predisError('BAD_ARGUMENT'));
    }
    assert.throws(() => client.allocateDevice(2 ** 50), predisError('OUT_OF_MEMORY'));
    assert.equal(client.getSync('k'), null, 'and the engine goes on');
    client.disconnectSync();
  });

  it('that was freed says so at every use, and may be freed again', async () => {
    const client = connected();
    const buffer = client.allocateDevice(64);
    assert.equal(buffer.freed, false);
    buffer[Symbol.dispose]();
    buffer.free();
    assert.equal(buffer.freed, true);
    assert.throws(() => buffer.pointer, predisError('BUFFER_FREED'));
    assert.throws(() => buffer.read(), predisError('BUFFER_FREED'));
    assert.throws(() => buffer.copyToHost(new Uint8Array(4)), predisError('BUFFER_FREED'));
    const options = { strideBytes: 8 };
    assert.throws(() => client.mgetToDeviceSync(['a'], buffer, options), predisError('BUFFER_FREED'));
    await assert.rejects(client.mgetToDevice(['a'], buffer, options), predisError('BUFFER_FREED'));
    client.disconnectSync();
  });

  it('outlives its client, is read while another one is connected, and is freed after the engine', () => {
    const client = connected();
    const other = connected({ attach: client.share() });
    const buffer = client.allocateDevice(64);
    client.putSync('k', 'kept');
    client.mgetToDeviceSync(['k'], buffer, { strideBytes: 8 });
    client.disconnectSync();
    assert.throws(() => client.mgetToDeviceSync(['k'], buffer, { strideBytes: 8 }), predisError('CLOSED'));
    assert.equal(Buffer.from(buffer.read(0, 4)).toString(), 'kept');
    assert.equal(other.mgetToDeviceSync(['k'], buffer, { strideBytes: 8 })[0], 4, 'of the same engine');
    other.disconnectSync();
    assert.throws(() => buffer.read(0, 4), predisError('CLOSED'));
    assert.ok(buffer.pointer > 0n, 'the memory is there all the same');
    buffer.free();
  });

  it('of another engine is refused', () => {
    withBuffer(64, (_, buffer) => {
      const other = connected();
      const call = () => other.mgetToDeviceSync(['k'], buffer, { strideBytes: 8 });
      assert.throws(call, predisError('FOREIGN_BUFFER'));
      other.disconnectSync();
      const cpu = connected({ engine: 'cpu' });
      assert.throws(() => cpu.mgetToDeviceSync(['k'], buffer, { strideBytes: 8 }), predisError('NO_DEVICE'));
      cpu.disconnectSync();
    });
  });

  it('that is forgotten is collected with its memory', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const client = connected();
    const bytes = Math.floor((client.infoSync().device?.memoryBytes ?? 0) / 8);
    // no device has room for nine of these at once
    for (let i = 0; i < 27; i++) {
      client.allocateDevice(bytes);
      if (i % 4 !== 3) continue;
      collect();
      await immediate(); // where the runtime runs finalisers
    }
    client.disconnectSync();
  });
});

describe('mgetToDevice', onDevice, () => {
  it('delivers strings, bytes and packed keys, and tells missing, empty and cut values apart', () => {
    withBuffer(1024, (client, buffer) => {
      client.mputSync(['a', 'empty', 'long', 'ü'], ['1', '', 'x'.repeat(40), 'é']);
      const options = { strideBytes: 16, offsetBytes: 32 };
      const names = ['long', 'missing', 'a', 'empty', 'a', 'ü'];
      const wanted = ['x'.repeat(16), null, '1', '', '1', 'é'];
      const forms: (readonly (string | Uint8Array)[] | PackedBatch)[] = [
        names,
        names.map((name) => Buffer.from(name)),
        packStrings(names),
      ];
      for (const keys of forms) {
        const lengths = client.mgetToDeviceSync(keys, buffer, options);
        assert.deepEqual([...lengths], [40, missingValue, 1, 0, 1, 2]);
        assert.deepEqual(delivered(buffer, lengths, options), wanted);
      }
      assert.ok(
        buffer.read(0, 32).every((byte) => byte === 0),
        'nothing before the offset is written',
      );
    });
  });

  it('delivers what any batch asks for, as a Map would, and writes nothing beside it', () => {
    withBuffer(1 << 16, (client, buffer) => {
      const key = fc.integer({ min: 0, max: 40 }).map((n) => `key:${String(n)}`);
      fc.assert(
        fc.property(
          fc.dictionary(key, fc.string({ maxLength: 90 })),
          fc.array(key, { maxLength: 70 }),
          fc.integer({ min: 1, max: 100 }),
          fc.integer({ min: 0, max: 300 }),
          fc.boolean(),
          (pairs, keys, strideBytes, offsetBytes, packed) => {
            client.clearSync();
            const held = new Map(Object.entries(pairs).map(([name, value]) => [name, Buffer.from(value)]));
            client.mputSync([...held.keys()], [...held.values()]);
            const before = buffer.read();
            const options = { strideBytes, offsetBytes };
            const lengths = client.mgetToDeviceSync(packed ? packStrings(keys) : keys, buffer, options);
            const after = buffer.read();
            assert.equal(lengths.length, keys.length);
            for (const [i, name] of keys.entries()) {
              const value = held.get(name);
              assert.equal(lengths[i], value?.length ?? missingValue);
              const at = offsetBytes + i * strideBytes;
              const cut = (value ?? Buffer.alloc(0)).subarray(0, strideBytes);
              assert.deepEqual(Buffer.from(after.subarray(at, at + cut.length)), Buffer.from(cut));
            }
            const end = offsetBytes + keys.length * strideBytes;
            assert.deepEqual(after.subarray(0, offsetBytes), before.subarray(0, offsetBytes));
            assert.deepEqual(after.subarray(end), before.subarray(end));
          },
        ),
        { numRuns: 60 },
      );
    });
  });

  it('checks stride, offset, room and keys before anything is written', async () => {
    const client = connected();
    const buffer = client.allocateDevice(100);
    client.putSync('k', 'value');
    const keys = ['k', 'k', 'k', 'k'];
    const cases: readonly [unknown, 'BAD_ARGUMENT' | 'BUFFER_TOO_SMALL'][] = [
      [undefined, 'BAD_ARGUMENT'],
      [{}, 'BAD_ARGUMENT'],
      [{ strideBytes: 0 }, 'BAD_ARGUMENT'],
      [{ strideBytes: -4 }, 'BAD_ARGUMENT'],
      [{ strideBytes: 2.5 }, 'BAD_ARGUMENT'],
      [{ strideBytes: 2 ** 32 }, 'BAD_ARGUMENT'],
      [{ strideBytes: 2 ** 32 - 1 }, 'BAD_ARGUMENT'],
      [{ strideBytes: 2 ** 29 + 1 }, 'BAD_ARGUMENT'],
      [{ strideBytes: '8' }, 'BAD_ARGUMENT'],
      [{ strideBytes: 8, offsetBytes: -1 }, 'BAD_ARGUMENT'],
      [{ strideBytes: 26 }, 'BUFFER_TOO_SMALL'],
      [{ strideBytes: 25, offsetBytes: 1 }, 'BUFFER_TOO_SMALL'],
      [{ strideBytes: 1, offsetBytes: 101 }, 'BUFFER_TOO_SMALL'],
      [{ strideBytes: 2 ** 29, offsetBytes: Number.MAX_SAFE_INTEGER }, 'BUFFER_TOO_SMALL'],
    ];
    for (const [options, code] of cases) {
      for (const form of [keys, packStrings(keys)]) {
        const call = () => client.mgetToDeviceSync(form, buffer, options as DeliveryOptions);
        assert.throws(call, predisError(code), JSON.stringify(options));
        const promise = client.mgetToDevice(form, buffer, options as DeliveryOptions);
        await assert.rejects(promise, predisError(code), JSON.stringify(options));
      }
    }
    const options = { strideBytes: 8 };
    for (const wrong of [null, 'k', 7, {}]) {
      assert.throws(
        () => client.mgetToDeviceSync(wrong as never, buffer, options),
        predisError('BAD_ARGUMENT'),
      );
      await assert.rejects(client.mgetToDevice(wrong as never, buffer, options), predisError('BAD_ARGUMENT'));
    }
    assert.throws(
      () => client.mgetToDeviceSync(['k', ''], buffer, options),
      predisError('KEY_EMPTY', { index: 1 }),
    );
    const backwards = { blob: new Uint8Array(4), offsets: Uint32Array.of(0, 3, 1) };
    assert.throws(() => client.mgetToDeviceSync(backwards, buffer, options), predisError('BAD_BATCH'));
    assert.ok(
      buffer.read().every((byte) => byte === 0),
      'nothing was written',
    );
    assert.deepEqual([...client.mgetToDeviceSync([], buffer, options)], []);
    assert.deepEqual([...client.mgetToDeviceSync(keys, buffer, { strideBytes: 25 })], [5, 5, 5, 5]);
    buffer.free();
    client.disconnectSync();
  });

  it('sees its own namespace alone, and counts its reads', () => {
    withBuffer(64, (client, buffer) => {
      const other = connected({ attach: client.share(), namespace: 'other' });
      client.putSync('k', 'mine');
      client.resetStatsSync();
      assert.equal(other.mgetToDeviceSync(['k'], buffer, { strideBytes: 8 })[0], missingValue);
      assert.equal(client.mgetToDeviceSync(['k'], buffer, { strideBytes: 8 })[0], 4);
      const { hits, misses } = client.getStatsSync();
      assert.deepEqual([hits, misses], [1, 1]);
      other.disconnectSync();
    });
  });

  it('as a promise: keeps its order, and its memory when the buffer is freed meanwhile', async () => {
    const client = connected();
    const keys = Array.from({ length: 50_000 }, (_, i) => `key:${String(i)}`);
    client.mputSync(keys, keys);
    for (let round = 0; round < 10; round++) {
      const buffer = client.allocateDevice(keys.length * 16);
      const large = client.mgetToDevice(round % 2 === 0 ? keys : packStrings(keys), buffer, {
        strideBytes: 16,
      });
      const change = client.put('key:49999', `new:${String(round)}`); // waits its turn
      if (round % 3 === 0) {
        buffer.free();
        client.allocateDevice(keys.length * 16).free(); // would be the same memory, if it had come back already
      }
      const lengths = await large;
      await change;
      assert.equal(lengths.length, keys.length);
      assert.equal(lengths[0], 5);
      assert.equal(lengths[777], 7);
      if (round % 3 !== 0) {
        const last = buffer.read(49_999 * 16, lengths[49_999]);
        assert.equal(Buffer.from(last).toString(), round === 0 ? 'key:49999' : `new:${String(round - 1)}`);
        buffer.free();
      }
    }
    const buffer = client.allocateDevice(keys.length * 16);
    const waiting = client.mgetToDevice(keys, buffer, { strideBytes: 16 });
    client.disconnectSync(); // the batch under way ends well
    assert.equal((await waiting).length, keys.length);
    assert.throws(() => buffer.read(0, 1), predisError('CLOSED'));
  });

  it('takes no other wrapped object of the addon for device memory', () => {
    const addon = bareAddon();
    const client = addon.create(...plainEngine);
    const { blob, offsets } = packStrings(['a']);
    const isBad = (error: unknown) => (error as { code?: unknown }).code === 'BAD_ARGUMENT';
    for (const wrong of [undefined, {}, blob, addon]) {
      assert.throws(() => addon.mgetToDevice(client, wrong as never, 0, 8, blob, offsets), isBad);
    }
    addon.release(client);
  });
});
