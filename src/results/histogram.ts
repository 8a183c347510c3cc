import hdr from 'hdr-histogram-js';

/** A decoded HdrHistogram of latencies in nanoseconds. */
export type LatencyHistogram = ReturnType<typeof hdr.build>;

/** Significant decimal digits kept; the file format says 3 (see LatencySchema). */
export const SIGNIFICANT_DIGITS = 3;

/** Longest latency told apart from longer ones: one hour. Nothing in a trial may wait that long. */
export const HIGHEST_LATENCY_NS = 3_600_000_000_000;

/** An empty histogram of the one shape that result files hold, so that any two can be added. */
export function createHistogram(): LatencyHistogram {
  return hdr.build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_LATENCY_NS,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
    bitBucketSize: 64,
  });
}

/** HdrHistogram V2 encoding, deflated, base64: readable by every HdrHistogram library. */
export function encodeHistogram(histogram: LatencyHistogram): string {
  return hdr.encodeIntoCompressedBase64(histogram);
}

/**
 * The reverse of `encodeHistogram`.
 *
 * @throws Error when the text is no such histogram, or one of another precision or an absurd range
 */
export function decodeHistogram(text: string): LatencyHistogram {
  const histogram = hdr.decodeFromCompressedBase64(text, 64, false, HIGHEST_LATENCY_NS);
  if (histogram.numberOfSignificantValueDigits !== SIGNIFICANT_DIGITS) {
    throw new Error(
      `has ${String(histogram.numberOfSignificantValueDigits)} significant digits instead of ${String(SIGNIFICANT_DIGITS)}`,
    );
  }
  return histogram;
}
