/** Words for the names of the data: what a reader sees where the code says `latencyP95` or `candidate-better`. */
import type { ComparisonVerdict } from '../analysis/summary.js';
import type { Boundary, Metric } from '../results/schema.js';

export const metricNames: Readonly<Record<Metric, { readonly title: string; readonly axis: string }>> = {
  throughput: { title: 'Throughput', axis: 'Operations per second' },
  latencyP50: { title: 'Median latency (p50)', axis: 'Median latency of a request' },
  latencyP95: { title: 'p95 latency', axis: 'p95 latency of a request' },
  latencyP99: { title: 'p99 latency', axis: 'p99 latency of a request' },
  memory: { title: 'Memory', axis: 'Memory taken by the data' },
  capacityRate: { title: 'Capacity', axis: 'Highest rate at which the objective holds' },
  capacityClients: { title: 'Capacity', axis: 'Most clients at which the objective holds' },
};

export const boundaryNames: Readonly<Record<Boundary, { readonly short: string; readonly long: string }>> = {
  device: {
    short: 'device',
    long: 'in process, values of batches stay in GPU memory; keys are JavaScript strings',
  },
  packed: { short: 'packed', long: 'in process, packed batches in host memory' },
  api: { short: 'API', long: 'in process, JavaScript strings and Buffers through PredisClient' },
  socket: { short: 'socket', long: 'another process, RESP over TCP or a Unix socket' },
};

/** A verdict in words; the names of the two contenders are put in by the caller. */
export function verdictText(
  verdict: ComparisonVerdict,
  candidate: string,
  baseline: string,
): { readonly text: string; readonly tone: 'good' | 'bad' | 'neutral' | 'warning' } {
  switch (verdict) {
    case 'candidate-better':
      return { text: `${candidate} better`, tone: 'good' };
    case 'baseline-better':
      return { text: `${baseline} better`, tone: 'bad' };
    case 'equivalent':
      return { text: 'equal within the margin', tone: 'neutral' };
    case 'no-difference-shown':
      return { text: 'no difference shown', tone: 'neutral' };
    case 'too-few-trials':
      return { text: 'too few trials', tone: 'warning' };
    case 'not-measured':
      return { text: 'not measured', tone: 'neutral' };
  }
}
