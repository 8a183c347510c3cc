import type { TSchema } from 'typebox';
import { ClaimsFileSchema } from './declared/claims.js';
import { PricesFileSchema } from './declared/prices.js';
import { ResultFileSchema } from './schema.js';

const schemas = {
  result: ResultFileSchema,
  claims: ClaimsFileSchema,
  prices: PricesFileSchema,
} as const satisfies Record<string, TSchema>;

/** Which schemas are published, as `schema/<name>.schema.json`. */
export const publishedSchemaNames = Object.keys(schemas) as readonly (keyof typeof schemas)[];

/** The text of `schema/<name>.schema.json`: made from its source type, never edited by hand. */
export function publishedSchema(name: keyof typeof schemas = 'result'): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: `urn:predis-bench:${name}:1`,
    ...schemas[name],
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
