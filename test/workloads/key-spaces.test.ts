import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { fillerKeySpace } from '../../src/workloads/key-spaces/filler.js';
import { metricKeySpace } from '../../src/workloads/key-spaces/metrics.js';
import { playerKeySpace } from '../../src/workloads/key-spaces/player-states.js';
import { quoteKeySpace } from '../../src/workloads/key-spaces/quotes.js';
import { twoDecimals, zeroPadded } from '../../src/workloads/key-spaces/text.js';
import type { KeySpace } from '../../src/workloads/workload.js';

const SIZE = 1_000_000;
const keySpaces: Record<string, KeySpace> = {
  'filler of 24 bytes': fillerKeySpace({
    size: SIZE,
    valueBytes: 24,
    key: (index) => `key:${String(index)}`,
  }),
  'filler of 100 bytes': fillerKeySpace({
    size: SIZE,
    valueBytes: 100,
    key: (index) => `key:${String(index)}`,
  }),
  'filler of 10,000 bytes': fillerKeySpace({
    size: SIZE,
    valueBytes: 10_000,
    key: (index) => `key:${String(index)}`,
  }),
  'filler of several sizes': fillerKeySpace({
    size: SIZE,
    valueBytes: { smallest: 24, of: (index) => 24 + (index % 5) * 1_000 },
    key: (index) => `key:${String(index)}`,
  }),
  metrics: metricKeySpace(SIZE),
  quotes: quoteKeySpace(SIZE),
  'player states': playerKeySpace(SIZE),
};
const index = fc.integer({ min: 0, max: SIZE - 1 });
const version = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 4_294_967_295 }));

for (const [name, keySpace] of Object.entries(keySpaces)) {
  describe(`key space: ${name}`, () => {
    it('gives values that are pure, printable, and tell their version', () => {
      fc.assert(
        fc.property(index, version, (key, written) => {
          const value = keySpace.value(key, written);
          assert.match(value, /^[\x20-\x7e]+$/);
          assert.equal(keySpace.value(key, written), value);
          assert.equal(keySpace.versionOf(value), written);
        }),
      );
    });

    it('gives different values to different keys and versions', () => {
      fc.assert(
        fc.property(index, version, index, version, (key, written, otherKey, otherWritten) => {
          const same = key === otherKey && written === otherWritten;
          assert.equal(keySpace.value(key, written) === keySpace.value(otherKey, otherWritten), same);
        }),
      );
      const seen = new Set<string>();
      for (let key = 0; key < 300; key++) {
        for (let written = 0; written < 30; written++) seen.add(keySpace.value(key, written));
      }
      assert.equal(seen.size, 9_000);
    });

    it('gives different keys, printable and short', () => {
      fc.assert(
        fc.property(index, index, (key, other) => {
          assert.equal(keySpace.key(key) === keySpace.key(other), key === other);
          assert.match(keySpace.key(key), /^[\x21-\x7e]{1,64}$/);
        }),
      );
    });

    it('knows no version of foreign or damaged text', () => {
      const own = keySpace.value(7, 17);
      const foreign = [
        '',
        'x',
        'v',
        'v;',
        'v17',
        'seq=',
        'seq=17',
        '{"version":',
        '{}',
        '\0',
        own.slice(1),
        own.slice(3),
      ];
      for (const text of [
        ...foreign,
        own.replace('17', '017'),
        own.replace('17', '-1'),
        own.replace('17', '4294967296'),
      ]) {
        assert.equal(keySpace.versionOf(text), -1, JSON.stringify(text));
      }
      fc.assert(
        fc.property(fc.string(), (text) => {
          const read = keySpace.versionOf(text);
          assert.ok(read === -1 || (Number.isInteger(read) && read >= 0 && read <= 4_294_967_295));
        }),
      );
    });
  });
}

describe('values of key spaces', () => {
  it('filler is exactly as long as asked for and hardly compresses', () => {
    for (const valueBytes of [24, 25, 100, 4_096, 4_120, 50_000]) {
      const keySpace = fillerKeySpace({ size: 10, valueBytes, key: String });
      assert.equal(keySpace.value(3, 4_294_967_295).length, valueBytes);
      // 6 bits of every 8 are random: deflate cannot go below three quarters, unless stretches repeat in long values.
      if (valueBytes <= 4_120) assert.ok(deflateSync(keySpace.value(3, 1)).length > 0.74 * valueBytes);
    }
    assert.throws(() => fillerKeySpace({ size: 10, valueBytes: 23, key: String }), RangeError);
  });

  it('a quote has a bid below and an ask above its last price, all with two decimals', () => {
    const keySpace = quoteKeySpace(100);
    const form = /^seq=(\d+) last=(\d+\.\d\d) bid=(\d+\.\d\d)x[1-9]\d*00 ask=(\d+\.\d\d)x[1-9]\d*00$/;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99 }), version, (key, written) => {
        const [, sequence, last, bid, ask] = (form.exec(keySpace.value(key, written)) ?? []).map(Number);
        assert.equal(sequence, written);
        assert.ok(last !== undefined && bid !== undefined && ask !== undefined);
        assert.ok(0 < bid && bid < last && last < ask && ask < 1_100);
      }),
    );
  });

  it('a price moves from version to version, within 2 % of a base', () => {
    const keySpace = quoteKeySpace(100);
    for (let key = 0; key < 100; key++) {
      const prices = Array.from({ length: 200 }, (_, written) =>
        Number(/last=(\S+)/.exec(keySpace.value(key, written))?.[1]),
      );
      const [lowest, highest] = [Math.min(...prices), Math.max(...prices)];
      assert.ok(new Set(prices).size > 10, `${String(key)} has ${String(new Set(prices).size)} prices`);
      assert.ok(highest - lowest < 0.042 * lowest);
    }
  });

  it('a player state is JSON with position, health and a score that never falls', () => {
    const keySpace = playerKeySpace(100);
    interface State {
      version: number;
      player: number;
      position: Record<'x' | 'y' | 'z', number>;
      health: number;
      score: number;
    }
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: 0, max: 4_294_967_294 }),
        (key, written) => {
          const state = JSON.parse(keySpace.value(key, written)) as State;
          const later = JSON.parse(keySpace.value(key, written + 1)) as State;
          assert.deepEqual(Object.keys(state), ['version', 'player', 'position', 'health', 'score']);
          assert.deepEqual([state.version, state.player], [written, key]);
          for (const coordinate of Object.values(state.position))
            assert.ok(coordinate >= 0 && coordinate < 1_024);
          assert.ok(Number.isInteger(state.health) && state.health >= 0 && state.health <= 100);
          assert.ok(later.score > state.score);
        },
      ),
    );
  });

  it('writes numbers as people do', () => {
    assert.deepEqual([0, 5, 99, 100, 12_345].map(twoDecimals), ['0.00', '0.05', '0.99', '1.00', '123.45']);
    assert.deepEqual(
      [zeroPadded(7, 4), zeroPadded(9_999, 4), zeroPadded(10_000, 4), zeroPadded(0, 1)],
      ['0007', '9999', '10000', '0'],
    );
  });
});
