import type { CommanderError } from 'commander';
import { type Command } from 'commander';
import { BenchError } from '../errors.js';
import { nearestName } from '../support/nearest.js';
import { pathOf } from './help.js';

/** Codes with which commander says that it has printed what was asked for. */
const ANSWERED = ['commander.helpDisplayed', 'commander.help', 'commander.version'];

/**
 * A mistake that commander found, in the one form that all errors have: a sentence, and a hint with the nearest name or the
 * place to look.
 *
 * @returns the error as it is when help or the version was asked for, and printed
 */
export function usageError(error: CommanderError, command: Command): CommanderError | BenchError {
  if (ANSWERED.includes(error.code)) return error;
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const sentence = `${first.slice(0, 1).toUpperCase()}${first.slice(1)}`;
  const suggestion = /^\((.*)\)$/.exec(rest.join(' ').trim())?.[1];
  const where = `${pathOf(command)} --help shows ${command.commands.length > 0 ? 'all commands' : 'its options'}.`;
  return new BenchError('USAGE', sentence.endsWith('.') ? sentence : `${sentence}.`, {
    hint: suggestion === undefined ? where : `${suggestion} ${where}`,
  });
}

/**
 * A command that does not exist is told even where help was asked for, which commander answers with that of the program.
 *
 * @throws BenchError USAGE with the nearest name
 */
export function refuseUnknownCommand(program: Command, words: readonly string[]): void {
  const name = words.find((word) => !word.startsWith('-'));
  const names = [...program.commands.map((command) => command.name()), 'help'];
  if (name === undefined || names.includes(name)) return;
  const nearest = nearestName(name, names);
  throw new BenchError('USAGE', `Unknown command '${name}'.`, {
    hint: `${nearest === null ? '' : `Did you mean ${nearest}? `}predis-bench --help shows all commands.`,
  });
}
