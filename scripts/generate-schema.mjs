// Writes schema/result.schema.json and schema/config.schema.json from their source types. Build first: npm run build.
// Another build folder may be given: node scripts/generate-schema.mjs <folder>
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = resolve(import.meta.dirname, '..');
const build = resolve(root, process.argv[2] ?? 'dist');
const { publishedSchema } = await import(pathToFileURL(join(build, 'src/results/published-schema.js')).href);
writeFileSync(join(root, 'schema/result.schema.json'), publishedSchema());
const { publishedConfigSchema } = await import(pathToFileURL(join(build, 'src/cli/config/schema.js')).href);
writeFileSync(join(root, 'schema/config.schema.json'), publishedConfigSchema());
