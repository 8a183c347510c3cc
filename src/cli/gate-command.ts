import { appendFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { metricDefinitions } from '../analysis/metrics.js';
import { BenchError } from '../errors.js';
import { BaselineStore, defaultBaselineFolder, findBaseline } from '../gate/baselines/index.js';
import {
  gateFormats,
  judge,
  unjudged,
  type GateFormat,
  type GateOptions,
  type GateReport,
} from '../gate/index.js';
import { readResultFile } from '../results/read.js';
import type { Metric, ResultFile } from '../results/schema.js';
import { writeFileAtomically } from '../support/atomic-file.js';
import type { CommandContext } from './context.js';
import { withExamples, type Example } from './help.js';
import { listOption, shareOption } from './option-values.js';
import { newestResult } from './result-folder.js';

interface GateCommandOptions {
  readonly candidate?: string;
  readonly baseline?: string;
  readonly baselines: string;
  readonly suite?: string;
  readonly relative?: true;
  readonly otherProcessor?: true;
  readonly margin?: Readonly<Partial<Record<Metric, number>>>;
  readonly alpha?: number;
  readonly contenders?: readonly string[];
  readonly format: GateFormat;
  readonly json?: true;
  readonly junit?: string;
  readonly markdown?: string;
  readonly jsonFile?: string;
}

const EXAMPLES: readonly Example[] = [
  ['predis-bench gate', 'the newest result beside the accepted baseline of its machine'],
  ['predis-bench gate branch.json --baseline main.json', 'two results'],
  ['predis-bench gate branch.json --format github --junit gate.xml', 'for CI'],
  ['predis-bench gate branch.json --relative', 'ratios to Redis: survives a change of machine'],
];

const exitCodes = `
Exit codes: 0 no regression (shown, not assumed), 1 regressed, 3 inconclusive (what would settle it is said),
4 no baseline, 5 a session is invalid, 7 a file could not be read or written. docs/gate.md says what each verdict means.`;

/** `predis-bench gate`: did the candidate get slower than the baseline? The answer is the exit code. */
export function gateCommand(context: CommandContext): Command {
  return withExamples(new Command('gate'), EXAMPLES)
    .description('did a result get slower than the baseline? The answer is the exit code')
    .argument('[result]', 'result to judge (default: the newest in predis-bench-results/)')
    .option('--candidate <file>', 'the same as the argument')
    .option(
      '--baseline <file>',
      'result to hold against (default: the accepted one, see predis-bench baseline)',
    )
    .option('--baselines <folder>', 'where accepted baselines are kept', defaultBaselineFolder)
    .option(
      '--suite <name>',
      'name under which the baseline was accepted (default: the workloads of the result)',
    )
    .option('--relative', 'judge the ratio of Predis to Redis within each session, also across machines')
    .option('--other-processor', 'with --relative: also across processors, where the ratio itself differs')
    .option(
      '--margin <metric=share>',
      'loss that matters, and with it the metrics that are judged (default: throughput=5% latencyP95=10%); repeatable',
      marginOption,
    )
    .option(
      '--alpha <level>',
      'level of the whole family of comparisons (default: 0.05)',
      shareOption('--alpha'),
    )
    .option('--contenders <list>', 'contenders to judge (default: all of Predis)', listOption('--contenders'))
    .addOption(
      new Option('--format <format>', 'what is printed; github also appends Markdown to $GITHUB_STEP_SUMMARY')
        .choices(Object.keys(gateFormats))
        .default('text'),
    )
    .option('--json', 'the same as --format json')
    .option('--junit <file>', 'write JUnit XML too')
    .option('--markdown <file>', 'write Markdown too, for the comment on a pull request')
    .option('--json-file <file>', 'write JSON too')
    .addHelpText('after', exitCodes)
    .action((path: string | undefined, options: GateCommandOptions) => {
      if (path !== undefined && options.candidate !== undefined) {
        throw new BenchError('USAGE', 'Give the result to judge once: as an argument, or with --candidate.');
      }
      if (options.otherProcessor === true && options.relative !== true) {
        throw new BenchError('USAGE', '--other-processor belongs to --relative.');
      }
      const { report, failure } = answer(path ?? options.candidate, options);
      const format = options.json === true ? 'json' : options.format;
      for (const [file, written] of [
        [options.junit, 'junit'],
        [options.markdown, 'markdown'],
        [options.jsonFile, 'json'],
      ] as const) {
        if (file !== undefined) writeOutput(file, `${gateFormats[written](report).trimEnd()}\n`);
      }
      const summary = process.env.GITHUB_STEP_SUMMARY;
      if (format === 'github' && summary !== undefined && summary !== '') {
        writeOutput(summary, gateFormats.markdown(report), appendFileSync);
      }
      // a file that cannot be read is a failure of the command, which says so on standard error
      if (failure === null || format !== 'text') context.print(gateFormats[format](report).trimEnd());
      if (failure !== null) throw failure;
      context.setExitCode(report.exitCode);
    });
}

/** @throws whatever is no answer: wrong options, no result to judge, defects */
function answer(
  candidatePath: string | undefined,
  options: GateCommandOptions,
): { readonly report: GateReport; readonly failure: BenchError | null } {
  const path = candidatePath ?? newestResult();
  const gateOptions: GateOptions = {
    basis: options.relative === true ? 'relative' : 'machine',
    otherProcessor: options.otherProcessor === true,
    ...(options.alpha === undefined ? {} : { alpha: options.alpha }),
    ...(options.margin === undefined ? {} : { margins: options.margin }),
    ...(options.contenders === undefined ? {} : { contenders: options.contenders }),
  };
  const sessions: { baseline?: ResultFile; candidate?: ResultFile } = {};
  try {
    const candidate = (sessions.candidate = readResultFile(path));
    const baseline = (sessions.baseline =
      options.baseline === undefined
        ? findBaseline(new BaselineStore(options.baselines), candidate, {
            suite: options.suite,
            basis: gateOptions.basis ?? 'machine',
            candidatePath: path,
          }).result
        : readResultFile(options.baseline));
    return { report: judge(baseline, candidate, gateOptions), failure: null };
  } catch (error) {
    const report = unjudged(error, sessions, gateOptions);
    if (report === null || !(error instanceof BenchError)) throw error;
    return { report, failure: report.verdict === 'error' ? error : null };
  }
}

function writeOutput(path: string, text: string, append?: typeof appendFileSync): void {
  try {
    if (append === undefined) writeFileAtomically(path, [text]);
    else append(path, text);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
    throw new BenchError('OUTPUT_UNWRITABLE', `${path} could not be written: ${code}.`, {
      hint: 'Choose another place for it.',
      cause,
    });
  }
}

/** Collects `throughput=3%`. */
function marginOption(
  text: string,
  previous: Readonly<Partial<Record<Metric, number>>> = {},
): Partial<Record<Metric, number>> {
  const [name = '', share = ''] = text.split('=');
  const metrics = metricDefinitions.map(({ metric }) => metric);
  const metric = metrics.find((known) => known === name);
  if (metric === undefined || share === '') {
    throw new BenchError(
      'USAGE',
      `--margin takes a metric and a share of it, such as throughput=3%, not "${text}".`,
      { hint: `Metrics: ${metrics.join(', ')}.` },
    );
  }
  return { ...previous, [metric]: shareOption('--margin')(share) };
}
