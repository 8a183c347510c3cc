import { Command } from 'commander';
import { judge, renderGateText } from '../gate/index.js';
import { readResultFile } from '../results/read.js';
import type { CommandContext } from './context.js';
import { withExamples } from './help.js';

interface GateCommandOptions {
  readonly baseline: string;
  readonly candidate: string;
  readonly json?: true;
}

/** `predis-bench gate`: did the candidate get slower than the baseline? The answer is the exit code. */
export function gateCommand(context: CommandContext): Command {
  return withExamples(new Command('gate'), [
    ['predis-bench gate --baseline main.json --candidate branch.json'],
  ])
    .description(
      'compare two results of one machine and answer with the exit code: 0 no regression, 1 regression, 3 inconclusive',
    )
    .requiredOption('--baseline <file>', 'result to hold against')
    .requiredOption('--candidate <file>', 'result to judge')
    .option('--json', 'print JSON')
    .action((options: GateCommandOptions) => {
      const report = judge(readResultFile(options.baseline), readResultFile(options.candidate));
      if (options.json === true) context.print(JSON.stringify(report, null, 2));
      else context.print(renderGateText(report));
      context.setExitCode(report.exitCode);
    });
}
