/** What a suite says, as it would be typed: words of the command line are what `run` understands, and what a result records. */
import { dirname, resolve } from 'node:path';
import type { Command, Option } from 'commander';
import { BenchError } from '../../errors.js';
import type { SuiteOptions } from './schema.js';

/** What an option may hold in a configuration. */
type Value = string | number | boolean | readonly (string | number)[] | Readonly<Record<string, Item>>;
type Item = string | number | readonly number[];

/** Options that hold paths: in a configuration they are relative to its folder. */
const PATHS = ['file', 'redisPasswordFile', 'redisTlsCa'];

/** Of these the command line replaces all when it gives one: they answer one question. */
const ALTERNATIVES: readonly (readonly string[])[] = [
  ['blocks', 'trials'],
  ['contenders', 'pipeline'],
  ['rate', 'timeScale'],
];

/** Records are added to, name by name, and not replaced. */
const RECORDS = ['set', 'disclose'];

/**
 * The options of a suite as words, without those that the command line gives too.
 *
 * @param run a fresh `run` command, for its options and parsers
 * @param given names of the options that were typed (`Option.attributeName`)
 * @param place where the options stand, for errors: file and JSON pointer
 * @param configPath absolute
 * @throws BenchError CONFIG_INVALID naming the place of a value that the command line would not take
 */
export function suiteWords(
  options: SuiteOptions,
  run: Command,
  { given, place, configPath }: { given: readonly string[]; place: string; configPath: string },
): string[] {
  return Object.entries(options).flatMap(([name, value]: [string, Value]) => {
    const replacing = ALTERNATIVES.find((group) => group.includes(name)) ?? [name];
    if (!RECORDS.includes(name) && replacing.some((one) => given.includes(one))) return [];
    const words = optionWords(
      run,
      name,
      typeof value === 'string' && PATHS.includes(name) ? resolve(dirname(configPath), value) : value,
    );
    check(run, words, `${place}/${name}`);
    return words;
  });
}

/** The words that give an option this value; none where the value is what it is without them. */
function optionWords(run: Command, name: string, value: Value): string[] {
  const options = run.options.filter((option) => option.attributeName() === name);
  const negated = options.find(({ negate }) => negate);
  const plain = options.find(({ negate }) => !negate);
  if (value === false) return negated === undefined ? [] : [longOf(negated)];
  if (plain === undefined) return [];
  const long = longOf(plain);
  if (value === true) return [long];
  if (typeof value !== 'object') return typedWords(long, String(value));
  if (isList(value)) return typedWords(long, value.join(','));
  return Object.entries(value).flatMap(([key, item]) => [
    long,
    `${key}=${typeof item === 'object' ? item.join(',') : String(item)}`,
  ]);
}

function isList(value: Value): value is readonly (string | number)[] {
  return Array.isArray(value);
}

/** An option and its value; in one word where the value alone would be taken for an option. */
export function typedWords(long: string, value: string): string[] {
  return value.startsWith('-') ? [`${long}=${value}`] : [long, value];
}

export function longOf(option: Option): string {
  return option.long ?? option.short ?? '';
}

function check(run: Command, words: readonly string[], place: string): void {
  for (let at = 0; at < words.length; at++) {
    const [long = '', ...rest] = (words[at] ?? '').split('=');
    const option = run.options.find((one) => one.long === long);
    if (option?.parseArg === undefined || option.isBoolean()) continue;
    const value = rest.length > 0 ? rest.join('=') : (words[++at] ?? '');
    try {
      option.parseArg(value, option.defaultValue);
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      throw new BenchError('CONFIG_INVALID', `${place}: ${error.message}`, {
        cause: error,
        ...(error.hint === null ? {} : { hint: error.hint }),
      });
    }
  }
}
