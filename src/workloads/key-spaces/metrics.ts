import type { KeySpace } from '../workload.js';
import { hash32, readVersion, twoDecimals, zeroPadded } from './text.js';

const SPACE = 32;
/** Metrics that one service reports. */
const METRICS_PER_SERVICE = 100;

/**
 * Metrics of services: key `metric:service-0042:17` (100 metrics a service), value an aggregate of one interval,
 * `seq=17 count=481 sum=24050.11 min=3.02 max=99.87 p99=97.10`. The sequence number is the version; the minimum is never
 * above the 99th percentile, nor that above the maximum.
 *
 * @param metrics number of keys, 1 to 2^32
 */
export function metricKeySpace(metrics: number): KeySpace {
  return {
    size: metrics,
    key: (index) => {
      const place = index % METRICS_PER_SERVICE;
      return `metric:service-${zeroPadded((index - place) / METRICS_PER_SERVICE, 4)}:${zeroPadded(place, 2)}`;
    },
    value: (index, version) => {
      const hash = hash32(index, version);
      const more = hash32(hash, index);
      const count = 1 + (hash & 1023);
      const smallest = (hash >>> 10) % 1_000;
      const p99 = smallest + ((more & 0xffff) % 9_000);
      const largest = p99 + ((more >>> 16) % 1_000);
      const sum = count * ((smallest + p99) >>> 1);
      return (
        `seq=${String(version)} count=${String(count)} sum=${twoDecimals(sum)} ` +
        `min=${twoDecimals(smallest)} max=${twoDecimals(largest)} p99=${twoDecimals(p99)}`
      );
    },
    versionOf: (value) => readVersion(value, 'seq=', SPACE),
  };
}
