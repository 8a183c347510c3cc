import { BenchError } from '../errors.js';
import type { Objective } from '../results/schema.js';

const STATISTICS: Readonly<Record<string, Objective['statistic']>> = {
  p50: 'p50',
  median: 'p50',
  p90: 'p90',
  p95: 'p95',
  p99: 'p99',
  'p99.9': 'p999',
  'p99.99': 'p9999',
  max: 'max',
};
const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9 };

/**
 * Reads a latency objective such as `p99<5ms`.
 *
 * @throws BenchError USAGE for anything else, PARAMETER_OUT_OF_RANGE for a limit that no clock could tell from nothing
 */
export function parseObjective(text: string): Objective {
  const [, name = '', number = '', unit = ''] =
    /^\s*([a-z][\w.]*)\s*<\s*(\d+(?:\.\d+)?)\s*([a-zµμ]+)\s*$/iu.exec(text) ?? [];
  const statistic = STATISTICS[name.toLowerCase()];
  const scale = UNITS[unit];
  if (statistic === undefined || scale === undefined) {
    throw new BenchError('USAGE', `--slo takes an objective such as 'p99<5ms', not "${text}".`, {
      hint: `Statistics: ${Object.keys(STATISTICS).join(', ')}; units: ns, us, ms, s. Quote it: < means something to the shell.`,
    });
  }
  const limitNs = Number(number) * scale;
  if (!(limitNs >= 100 && limitNs <= 3.6e12)) {
    throw new BenchError(
      'PARAMETER_OUT_OF_RANGE',
      `--slo: the limit must be from 100 ns, which the clock can still tell, to 1 hour, not ${number}${unit}.`,
    );
  }
  return { text: `${name.toLowerCase()}<${number}${unit}`, statistic, limitNs };
}
