/** From a name on the command line to the suite of a configuration, and to the command line that it stands for. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { BenchError } from '../../errors.js';
import { nearestName } from '../../support/nearest.js';
import { workloads, workloadsWithInput } from '../../workloads/index.js';
import { findConfig } from './find.js';
import { loadConfig, type LoadedConfig } from './load.js';
import { longOf, suiteWords, typedWords } from './suite-words.js';

/** A `run` that takes its workloads and options from a suite. */
export interface SuiteRun {
  readonly suite: string;
  /** What could have been typed after `predis-bench run` instead: workloads, the suite's options, the typed ones. */
  readonly words: readonly string[];
}

/** An option as typed: its name, and its value where it takes one. */
export type TypedOption = readonly [option: string, value: string | undefined];

/** Keeps what is typed for the options of a command, in order. */
export function recordTyped(command: Command): readonly TypedOption[] {
  const typed: TypedOption[] = [];
  for (const option of command.options) {
    command.on(`option:${option.name()}`, (value: string | null | undefined) => {
      typed.push([longOf(option), value ?? undefined]);
    });
  }
  return typed;
}

/**
 * Which suite is meant: that of --suite, or a single name that is no workload. A configuration is looked for, and run where it is
 * code, in these two cases only.
 *
 * @param request `typed` as `recordTyped` kept it; `folder` from which a configuration is looked for, upwards
 * @param newRun makes a fresh `run` command, for its options and parsers
 * @returns null when no suite is meant
 * @throws BenchError UNKNOWN_SUITE, CONFIG_INVALID, USAGE
 */
export async function chooseSuite(
  request: {
    readonly names: readonly string[];
    readonly suite: string | undefined;
    readonly config: string | undefined;
    readonly typed: readonly TypedOption[];
    readonly folder: string;
  },
  newRun: () => Command,
): Promise<SuiteRun | null> {
  const { names, config, typed } = request;
  const named = request.suite ?? (names.length === 1 ? names.find((name) => !isWorkload(name)) : undefined);
  if (named === undefined) {
    if (config === undefined) return null;
    throw new BenchError(
      'USAGE',
      '--config is where suites stand: name one, with --suite or as the only name.',
    );
  }
  const path = config ?? findConfig(request.folder);
  if (path === null) {
    if (request.suite === undefined) return null; // a misspelt workload: told as such
    throw new BenchError(
      'UNKNOWN_SUITE',
      `There is no suite '${named}': no configuration was found here or above.`,
      {
        hint: 'Suites stand in predis-bench.config.json or .ts: docs/configuration.md.',
      },
    );
  }
  const loaded = await loadConfig(path);
  const suite = Object.hasOwn(loaded.config.suites, named) ? loaded.config.suites[named] : undefined;
  if (suite === undefined) throw unknownSuite(named, loaded, request.suite === undefined);
  const run = newRun();
  const given = typed.map(
    ([long]) => run.options.find((option) => longOf(option) === long)?.attributeName() ?? '',
  );
  const place = `${basename(path)}, /suites/${named}/options`;
  const options = suiteWords(suite.options ?? {}, run, { given, place, configPath: loaded.path });
  const chosen = request.suite !== undefined && names.length > 0 ? names : suite.workloads;
  const own = typed
    .filter(([long]) => long !== '--suite' && long !== '--config')
    .flatMap(([long, value]) => (value === undefined ? [long] : typedWords(long, value)));
  return { suite: named, words: [...chosen, ...options, ...own] };
}

function isWorkload(name: string): boolean {
  return name === 'all' || [...workloads, ...workloadsWithInput].some((workload) => workload.name === name);
}

function unknownSuite(name: string, { path, config }: LoadedConfig, mayBeWorkload: boolean): BenchError {
  const suites = Object.keys(config.suites);
  const names = mayBeWorkload
    ? [...suites, ...[...workloads, ...workloadsWithInput].map((one) => one.name)]
    : suites;
  const nearest = nearestName(name, names);
  const known = suites.length === 0 ? `${basename(path)} has none.` : `Suites: ${suites.join(', ')}.`;
  return new BenchError(
    'UNKNOWN_SUITE',
    mayBeWorkload
      ? `There is no workload and no suite '${name}'.`
      : `There is no suite '${name}' in ${basename(path)}.`,
    {
      hint:
        nearest === null ? `${known} predis-bench list shows them all.` : `Did you mean ${nearest}? ${known}`,
    },
  );
}
