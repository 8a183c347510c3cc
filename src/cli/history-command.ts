import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { controlReason } from '../analysis/control.js';
import { buildHistory, levelOf, type HistoryPoint, type HistorySeries } from '../analysis/history.js';
import { metricDefinition } from '../analysis/metrics.js';
import type { Source } from '../analysis/source.js';
import { BenchError } from '../errors.js';
import { readResultFile } from '../results/read.js';
import { terminalSafe } from '../support/escape.js';
import { formatInUnit, formatPercent, formatPlural, formatPValue } from '../support/format.js';
import { metricNamed } from './compare-command.js';
import type { CommandContext } from './context.js';
import { withExamples } from './help.js';
import { listOption, numberOption } from './option-values.js';
import { defaultResultFolder } from './result-folder.js';

interface HistoryOptions {
  readonly metric: readonly string[];
  readonly alpha: number;
  readonly minChange: number;
  readonly seed: number;
  readonly json?: true;
}

const fraction = (option: string, minimum: number) =>
  numberOption({ option, unit: 'a fraction', minimum, maximum: 0.5, integer: false });

/** `predis-bench history [folder]`: the results of a folder in order of time, and where they change. */
export function historyCommand(context: CommandContext): Command {
  return withExamples(new Command('history'), [
    ['predis-bench history', 'of predis-bench-results/'],
    ['predis-bench history results/ci --metric throughput,latencyP95'],
  ])
    .description('show the results of a folder in order of time, with the points at which they change')
    .argument('[folder]', 'folder of result files', defaultResultFolder)
    .option('--metric <list>', 'metrics to follow', listOption('--metric'), ['throughput'])
    .option('--alpha <level>', 'level of each test for a change', fraction('--alpha', 1e-4), 0.01)
    .option('--min-change <fraction>', 'smallest change that is shown', fraction('--min-change', 0), 0.05)
    .option(
      '--seed <number>',
      'of the permutation tests',
      numberOption({ option: '--seed', unit: 'seed', minimum: 0, maximum: 2 ** 32 - 1, integer: true }),
      1,
    )
    .option('--json', 'print JSON')
    .action((folder: string, options: HistoryOptions) => {
      const metrics = options.metric.map(metricNamed);
      const sources = readFolder(folder, context);
      const { alpha, seed } = options;
      const history = buildHistory(sources, { metrics, alpha, minimumChange: options.minChange, seed });
      if (options.json === true) {
        context.print(JSON.stringify(history, null, 2));
        return;
      }
      for (const series of history.series) for (const line of seriesLines(series)) context.print(line);
      const changes = history.series.reduce((sum, series) => sum + series.changes.length, 0);
      context.print(
        `${formatPlural(history.results, 'result')}, ${formatPlural(history.series.length, 'series', 'series')}, ` +
          `${formatPlural(changes, 'change')} of ${formatPercent(options.minChange)} or more (E-divisive, alpha ` +
          `${String(alpha)} a test, seed ${String(seed)}).`,
      );
    });
}

/** Files that are no results are passed over, and named: damaged ones one by one, with the reason. */
function readFolder(folder: string, context: CommandContext): Source[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT' ? 'there is no such folder' : code === 'ENOTDIR' ? 'it is no folder' : String(code);
    throw new BenchError('RESULT_UNREADABLE', `${folder} cannot be read: ${why}.`, { cause });
  }
  const others: string[] = [];
  const sources = names.sort().flatMap((fileName): Source[] => {
    try {
      const result = readResultFile(join(folder, fileName));
      const invalid = controlReason(result);
      if (invalid === null) return [{ fileName, result }];
      context.say(`passed over: ${terminalSafe(fileName)} is an invalid session: ${invalid}.`);
      return [];
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      if (error.code === 'RESULT_NOT_OURS') others.push(fileName);
      else context.say(`passed over: ${error.message}`);
      return [];
    }
  });
  if (others.length > 0) {
    const more = others.length > MOST_NAMED ? ` and ${String(others.length - MOST_NAMED)} more` : '';
    context.say(
      terminalSafe(`passed over, no result files: ${others.slice(0, MOST_NAMED).join(', ')}${more}`, 1000),
    );
  }
  if (sources.length === 0) {
    throw new BenchError('RESULT_UNREADABLE', `No result file in ${folder}.`, {
      hint: 'Results are written by: predis-bench run <workload>',
    });
  }
  return sources;
}

const MOST_NAMED = 10;
const BARS = '▁▂▃▄▅▆▇█';
const MOST_BARS = 60;

function seriesLines(series: HistorySeries): string[] {
  const { points, changes, metric } = series;
  const { name, unit } = metricDefinition(metric);
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return [];
  const edges = [0, ...changes.map(({ index }) => index), points.length];
  return [
    terminalSafe(`${series.caseId}, ${series.contender}, ${name} (${series.setup})`, 500),
    `  ${formatPlural(points.length, 'result')}, ${first.createdAt.slice(0, 10)} to ${last.createdAt.slice(0, 10)}  ${bars(points)}`,
    `  now ${formatInUnit(last.median.estimate, unit)}${
      changes.length > 0
        ? ''
        : series.enough
          ? '; no change found'
          : '; too few results for a change to be found'
    }`,
    ...changes.map(({ index, low, high, ratio, pValue, better }, place) => {
      const before = levelOf(points.slice(edges[place], index));
      const after = levelOf(points.slice(index, edges[place + 2]));
      const bounds =
        ratio.low === null || ratio.high === null
          ? ''
          : ` (95 % interval ${percentChange(ratio.low)} to ${percentChange(ratio.high)})`;
      const where = low === high ? '' : `, somewhere from ${nameOf(points[low])} to ${nameOf(points[high])}`;
      return (
        `  ${better ? 'better' : 'WORSE'} since ${nameOf(points[index])}: ${formatInUnit(before, unit)} → ` +
        `${formatInUnit(after, unit)}, ${percentChange(ratio.estimate)}${bounds}${where}; p = ${formatPValue(pValue)}`
      );
    }),
  ];
}

function percentChange(ratio: number): string {
  return `${ratio >= 1 ? '+' : '−'}${formatPercent(Math.abs(ratio - 1))}`;
}

function nameOf(point: HistoryPoint | undefined): string {
  if (point === undefined) return 'the end';
  const commit = point.commit === null ? '' : ` (commit ${terminalSafe(point.commit.slice(0, 12))})`;
  return `${point.createdAt.slice(0, 16).replace('T', ' ')}${commit}`;
}

/** The newest points as bars, on a logarithmic scale from lowest to highest. */
function bars(points: readonly HistoryPoint[]): string {
  const logs = points.slice(-MOST_BARS).map((point) => Math.log(point.median.estimate));
  const lowest = Math.min(...logs);
  const range = Math.max(...logs) - lowest;
  return logs
    .map((value) => BARS[range === 0 ? 3 : Math.min(7, Math.floor(((value - lowest) / range) * 8))])
    .join('');
}
