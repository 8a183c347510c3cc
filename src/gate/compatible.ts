import { describeLoad } from '../analysis/open-loop-summary.js';
import type { SessionBasis } from '../analysis/sessions.js';
import { BenchError } from '../errors.js';
import type { Contender, Plan, ResultFile } from '../results/schema.js';

const driving = [
  ['workers', 'workers'],
  ['connections', 'connections in each worker'],
  ['warmupMs', 'ms of warm-up'],
  ['windowMs', 'ms of measured window'],
  ['verifyEvery', 'reads per verified read'],
] as const satisfies readonly (readonly [keyof Plan, string])[];

/**
 * Refuses a baseline that says nothing about this candidate: another machine, other driving, another stream.
 *
 * @param basis 'relative' leaves the machine aside, but for its processors
 * @param otherProcessor leaves these aside too
 * @returns ids of the cases that both hold
 * @throws BenchError NO_BASELINE (exit code 4) with the reason
 */
export function comparableCases(
  baseline: ResultFile,
  candidate: ResultFile,
  basis: SessionBasis = 'machine',
  otherProcessor = false,
): string[] {
  const [a, b] = [baseline.environment, candidate.environment];
  if (basis === 'relative' && !otherProcessor && !sameProcessors(a, b)) {
    throw new BenchError(
      'NO_BASELINE',
      `The baseline was measured on other processors (${describeProcessors(a)}) than the candidate (${describeProcessors(b)}), and the ratio ` +
        'of Predis to Redis depends on them.',
      {
        hint: 'Measure both on processors of one model, or judge it all the same: --relative --other-processor',
      },
    );
  }
  if (basis === 'machine' && a.fingerprint !== b.fingerprint) {
    throw new BenchError(
      'NO_BASELINE',
      `The baseline was measured on another machine (${a.cpuModel}, ${a.fingerprint}) than the candidate ` +
        `(${b.cpuModel}, ${b.fingerprint}).`,
      {
        hint: 'Measure the baseline on this machine, or judge ratios to Redis within each session: predis-bench gate --relative',
      },
    );
  }
  const [load, loadNow] = [describeLoad(baseline.plan), describeLoad(candidate.plan)];
  if (load !== loadNow) {
    throw new BenchError(
      'NO_BASELINE',
      `Baseline and candidate were loaded differently: ${load}; ${loadNow}.`,
      { hint: 'Measure both with the same load model and rate.' },
    );
  }
  for (const [key, name] of driving) {
    if (baseline.plan[key] !== candidate.plan[key]) {
      throw new BenchError(
        'NO_BASELINE',
        `Baseline and candidate were driven differently: ${String(baseline.plan[key])} and ` +
          `${String(candidate.plan[key])} ${name}.`,
        { hint: 'Measure both with the same options.' },
      );
    }
  }
  const shared = candidate.plan.cases.flatMap((after) => {
    const before = baseline.plan.cases.find(({ id }) => id === after.id);
    if (before === undefined) return [];
    if (before.stream.sha256 !== after.stream.sha256) {
      throw new BenchError(
        'NO_BASELINE',
        `Case ${after.id} replays another operation stream in the baseline ` +
          `(SHA-256 ${before.stream.sha256.slice(0, 12)}… and ${after.stream.sha256.slice(0, 12)}…).`,
        { hint: 'Measure both with the same seed, parameters and version of the workload.' },
      );
    }
    const crews = [before, after].map(({ clients }) =>
      clients === undefined
        ? 'as the run says'
        : `by ${String(clients.workers)} × ${String(clients.connections)} clients`,
    );
    if (crews[0] !== crews[1]) {
      throw new BenchError(
        'NO_BASELINE',
        `Case ${after.id} was driven differently: ${crews.join(' and ')}.`,
        { hint: 'Measure both with the same options.' },
      );
    }
    return [after.id];
  });
  if (shared.length === 0) {
    throw new BenchError('NO_BASELINE', 'Baseline and candidate have no case in common.');
  }
  return shared;
}

/**
 * Contenders to judge: those asked for, or every one of the Predis engine, that stand in both files.
 *
 * @throws BenchError NO_BASELINE when there is none, or when one was driven differently; UNKNOWN_CONTENDER for an id that
 *   neither file holds
 */
