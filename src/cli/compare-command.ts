import { basename } from 'node:path';
import { Command } from 'commander';
import { metricDefinitions } from '../analysis/metrics.js';
import { compareRuns, type RunMetric } from '../analysis/runs.js';
import { percentileRatios } from '../analysis/percentiles.js';
import { compareSamples, requiredValues, type SampleVerdict } from '../analysis/samples.js';
import { BenchError, ExitCode } from '../errors.js';
import { comparableCases, defaultGateOptions, refuseInvalid } from '../gate/index.js';
import { holdsObject, parseNumberList } from '../results/number-list.js';
import { parseResultFile, readFileBytes } from '../results/read.js';
import type { Metric } from '../results/schema.js';
import { formatPlural } from '../support/format.js';
import { nearestName } from '../support/nearest.js';
import { listLines, runLines } from './compare-text.js';
import type { CommandContext } from './context.js';
import { withExamples } from './help.js';
import { listOption, numberOption, shareOption } from './option-values.js';

interface CompareOptions {
  readonly alpha: number;
  readonly margin?: string;
  readonly metric?: readonly string[];
  readonly difference?: true;
  readonly column?: string;
  readonly json?: true;
}

type ComparedOptions = Omit<CompareOptions, 'margin'> & { readonly margin: number | undefined };

