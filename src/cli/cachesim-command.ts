import { Command } from 'commander';
import {
  AccessLog,
  cacheSize,
  policyNames,
  simulateCaches,
  windowEdges,
  type CacheSize,
  type PolicyName,
} from '../cachesim/index.js';
import { BenchError } from '../errors.js';
import { CACHE_SIMULATION_FORMAT } from '../results/declared/cache-simulation.js';
import { terminalSafe } from '../support/escape.js';
import { formatBytes, formatCount } from '../support/format.js';
import { readTrace, skewSentence, type TraceFacts } from '../traces/index.js';
import type { CommandContext } from './context.js';
import { withExamples } from './help.js';
import { listOption } from './option-values.js';
import { addTraceOptions, readOptions, type TraceOptions } from './trace-options.js';

interface CachesimOptions extends TraceOptions {
  readonly file?: string;
  readonly sizes: readonly CacheSize[];
  readonly policies: readonly PolicyName[];
  readonly json?: true;
}

/** One row of the answer. */
interface CachesimResult {
  readonly policy: PolicyName;
  /** As typed. */
  readonly size: string;
  /** Of the different keys; `null` where slots were asked for. */
  readonly fraction: number | null;
  readonly slots: number;
  readonly hits: number;
  readonly misses: number;
  readonly hitRatio: number;
  /** Hits in each part of the trace that `windowAccesses` counts. */
  readonly windowHits: readonly number[];
}

const DEFAULT_SIZES = '0.1%,1%,10%,30%';

/** `predis-bench cachesim <trace>`: what caches of several sizes and policies would have answered of a recorded trace. */
export function cachesimCommand(context: CommandContext): Command {
  const command = withExamples(new Command('cachesim'), [
    ['predis-bench cachesim web07.trace.br --sizes 1%,10%'],
    ['predis-bench cachesim cluster52.sort.zst --policies lru,sieve,min --limit 10000000'],
    ['predis-bench cachesim requests.csv.gz --columns time=1,id=2,size=3 --sizes 500 --json'],
    ['xz -dc OLTP.lis.xz | predis-bench cachesim -'],
  ])
    .description('hit ratios of cache policies over cache sizes, for a recorded trace')
    .argument('[trace]', 'trace file, or - for standard input; docs/traces.md shows the formats')
    .option('--file <trace>', 'another way to name the trace')
    .option(
      '--sizes <list>',
      'cache sizes: shares of the different keys (1% or 0.01) or slots (500)',
      (text: string) => listOption('--sizes')(text).map(cacheSize),
      DEFAULT_SIZES.split(',').map(cacheSize),
    )
    .option(
      '--policies <list>',
      `of ${policyNames.join(', ')}; MIN is Belady's, which knows the future`,
      (text: string): readonly PolicyName[] => [...new Set(listOption('--policies')(text).map(policy))],
      policyNames,
    )
    .option('--json', 'print JSON, with exact counts, for predis-bench report --cachesim');
  // the defaults are objects: --help shows them as they would be typed
  for (const [name, shown] of [
    ['sizes', DEFAULT_SIZES],
    ['policies', policyNames.join(',')],
  ]) {
    const option = command.options.find((candidate) => candidate.attributeName() === name);
    option?.default(option.defaultValue, shown);
  }
  return addTraceOptions(command, 'all', 4_294_967_294).action(
    async (argument: string | undefined, options: CachesimOptions) => {
      const { facts, results } = await simulate(namedTrace(argument, options.file), options, context);
      if (options.json === true) {
        const edges = windowEdges(facts.accesses);
        const simulation = {
          format: CACHE_SIMULATION_FORMAT,
          schemaVersion: 1,
          trace: facts,
          windowAccesses: edges.slice(1).map((edge, index) => edge - (edges[index] ?? 0)),
          results,
        };
        context.print(JSON.stringify(simulation, null, 2));
        return;
      }
      for (const line of describe(facts)) context.print(line);
      for (const line of table(results)) context.print(line);
    },
  );
}

