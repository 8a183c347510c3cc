#!/usr/bin/env node
// Starts the program; the one place where an error becomes a message and an exit code.
import { existsSync } from 'node:fs';

const main = new URL('../dist/src/cli/main.js', import.meta.url);
if (!existsSync(main)) {
  console.error('predis-bench: not built yet.\nBuild it with: npm run setup');
  process.exit(70);
}

const { runCommandLine } = await import(main.href);
const { explain } = await import(new URL('../dist/src/cli/explain.js', import.meta.url).href);
try {
  process.exitCode = await runCommandLine(process.argv.slice(2));
} catch (error) {
  const { lines, exitCode } = explain(error, { debug: process.env.PREDIS_BENCH_DEBUG === '1' });
  for (const line of lines) console.error(line);
  process.exitCode = exitCode;
}
