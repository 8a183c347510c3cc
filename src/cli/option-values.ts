import { BenchError } from '../errors.js';

/** Range of a numeric option, for checking and for the message. */
export interface NumberRange {
  /** As typed, e.g. '--window-ms'. */
  readonly option: string;
  readonly unit: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly integer: boolean;
}

/**
 * A parser for commander: text to number, checked against a range.
 *
 * @throws BenchError PARAMETER_OUT_OF_RANGE naming option, unit and range
 */
export function numberOption(range: NumberRange): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    const inRange = value >= range.minimum && value <= range.maximum;
    if (!inRange || (range.integer && !Number.isInteger(value))) {
      throw new BenchError(
        'PARAMETER_OUT_OF_RANGE',
        `${range.option} takes ${range.integer ? 'a whole number' : 'a number'} of ${range.unit} from ` +
          `${String(range.minimum)} to ${String(range.maximum)}, not "${text}".`,
      );
    }
    return value;
  };
}

/**
 * A parser for commander: a share of something, as a fraction (0.05) or in per cent (5%).
 *
 * @throws BenchError PARAMETER_OUT_OF_RANGE naming option and range
 */
export function shareOption(option: string, hint?: string): (text: string) => number {
  const maximum = 0.99;
  return (text) => {
    const percent = /^(.*\S)\s*%$/.exec(text.trim());
    const written = percent?.[1] ?? text;
    const value = written.trim() === '' ? Number.NaN : Number(written) / (percent === null ? 1 : 100);
    if (value > 0 && value <= maximum) return value;
    throw new BenchError(
      'PARAMETER_OUT_OF_RANGE',
      `${option} takes a fraction above 0 and up to ${String(maximum)}, or as many per cent (such as 5%), not "${text}".`,
      hint === undefined ? {} : { hint },
    );
  };
}

/** Collects a repeatable `name=value` option into one record. The last of equal names wins. */
export function assignmentOption(option: string) {
  return (text: string, previous: Readonly<Record<string, string>>): Record<string, string> => {
    const equals = text.indexOf('=');
    if (equals <= 0) {
      throw new BenchError('USAGE', `${option} takes name=value, not "${text}".`);
    }
    return { ...previous, [text.slice(0, equals)]: text.slice(equals + 1) };
  };
}

/** Splits a comma-separated list, without empty members. */
export function listOption(option: string): (text: string) => string[] {
  return (text) => {
    const members = text
      .split(',')
      .map((member) => member.trim())
      .filter((member) => member !== '');
    if (members.length === 0) throw new BenchError('USAGE', `${option} takes a list such as a,b,c.`);
    return members;
  };
}
