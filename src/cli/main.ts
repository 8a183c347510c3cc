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
import type { CommandContext } from './context.js';
import { commandTree, exampleLines, helpConfiguration, withExamples, type Example } from './help.js';
import { createTerminal } from './terminal.js';
import { refuseUnknownCommand, usageError } from './usage-error.js';

type MakeCommand = (context: CommandContext) => Command;

/** In the order of the help. Each is loaded when it is asked for, as it brings the rooms that it calls. */
const commands: Readonly<Record<string, () => Promise<MakeCommand>>> = {
  run: async () => (await import('./run-command.js')).runCommand,
  report: async () => (await import('./report-command.js')).reportCommand,
  gate: async () => (await import('./gate-command.js')).gateCommand,
  baseline: async () => (await import('./baseline-command.js')).baselineCommand,
  compare: async () => (await import('./compare-command.js')).compareCommand,
  history: async () => (await import('./history-command.js')).historyCommand,
  cachesim: async () => (await import('./cachesim-command.js')).cachesimCommand,
  list: async () => (await import('./list-command.js')).listCommand,
  doctor: async () => (await import('./doctor-command.js')).doctorCommand,
  completion: async () => (await import('./completion-command.js')).completionCommand,
};

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
  const asked = words[0] === 'help' ? [...words.slice(1), '--help'] : words;
  const program = createProgram(context, await loadCommands(neededFor(asked)));
  if (words.length === 0) {
    for (const line of shortHelp(program, context)) context.say(line);
    return ExitCode.usage;
  }
  program.hook('preAction', (_program, command) => {
    if (command.opts<{ quiet?: true }>().quiet === true) terminal.beQuiet();
  });
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

/** Names of the commands without which these words cannot be answered: that which they begin with, or all. */
function neededFor(words: readonly string[]): readonly string[] {
  if (words.every((word) => word === '--version' || word === '-V')) return [];
  const name = words.find((word) => !word.startsWith('-')) ?? '';
  // a script that completes says all of them
  return Object.hasOwn(commands, name) && name !== 'completion' ? [name] : Object.keys(commands);
}

/** @param names of commands; all by default */
export async function loadCommands(
  names: readonly string[] = Object.keys(commands),
): Promise<readonly MakeCommand[]> {
  const wanted = Object.entries(commands).filter(([name]) => names.includes(name));
  return Promise.all(wanted.map(([, load]) => load()));
}

/** The tree of commands; help, completion and tests read it too. */
export function createProgram(context: CommandContext, made: readonly MakeCommand[]): Command {
  const program = withExamples(new Command('predis-bench'), EXAMPLES)
    .description('proof of speed for key-value stores: Redis against Predis, measured, tested, reported')
    .version(toolVersion())
    .option('--no-color', 'no colours; so does NO_COLOR in the environment (FORCE_COLOR: the opposite)')
    .addHelpText('after', EXIT_CODES)
    .showSuggestionAfterError()
    .configureHelp(helpConfiguration(context.style.out))
    .configureOutput({ outputError: () => undefined, getOutHasColors: () => context.style.out.enabled });
  for (const command of made) {
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
