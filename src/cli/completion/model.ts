import type { Command } from 'commander';
import { commandTree } from '../help.js';
import { valuesOfArgument, valuesOfOption, type Values } from './values.js';

/** What can be typed behind one command. */
export interface CompletedCommand {
  /** Words behind the program's name: '' for the program, 'baseline accept'. */
  readonly path: string;
  readonly commands: readonly Described[];
  readonly options: readonly CompletedOption[];
  /** Of its arguments, the last of which may repeat. */
  readonly argument: Values | null;
}

export interface Described {
  readonly name: string;
  readonly description: string;
}

export interface CompletedOption extends Described {
  /** Other spellings: '-o'. */
  readonly short: string | null;
  /** null where it takes none. */
  readonly values: Values | null;
}

/** Everything that a command line may hold, read off the tree of commands: what is new there is completed too. */
export function completionModel(program: Command): CompletedCommand[] {
  return commandTree(program).map((command) => {
    const path = wordsOf(command).join(' ');
    const help: CompletedOption = { name: '--help', short: '-h', description: 'display help', values: null };
    const options = command.options
      .filter(({ hidden }) => !hidden)
      .map((option) => ({
        name: option.long ?? option.short ?? '',
        short: option.long === undefined ? null : (option.short ?? null),
        description: option.description,
        values: valuesOfOption(path, option),
      }));
    const [argument] = command.registeredArguments;
    return {
      path,
      commands: [
        ...command.commands.map((one) => ({ name: one.name(), description: one.description() })),
        ...(path === '' ? [{ name: 'help', description: 'display help for a command' }] : []),
      ],
      options: [...options, help],
      argument: argument === undefined ? null : valuesOfArgument(argument),
    };
  });
}

function wordsOf(command: Command): string[] {
  return command.parent === null ? [] : [...wordsOf(command.parent), command.name()];
}

/** `<path>:<word>` of every word that leads to a command below, with the path of that command. */
export function steps(model: readonly CompletedCommand[]): { readonly key: string; readonly path: string }[] {
  return model.flatMap(({ path, commands }) =>
    commands.map(({ name }) => ({ key: `${path}:${name}`, path: path === '' ? name : `${path} ${name}` })),
  );
}

/** `<path>:<option>` of every option that takes a value, by what it takes. */
export function valued(
  model: readonly CompletedCommand[],
): { readonly keys: string[]; readonly values: Values }[] {
  const groups = new Map<string, { keys: string[]; values: Values }>();
  for (const { path, options } of model) {
    for (const { name, short, values } of options) {
      if (values === null) continue;
      const group = groups.get(JSON.stringify(values)) ?? { keys: [], values };
      group.keys.push(...[name, ...(short === null ? [] : [short])].map((spelling) => `${path}:${spelling}`));
      groups.set(JSON.stringify(values), group);
    }
  }
  return [...groups.values()];
}

/** For a shell: between single quotes, where nothing has a meaning but they themselves. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
