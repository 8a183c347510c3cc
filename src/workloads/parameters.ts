import { BenchError } from '../errors.js';
import { nearestName } from '../support/nearest.js';
import type { ParameterRule, Parameters, ParameterSpec, Workload } from './workload.js';

/** A value as it comes from outside: text from a command line, or what a program or a result file holds. */
export type GivenValue = string | number | readonly number[];

const MAX_LIST_LENGTH = 32;
const DECIMAL_NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * Complete and validated parameters of a workload: what was given, and defaults for the rest, in the order in which the
 * workload lists them. Text is read as a decimal number ('100', '1e5', '0.95'), lists as numbers with commas ('10,100').
 *
 * @throws BenchError UNKNOWN_PARAMETER for a name that the workload does not have, with the nearest one that it has;
 *   PARAMETER_OUT_OF_RANGE for a value that is no number, no whole number where one is needed, or outside of its range (the
 *   message names unit and range), and for values that break a rule between parameters
 */
export function resolveParameters(
  workload: Workload,
  given: Readonly<Record<string, GivenValue>>,
): Parameters {
  const names = workload.parameters.map((spec) => spec.name);
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw unknownParameter(workload, name, names);
  }
  const resolved: Parameters = Object.fromEntries(
    workload.parameters.map((spec) => [
      spec.name,
      Object.hasOwn(given, spec.name) ? readValue(workload, spec, given[spec.name]) : spec.default,
    ]),
  );
  for (const rule of workload.rules ?? []) {
    if (!rule.holds(resolved)) throw brokenRule(workload, rule, resolved);
  }
  return resolved;
}

/** The range of a parameter for people: 'a whole number of keys from 1 to 10,000,000'. */
export function describeRange(spec: ParameterSpec): string {
  const range = `from ${thousands(spec.minimum)} to ${thousands(spec.maximum)}`;
  switch (spec.kind) {
    case 'integer':
      return `a whole number of ${spec.unit} ${range}`;
    case 'number':
      return `a number (${spec.unit}) ${range}`;
    case 'integer-list':
      return `1 to ${String(MAX_LIST_LENGTH)} different whole numbers of ${spec.unit} ${range}, with commas`;
  }
}

/**
 * A parameter that is one number, for use in `Workload.cases`.
 * @throws TypeError when there is none of this name: a defect of the workload
 */
export function numberParameter(parameters: Parameters, name: string): number {
  const value = parameters[name];
  if (typeof value !== 'number') throw new TypeError(`the workload has no number parameter '${name}'`);
  return value;
}

/**
 * A parameter that is a list, for use in `Workload.cases`.
 * @throws TypeError when there is none of this name: a defect of the workload
 */
export function listParameter(parameters: Parameters, name: string): readonly number[] {
  const value = parameters[name];
  if (value === undefined || typeof value === 'number') {
    throw new TypeError(`the workload has no list parameter '${name}'`);
  }
  return value;
}

function readValue(
  workload: Workload,
  spec: ParameterSpec,
  given: GivenValue | undefined,
): number | readonly number[] {
  const refuse = (): BenchError =>
    new BenchError(
      'PARAMETER_OUT_OF_RANGE',
      `${workload.name}: ${spec.name} must be ${describeRange(spec)}, not '${shown(given)}'`,
    );
  if (spec.kind === 'integer-list') {
    const items = typeof given === 'string' ? given.split(',', MAX_LIST_LENGTH + 1).map(readNumber) : given;
    const list = typeof items === 'number' ? [items] : (items ?? []);
    const valid = list.length >= 1 && list.length <= MAX_LIST_LENGTH && new Set(list).size === list.length;
    if (!valid || !list.every((item) => inRange(spec, item))) throw refuse();
    return [...list];
  }
  const value = typeof given === 'string' ? readNumber(given) : given;
  if (typeof value !== 'number' || !inRange(spec, value)) throw refuse();
  return value;
}

function readNumber(text: string): number {
  const trimmed = text.trim();
  return DECIMAL_NUMBER.test(trimmed) ? Number(trimmed) : NaN;
}

/** False for NaN as well. */
function inRange(spec: ParameterSpec, value: number): boolean {
  if (!(value >= spec.minimum && value <= spec.maximum)) return false;
  return spec.kind === 'number' || Number.isInteger(value);
}

function unknownParameter(workload: Workload, name: string, names: readonly string[]): BenchError {
  const nearest = nearestName(name, names);
  const known = `It has: ${names.join(', ')}.`;
  return new BenchError('UNKNOWN_PARAMETER', `${workload.name} has no parameter '${name.slice(0, 100)}'`, {
    hint: nearest === null ? known : `Did you mean ${nearest}? ${known}`,
  });
}

function brokenRule(workload: Workload, rule: ParameterRule, parameters: Parameters): BenchError {
  const values = rule.between.map((name) => `${name} = ${shown(parameters[name])}`).join(', ');
  return new BenchError('PARAMETER_OUT_OF_RANGE', `${workload.name}: ${rule.sentence} (${values})`);
}

/** A value from outside, cut; the error makes it safe to print. */
function shown(value: GivenValue | undefined): string {
  return String(value).slice(0, 100);
}

/** Digits in groups of three, whatever the locale: messages are the same everywhere. */
function thousands(value: number): string {
  return Number.isInteger(value) ? String(value).replace(/\B(?=(\d{3})+$)/g, ',') : String(value);
}
