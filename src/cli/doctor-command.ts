import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { examine } from '../doctor/examine.js';
import { readDoctorFacts } from '../doctor/read-facts.js';
import { findingLines } from '../doctor/text.js';
import { ExitCode } from '../errors.js';
import type { CommandContext } from './context.js';
import { withExamples } from './help.js';
import { defaultResultFolder } from './result-folder.js';

/** `predis-bench doctor`: what would spoil a measurement on this machine, and how to mend it. */
export function doctorCommand(context: CommandContext): Command {
  return withExamples(new Command('doctor'), [
    ['predis-bench doctor'],
    ['predis-bench doctor && predis-bench run hft', 'only where nothing is found'],
  ])
    .description('say what would spoil a measurement on this machine, and how to mend it')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Looks for about two seconds, changes nothing, and asks no server anything. Exit code 0: nothing found; 5: something would
spoil a measurement now.`,
    )
    .action(async (options: { readonly json?: true }) => {
      const folder = existsSync(defaultResultFolder) ? defaultResultFolder : process.cwd();
      const findings = examine(await readDoctorFacts(folder));
      const problems = findings.filter(({ state }) => state === 'problem').length;
      if (options.json === true) {
        context.print(
          JSON.stringify({ format: 'predis-bench-doctor', schemaVersion: 1, problems, findings }, null, 2),
        );
      } else {
        for (const line of findingLines(findings)) context.print(line);
      }
      context.setExitCode(problems === 0 ? ExitCode.success : ExitCode.invalidMeasurement);
    });
}
