import { Command } from 'commander';
import { formatClaimed, thresholdWords } from '../analysis/sentences/claimed.js';
import { contenders } from '../engines/registry.js';
import { BenchError } from '../errors.js';
import { terminalSafe } from '../support/escape.js';
import { defaultClaimsPath, readClaimsFile } from '../results/declared/read.js';
import { describeRange, workloads, workloadsWithInput } from '../workloads/index.js';
import { findConfig } from './config/find.js';
import { loadConfig, type LoadedConfig } from './config/load.js';
import type { CommandContext } from './context.js';
import { withExamples } from './help.js';

interface ListOptions {
  readonly config?: string;
  readonly json?: true;
  readonly quiet?: true;
}

/** `predis-bench list`: workloads with their parameters, contenders, the claims that reports judge, and the suites of the configuration. */
export function listCommand(context: CommandContext): Command {
  return withExamples(new Command('list'), [
    ['predis-bench list'],
    ['predis-bench list --json', 'for programs; docs/configuration.md shows the shape'],
    ['predis-bench list --quiet', 'names alone'],
  ])
    .description(
      'show the workloads with their parameters, the contenders, the claims, and the suites of the configuration',
    )
    .option('--config <file>', 'where suites stand (default: predis-bench.config.ts or .json, here or above)')
    .option('--json', 'print JSON')
    .option('--quiet', 'print the names of workloads, contenders and suites, and nothing else')
    .action(async (options: ListOptions) => {
      const loaded = await configToList(options.config, context);
      if (options.json) context.print(JSON.stringify(catalogue(loaded), null, 2));
      else for (const line of options.quiet ? names(loaded) : listing(loaded, context)) context.print(line);
    });
}

/** A configuration that was found and is broken hides nothing else; one that was named must be readable. */
async function configToList(
  named: string | undefined,
  context: CommandContext,
): Promise<LoadedConfig | null> {
  if (named !== undefined) return loadConfig(named);
  try {
    const path = findConfig(process.cwd());
    return path === null ? null : await loadConfig(path);
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    context.say(`suites are left out: ${error.message}`);
    return null;
  }
}

const allWorkloads = [...workloads, ...workloadsWithInput];

function listing(loaded: LoadedConfig | null, { style: { out } }: CommandContext): string[] {
  const suites = Object.entries(loaded?.config.suites ?? {});
  return [
    out.bold('Workloads (predis-bench run <name>, parameters with --set name=value):'),
    ...allWorkloads.flatMap((workload) => [
      '',
      `  ${out.bold(workload.name.padEnd(12))} ${workload.summary}`,
      ...workload.parameters.map((spec) => {
        const start = Array.isArray(spec.default) ? spec.default.join(',') : String(spec.default);
        return `    ${spec.name}=${start}`.padEnd(32) + `${spec.description}: ${describeRange(spec)}`;
      }),
    ]),
    '',
    out.bold('Contenders (--contenders a,b,c, or ladder for all of them):'),
    ...contenders.map(({ id, boundary, summary }) => `  ${id.padEnd(18)} [${boundary}] ${summary}`),
    '',
    out.bold('Claims that predis-bench report judges (others: --claims <file>):'),
    ...readClaimsFile(defaultClaimsPath).content.claims.map(
      ({ id, title, threshold: { is, value, unit } }) =>
        `  ${id.padEnd(18)} ${title} [${thresholdWords[is]}${formatClaimed(value, unit)}]`,
    ),
    ...(loaded === null || suites.length === 0
      ? []
      : [
          '',
          out.bold(`Suites of ${terminalSafe(loaded.path)} (predis-bench run <name>):`),
          ...suites.map(([name, { description, workloads: chosen }]) =>
            terminalSafe(`  ${name.padEnd(18)} ${description ?? chosen.join(', ')}`),
          ),
        ]),
  ];
}

function names(loaded: LoadedConfig | null): string[] {
  return [
    ...allWorkloads.map(({ name }) => name),
    ...contenders.map(({ id }) => id),
    ...Object.keys(loaded?.config.suites ?? {}),
  ];
}

function catalogue(loaded: LoadedConfig | null): object {
  return {
    format: 'predis-bench-list',
    schemaVersion: 1,
    workloads: allWorkloads.map(({ name, summary, derivedFrom, parameters, rules = [], input }) => ({
      name,
      summary,
      derivedFrom,
      needsInput: input !== undefined,
      parameters: parameters.map((spec) => ({ ...spec, range: describeRange(spec) })),
      rules: rules.map(({ between, sentence }) => ({ between, sentence })),
    })),
    contenders,
    config: loaded?.path ?? null,
    suites: Object.entries(loaded?.config.suites ?? {}).map(([name, suite]) => ({
      name,
      description: suite.description ?? null,
      workloads: suite.workloads,
      options: suite.options ?? {},
    })),
    claims: readClaimsFile(defaultClaimsPath).content.claims,
  };
}