export function judgedContenders(
  baseline: ResultFile,
  candidate: ResultFile,
  asked: readonly string[] | undefined,
): string[] {
  for (const id of asked ?? []) {
    if (find(candidate, id) === undefined && find(baseline, id) === undefined) {
      throw new BenchError('UNKNOWN_CONTENDER', `Neither result holds a contender ${id}.`, {
        hint: `They hold: ${candidate.plan.contenders.map((contender) => contender.id).join(', ')}.`,
      });
    }
  }
  const ids =
    asked ??
    candidate.plan.contenders.filter(({ engine }) => engine.startsWith('predis')).map(({ id }) => id);
  const judged = ids.filter((id) => {
    const [before, after] = [find(baseline, id), find(candidate, id)];
    if (before === undefined || after === undefined) return false;
    if (before.boundary !== after.boundary || before.pipelineDepth !== after.pipelineDepth) {
      throw new BenchError(
        'NO_BASELINE',
        `${id} was driven differently in the baseline: ${describe(before)} there and ${describe(after)} now.`,
      );
    }
    const [there, now] = [device(baseline, id), device(candidate, id)];
    if (there !== now) {
      throw new BenchError(
        'NO_BASELINE',
        `${id} ran on another device in the baseline: ${there ?? 'unknown'} there and ${now ?? 'unknown'} now.`,
        { hint: 'Measure both with the same --engine, on the same GPU.' },
      );
    }
    return true;
  });
  if (judged.length === 0) {
    throw new BenchError('NO_BASELINE', 'Baseline and candidate have no contender of Predis in common.');
  }
  return judged;
}

/**
 * The contenders that tell what the machine did: not judged, and the same in both files, version and pipeline depth
 * included. Where some were measured at the boundary of the judged contender (a control inside the process), they alone:
 * what makes sockets slow need not touch a call. Otherwise the Redis contenders. Floors are none: nothing verifies them.
 * On the relative basis the Redis contenders alone: the ratio is one to Redis.
 */
export function controlsFor(
  judged: string,
  baseline: ResultFile,
  candidate: ResultFile,
  basis: SessionBasis = 'machine',
): string[] {
  const unchanged = candidate.plan.contenders.filter((after) => {
    const before = find(baseline, after.id);
    return (
      before !== undefined &&
      !after.engine.startsWith('predis') &&
      after.floor !== true &&
      before.engine === after.engine &&
      describe(before) === describe(after) &&
      version(baseline, after.id) !== null &&
      version(baseline, after.id) === version(candidate, after.id)
    );
  });
  const boundary = find(candidate, judged)?.boundary;
  const near = unchanged.filter((control) => control.boundary === boundary);
  const controls =
    basis === 'machine' && near.length > 0
      ? near
      : unchanged.filter(({ engine }) => engine.startsWith('redis'));
  return controls.map(({ id }) => id).filter((id) => id !== judged);
}

function find(result: ResultFile, id: string): Contender | undefined {
  return result.plan.contenders.find((contender) => contender.id === id);
}

function version(result: ResultFile, id: string): string | null {
  return result.engines[id]?.version ?? null;
}

/** Where an engine that has a choice ran: 'cpu', or 'cuda' with the GPU's name. */
function device(result: ResultFile, id: string): string | null {
  const settings = result.engines[id]?.settings;
  const parts = [settings?.device, settings?.deviceName].filter((part) => typeof part === 'string');
  return parts.length === 0 ? null : parts.join(', ');
}

function describe({ boundary, pipelineDepth }: Contender): string {
  return `boundary ${boundary}, pipeline depth ${String(pipelineDepth)}`;
}

type Processors = Pick<ResultFile['environment'], 'cpuModel' | 'logicalCpus'>;

/** Whether two machines have as many processors of one model. */
export function sameProcessors(a: Processors, b: Processors): boolean {
  return a.cpuModel === b.cpuModel && a.logicalCpus === b.logicalCpus;
}

export function describeProcessors({ cpuModel, logicalCpus }: Processors): string {
  return `${cpuModel} with ${String(logicalCpus)} CPUs`;
}
