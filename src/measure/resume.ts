import { isDeepStrictEqual } from 'node:util';
import { BenchError } from '../errors.js';
import type { Environment, Plan, ResultFile } from '../results/schema.js';
import { ResultWriter, type ResultHead } from '../results/writer.js';
import type { Workload, WorkloadInput } from '../workloads/workload.js';
import { casesOfPlan, type RunCase } from './plan.js';

/** A run to go on with: hand all three to `executeRun`. */
export interface ResumedRun {
  readonly writer: ResultWriter;
  readonly plan: Plan;
  readonly cases: readonly RunCase[];
}

/**
 * Opens a result file to measure what it still lacks.
 *
 * @param here this machine and this build of the tool
 * @param input the trace that it was begun with, read again; `null` for none
 * @throws BenchError RESUME_MISMATCH when the file was begun on another machine, by another build or by other workloads;
 *   those of `ResultWriter.resume`
 */
export function resumeRun(
  path: string,
  here: { readonly environment: Environment; readonly tool: ResultFile['tool'] },
  findWorkload: (name: string) => Workload,
  input: WorkloadInput | null = null,
): ResumedRun {
  const writer = ResultWriter.resume(path, (head) => {
    checkSameOrigin(path, head, here);
  });
  const { plan } = writer.head;
  return { writer, plan, cases: casesOfPlan(plan, findWorkload, input) };
}

function checkSameOrigin(
  path: string,
  begun: ResultHead,
  here: { readonly environment: Environment; readonly tool: ResultFile['tool'] },
): void {
  if (begun.environment.fingerprint !== here.environment.fingerprint) {
    throw new BenchError(
      'RESUME_MISMATCH',
      `${path} was begun on another machine (${begun.environment.cpuModel}, ${String(begun.environment.logicalCpus)} CPUs).`,
    );
  }
  if (begun.environment.nodeVersion !== here.environment.nodeVersion) {
    throw new BenchError(
      'RESUME_MISMATCH',
      `${path} was begun with Node.js ${begun.environment.nodeVersion}; this is ${here.environment.nodeVersion}.`,
    );
  }
  if (!isDeepStrictEqual(begun.tool, here.tool)) {
    throw new BenchError(
      'RESUME_MISMATCH',
      `${path} was begun by another build of predis-bench (${build(begun.tool)}; this is ${build(here.tool)}).`,
    );
  }
}

function build({ version, commit, dirty }: ResultFile['tool']): string {
  const source =
    commit === null ? '' : `, commit ${commit.slice(0, 12)}${dirty === true ? ' with changes' : ''}`;
  return `version ${version}${source}`;
}