interface Input {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const DEFAULT_MARGIN = 0.05;
const ABOVE_ZERO = { minimum: Number.MIN_VALUE, maximum: 1e300, integer: false };

/** `predis-bench compare A B`: two result files of one machine, or two plain lists of numbers. */
export function compareCommand(context: CommandContext): Command {
  return withExamples(new Command('compare'), [
    ['predis-bench compare before.txt after.txt --margin 0.03'],
    ['predis-bench compare a.csv b.csv --column latency_ms --alpha 0.01'],
    ['predis-bench compare main.json branch.json --metric throughput'],
  ])
    .description(
      'compare two result files of one machine, or two lists of numbers: effect, test, equivalence, detectable effect; exit code 0 answered, 3 inconclusive',
    )
    .argument('<A>', 'result file, or a list: one number a line, a JSON array, or a column of a CSV file')
    .argument('<B>', 'the same kind of file, held against A')
    .option(
      '--alpha <level>',
      'two-sided level of the tests',
      numberOption({ option: '--alpha', unit: 'probability', minimum: 1e-9, maximum: 0.49, integer: false }),
      0.05,
    )
    .option(
      '--margin <fraction>',
      'the difference that does not matter: 0.05 or 5% (the default; 10% for latencies of results); with --difference in the unit of the values',
    )
    .option(
      '--metric <list>',
      'metrics of result files (default: throughput,latencyP95)',
      listOption('--metric'),
    )
    .option('--difference', 'lists: compare B - A, not B / A; the margin is then in the unit of the values')
    .option(
      '--column <name>',
      'lists: the column of a CSV file, by the name in its first line or by number from 1',
    )
    .option('--json', 'print JSON')
    .action((pathA: string, pathB: string, options: CompareOptions) => {
      const a = { name: pathA, bytes: readFileBytes(pathA) };
      const b = { name: pathB, bytes: readFileBytes(pathB) };
      const margin = marginOf(options);
      const [resultA, resultB] = [holdsObject(a.bytes), holdsObject(b.bytes)];
      if (resultA !== resultB) {
        const [result, list] = resultA ? [a, b] : [b, a];
        throw new BenchError(
          'USAGE',
          `${result.name} looks like a result file and ${list.name} like a list of numbers; give two of one kind.`,
        );
      }
      const verdicts = resultA
        ? compareResults(a, b, { ...options, margin }, context)
        : compareLists(a, b, { ...options, margin }, context);
      const open = verdicts.some((verdict) => verdict === 'inconclusive' || verdict === 'too-few');
      if (open) context.setExitCode(ExitCode.inconclusive);
    });
}

function marginOf({ margin, difference }: CompareOptions): number | undefined {
  if (margin === undefined) return undefined;
  return difference === true
    ? numberOption({ option: '--margin', unit: 'the values', ...ABOVE_ZERO })(margin)
    : shareOption('--margin', 'Lists whose margin is in the unit of their values: add --difference.')(margin);
}

function compareLists(
  fileA: Input,
  fileB: Input,
  { alpha, margin, difference, column, metric, json }: ComparedOptions,
  context: CommandContext,
): SampleVerdict[] {
  if (metric !== undefined)
    throw new BenchError('USAGE', '--metric belongs to result files; these are lists of numbers.');
  if (difference === true && margin === undefined) {
    throw new BenchError('USAGE', '--difference needs a --margin in the unit of the values.');
  }
  const a = parseNumberList(fileA.bytes, fileA.name, column);
  const b = parseNumberList(fileB.bytes, fileB.name, column);
  const scale = difference === true ? 'difference' : 'ratio';
  for (const [values, { name }] of [
    [a, fileA],
    [b, fileB],
  ] as const) {
    const bad = values.findIndex((value) => scale === 'ratio' && value <= 0);
    if (bad !== -1) {
      throw new BenchError(
        'NUMBERS_UNREADABLE',
        `${name}: value ${String(bad + 1)} is ${String(values[bad])}, and a ratio needs values above 0.`,
        { hint: 'Compare differences with: --difference --margin <in the unit of the values>' },
      );
    }
  }
  const pair = { a, b, margin: margin ?? DEFAULT_MARGIN, scale } as const;
  const [comparison] = compareSamples([pair], alpha);
  if (comparison === undefined) return [];
  if (comparison.smallestPValue >= alpha) {
    const needed = formatPlural(requiredValues(alpha, 1), 'value');
    throw new BenchError(
      'TOO_FEW_TRIALS',
      `${formatPlural(a.length, 'value')} against ${String(b.length)} can give no p below ${String(alpha)} ` +
        `(${comparison.smallestPValue.toPrecision(2)} at best): at least ${needed} in each file are needed.`,
    );
  }
  const percentiles = percentileRatios(pair, alpha);
  const names = { a: basename(fileA.name), b: basename(fileB.name) };
  if (json === true) {
    const head = { format: 'predis-bench-compare', schemaVersion: 1, kind: 'lists', ...names, alpha };
    context.print(
      JSON.stringify(
        { ...head, familySize: 1, comparisons: [{ ...comparison, percentiles }], notes: [] },
        null,
        2,
      ),
    );
  } else {
    for (const line of listLines(names, comparison, percentiles, alpha)) context.print(line);
  }
  return [comparison.verdict];
}

function compareResults(
  fileA: Input,
  fileB: Input,
  { alpha, margin, metric, difference, column, json }: ComparedOptions,
  context: CommandContext,
): SampleVerdict[] {
  if (difference === true || column !== undefined) {
    const option = difference === true ? '--difference' : '--column';
    throw new BenchError('USAGE', `${option} belongs to lists of numbers; these are result files.`);
  }
  const metrics = (metric ?? Object.keys(defaultGateOptions.margins)).map((name): RunMetric => {
    const found = metricNamed(name);
    return {
      metric: found,
      margin: margin ?? (found.startsWith('latency') ? 2 * DEFAULT_MARGIN : DEFAULT_MARGIN),
    };
  });
  const a = parseResultFile(fileA.bytes, fileA.name);
  const b = parseResultFile(fileB.bytes, fileB.name);
  const cases = comparableCases(a, b);
  refuseInvalid('session in A', a);
  refuseInvalid('session in B', b);
  const { comparisons, notes } = compareRuns(a, b, cases, { alpha, metrics });
  if (comparisons.length === 0) {
    throw new BenchError(
      'NO_BASELINE',
      `${fileA.name} and ${fileB.name} have nothing in common that was measured.`,
    );
  }
  if (a.id === b.id) notes.push('Both files are the same run: this shows nothing.');
  const tooFew = comparisons.filter(({ verdict }) => verdict === 'too-few').length;
  if (tooFew > 0) {
    const needed = requiredValues(alpha, comparisons.length);
    notes.push(
      `${formatPlural(tooFew, 'comparison')} had too few trials: ${formatPlural(comparisons.length, 'comparison')} at ` +
        `alpha ${String(alpha)} need ${formatPlural(needed, 'trial')} of each contender in both runs (--trials).`,
    );
  }
  notes.push(
    'Two runs differ by the weather of the machine too; predis-bench gate corrects for it by unchanged contenders.',
  );
  if (json === true) {
    const head = {
      format: 'predis-bench-compare',
      schemaVersion: 1,
      kind: 'results',
      a: a.id,
      b: b.id,
      alpha,
    };
    context.print(JSON.stringify({ ...head, familySize: comparisons.length, comparisons, notes }, null, 2));
  } else {
    for (const line of runLines(comparisons, alpha)) context.print(line);
    for (const note of notes) context.print(`Note: ${note}`);
  }
  return comparisons.map(({ verdict }) => verdict);
}

/** @throws BenchError USAGE for a name that is no metric */
export function metricNamed(name: string): Metric {
  const found = metricDefinitions.find(({ metric }) => metric === name);
  if (found !== undefined) return found.metric;
  const names = metricDefinitions.map(({ metric }) => metric);
  const close = nearestName(name, names);
  throw new BenchError('USAGE', `Unknown metric ${name}.${close === null ? '' : ` Did you mean ${close}?`}`, {
    hint: `Metrics: ${names.join(', ')}.`,
  });
}
