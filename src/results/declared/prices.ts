/**
 * A price file: what an hour of a machine costs, given by the user with its date and source. The one source of its TypeScript
 * types and of the published JSON Schema (`schema/prices.schema.json`, written by `scripts/generate-schema.mjs`).
 */
import type { Static } from 'typebox';
import { Type } from '../../support/json-schema.js';
import { closed } from '../schema-parts.js';

export const PRICES_FORMAT = 'predis-bench-prices';

export const PricesFileSchema = closed(
  {
    format: Type.Literal(PRICES_FORMAT),
    schemaVersion: Type.Literal(1),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217, such as USD or EUR' }),
    date: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$', description: 'Day on which the prices held' }),
    source: Type.String({ minLength: 1, maxLength: 300, description: 'Where they can be looked up' }),
    prices: Type.Array(
      closed({
        machine: Type.String({
          minLength: 1,
          maxLength: 120,
          description: 'What is paid for, in the words of its seller',
        }),
        perHour: Type.Number({ exclusiveMinimum: 0, maximum: 1e9, description: 'Of the whole machine' }),
        contenders: Type.Array(Type.String({ minLength: 1 }), {
          minItems: 1,
          description: 'Ids of those that the price is for; each at most once in the file',
        }),
      }),
      { minItems: 1, maxItems: 100 },
    ),
  },
  'Prices for predis-bench report --prices',
);

export type PricesFile = Static<typeof PricesFileSchema>;

/** What the schema cannot say; null when a price file is sound, otherwise the JSON pointer of the place and what is wrong. */
export function pricesProblem({ date, prices }: PricesFile): string | null {
  const day = new Date(`${date}T00:00:00Z`);
  // JavaScript takes the 30th of February for the 2nd of March
  if (Number.isNaN(day.getTime()) || day.toJSON().slice(0, 10) !== date)
    return `/date: there is no day ${date}`;
  const seen = new Set<string>();
  for (const [index, { contenders }] of prices.entries()) {
    for (const contender of contenders) {
      if (seen.has(contender)) return `/prices/${String(index)}: "${contender}" has two prices`;
      seen.add(contender);
    }
  }
  return null;
}
