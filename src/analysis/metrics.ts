import type { MeasuredTrial, Metric, Plan } from '../results/schema.js';

/** What a metric is: its unit, its good direction, and where a trial keeps it. */
export interface MetricDefinition {
  readonly metric: Metric;
  readonly unit: 'operations/s' | 'ns' | 'bytes' | 'clients';
  readonly higherIsBetter: boolean;
  /** For people, inside a sentence. */
  readonly name: string;
  /** NaN where the trial was of another kind. */
  readonly of: (trial: MeasuredTrial) => number;
}

/** All metrics, in the order in which they are shown. */
export const metricDefinitions: readonly MetricDefinition[] = [
  {
    metric: 'throughput',
    unit: 'operations/s',
    higherIsBetter: true,
    name: 'throughput',
    of: ({ measurements }) => measurements.throughputPerSecond,
  },
  {
    metric: 'latencyP50',
    unit: 'ns',
    higherIsBetter: false,
    name: 'median latency',
    of: ({ measurements }) => measurements.latency.all.p50Ns,
  },
  {
    metric: 'latencyP95',
    unit: 'ns',
    higherIsBetter: false,
    name: 'p95 latency',
    of: ({ measurements }) => measurements.latency.all.p95Ns,
  },
  {
    metric: 'latencyP99',
    unit: 'ns',
    higherIsBetter: false,
    name: 'p99 latency',
    of: ({ measurements }) => measurements.latency.all.p99Ns,
  },
  {
    metric: 'memory',
    unit: 'bytes',
    higherIsBetter: false,
    name: 'memory',
    of: ({ measurements }) => measurements.memoryBytes,
  },
  {
    metric: 'capacityRate',
    unit: 'operations/s',
    higherIsBetter: true,
    name: 'capacity',
    of: ({ measurements }) => measurements.capacity?.held ?? Number.NaN,
  },
  {
    metric: 'capacityClients',
    unit: 'clients',
    higherIsBetter: true,
    name: 'capacity',
    of: ({ measurements }) => measurements.capacity?.held ?? Number.NaN,
  },
];

/** The metrics that the trials of a plan have. */
export function metricsOf({ capacity }: Pick<Plan, 'capacity'>): readonly MetricDefinition[] {
  const searched =
    capacity === undefined ? null : capacity.search === 'rate' ? 'capacityRate' : 'capacityClients';
  return metricDefinitions.filter(({ metric }) => !metric.startsWith('capacity') || metric === searched);
}

const byMetric = new Map(metricDefinitions.map((definition) => [definition.metric, definition]));

export function metricDefinition(metric: Metric): MetricDefinition {
  const definition = byMetric.get(metric);
  if (definition === undefined) throw new RangeError(`unknown metric ${metric}`);
  return definition;
}
