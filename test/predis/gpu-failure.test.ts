/**
 * What becomes of a GPU that fails, on this side of the language border: no test can make a real one fail, so the answers of
 * the addon are written down here as engine.hpp promises them.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mputPackedNow } from '../../src/predis/batches.js';
import { PredisError, failureOfStatus, fromNative } from '../../src/predis/errors.js';
import { packStrings } from '../../src/predis/index.js';
import type { NativeAddon } from '../../src/predis/native.js';
import { decodeResults, encodeOperations } from '../../src/predis/operations.js';

/** `Status` of native/engine/engine.hpp. */
const [ok, mismatch, deviceFailed] = [0, 8, 9];

describe('a GPU that fails', () => {
  it('is told from a condition that does not hold', () => {
    assert.equal(failureOfStatus(mismatch), null);
    assert.equal(failureOfStatus(deviceFailed), 'GPU_FAILED');
    assert.equal(failureOfStatus(10), 'INTERNAL');
  });

  it('says which pairs of a batch may not have been stored, and why', () => {
    const answers = {
      mput: () => Uint8Array.from([ok, deviceFailed, deviceFailed]),
      failure: () => 'unspecified launch failure',
    } as unknown as NativeAddon;
    const keys = packStrings(['a', 'b', 'c']);
    assert.throws(
      () => {
        mputPackedNow(answers, 0, keys, keys);
      },
      (error: unknown) => {
        assert.ok(error instanceof PredisError);
        assert.equal(error.code, 'GPU_FAILED');
        assert.match(error.message, /^unspecified launch failure \(1 of 3 pairs were stored/);
        assert.deepEqual(
          error.failures.map(({ index, code }) => [index, code]),
          [
            [1, 'GPU_FAILED'],
            [2, 'GPU_FAILED'],
          ],
        );
        return true;
      },
    );
  });

  it('fails the operations of a mixed batch that were not done, and those alone', () => {
    const batch = encodeOperations([
      { op: 'put', key: 'a', value: '1' },
      { op: 'compareAndSet', key: 'a', expected: '2', value: '3' },
      { op: 'increment', key: 'a' },
    ]);
    const results = decodeResults(batch, [
      Uint8Array.from([ok, mismatch, deviceFailed]),
      new BigInt64Array(3),
      new Uint8Array(0),
      new Uint32Array(4),
      new Uint8Array(3),
    ]);
    assert.deepEqual(
      results.map((result) => (result.ok ? result.value : result.error.code)),
      [undefined, false, 'GPU_FAILED'],
    );
  });

  it('keeps the reason that the addon gives', () => {
    const native = Object.assign(
      new Error('the GPU failed, and the engine on it is closed: uncorrectable ECC error'),
      {
        code: 'GPU_FAILED',
      },
    );
    const error = fromNative(native);
    assert.ok(error instanceof PredisError);
    assert.equal(error.code, 'GPU_FAILED');
    assert.match(error.message, /ECC/);
  });
});
