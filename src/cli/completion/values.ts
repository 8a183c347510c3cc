/** What may follow an option, or stand as an argument: read off the command tree where it says so, else from this table. */
import type { Argument, Option } from 'commander';
import { metricDefinitions } from '../../analysis/metrics.js';
import { policyNames } from '../../cachesim/index.js';
import { contenders } from '../../engines/registry.js';
import { declarations } from '../../results/schema.js';
import { traceCompressions, traceFormats } from '../../traces/index.js';
import { arrivalProcesses } from '../../workloads/arrivals.js';
import { workloads, workloadsWithInput } from '../../workloads/index.js';

export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** Words with commas between them. */
  | { readonly kind: 'list'; readonly words: readonly string[] }
  /** Names that are followed by `=` and a value. */
  | { readonly kind: 'names'; readonly words: readonly string[] }
  /** Words, and the suites of a configuration. */
  | { readonly kind: 'suites'; readonly words: readonly string[] }
  /** Result files, also those of the usual folder. */
  | { readonly kind: 'results' }
  | { readonly kind: 'files' }
  | { readonly kind: 'folders' }
  /** Only whoever types knows. */
  | { readonly kind: 'anything' };

const allWorkloads = [...workloads, ...workloadsWithInput];
const parameters = [...new Set(allWorkloads.flatMap((one) => one.parameters.map(({ name }) => name)))];
const contenderIds = contenders.map(({ id }) => id);
const metrics = metricDefinitions.map(({ metric }) => metric);

/** By the option, where a command does not say it itself (`choices`). A test holds them against the parsers. */
export const optionValues: Readonly<Record<string, Values>> = {
  '--arrivals': { kind: 'words', words: arrivalProcesses },
  '--compression': { kind: 'words', words: traceCompressions },
  '--contenders': { kind: 'list', words: [...contenderIds, 'ladder'] },
  '--control': { kind: 'words', words: contenderIds },
  '--disclose': { kind: 'names', words: Object.keys(declarations) },
  '--engine': { kind: 'words', words: ['auto', 'cpu', 'cuda'] },
  '--format': { kind: 'words', words: traceFormats },
  '--metric': { kind: 'list', words: metrics },
  '--policies': { kind: 'list', words: policyNames },
  '--search': { kind: 'words', words: ['rate', 'clients'] },
  '--set': { kind: 'names', words: parameters },
  '--slo': { kind: 'words', words: ['p99<5ms', 'p99.9<10ms'] },
  '--spending': { kind: 'words', words: ['obrien-fleming', 'pocock'] },
  '--stop-when': { kind: 'words', words: ['decided'] },
};

/** By what stands between the angle brackets, or is the name of the argument. */
const byName: Readonly<Record<string, Values>> = {
  file: { kind: 'files' },
  trace: { kind: 'files' },
  folder: { kind: 'folders' },
  result: { kind: 'results' },
  A: { kind: 'results' },
  B: { kind: 'results' },
  workload: { kind: 'suites', words: [...allWorkloads.map(({ name }) => name), 'all'] },
};

/** Options whose file is a result. */
const ofResults = ['--baseline', '--candidate', '--resume'];

/** @returns null for an option that takes no value */
export function valuesOfOption(command: string, option: Option): Values | null {
  const long = option.long ?? '';
  if (option.isBoolean() || option.negate) return null;
  if (option.argChoices !== undefined) return { kind: 'words', words: option.argChoices };
  if (command === 'run' && long === '--suite') return { kind: 'suites', words: [] };
  if (ofResults.includes(long)) return { kind: 'results' };
  const placeholder = /[<[]([^>\]]*)[>\]]/.exec(option.flags)?.[1] ?? '';
  return optionValues[long] ?? byName[placeholder] ?? { kind: 'anything' };
}

export function valuesOfArgument(argument: Argument): Values {
  if (argument.argChoices !== undefined) return { kind: 'words', words: argument.argChoices };
  return byName[argument.name()] ?? { kind: 'anything' };
}
