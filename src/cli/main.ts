/**
 * The command line: one file a command, all of them listed here.
 *
 *   run ──► result file ──► report   HTML, JSON, PNG
 *                       ├─► gate     exit code
 *                       ├─► compare  two results, or two lists of numbers
 *                       └─► history  change points over a folder of results
 *   trace file ──► cachesim        hit ratios
 *   list, doctor
 */
import { Command } from 'commander';
import type { ExitCode } from '../errors.js';
import { toolVersion } from '../support/package-root.js';
import { cachesimCommand } from './cachesim-command.js';
import { compareCommand } from './compare-command.js';
import type { CommandContext } from './context.js';
import { doctorCommand } from './doctor-command.js';
import { gateCommand } from './gate-command.js';
import { historyCommand } from './history-command.js';
import { listCommand } from './list-command.js';
import { reportCommand } from './report-command.js';
import { runCommand } from './run-command.js';

/**
 * Runs the command line.
 *
 * @param words what was typed after `predis-bench`
 * @returns the exit code
 * @throws BenchError and CommanderError: `explain` turns them into messages
 */
export async function runCommandLine(words: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = 0;
  const terminal = createTerminal();
  const context: CommandContext = {
    ...terminal,
    setExitCode: (value) => {
      code = value;
    },
    commandLine: ['predis-bench', ...words],
  };
  const program = new Command('predis-bench')
    .description('Proof of speed for key-value stores: Redis against Predis, measured, tested, reported.')
    .version(toolVersion())
    .showSuggestionAfterError()
    .addHelpText(
      'after',
      `
Examples:
  predis-bench doctor                what would spoil a measurement here?
  predis-bench run hft               measure one workload
  predis-bench run all --quick       a first impression of all of them
  predis-bench report                render the newest result
  predis-bench gate --baseline a.json --candidate b.json`,
    );
  for (const command of [
    runCommand,
    reportCommand,
    gateCommand,
    compareCommand,
    historyCommand,
    cachesimCommand,
    listCommand,
    doctorCommand,
  ]) {
    program.addCommand(command(context));
  }
  for (const command of [program, ...program.commands]) command.exitOverride();
  await program.parseAsync(words, { from: 'user' });
  return code;
}

/** Lines for people go to standard error; a status line only where it is a terminal. */
function createTerminal(): Pick<CommandContext, 'print' | 'say' | 'status'> {
  const { stdout, stderr } = process;
  // a reader that has seen enough (| head) ends nothing: a run goes on to its result file
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write('\r\u001b[K');
    shown = false;
  };
  return {
    print: (line) => {
      clear();
      stdout.write(`${line}\n`);
    },
    say: (line) => {
      clear();
      stderr.write(`${line}\n`);
    },
    status: (line) => {
      clear();
      if (!stderr.isTTY || line === '') return;
      stderr.write(line.slice(0, Math.max(20, stderr.columns - 1)));
      shown = true;
    },
  };
}
