import { BenchError } from '../errors.js';
import { terminalSafe } from '../support/escape.js';

/**
 * A trace that does not go on as its format demands.
 *
 * @param where 'line 17', 'byte offset 4096'; of the decompressed content
 * @param problem what was expected there and what was found
 */
export function malformed(where: string, problem: string): BenchError {
  return new BenchError('TRACE_MALFORMED', `${where}: ${problem}`);
}

/** A piece of a trace for a message: cut, in quotes, harmless. */
export function quoted(bytes: Buffer, start = 0, end = bytes.length): string {
  const cut = end - start > 80;
  const text = bytes.toString('latin1', start, cut ? start + 80 : end);
  return `'${terminalSafe(text)}${cut ? '…' : ''}'`;
}
