import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { IntegerKeys, printableKey, TextKeys } from '../../src/traces/key-tables.js';

describe('keys are numbered by first appearance', () => {
  it('whole numbers of 64 bits, with halves that repeat', () => {
    const keys = new IntegerKeys();
    const numbers = new Map<string, number>();
    for (let at = 0; at < 60_000; at++) {
      const [high, low] = [at % 211, (at * at) % 149];
      const text = String((BigInt(high) << 32n) | BigInt(low));
      const expected = numbers.get(text) ?? numbers.size;
      numbers.set(text, expected);
      assert.equal(keys.index(high, low), expected);
    }
    assert.equal(keys.size, numbers.size);
    assert.ok(keys.size > 10_000, 'the table has grown');
    for (const [text, index] of numbers) assert.equal(keys.text(index), text);
  });

  it('whole numbers up to 2^53', () => {
    const keys = new IntegerKeys();
    const numbers = [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];
    numbers.forEach((number, index) => {
      assert.equal(keys.indexOfNumber(number), index);
      assert.equal(keys.text(index), String(number));
    });
  });

  it('bytes of any length, in arenas of some megabytes', () => {
    const keys = new TextKeys();
    const key = (at: number): Buffer => Buffer.from(`${'k'.repeat(at % 900)}:${String(at)}`);
    for (const round of [0, 1]) {
      for (let at = 0; at < 20_000; at++) {
        const bytes = Buffer.concat([Buffer.from('before'), key(at), Buffer.from('after')]);
        assert.equal(keys.index(bytes, 6, bytes.length - 5), at, `round ${String(round)}`);
      }
    }
    assert.equal(keys.size, 20_000);
    for (let at = 0; at < 20_000; at += 97) assert.equal(keys.text(at), key(at).toString());
  });
});

describe('a printable key', () => {
  it('is printable ASCII without blanks, and stands for one key alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 12 }), (bytes) => {
        const text = printableKey(Buffer.from(bytes));
        assert.match(text, /^[!-~]+$/);
        const back = text.replace(/%([0-9A-F]{2})/g, (_, hex: string) =>
          String.fromCharCode(parseInt(hex, 16)),
        );
        assert.deepEqual(Buffer.from(back, 'latin1'), Buffer.from(bytes));
      }),
      { seed: 4, numRuns: 500 },
    );
  });
});
