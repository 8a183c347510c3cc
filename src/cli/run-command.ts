import { rmSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { isDecided } from '../analysis/sequential.js';
import { summarise } from '../analysis/summarise.js';
import type { Summary } from '../analysis/summary.js';
import { createEngine, findContender } from '../engines/registry.js';
import { BenchError, ExitCode } from '../errors.js';
import { describeDisclosure } from '../measure/disclosure.js';
import { describeEnvironment } from '../measure/environment.js';
import { newResultHead } from '../measure/head.js';
import { makePlan } from '../measure/plan.js';
import { toolProvenance } from '../measure/provenance.js';
import { resumeRun, type ResumedRun } from '../measure/resume.js';
import { executeRun, type RunOutcome } from '../measure/run.js';
import { readResultFile } from '../results/read.js';
import { ResultWriter } from '../results/writer.js';
import { formatDuration, formatInUnit } from '../support/format.js';
import { findWorkload } from '../workloads/index.js';
import { withoutSecrets } from './command-line.js';
import { chooseSuite, recordTyped, type TypedOption } from './config/choose-suite.js';
import type { CommandContext } from './context.js';
import { withExamples, type Example } from './help.js';
import { abortOnSignals } from './interrupt.js';
import { newResultPath } from './result-folder.js';
import { addRunOptions, declaredFacts, engineOptions, planRequest, type RunOptions } from './run-options.js';
import { showProgress } from './run-progress.js';
import { summaryLines } from './summary-table.js';
import { loadRunTrace } from './trace-options.js';

const EXAMPLES: readonly Example[] = [
  ['predis-bench run hft'],
  ['predis-bench run all --quick', 'a first impression'],
  ['predis-bench run zipfian --set readShare=0.5 --workers 2'],
  ['predis-bench run hft --contenders ladder', 'every boundary, with its controls'],
  ['predis-bench run hft --rate 20000', 'open loop'],
  ["predis-bench run hft --slo 'p99<5ms'", 'the highest rate at which that holds'],
  ['predis-bench run trace --file web07.trace.br --limit 100000'],
  ['predis-bench run hft --redis redis://127.0.0.1:6379', 'a running server'],
  ['predis-bench run --suite nightly', 'from predis-bench.config.json or .ts'],
  ['predis-bench run --resume predis-bench-results/2026-01-31T12-00-00Z-hft.json'],
];

/** `predis-bench run <workload…|all>`: measures, records every trial, and prints what came out. */
export function runCommand(context: CommandContext): Command {
  const command = withExamples(addRunOptions(new Command('run')), EXAMPLES);
  const typed = recordTyped(command);
  return command
    .description('measure workloads on the contenders, in interleaved trials')
    .argument('[workload...]', "names of workloads, 'all', or one suite (see predis-bench list)")
    .action(async (typedNames: string[], typedOptions: RunOptions) => {
      const asked = await applySuite(typedNames, typedOptions, typed, context);
      const { names, options } = asked;
      const engines = engineOptions(options);
      const run =
        options.resume === undefined
          ? await begin(asked, context)
          : await resume(names, options, options.resume, context);
      const { signal, release } = abortOnSignals(context);
      let outcome: RunOutcome;
      try {
        outcome = await executeRun({
          ...run,
          startEngine: (contender) => createEngine(findContender(contender.id), engines),
          isDecided,
          onProgress: showProgress(context, process.env),
          ...(options.redisBenchmark ? {} : { withoutBenchmark: 'switched off with --no-redis-benchmark' }),
          signal,
        });
      } catch (error) {
        if (run.writer.trials.length > 0) context.say(`what was measured: ${run.writer.path}`);
        else if (options.resume === undefined) rmSync(run.writer.path, { force: true });
        throw error;
      } finally {
        release();
        context.status('');
      }
      const summary = show(run.writer.path, options, context);
      if (outcome.status === 'interrupted') {
        context.say(`interrupted; go on with: ${resumeLine(run.writer.path, options)}`);
      }
      context.setExitCode(exitCode(outcome, summary));
      if (outcome.status === 'complete') refuseUnheldObjective(run);
    });
}

/** What is to be run, wherever it was written. */
interface Asked {
  readonly names: string[];
  readonly options: RunOptions;
  readonly commandLine: readonly string[];
  /** For the name of the result file. */
  readonly label: string;
}

/** A suite stands for a command line: that is what runs, and what the result records. */
async function applySuite(
  names: string[],
  options: RunOptions,
  typed: readonly TypedOption[],
  { commandLine }: CommandContext,
): Promise<Asked> {
  const { suite, config } = options;
  if (options.resume !== undefined) {
    if ((suite ?? config) === undefined) return { names, options, commandLine, label: '' };
    throw new BenchError(
      'USAGE',
      '--resume goes on with the plan of its file: give no --suite and no --config.',
    );
  }
  const newRun = (): Command => addRunOptions(new Command('run')).argument('[workload...]').exitOverride();
  const chosen = await chooseSuite({ names, suite, config, typed, folder: process.cwd() }, newRun);
  const label = names.length === 1 ? (names[0] ?? '') : 'several';
  if (chosen === null) return { names, options, commandLine, label };
  const run = newRun().parse([...chosen.words], { from: 'user' });
  return {
    names: [...run.args],
    options: run.opts<RunOptions>(),
    commandLine: ['predis-bench', 'run', ...chosen.words],
    label: chosen.suite,
  };
}

async function begin(
  { names, options, commandLine, label }: Asked,
  context: CommandContext,
): Promise<ResumedRun> {
  if (names.length === 0) {
    throw new BenchError('USAGE', 'Which workload? Give a name, or all.', {
      hint: 'predis-bench list shows them all.',
    });
  }
  const { plan, cases } = makePlan(planRequest(names, options, await loadRunTrace(options, context)));
  const path = options.output ?? newResultPath(label, new Date());
  const head = newResultHead({
    plan,
    environment: describeEnvironment(),
    tool: toolProvenance(),
    command: withoutSecrets(commandLine),
    disclosure: describeDisclosure(plan, declaredFacts(options)),
  });
  return { writer: ResultWriter.create(path, head), plan, cases };
}

async function resume(
  names: readonly string[],
  options: RunOptions,
  path: string,
  context: CommandContext,
): Promise<ResumedRun> {
  if (names.length > 0 || options.output !== undefined || Object.keys(options.disclose).length > 0) {
    throw new BenchError(
      'USAGE',
      '--resume goes on with the plan of its file: give no workload, no --output and no --disclose.',
    );
  }
  const begun =
    options.file === undefined
      ? null
      : (readResultFile(path).plan.cases.find(({ input }) => input !== undefined)?.input ?? null);
  if (options.file !== undefined && begun === null) {
    throw new BenchError('USAGE', 'The run to go on with replays no trace: leave --file out.');
  }
  const input = await loadRunTrace(options, context, begun);
  const here = { environment: describeEnvironment(), tool: toolProvenance() };
  const run = resumeRun(path, here, findWorkload, input);
  const external = options.redis !== undefined;
  const wasExternal = run.plan.contenders.some(({ settings }) => settings.server === 'external');
  if (external !== wasExternal) {
    throw new BenchError(
      'USAGE',
      wasExternal
        ? 'This run was begun on a running Redis server: give it again with --redis <url>.'
        : 'This run was begun on a private Redis server: --redis would mix two servers in one result.',
    );
  }
  return run;
}

function show(path: string, options: RunOptions, context: CommandContext): Summary {
  const summary = summarise([{ fileName: basename(path), result: readResultFile(path) }]);
  if (options.quiet === true) {
    context.print(path);
  } else {
    context.say(`result file: ${path}`);
    if (options.json === true) context.print(JSON.stringify(summary, null, 2));
    else {
      const shape = { style: context.style.out, columns: context.columns() };
      for (const line of summaryLines(summary, shape)) context.print(line);
    }
  }
  return summary;
}

/** What is typed to measure the rest: the plan is in the file, where the server and the trace are is not. */
function resumeLine(path: string, { redis, file }: RunOptions): string {
  const again = [
    ...(redis === undefined ? [] : ['--redis <url>']),
    ...(file === undefined ? [] : ['--file <trace>']),
  ];
  return ['predis-bench run --resume', path, ...again].join(' ');
}

/** @throws BenchError SLO_NOT_HELD when a capacity was searched, and no contender held the objective in any trial */
function refuseUnheldObjective({ plan, writer }: ResumedRun): void {
  const { capacity } = plan;
  if (capacity === undefined) return;
  const searches = writer.trials.flatMap((trial) =>
    trial.state === 'measured' && trial.measurements.capacity !== undefined
      ? [trial.measurements.capacity]
      : [],
  );
  if (searches.length === 0 || searches.some(({ held }) => held > 0)) return;
  const best = Math.min(...searches.flatMap(({ probes }) => probes.map(({ latencyNs }) => latencyNs)));
  const lowest = formatInUnit(capacity.from, capacity.search === 'rate' ? 'operations/s' : 'clients');
  throw new BenchError(
    'SLO_NOT_HELD',
    `No contender held ${capacity.objective.text} in any trial, not even at ${lowest}; the best seen was ${formatDuration(best)}.`,
  );
}

function exitCode({ status, measured, voided, failed }: RunOutcome, { validity }: Summary): ExitCode {
  if (status === 'interrupted') return ExitCode.interrupted;
  if (validity.some(({ valid }) => !valid)) return ExitCode.invalidMeasurement;
  if (voided > 0 || failed > 0 || measured === 0) return ExitCode.invalidMeasurement;
  return ExitCode.success;
}
