/**
 * The command line: one file a command, all of them listed here.
 *
 *   run ──► result file ──► report   HTML, JSON, PNG
 *                       ├─► gate     exit code
 *                       ├─► compare  two results, or two lists of numbers
 *                       └─► history  change points over a folder of results
 *   trace file ──► cachesim        hit ratios
 *   list, doctor, completion
 */
import { Command } from 'commander';
import { BenchError, ExitCode } from '../errors.js';
import { toolVersion } from '../support/package-root.js';
import { baselineCommand } from './baseline-command.js';
import { cachesimCommand } from './cachesim-command.js';
import { completionCommand } from './completion-command.js';
import { compareCommand } from './compare-command.js';
import type { CommandContext } from './context.js';
import { doctorCommand } from './doctor-command.js';
import { gateCommand } from './gate-command.js';
import { commandTree, exampleLines, helpConfiguration, withExamples, type Example } from './help.js';
import { historyCommand } from './history-command.js';
import { listCommand } from './list-command.js';
import { reportCommand } from './report-command.js';
import { runCommand } from './run-command.js';
import { createTerminal } from './terminal.js';
import { refuseUnknownCommand, usageError } from './usage-error.js';

const EXAMPLES: readonly Example[] = [
  ['predis-bench doctor', 'what would spoil a measurement here?'],
  ['predis-bench run hft', 'measure one workload'],
  ['predis-bench run all --quick', 'a first impression of all of them'],
  ['predis-bench report', 'render the newest result'],
  ['predis-bench gate --baseline a.json --candidate b.json', 'did it get slower?'],
];

/** Shown under the commands of `predis-bench --help`. */
const EXIT_CODES = `
Exit codes:
  0 success or no regression, 1 regression, 2 usage, 3 inconclusive, 4 no or incompatible baseline,
  5 measurement invalid, 6 engine not reached or started, 7 results not read or written, 70 internal, 130 interrupted`;

/**
 * Runs the command line.
 *
 * @param words what was typed after `predis-bench`
 * @returns the exit code
 * @throws BenchError, and CommanderError where help or the version was asked for: `explain` turns them into messages
 */
export async function runCommandLine(words: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = 0;
  const { stdout, stderr, env } = process;
  const terminal = createTerminal({ stdout, stderr, environment: env, words });
  const context: CommandContext = {
    ...terminal,
    setExitCode: (value) => {
      code = value;
    },
    commandLine: ['predis-bench', ...words],
  };
  const program = createProgram(context);
  if (words.length === 0) {
    for (const line of shortHelp(program, context)) context.say(line);
    return ExitCode.usage;
  }
  program.hook('preAction', (_program, command) => {
    if (command.opts<{ quiet?: true }>().quiet === true) terminal.beQuiet();
  });
  const asked = words[0] === 'help' ? [...words.slice(1), '--help'] : words;
  refuseUnknownCommand(program, asked);
  await program.parseAsync(asked, { from: 'user' });
  await new Promise(setImmediate); // a failed write is told of after it
  if (terminal.outputFailure !== null) {
    const reason = terminal.outputFailure.message;
    throw new BenchError('OUTPUT_UNWRITABLE', `Standard output cannot be written: ${reason}.`, {
      cause: terminal.outputFailure,
      hint: 'Free space there, or send it somewhere else.',
    });
  }
  return code;
}

/** The tree of commands; help, completion and tests read it too. */
export function createProgram(context: CommandContext): Command {
  const program = withExamples(new Command('predis-bench'), EXAMPLES)
    .description('proof of speed for key-value stores: Redis against Predis, measured, tested, reported')
    .version(toolVersion())
    .option('--no-color', 'no colours; so does NO_COLOR in the environment (FORCE_COLOR: the opposite)')
    .addHelpText('after', EXIT_CODES)
    .showSuggestionAfterError()
    .configureHelp(helpConfiguration(context.style.out))
    .configureOutput({ outputError: () => undefined, getOutHasColors: () => context.style.out.enabled });
  for (const command of [
    runCommand,
    reportCommand,
    gateCommand,
    baselineCommand,
    compareCommand,
    historyCommand,
    cachesimCommand,
    listCommand,
    doctorCommand,
    completionCommand,
  ]) {
    program.addCommand(command(context));
  }
  for (const command of commandTree(program)) {
    if (command.parent !== null) command.copyInheritedSettings(command.parent);
    command.exitOverride((error) => {
      throw usageError(error, command);
    });
    const isLeaf = command.commands.length === 0;
    if (isLeaf && !command.options.some(({ long }) => long === '--quiet')) {
      command.option('--quiet', 'say nothing on standard error but errors');
    }
  }
  return program;
}

function shortHelp(program: Command, { style }: CommandContext): string[] {
  return [
    `${style.err.bold(program.name())}: ${program.description()}`,
    '',
    ...exampleLines(EXAMPLES, style.err),
    '',
    'predis-bench --help shows all commands, predis-bench <command> --help its examples and options.',
  ];
}
