import { createHash } from 'node:crypto';
import { BenchError } from '../../errors.js';
import type { ResultFile } from '../../results/schema.js';

const MOST_CHARACTERS = 64;
const pattern = /^[a-z0-9][a-z0-9._+-]{0,63}$/;

/**
 * What baselines are filed under when no name is given: the workloads of the run, and what of the driving is no default:
 * 'hft', 'basic+hft', 'hft-open-loop', 'hft-capacity'. A name that would be longer than 64 characters ends in a hash.
 */
export function suiteOf({ plan }: ResultFile): string {
  const workloads = [...new Set(plan.cases.map(({ workload }) => workload))].sort();
  const driving = plan.capacity !== undefined ? '-capacity' : plan.loadModel === 'open' ? '-open-loop' : '';
  const whole = `${workloads.join('+')}${driving}`;
  const name = whole
    .toLowerCase()
    .replace(/[^a-z0-9._+-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  if (name.length > 0 && name.length <= MOST_CHARACTERS) return name;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  return `${name.slice(0, MOST_CHARACTERS - 9)}-${hash}`.replace(/^-/, '');
}

/** @throws BenchError USAGE for a name that could leave its folder or that another system could not hold */
export function checkSuiteName(name: string): string {
  if (pattern.test(name)) return name;
  throw new BenchError(
    'USAGE',
    `--suite takes up to ${String(MOST_CHARACTERS)} characters out of a-z, 0-9, ".", "_", "+" and "-", not "${name}".`,
  );
}
