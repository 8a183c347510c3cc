/** Options that say which trace is read and how; `run trace` and `cachesim` share them. */
import type { Command } from 'commander';
import { BenchError } from '../errors.js';
import { formatPercent } from '../support/format.js';
import {
  loadTrace,
  parseColumns,
  traceCompressions,
  traceFormats,
  type CsvColumns,
  type LoadedTrace,
  type ReadOptions,
  type TraceCompression,
  type TraceFormat,
} from '../traces/index.js';
import type { CommandContext } from './context.js';
import { numberOption } from './option-values.js';

/** As commander hands them over. */
export interface TraceOptions {
  readonly format?: TraceFormat;
  readonly compression?: TraceCompression;
  readonly columns?: CsvColumns;
  readonly limit?: number;
  readonly ignoreTimes?: true;
}

/** Accesses that `run trace` takes unless --limit says otherwise: a stream is repeated, so longer ones tell little more. */
export const DEFAULT_RUN_LIMIT = 1_000_000;
const LARGEST_RUN_LIMIT = 25_000_000;

/** Adds the options to a command. @param limit what --limit is by default, for --help */
export function addTraceOptions(command: Command, limit: string, largestLimit: number): Command {
  return command
    .option(
      '--format <name>',
      `format of the trace (default: told by its content): ${traceFormats.join(', ')}`,
      (text: string) => oneOf('--format', traceFormats, text),
    )
    .option(
      '--compression <name>',
      `compression of the trace (default: told by its content): ${traceCompressions.join(', ')}`,
      (text: string) => oneOf('--compression', traceCompressions, text),
    )
    .option('--columns <list>', 'columns of a csv trace, from 1: time=2,id=5,size=4,op=3', parseColumns)
    .option(
      '--limit <n>',
      `accesses to take from the beginning of the trace (default: ${limit})`,
      numberOption({ option: '--limit', unit: 'accesses', minimum: 1, maximum: largestLimit, integer: true }),
    )
    .option('--ignore-times', 'take the requests in the order of the file, whatever their times are');
}

/** The same for `run`, together with --file. */
export function addRunTraceOptions(command: Command): Command {
  return addTraceOptions(
    command.option('--file <trace>', 'the recorded trace that the workload trace replays'),
    DEFAULT_RUN_LIMIT.toLocaleString('en'),
    LARGEST_RUN_LIMIT,
  );
}

/** What the readers are asked. @param what is being done, for the status line */
export function readOptions(options: TraceOptions, context: CommandContext, what: string): ReadOptions {
  let shown = -1;
  return {
    format: options.format ?? null,
    compression: options.compression ?? null,
    columns: options.columns ?? null,
    ignoreTimes: options.ignoreTimes === true,
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    onProgress: (fraction) => {
      const percent = Math.floor(fraction * 100);
      if (percent === shown) return;
      shown = percent;
      context.status(`${what}: ${formatPercent(percent / 100)}`);
    },
  };
}

/**
 * The trace that a run replays.
 *
 * @param begun what a run to go on with took from its trace; `null` for a new run
 * @returns `null` when no file was given
 * @throws BenchError USAGE for options of a trace without --file; those of `readTrace`
 */
export async function loadRunTrace(
  options: TraceOptions & { readonly file?: string },
  context: CommandContext,
  begun: { readonly format: string; readonly accesses: number; readonly complete: boolean } | null = null,
): Promise<LoadedTrace | null> {
  const { file } = options;
  if (file === undefined) {
    const stray = (['format', 'compression', 'columns', 'limit', 'ignoreTimes'] as const).find(
      (name) => options[name] !== undefined,
    );
    if (stray === undefined) return null;
    const word = stray === 'ignoreTimes' ? 'ignore-times' : stray;
    throw new BenchError('USAGE', `--${word} is of a trace: name one with --file.`);
  }
  const read = readOptions(options, context, 'reading the trace');
  const format = traceFormats.find((name) => name === begun?.format) ?? read.format ?? null;
  const limit =
    begun === null ? (options.limit ?? DEFAULT_RUN_LIMIT) : begun.accesses + (begun.complete ? 1 : 0);
  try {
    return await loadTrace(file, { ...read, format, limit });
  } finally {
    context.status('');
  }
}

function oneOf<Name extends string>(option: string, names: readonly Name[], text: string): Name {
  const found = names.find((name) => name.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  throw new BenchError('USAGE', `${option} is ${names.join(', ')}, not "${text}".`);
}
