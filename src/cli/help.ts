/** Help of the program and of every command: what it does, examples, then everything else. */
import { Help, type Command, type HelpConfiguration, type Option } from 'commander';
import type { Style } from './style.js';

/** A line that can be typed as it stands, and what it does. */
export type Example = readonly [line: string, does?: string];

const examples = new WeakMap<Command, readonly Example[]>();

/** Gives a command the examples that its help begins with. */
export function withExamples(command: Command, lines: readonly Example[]): Command {
  examples.set(command, lines);
  return command;
}

/** Examples of a command, in the order of its help. */
export function examplesOf(command: Command): readonly Example[] {
  return examples.get(command) ?? [];
}

const helpOfOptions = new Help();

/** The options of a program's help; commands take them over with `copyInheritedSettings`. */
export function helpConfiguration(style: Style): HelpConfiguration {
  return {
    // it stands above the examples instead
    commandDescription: () => '',
    styleTitle: style.bold,
    // what may be given again and again begins empty: nothing to show
    optionDescription: (option: Option) =>
      Help.prototype.optionDescription.call(helpOfOptions, option).replace(' (default: {})', ''),
    formatHelp: (command: Command, help: Help) => {
      const lines = examplesOf(command);
      return [
        help.boxWrap(`${pathOf(command)}: ${command.description()}`, help.helpWidth ?? 80),
        '',
        ...(lines.length > 0 ? [help.styleTitle('Examples:'), ...exampleLines(lines, style), ''] : []),
        Help.prototype.formatHelp.call(help, command, help),
      ].join('\n');
    },
  };
}

/** Indented lines, with what they do beside them where all of that fits, else above. */
export function exampleLines(lines: readonly Example[], style: Style): string[] {
  const width = Math.max(...lines.map(([line]) => line.length));
  return lines.map(([line, does]) =>
    does === undefined ? `  ${line}` : `  ${line.padEnd(width)}  ${style.dim(`# ${does}`)}`,
  );
}

/** What is typed to reach a command: `predis-bench run`. */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** A command and everything below it. */
export function commandTree(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandTree)];
}