/** @throws BenchError USAGE */
function namedTrace(argument: string | undefined, file: string | undefined): string {
  const named = argument ?? file;
  if (named === undefined) {
    throw new BenchError('USAGE', 'Which trace? Give a file, or - for standard input.', {
      hint: 'docs/traces.md shows the formats.',
    });
  }
  if (argument !== undefined && file !== undefined) {
    throw new BenchError('USAGE', 'A trace was named twice: give it as the argument or with --file.');
  }
  return named;
}

async function simulate(
  path: string,
  options: CachesimOptions,
  context: CommandContext,
): Promise<{ readonly facts: TraceFacts; readonly results: readonly CachesimResult[] }> {
  const log = new AccessLog();
  try {
    const { facts } = await readTrace(
      path,
      {
        access: (_kind, key) => {
          log.append(key);
        },
        endRequest: () => undefined,
      },
      readOptions(options, context, 'reading the trace'),
    );
    if (facts.keys === 0) {
      throw new BenchError(
        'TRACE_FORMAT',
        `${facts.file} says when requests came and names no keys (${facts.format}): there is nothing to cache.`,
        { hint: 'predis-bench run trace replays its arrivals.' },
      );
    }
    const sizes = options.sizes.map((size) => ({ size, slots: size.slots(facts.keys) }));
    let done = 0;
    const caches = simulateCaches(
      log,
      facts.keys,
      options.policies,
      sizes.map(({ slots }) => slots),
      () => {
        done++;
        context.status(
          `simulated ${String(done)} of ${String(sizes.length * options.policies.length)} caches`,
        );
      },
    );
    const results = caches.map(({ policy: name, slots, hits, windowHits }, index): CachesimResult => {
      const asked = sizes[index % sizes.length]?.size;
      return {
        policy: name,
        size: asked?.label ?? String(slots),
        fraction: asked?.fraction ?? null,
        slots,
        hits,
        misses: facts.accesses - hits,
        hitRatio: hits / facts.accesses,
        windowHits,
      };
    });
    return { facts, results };
  } finally {
    context.status('');
    log.close();
  }
}

function describe(facts: TraceFacts): string[] {
  const { file, bytes, format, compression, accesses, keys, complete, skew, sha256 } = facts;
  const packed = compression === 'none' ? '' : `, ${compression}`;
  return [
    `${terminalSafe(file, 100)} (${format}${packed}, ${formatBytes(bytes)}): ${complete ? '' : 'the first '}` +
      `${formatCount(accesses)} accesses to ${formatCount(keys)} keys`,
    ...(skew === null ? [] : [`Skew: ${skewSentence(skew)}`]),
    `SHA-256 ${sha256}`,
  ];
}

/** One line a size, one column a policy: hit ratios, and the exact hits beneath them. */
function table(results: readonly CachesimResult[]): string[] {
  const policies = [...new Set(results.map((result) => result.policy))];
  const perPolicy = results.length / Math.max(1, policies.length);
  const header = ['size', 'slots', ...policies];
  const rows = Array.from({ length: perPolicy }, (_, row) => {
    const ofSize = policies.map((_name, column) => results[column * perPolicy + row]);
    const [first] = ofSize;
    return [
      [
        first?.size ?? '',
        formatCount(first?.slots ?? 0),
        ...ofSize.map((result) => (result?.hitRatio ?? 0).toFixed(4)),
      ],
      ['', 'hits', ...ofSize.map((result) => formatCount(result?.hits ?? 0))],
    ];
  }).flat();
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [header, ...rows].map((row) =>
    row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '),
  );
}

function policy(text: string): PolicyName {
  const found = policyNames.find((name) => name === text.toUpperCase());
  if (found !== undefined) return found;
  throw new BenchError('USAGE', `--policies takes ${policyNames.join(', ')}, not "${text}".`);
}
