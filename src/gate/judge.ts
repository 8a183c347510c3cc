import { checksReason } from '../analysis/checks/checks.js';
import { controlReason } from '../analysis/control.js';
import { compareSessions, type SessionMetric } from '../analysis/sessions.js';
import { BenchError, type ErrorCode } from '../errors.js';
import type { Metric, ResultFile } from '../results/schema.js';
import { comparableCases, controlsFor, judgedContenders } from './compatible.js';
import { collectNotes } from './notes.js';
import type { GateAnswer, GateComparison, GateOptions, GateReport, GateSession } from './report.js';
import { judgeComparison } from './verdict.js';

/** Defaults of the gate. */
export const defaultGateOptions = {
  alpha: 0.05,
  margins: { throughput: 0.05, latencyP95: 0.1 },
  maxDrift: 0.25,
} as const satisfies GateOptions;

/**
 * Standard deviation of ln(metric) by which an unchanged contender is taken to move from session to session on its own, at
 * least, as a share of the margin: 3 % of throughput and 6 % of p95 under the default margins.
 */
const SESSION_DEVIATION_OF_MARGIN = 0.6;

/** Loss of capacity that matters: twice the resolution of the search. */
const CAPACITY_MARGIN = 0.1;

const exitCodes = { regressed: 1, invalid: 5, inconclusive: 3, 'no-regression': 0 } as const;
const gravest = ['regressed', 'invalid', 'inconclusive'] as const;

/**
 * Did the candidate session get slower than the baseline session? Judges each contender of Predis in each case that both
 * hold, on each metric that has a margin, with unchanged contenders as control for what the machine itself did.
 *
 * @param options see `GateOptions`
 * @returns the report with the exit code: 0, 1, 3 or 5
 * @throws BenchError NO_BASELINE (exit code 4) when the two cannot be compared; MEASUREMENT_INVALID (exit code 5) when the
 *   A/A control of either found a difference; PARAMETER_OUT_OF_RANGE,
 *   UNKNOWN_CONTENDER for impossible options
 */
export function judge(baseline: ResultFile, candidate: ResultFile, options: GateOptions = {}): GateReport {
  const alpha = inRange(options.alpha ?? defaultGateOptions.alpha, 'alpha');
  const maxDrift = inRange(options.maxDrift ?? defaultGateOptions.maxDrift, 'maxDrift');
  // At a rate that is given to it, no contender has a throughput of its own.
  const openLoop = candidate.plan.loadModel === 'open';
  const { capacity } = candidate.plan;
  const usual: Readonly<Partial<Record<Metric, number>>> =
    capacity === undefined
      ? defaultGateOptions.margins
      : { [capacity.search === 'rate' ? 'capacityRate' : 'capacityClients']: CAPACITY_MARGIN };
  const margins = Object.entries(options.margins ?? usual).filter(
    ([metric]) => !(openLoop && metric === 'throughput'),
  );
  const metrics = margins.map(([metric, margin]): SessionMetric => ({
    metric: metric as Metric,
    margin: inRange(margin, `margin of ${metric}`),
    sessionDeviation: SESSION_DEVIATION_OF_MARGIN * margin,
  }));
  const basis = options.basis ?? 'machine';
  const cases = comparableCases(baseline, candidate, basis, options.otherProcessor);
  refuseInvalid('baseline', baseline);
  refuseInvalid('candidate', candidate);
  const contenders = judgedContenders(baseline, candidate, options.contenders);
  const judged = contenders.map((id) => ({ id, controls: controlsFor(id, baseline, candidate, basis) }));
  const comparisons = compareSessions(baseline, candidate, cases, judged, {
    alpha,
    metrics,
    basis,
  }).map((comparison): GateComparison => ({
    ...comparison,
    ...judgeComparison(comparison, { alpha, maxDrift, basis }),
  }));
  if (comparisons.length === 0) {
    throw new BenchError('NO_BASELINE', 'Baseline and candidate have no comparison in common.');
  }
  const verdict = gravest.find((one) => comparisons.some((comparison) => comparison.verdict === one));
  return {
    format: 'predis-bench-gate',
    schemaVersion: 2,
    verdict: verdict ?? 'no-regression',
    exitCode: exitCodes[verdict ?? 'no-regression'],
    basis,
    reason: null,
    hint: null,
    baseline: describeSession(baseline),
    candidate: describeSession(candidate),
    alpha,
    maxDrift,
    familySize: comparisons.length,
    comparisons,
    notes: collectNotes({ baseline, candidate, cases, contenders, basis }),
  };
}

/** Failures that are answers too: a file of the answer is then written all the same. */
const answers: Readonly<Partial<Record<ErrorCode, GateAnswer>>> = {
  NO_BASELINE: 'no-baseline',
  MEASUREMENT_INVALID: 'invalid',
  RESULT_UNREADABLE: 'error',
  RESULT_NOT_OURS: 'error',
  RESULT_VERSION: 'error',
};

/**
 * The answer where nothing could be judged, from the reason.
 *
 * @param sessions those that could be read
 * @returns null for a failure that is no answer (a wrong option, a defect)
 */
export function unjudged(
  error: unknown,
  sessions: { readonly baseline?: ResultFile | undefined; readonly candidate?: ResultFile | undefined },
  options: GateOptions = {},
): GateReport | null {
  const verdict = error instanceof BenchError ? answers[error.code] : undefined;
  if (!(error instanceof BenchError) || verdict === undefined) return null;
  const described = (session: ResultFile | undefined) =>
    session === undefined ? null : describeSession(session);
  return {
    format: 'predis-bench-gate',
    schemaVersion: 2,
    verdict,
    exitCode: error.exitCode,
    basis: options.basis ?? 'machine',
    reason: error.message,
    hint: error.hint,
    baseline: described(sessions.baseline),
    candidate: described(sessions.candidate),
    alpha: options.alpha ?? defaultGateOptions.alpha,
    maxDrift: options.maxDrift ?? defaultGateOptions.maxDrift,
    familySize: 0,
    comparisons: [],
    notes: [],
  };
}

/**
 * @param name of the file, as it stands in the message
 * @throws BenchError MEASUREMENT_INVALID when nothing in the file may be called faster or slower
 */
export function refuseInvalid(name: string, result: ResultFile): void {
  const reason = controlReason(result) ?? checksReason(result);
  if (reason === null) return;
  throw new BenchError('MEASUREMENT_INVALID', `The ${name} is an invalid session: ${reason}.`, {
    hint: 'Measure it again on a quieter machine; predis-bench doctor says what disturbs this one.',
  });
}

function inRange(value: number, name: string): number {
  if (!(value > 0 && value < 1)) {
    throw new BenchError(
      'PARAMETER_OUT_OF_RANGE',
      `${name} must be a fraction between 0 and 1, both excluded; it is ${String(value)}.`,
    );
  }
  return value;
}

function describeSession({ id, createdAt, tool, environment }: ResultFile): GateSession {
  const { fingerprint, cpuModel, logicalCpus } = environment;
  const machine = { fingerprint, cpuModel, logicalCpus };
  return { id, createdAt, toolVersion: tool.version, commit: tool.commit, machine };
}
