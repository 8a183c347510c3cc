import { checksReason } from '../analysis/checks/checks.js';
import { controlReason } from '../analysis/control.js';
import { compareSessions, type SessionMetric } from '../analysis/sessions.js';
import { BenchError } from '../errors.js';
import type { Metric, ResultFile } from '../results/schema.js';
import { comparableCases, controlsFor, judgedContenders } from './compatible.js';
import type { GateComparison, GateOptions, GateReport, GateSession, GateVerdict } from './report.js';
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
const gravest: readonly GateVerdict[] = ['regressed', 'invalid', 'inconclusive'];

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
  const cases = comparableCases(baseline, candidate);
  refuseInvalid('baseline', baseline);
  refuseInvalid('candidate', candidate);
  const contenders = judgedContenders(baseline, candidate, options.contenders);
  const judged = contenders.map((id) => ({ id, controls: controlsFor(id, baseline, candidate) }));
  const comparisons = compareSessions(baseline, candidate, cases, judged, {
    alpha,
    metrics,
  }).map((comparison): GateComparison => ({
    ...comparison,
    ...judgeComparison(comparison, alpha, maxDrift),
  }));
  if (comparisons.length === 0) {
    throw new BenchError('NO_BASELINE', 'Baseline and candidate have no comparison in common.');
  }
  const verdict = gravest.find((one) => comparisons.some((comparison) => comparison.verdict === one));
  return {
    format: 'predis-bench-gate',
    schemaVersion: 1,
    verdict: verdict ?? 'no-regression',
    exitCode: exitCodes[verdict ?? 'no-regression'],
    baseline: describeSession(baseline),
    candidate: describeSession(candidate),
    alpha,
    maxDrift,
    familySize: comparisons.length,
    comparisons,
    notes: collectNotes(baseline, candidate, cases, contenders),
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

function describeSession({ id, createdAt, tool }: ResultFile): GateSession {
  return { id, createdAt, toolVersion: tool.version, commit: tool.commit };
}

function collectNotes(
  baseline: ResultFile,
  candidate: ResultFile,
  cases: readonly string[],
  contenders: readonly string[],
): string[] {
  const notes: string[] = [];
  const without = (result: ResultFile) =>
    result.plan.cases.map(({ id }) => id).filter((id) => !cases.includes(id));
  const onlyCandidate = without(candidate);
  const onlyBaseline = without(baseline);
  if (onlyCandidate.length > 0)
    notes.push(`Not judged, because the baseline lacks them: ${onlyCandidate.join(', ')}.`);
  if (onlyBaseline.length > 0)
    notes.push(`Not judged, because the candidate lacks them: ${onlyBaseline.join(', ')}.`);
  const missing = candidate.plan.contenders
    .filter(({ engine, id }) => engine.startsWith('predis') && !contenders.includes(id))
    .map(({ id }) => id);
  if (missing.length > 0) notes.push(`Contenders not judged: ${missing.join(', ')}.`);
  if (candidate.plan.loadModel === 'open') {
    notes.push('Open loop: throughput is what was offered, and is not judged.');
  }
  if ([baseline, candidate].some(({ looks = [] }) => looks.some(({ stopped }) => stopped))) {
    notes.push('A session ended early by its stopping rule: the gate does not correct for that.');
  }
  for (const [name, result] of [
    ['baseline', baseline],
    ['candidate', candidate],
  ] as const) {
    const saturated = result.trials.filter(
      (trial) => trial.state === 'measured' && trial.measurements.openLoop?.saturated === true,
    ).length;
    if (saturated > 0) {
      notes.push(
        `${String(saturated)} trials of the ${name} could not keep up with the rate: their latencies grow with the window.`,
      );
    }
  }
  if (baseline.id === candidate.id)
    notes.push('Baseline and candidate are the same run: this shows nothing.');
  for (const [name, result] of [
    ['baseline', baseline],
    ['candidate', candidate],
  ] as const) {
    if (result.status !== 'complete') notes.push(`The ${name} did not end; what it holds was judged.`);
  }
  const [before, after] = [baseline.environment.nodeVersion, candidate.environment.nodeVersion];
  if (before !== after) notes.push(`Node.js differs: ${before} and ${after}.`);
  return notes;
}
