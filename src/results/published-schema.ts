import { ResultFileSchema } from './schema.js';

/** The text of `schema/result.schema.json`: made from `ResultFileSchema`, never edited by hand. */
export function publishedSchema(): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    $id: 'urn:predis-bench:result:1',
    ...ResultFileSchema,
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
