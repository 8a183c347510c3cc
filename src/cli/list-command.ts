import { Command } from 'commander';
import { contenders } from '../engines/registry.js';
import { describeRange, workloads, workloadsWithInput } from '../workloads/index.js';
import type { CommandContext } from './context.js';
import { withExamples } from './help.js';

/** `predis-bench list`: workloads with their parameters, and contenders. */
export function listCommand(context: CommandContext): Command {
  return withExamples(new Command('list'), [
    ['predis-bench list'],
    ['predis-bench list --json', 'for programs'],
  ])
    .description('show the workloads with their parameters, and the contenders')
    .option('--json', 'print JSON')
    .action((options: { readonly json?: true }) => {
      if (options.json) {
        context.print(JSON.stringify(catalogue(), null, 2));
        return;
      }
      context.print('Workloads (predis-bench run <name>, parameters with --set name=value):');
      for (const workload of [...workloads, ...workloadsWithInput]) {
        context.print('');
        context.print(`  ${workload.name.padEnd(12)} ${workload.summary}`);
        for (const spec of workload.parameters) {
          const start = Array.isArray(spec.default) ? spec.default.join(',') : String(spec.default);
          context.print(
            `    ${spec.name}=${start}`.padEnd(32) + `${spec.description}: ${describeRange(spec)}`,
          );
        }
      }
      context.print('');
      context.print('Contenders (--contenders a,b,c, or ladder for all of them):');
      for (const contender of contenders) {
        context.print(`  ${contender.id.padEnd(18)} [${contender.boundary}] ${contender.summary}`);
      }
    });
}

function catalogue(): object {
  return {
    workloads: [...workloads, ...workloadsWithInput].map(({ name, summary, derivedFrom, parameters }) => ({
      name,
      summary,
      derivedFrom,
      parameters,
    })),
    contenders,
  };
}
