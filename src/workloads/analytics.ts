import { keysParameter, operationsParameter, readShareParameter } from './common-parameters.js';
import { createBernoulli } from './distributions/bernoulli.js';
import { createUniform } from './distributions/uniform.js';
import { metricKeySpace } from './key-spaces/metrics.js';
import { listParameter, numberParameter } from './parameters.js';
import { randomFor } from './random-streams.js';
import { StreamBuilder } from './stream-builder.js';
import { OperationKind, type OperationStream, type Workload } from './workload.js';

interface AnalyticsParameters {
  readonly metrics: number;
  readonly readShare: number;
  readonly operations: number;
}

/**
 * Dashboards read many metrics at once, and collectors write as many: every request is an mget or an mput of neighbouring
 * metrics, from a uniformly chosen one on (after the last comes the first). One case for each size of a bulk.
 */
export const analytics: Workload = {
  name: 'analytics',
  summary: 'Dashboards: bulk reads of 1,000 or of all 10,000 metrics, and now and then a bulk write',
  derivedFrom: 'Synthetic: modelled on monitoring dashboards, not derived from a production trace',
  parameters: [
    keysParameter(10_000, 'metrics'),
    {
      name: 'metricsPerRequest',
      description: 'Metrics in each bulk; one case for each size',
      kind: 'integer-list',
      unit: 'keys',
      minimum: 2,
      maximum: 100_000,
      default: [1_000, 10_000],
    },
    readShareParameter(0.95),
    operationsParameter(2_000_000),
  ],
  rules: [
    {
      between: ['metricsPerRequest', 'metrics'],
      sentence: 'no entry of metricsPerRequest may exceed metrics',
      holds: (parameters) =>
        Math.max(...listParameter(parameters, 'metricsPerRequest')) <= numberParameter(parameters, 'metrics'),
    },
  ],
  cases: (parameters) => {
    const analyticsParameters: AnalyticsParameters = {
      metrics: numberParameter(parameters, 'metrics'),
      readShare: numberParameter(parameters, 'readShare'),
      operations: numberParameter(parameters, 'operations'),
    };
    const keySpace = metricKeySpace(analyticsParameters.metrics);
    const sizes = listParameter(parameters, 'metricsPerRequest');
    return sizes.map((size) => ({
      id: sizes.length === 1 ? 'analytics' : `${String(size)}-metrics`,
      label: `bulks of ${String(size)} metrics`,
      keySpace,
      readsBatches: size > 1,
      generate: (seed: number) => generate(analyticsParameters, size, seed),
    }));
  },
};

function generate(
  { metrics, readShare, operations }: AnalyticsParameters,
  size: number,
  seed: number,
): OperationStream {
  const isRead = createBernoulli(readShare, randomFor(seed, 'kinds'));
  const nextFirst = createUniform(metrics, randomFor(seed, 'keys'));
  const requests = Math.ceil(operations / size);
  const builder = new StreamBuilder(metrics, requests * size, requests);
  for (let request = 0; request < requests; request++) {
    const kind = isRead() ? OperationKind.get : OperationKind.put;
    let metric = nextFirst();
    for (let place = 0; place < size; place++) {
      builder.append(kind, metric);
      if (++metric === metrics) metric = 0;
    }
    builder.endRequest();
  }
  return builder.build();
}
