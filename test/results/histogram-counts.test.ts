import fc from 'fast-check';
import hdr from 'hdr-histogram-js';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countOf, HistogramSum } from '../../src/results/histogram-counts.js';
import { createHistogram, decodeHistogram, encodeHistogram } from '../../src/results/histogram.js';

const latency = fc.oneof(
  fc.integer({ min: 0, max: 5000 }),
  fc.integer({ min: 0, max: 2 ** 31 }),
  fc.integer({ min: 0, max: 3_600_000_000_000 }),
);
const values = fc.array(fc.record({ value: latency, count: fc.integer({ min: 1, max: 2 ** 36 }) }), {
  minLength: 1,
  maxLength: 30,
});

function filled(list: readonly { readonly value: number; readonly count: number }[]): string {
  const histogram = createHistogram();
  for (const { value, count } of list) histogram.recordValueWithCount(value, count);
  return encodeHistogram(histogram);
}

describe('HistogramSum', () => {
  it('says what HdrHistogram says of the same histograms added up', () => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 4 }), (lists) => {
        const texts = lists.map(filled);
        const sum = new HistogramSum();
        const reference = createHistogram();
        for (const text of texts) {
          sum.add(text);
          reference.add(decodeHistogram(text));
          assert.equal(countOf(text), decodeHistogram(text).totalCount);
        }
        const merged = sum.toHistogram();
        assert.equal(merged.totalCount, reference.totalCount);
        for (const percentile of [0, 1, 25, 50, 90, 99, 99.9, 99.999, 100]) {
          assert.equal(merged.getValueAtPercentile(percentile), reference.getValueAtPercentile(percentile));
        }
        assert.ok(Math.abs(sum.mean() - reference.mean) <= reference.mean * 1e-12);
      }),
    );
  });

  it('takes histograms of another range, as other tools write them', () => {
    const other = hdr.build({
      highestTrackableValue: 1e6,
      numberOfSignificantValueDigits: 3,
      bitBucketSize: 64,
    });
    other.recordValueWithCount(1234, 5);
    const text = hdr.encodeIntoCompressedBase64(other);
    const sum = new HistogramSum();
    sum.add(text);
    sum.add(filled([{ value: 99, count: 2 }]));
    assert.equal(countOf(text), 5);
    assert.equal(sum.toHistogram().totalCount, 7);
    assert.equal(sum.toHistogram().getValueAtPercentile(100), 1234);
  });

  it('refuses what is no histogram, is cut off, or has too few digits', () => {
    const two = hdr.build({
      highestTrackableValue: 1e6,
      numberOfSignificantValueDigits: 2,
      bitBucketSize: 64,
    });
    two.recordValue(5);
    for (const text of [
      '',
      'AAAA',
      filled([{ value: 9, count: 1 }]).slice(0, 24),
      hdr.encodeIntoCompressedBase64(two),
    ]) {
      assert.throws(() => countOf(text));
      assert.throws(() => {
        new HistogramSum().add(text);
      });
    }
  });
});
