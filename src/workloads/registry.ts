import { BenchError } from '../errors.js';
import { nearestName } from '../support/nearest.js';
import { analytics } from './analytics.js';
import { basic } from './basic.js';
import { batch } from './batch.js';
import { concurrent } from './concurrent.js';
import { gaming } from './gaming.js';
import { hft } from './hft.js';
import { keySizes } from './key-sizes.js';
import { leaderboard } from './leaderboard.js';
import { mixedSizes } from './mixed-sizes.js';
import { mlTraining } from './ml-training.js';
import { temporal } from './temporal.js';
import { trace } from './trace.js';
import type { Workload } from './workload.js';
import { zipfian } from './zipfian.js';

/** Every workload, in the order of `predis-bench list` and of `run all`. A new one adds its line here. */
export const workloads: readonly Workload[] = [
  basic,
  batch,
  hft,
  mlTraining,
  gaming,
  leaderboard,
  zipfian,
  analytics,
  temporal,
  mixedSizes,
  keySizes,
  concurrent,
];

/** Workloads that need more than parameters: not part of `run all`. */
export const workloadsWithInput: readonly Workload[] = [trace];

/**
 * The workload of this name.
 * @throws BenchError UNKNOWN_WORKLOAD, with the nearest name when one is near
 */
export function findWorkload(name: string): Workload {
  const all = [...workloads, ...workloadsWithInput];
  const found = all.find((workload) => workload.name === name);
  if (found !== undefined) return found;
  const names = all.map((workload) => workload.name);
  const nearest = nearestName(name, names);
  const known = `Workloads: ${names.join(', ')}.`;
  throw new BenchError('UNKNOWN_WORKLOAD', `There is no workload '${name.slice(0, 100)}'`, {
    hint: nearest === null ? known : `Did you mean ${nearest}? ${known}`,
  });
}
