import { Argument, Command, Option } from 'commander';
import { BenchError } from '../errors.js';
import { bashScript } from './completion/bash.js';
import { fishScript } from './completion/fish.js';
import { completionModel, type CompletedCommand } from './completion/model.js';
import { zshScript } from './completion/zsh.js';
import { findConfig, isCode } from './config/find.js';
import { loadConfig } from './config/load.js';
import type { CommandContext } from './context.js';
import { withExamples } from './help.js';

const scripts: Readonly<Record<string, (model: readonly CompletedCommand[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** `predis-bench completion <shell>`: a script that completes commands, options and their values, made from the commands. */
export function completionCommand(context: CommandContext): Command {
  return withExamples(new Command('completion'), [
    ['predis-bench completion bash > ~/.local/share/bash-completion/completions/predis-bench'],
    ['predis-bench completion zsh > ~/.zfunc/_predis-bench', 'a folder of fpath'],
    ['predis-bench completion fish > ~/.config/fish/completions/predis-bench.fish'],
  ])
    .description('print a script that completes commands, options and their values in a shell')
    .addArgument(new Argument('[shell]', 'the shell').choices(Object.keys(scripts)))
    .addOption(new Option('--suites').hideHelp())
    .action(async (shell: string | undefined, options: { readonly suites?: true }, command: Command) => {
      if (options.suites === true) {
        for (const name of await suitesOfData()) context.print(name);
        return;
      }
      const script = scripts[shell ?? ''];
      if (script === undefined || command.parent === null) {
        throw new BenchError('USAGE', `Which shell? ${Object.keys(scripts).join(', ')}.`);
      }
      context.print(script(completionModel(command.parent)).trimEnd());
    });
}

/** For the scripts. A key pressed runs no code: suites of a `.ts` are not completed. */
async function suitesOfData(): Promise<string[]> {
  try {
    const path = findConfig(process.cwd());
    return path === null || isCode(path) ? [] : Object.keys((await loadConfig(path)).config.suites);
  } catch {
    return []; // told when a suite is run
  }
}
