import { BenchError } from '../errors.js';
import type { Plan, ResultFile } from '../results/schema.js';
import { describeLoad } from './open-loop-summary.js';
import { formatPlural } from '../support/format.js';

/** A result file and the name to call it by in messages. */
export interface Source {
  readonly fileName: string;
  readonly result: ResultFile;
}

/** Settings of driving and of judging that must agree before numbers stand in one table. */
const sharedSettings = [
  ['workers', 'workers'],
  ['connections', 'connections in each worker'],
  ['warmupMs', 'milliseconds of warm-up'],
  ['windowMs', 'milliseconds of measured window'],
  ['verifyEvery', 'reads per verified read'],
  ['alpha', 'as the level of significance'],
  ['confidence', 'as the confidence of intervals'],
  ['margin', 'as the difference that does not matter'],
] as const satisfies readonly (readonly [keyof Plan, string])[];

/**
 * Refuses files that cannot stand in one report.
 *
 * @throws BenchError MIXED_COMPARISON for different machines or GPUs, different driving, or a case that two files hold
 */
export function checkSources(sources: readonly Source[]): void {
  const [first, ...rest] = sources;
  if (first === undefined) throw new BenchError('USAGE', 'No result file was given.');
  for (const other of rest) {
    const [a, b] = [first.result.environment, other.result.environment];
    if (a.fingerprint !== b.fingerprint) {
      throw new BenchError(
        'MIXED_COMPARISON',
        `${first.fileName} and ${other.fileName} come from different machines ` +
          `(${describeMachine(a)} and ${describeMachine(b)}).`,
      );
    }
    if (a.gpu !== null && b.gpu !== null && a.gpu.name !== b.gpu.name) {
      throw new BenchError(
        'MIXED_COMPARISON',
        `${first.fileName} and ${other.fileName} were measured on different GPUs (${a.gpu.name} and ${b.gpu.name}).`,
      );
    }
    const [load, otherLoad] = [describeLoad(first.result.plan), describeLoad(other.result.plan)];
    if (load !== otherLoad) {
      throw new BenchError(
        'MIXED_COMPARISON',
        `${first.fileName} and ${other.fileName} were loaded differently: ${load}; ${otherLoad}.`,
        {
          hint: 'Their latencies count from different moments or at different rates: render a report for each.',
        },
      );
    }
    for (const [key, name] of sharedSettings) {
      if (first.result.plan[key] !== other.result.plan[key]) {
        throw new BenchError(
          'MIXED_COMPARISON',
          `${first.fileName} and ${other.fileName} were measured differently: ` +
            `${String(first.result.plan[key])} and ${String(other.result.plan[key])} ${name}.`,
          { hint: 'Render a report for each, or measure both with the same options.' },
        );
      }
    }
  }
  refuseRepeatedCases(sources);
}

function refuseRepeatedCases(sources: readonly Source[]): void {
  const seen = new Map<string, { source: Source; sha256: string }>();
  for (const source of sources) {
    for (const { id, stream } of source.result.plan.cases) {
      const earlier = seen.get(id);
      if (earlier !== undefined) {
        const names = `${earlier.source.fileName} and ${source.fileName} both hold the case ${id}`;
        throw earlier.sha256 === stream.sha256
          ? new BenchError('MIXED_COMPARISON', `${names}.`, {
              hint: 'A report shows one run of a case: give one of the two files (predis-bench gate compares runs).',
            })
          : new BenchError('MIXED_COMPARISON', `${names}, with different operation streams.`);
      }
      seen.set(id, { source, sha256: stream.sha256 });
    }
  }
}

function describeMachine(environment: ResultFile['environment']): string {
  const { fingerprint, cpuModel, logicalCpus } = environment;
  return `${cpuModel}, ${formatPlural(logicalCpus, 'CPU')}, ${fingerprint}`;
}
