import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import {
  describePValue,
  formatBytes,
  formatCount,
  formatDuration,
  formatInUnit,
  formatPercent,
  formatPlural,
  formatPValue,
  formatRate,
  formatRatio,
} from '../../src/support/format.js';

describe('numbers for people', () => {
  it('rates', () => {
    assert.equal(formatRate(0), '0 /s');
    assert.equal(formatRate(950), '950 /s');
    assert.equal(formatRate(61_234), '61.2 k/s');
    assert.equal(formatRate(1_234_000), '1.23 M/s');
    assert.equal(formatRate(999_600), '1.00 M/s');
    assert.equal(formatRate(2.5e9), '2.50 G/s');
  });

  it('durations', () => {
    assert.equal(formatDuration(850), '850 ns');
    assert.equal(formatDuration(0.5), '0.500 ns');
    assert.equal(formatDuration(1234), '1.23 µs');
    assert.equal(formatDuration(45_600_000), '45.6 ms');
    assert.equal(formatDuration(2e9), '2.00 s');
    assert.equal(formatDuration(7.2e12), '7,200 s');
  });

  it('bytes', () => {
    assert.equal(formatBytes(512), '512 B');
    assert.equal(formatBytes(1536), '1.50 KiB');
    assert.equal(formatBytes(24_536_678), '23.4 MiB');
    assert.equal(formatBytes(2 ** 33), '8.00 GiB');
  });

  it('values in the unit of their metric', () => {
    assert.deepEqual(
      [formatInUnit(1e6, 'operations/s'), formatInUnit(1e6, 'ns'), formatInUnit(1024, 'bytes')],
      ['1.00 M/s', '1.00 ms', '1.00 KiB'],
    );
  });

  it('ratios', () => {
    assert.equal(formatRatio(3.42), '3.42×');
    assert.equal(formatRatio(0.62), '0.62×');
    assert.equal(formatRatio(1.002), '1.002×');
    assert.equal(formatRatio(1), '1.00×');
    assert.equal(formatRatio(9.999), '10.0×');
    assert.equal(formatRatio(15.06), '15.1×');
    assert.equal(formatRatio(1234), '1,230×');
    assert.equal(formatRatio(0.0123), '0.0123×');
  });

  it('percentages, counts and plurals', () => {
    assert.equal(formatPercent(0.95), '95 %');
    assert.equal(formatPercent(0.0419), '4.2 %');
    assert.equal(formatPercent(-0.0001), '0 %');
    assert.equal(formatCount(1_234_567), '1,234,567');
    assert.equal(formatPlural(1, 'trial'), '1 trial');
    assert.equal(formatPlural(2000, 'trial'), '2,000 trials');
  });

  it('p-values, below 0.001 in words only where they are', () => {
    assert.equal(formatPValue(0.34), '0.34');
    assert.equal(formatPValue(0.0021), '0.0021');
    assert.equal(formatPValue(1.08e-5), '1.1e-5');
    assert.equal(formatPValue(1), '1');
    assert.equal(formatPValue(0.997), '> 0.99');
    assert.equal(describePValue(0.00099), 'p < 0.001');
    assert.equal(describePValue(0.001), 'p = 0.001');
    assert.equal(describePValue(0.00104), 'p = 0.001');
    assert.equal(describePValue(0.2), 'p = 0.2');
    assert.equal(describePValue(0.999), 'p > 0.99');
  });

  it('keep three significant digits, whatever the size', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e14, noNaN: true }), (value) => {
        for (const [text, units] of [
          [formatRate(value), { '/s': 1, 'k/s': 1e3, 'M/s': 1e6, 'G/s': 1e9 }],
          [formatDuration(value), { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 }],
        ] as const) {
          const [number = '', unit = ''] = text.split(' ');
          const factor = (units as Record<string, number>)[unit] ?? NaN;
          assert.ok(Math.abs(Number(number.replaceAll(',', '')) * factor - value) <= 0.00501 * value, text);
        }
      }),
      { seed: 1 },
    );
  });
});
