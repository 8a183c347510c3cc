import type { BenchConfig } from './schema.js';

/**
 * A configuration as it is, with its types: `export default defineConfig({ suites: { … } })` in `predis-bench.config.ts`.
 * See docs/configuration.md.
 */
export function defineConfig(config: BenchConfig): BenchConfig {
  return config;
}
