// Writes schema/*.schema.json from the source types of result, claims, price and configuration files. Build first: npm run build.
// Another build folder may be given: node scripts/generate-schema.mjs <folder>
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(import.meta.dirname, '..');
const build = resolve(root, process.argv[2] ?? 'dist');
const { publishedSchema, publishedSchemaNames } = await import(
  pathToFileURL(join(build, 'src/results/published-schema.js')).href
);
for (const name of publishedSchemaNames) {
  writeFileSync(join(root, `schema/${name}.schema.json`), publishedSchema(name));
}
const { publishedConfigSchema } = await import(pathToFileURL(join(build, 'src/cli/config/schema.js')).href);
writeFileSync(join(root, 'schema/config.schema.json'), publishedConfigSchema());
