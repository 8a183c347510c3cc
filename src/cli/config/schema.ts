/**
 * The shape of `predis-bench.config.{ts,json}`: suites, each of workloads and of options of `run`. The options are named as on
 * the command line, in camel case; their ranges are checked by the parsers of the command line, so that both say the same.
 */
import type { Static, TSchema } from 'typebox';
import { Type } from '../../support/json-schema.js';

const flag = (description: string) => Type.Boolean({ description });
const text = (description: string) => Type.String({ description, minLength: 1, maxLength: 4096 });
const number = (description: string) => Type.Number({ description });
const closed = <Properties extends Record<string, TSchema>>(properties: Properties, description: string) =>
  Type.Object(properties, { additionalProperties: false, description });

const Options = closed(
  {
    quick: Type.Optional(flag('--quick')),
    set: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Union([Type.Number(), Type.Array(Type.Number(), { minItems: 1 }), Type.String()]),
        { description: '--set, by name: "readShare", or "hft.readShare" where there are several workloads' },
      ),
    ),
    contenders: Type.Optional(Type.Array(Type.String(), { minItems: 1, description: '--contenders' })),
    pipeline: Type.Optional(number('--pipeline')),
    blocks: Type.Optional(number('--blocks')),
    trials: Type.Optional(number('--trials')),
    windowMs: Type.Optional(number('--window-ms, milliseconds')),
    warmupMs: Type.Optional(number('--warmup-ms, milliseconds')),
    workers: Type.Optional(number('--workers')),
    connections: Type.Optional(number('--connections')),
    seed: Type.Optional(number('--seed')),
    rate: Type.Optional(number('--rate, operations per second')),
    arrivals: Type.Optional(Type.Enum(['poisson', 'constant', 'schedule'], { description: '--arrivals' })),
    timeScale: Type.Optional(number('--time-scale')),
    maxInFlight: Type.Optional(number('--max-in-flight')),
    slo: Type.Optional(text('--slo, such as p99<5ms')),
    search: Type.Optional(Type.Enum(['rate', 'clients'], { description: '--search' })),
    clientRate: Type.Optional(number('--client-rate, operations per second')),
    stopWhen: Type.Optional(Type.Enum(['decided'], { description: '--stop-when' })),
    looks: Type.Optional(number('--looks')),
    spending: Type.Optional(Type.Enum(['obrien-fleming', 'pocock'], { description: '--spending' })),
    file: Type.Optional(text('--file, relative to the folder of this file')),
    format: Type.Optional(text('--format')),
    compression: Type.Optional(text('--compression')),
    columns: Type.Optional(text('--columns')),
    limit: Type.Optional(number('--limit, accesses')),
    ignoreTimes: Type.Optional(flag('--ignore-times')),
    alpha: Type.Optional(number('--alpha')),
    margin: Type.Optional(
      Type.Union([Type.Number(), Type.String()], { description: '--margin: 0.05 or "5%"' }),
    ),
    control: Type.Optional(
      Type.Union([Type.String(), Type.Literal(false)], { description: '--control; false for --no-control' }),
    ),
    verifyEvery: Type.Optional(number('--verify-every, reads')),
    redisBenchmark: Type.Optional(flag('false for --no-redis-benchmark')),
    engine: Type.Optional(Type.Enum(['auto', 'cpu', 'cuda'], { description: '--engine' })),
    memoryLimitMib: Type.Optional(number('--memory-limit-mib')),
    redis: Type.Optional(text('--redis; a password never stands here')),
    redisPasswordFile: Type.Optional(text('--redis-password-file, relative to the folder of this file')),
    redisTlsCa: Type.Optional(text('--redis-tls-ca, relative to the folder of this file')),
    disclose: Type.Optional(
      Type.Record(Type.String(), Type.String(), { description: '--disclose, by name' }),
    ),
  },
  'Options of predis-bench run, in camel case',
);

const Suite = closed(
  {
    description: Type.Optional(text('For people; predis-bench list shows it')),
    workloads: Type.Array(Type.String(), {
      minItems: 1,
      description: 'As named on the command line; "all" for all',
    }),
    options: Type.Optional(Options),
  },
  'predis-bench run <name of the suite>',
);

/** Letters, digits, dots, hyphens and underscores, so that a name is one word everywhere. */
export const SUITE_NAME = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';

export const ConfigSchema = closed(
  {
    $schema: Type.Optional(Type.String({ description: 'Address of this schema, for editors' })),
    suites: Type.Record(Type.String({ pattern: SUITE_NAME }), Suite, {
      additionalProperties: false,
      description: 'By name',
    }),
  },
  'Configuration of predis-bench',
);

export type BenchConfig = Static<typeof ConfigSchema>;
export type SuiteConfig = Static<typeof Suite>;
export type SuiteOptions = Static<typeof Options>;

/** Options of a suite by name, with their schemas. */
export const suiteOptionSchemas: Readonly<Record<string, TSchema>> = Options.properties;

/** The text of `schema/config.schema.json`. */
export function publishedConfigSchema(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:predis-bench:config:1',
    ...ConfigSchema,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
