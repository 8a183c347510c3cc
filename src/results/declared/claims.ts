/**
 * A claims file: targets that results are held against. The one source of its TypeScript types and of the published JSON Schema
 * (`schema/claims.schema.json`, written by `scripts/generate-schema.mjs`). How to add a claim: docs/adding-a-claim.md.
 */
import type { Static } from 'typebox';
import { Type } from '../../support/json-schema.js';
import { BoundarySchema } from '../schema.js';
import { closed } from '../schema-parts.js';

export const CLAIMS_FORMAT = 'predis-bench-claims';

/** Where a trial holds each of them, or why none does: src/analysis/claims/claim-metrics.ts. */
const ClaimMetricSchema = Type.Union([
  Type.Literal('throughput'),
  Type.Literal('latencyMean'),
  Type.Literal('latencyP50'),
  Type.Literal('latencyP95'),
  Type.Literal('latencyP99'),
  Type.Literal('latencyP999'),
  Type.Literal('memory'),
  Type.Literal('capacityRate'),
  Type.Literal('capacityClients'),
  Type.Literal('gpuUtilization'),
  Type.Literal('deviceBandwidth'),
  Type.Literal('hitRatio'),
]);

const range = closed({
  atLeast: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  atMost: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
});
const names = Type.Array(Type.String({ minLength: 1 }), { minItems: 1 });

export const ClaimSchema = closed({
  id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$', description: 'Unique in the file' }),
  title: Type.String({ minLength: 1, maxLength: 200, description: 'As people say it' }),
  note: Type.Optional(
    Type.String({
      maxLength: 600,
      description: 'What the title is taken to mean, where it could mean several things',
    }),
  ),
  metrics: Type.Array(ClaimMetricSchema, {
    minItems: 1,
    uniqueItems: true,
    description: 'The claim has to hold on each of them',
  }),
  candidate: closed(
    { contender: Type.String({ minLength: 1 }), boundary: BoundarySchema },
    'Whose claim it is, and where it has to be measured',
  ),
  baseline: Type.Optional(
    closed(
      {
        engine: Type.String({ minLength: 1 }),
        including: Type.Optional(
          Type.Array(Type.String({ minLength: 1 }), {
            minItems: 1,
            description:
              'Contenders without which the engine is not credited with its best: the claim is then not met',
          }),
        ),
      },
      'Every contender of this engine that was measured beside the candidate: the claim has to hold against each, and so against the best. Absent: the claim is about the candidate alone',
    ),
  ),
  cases: Type.Optional(
    closed(
      {
        workloads: Type.Optional(names),
        ids: Type.Optional(names),
        keysPerRequest: Type.Optional(range),
      },
      'Which cases it is about, by name or by the mean number of keys in a request; absent: all. It has to hold in each that was measured',
    ),
  ),
  load: Type.Optional(
    closed(
      {
        loop: Type.Union([Type.Literal('closed'), Type.Literal('open')]),
        atLeastPerSecond: Type.Optional(
          Type.Number({
            exclusiveMinimum: 0,
            description: 'Open loop: operations that fall due in a second',
          }),
        ),
      },
      'How the engines have to be driven; absent: either way',
    ),
  ),
  threshold: closed(
    {
      is: Type.Union([
        Type.Literal('at-least'),
        Type.Literal('above'),
        Type.Literal('at-most'),
        Type.Literal('below'),
      ]),
      value: Type.Number({ exclusiveMinimum: 0 }),
      unit: Type.Union([
        Type.Literal('ratio', { description: 'Candidate over baseline' }),
        Type.Literal('operations/s'),
        Type.Literal('ns'),
        Type.Literal('bytes'),
        Type.Literal('clients'),
        Type.Literal('share', { description: '0 to 1' }),
      ]),
    },
    'What has to be shown',
  ),
});

export const ClaimsFileSchema = closed(
  {
    format: Type.Literal(CLAIMS_FORMAT),
    schemaVersion: Type.Literal(1),
    title: Type.String({ minLength: 1, maxLength: 200, description: 'Whose claims these are' }),
    claims: Type.Array(ClaimSchema, { minItems: 1, maxItems: 200 }),
  },
  'Claims of predis-bench: declared before anything is measured, judged by predis-bench report',
);

export type Claim = Static<typeof ClaimSchema>;
export type ClaimMetric = Static<typeof ClaimMetricSchema>;
export type ClaimUnit = Claim['threshold']['unit'];
export type ClaimsFile = Static<typeof ClaimsFileSchema>;

/** The unit in which each metric is claimed where there is no baseline. */
export const claimUnits: Readonly<Record<ClaimMetric, ClaimUnit>> = {
  throughput: 'operations/s',
  latencyMean: 'ns',
  latencyP50: 'ns',
  latencyP95: 'ns',
  latencyP99: 'ns',
  latencyP999: 'ns',
  memory: 'bytes',
  capacityRate: 'operations/s',
  capacityClients: 'clients',
  gpuUtilization: 'share',
  deviceBandwidth: 'share',
  hitRatio: 'share',
};

/** What the schema cannot say; null when a claims file is sound, otherwise the JSON pointer of the place and what is wrong. */
export function claimsProblem({ claims }: ClaimsFile): string | null {
  const seen = new Set<string>();
  for (const [index, { id, metrics, baseline, threshold, load, cases }] of claims.entries()) {
    const place = `/claims/${String(index)}`;
    if (seen.has(id)) return `${place}/id: "${id}" stands there twice`;
    seen.add(id);
    if (baseline !== undefined && threshold.unit !== 'ratio') {
      return `${place}/threshold/unit must be "ratio": the claim has a baseline`;
    }
    const wrong = metrics.find((metric) => baseline === undefined && claimUnits[metric] !== threshold.unit);
    if (wrong !== undefined) {
      return `${place}/threshold/unit must be "${claimUnits[wrong]}" for ${wrong} without a baseline, not "${threshold.unit}"`;
    }
    if (threshold.unit === 'share' && threshold.value > 1) {
      return `${place}/threshold/value is a share: 0.75 is 75 %`;
    }
    if (load?.atLeastPerSecond !== undefined && load.loop !== 'open') {
      return `${place}/load: a rate is asked for in open loop alone ("loop": "open")`;
    }
    const { atLeast = 0, atMost = Infinity } = cases?.keysPerRequest ?? {};
    if (atLeast > atMost) return `${place}/cases/keysPerRequest: atLeast exceeds atMost`;
  }
  return null;
}
