/** What a plan declares to be compared. */
import { Type } from '../support/json-schema.js';
import { closed, count } from './schema-parts.js';

export const MetricSchema = Type.Union([
  Type.Literal('throughput'),
  Type.Literal('latencyP50'),
  Type.Literal('latencyP95'),
  Type.Literal('latencyP99'),
  Type.Literal('memory'),
  Type.Literal('capacityRate'),
  Type.Literal('capacityClients'),
]);

export const ComparisonPlanSchema = closed(
  {
    caseId: Type.String(),
    metric: MetricSchema,
    baseline: Type.String({ description: 'Contender id' }),
    candidate: Type.String({ description: 'Contender id' }),
  },
  'Declared before the first trial; the family that Holm corrects over',
);

export const ControlPlanSchema = closed(
  {
    contender: Type.String({ description: 'Contender id: the engine that is compared with itself' }),
    arm: Type.String({ description: 'Under which name the trials of the second arm stand' }),
    metrics: Type.Array(MetricSchema, { minItems: 1 }),
    extraTrials: count('Trials that the control adds to the plan'),
  },
  'A/A control: two arms of one contender in the same blocks; in every case, on each of the metrics',
);
