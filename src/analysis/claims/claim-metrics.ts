import type { ClaimMetric } from '../../results/declared/claims.js';
import type { MeasuredTrial, Metric } from '../../results/schema.js';
import { metricDefinition } from '../metrics.js';

/** Where a trial holds the number that a claim is about, or, as the end of a sentence, why it holds none. */
export interface ClaimMetricDefinition {
  /** For people, inside a sentence. */
  readonly name: string;
  readonly of: (trial: MeasuredTrial) => number | string;
}

const ofTrial = (metric: Metric): ClaimMetricDefinition => {
  const { name, of } = metricDefinition(metric);
  return {
    name,
    of: (trial) => {
      const value = of(trial);
      return Number.isFinite(value) ? value : 'the trials do not hold it';
    },
  };
};

/** Every metric that a claim may name. */
export const claimMetrics: Readonly<Record<ClaimMetric, ClaimMetricDefinition>> = {
  throughput: ofTrial('throughput'),
  latencyMean: { name: 'mean latency', of: ({ measurements }) => measurements.latency.all.meanNs },
  latencyP50: ofTrial('latencyP50'),
  latencyP95: ofTrial('latencyP95'),
  latencyP99: ofTrial('latencyP99'),
  latencyP999: { name: 'p99.9 latency', of: ({ measurements }) => measurements.latency.all.p999Ns },
  memory: ofTrial('memory'),
  capacityRate: { name: 'capacity in operations a second', of: capacityOf },
  capacityClients: { name: 'capacity in clients', of: capacityOf },
  gpuUtilization: { name: 'GPU utilisation', of: gpuUtilization },
  deviceBandwidth: {
    name: 'share of the memory bandwidth of the GPU',
    of: () =>
      'no trial holds a bandwidth beside its ceiling (the driver tells a share of time, and npm run bench:gpu prints single figures, which are no trials)',
  },
  hitRatio: {
    name: 'hit ratio',
    of: () =>
      'no trial holds hits under a memory limit (predis-bench cachesim counts those of cache policies, not of engines)',
  },
};

function capacityOf({ measurements }: MeasuredTrial): number | string {
  return measurements.capacity?.held ?? 'no capacity was searched (predis-bench run --slo)';
}

/**
 * What the driver calls utilisation is the share of time in which any kernel ran. The kernel that serves single requests stays on
 * the device and polls: while it is there the driver tells 100 %, whatever is asked of it. Such trials say nothing about use.
 */
function gpuUtilization({ measurements: { gpu } }: MeasuredTrial): number | string {
  if (gpu === undefined) return 'no GPU was used';
  if (gpu.work.mailboxCalls > 0) {
    return 'a kernel that waits for single requests was on the device, and the driver counts its waiting as work';
  }
  const series = gpu.readings.utilizationPercent;
  return series === null ? (gpu.readingsAbsent ?? 'the driver did not tell it') : series.mean / 100;
}
