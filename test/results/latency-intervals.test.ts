import fc from 'fast-check';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import {
  bucketFloorNs,
  decodeLatencyIntervals,
  encodeLatencyIntervals,
  LATENCY_BUCKETS,
} from '../../src/results/latency-intervals.js';

describe('latencies by interval', () => {
  it('survive the file, whatever they are', () => {
    const cell = fc.record({
      bucket: fc.integer({ min: 0, max: LATENCY_BUCKETS - 1 }),
      count: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 40 })),
    });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { maxLength: 40 }), { minLength: 1, maxLength: 25 }), (windows) => {
        const counts = new Float64Array(windows.length * LATENCY_BUCKETS);
        for (const [interval, cells] of windows.entries()) {
          for (const { bucket, count } of cells) counts[interval * LATENCY_BUCKETS + bucket] = count;
        }
        const rows = decodeLatencyIntervals(encodeLatencyIntervals(counts));
        assert.equal(rows.length, windows.length);
        assert.deepEqual(rows.flat(), [...counts]);
      }),
    );
  });

  it('have buckets that ascend without a gap, each at most a quarter of its latency wide, up to an hour', () => {
    for (let bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
      const [from, to] = [bucketFloorNs(bucket), bucketFloorNs(bucket + 1)];
      assert.ok(to > from && (from < 4 || to / from <= 1.25), `${String(from)} to ${String(to)}`);
    }
    assert.equal(bucketFloorNs(0), 0);
    assert.ok(bucketFloorNs(LATENCY_BUCKETS) > 3.6e12);
  });

  it('take little room: a bell of thirty buckets in each of twenty intervals in less than 1.5 kB', () => {
    const counts = new Float64Array(20 * LATENCY_BUCKETS);
    for (let interval = 0; interval < 20; interval++) {
      for (let near = -15; near <= 15; near++) {
        counts[interval * LATENCY_BUCKETS + 60 + near] = Math.round(
          9000 * Math.exp(-(near * near) / 20) * (1 + Math.sin(interval * 31 + near) / 4),
        );
      }
    }
    const text = encodeLatencyIntervals(counts);
    assert.ok(text.length < 1500, `${String(text.length)} characters`);
  });

  it('are refused when the text is no such table', () => {
    const packed = (...bytes: number[]): string => deflateRawSync(Uint8Array.from(bytes)).toString('base64');
    const refused = (text: string, why: RegExp): void => {
      assert.throws(() => decodeLatencyIntervals(text), why);
    };
    refused('AAAA', /./);
    refused(packed(), /breaks off/);
    refused(packed(2, 0), /breaks off/);
    refused(packed(1, 0, 0), /goes on/);
    refused(packed(1, 1, (LATENCY_BUCKETS % 128) | 128, LATENCY_BUCKETS >> 7, 1), /too many buckets/);
    refused(packed(...new Array<number>(9).fill(255)), /beyond 2\^53/);
    refused(packed(255, 255, 255, 1), /intervals/);
    // 80 MB of zeros in a few kilobytes
    refused(deflateRawSync(new Uint8Array(80 * 1024 * 1024)).toString('base64'), /larger|length/i);
  });
});
