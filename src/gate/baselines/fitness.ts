import { metricDefinition } from '../../analysis/metrics.js';
import { BenchError } from '../../errors.js';
import type { ResultFile } from '../../results/schema.js';
import { formatPercent, formatPlural } from '../../support/format.js';
import { judge, refuseInvalid } from '../judge.js';
import type { GateComparison, GateOptions } from '../report.js';

/**
 * Refuses a result beside which no candidate could ever be judged: accepted, it would make the gate silent.
 *
 * @returns what it can find, one sentence a metric: the range over the comparisons of the smallest loss that a candidate with as
 *   much noise and as many trials would be caught with in four of five cases
 * @throws BenchError MEASUREMENT_INVALID (exit code 5) for an invalid session; BASELINE_UNFIT (exit code 4) for one that did not
 *   end, a quick one, wrong values, no Predis, no control, or too few trials
 */
export function checkFitness(result: ResultFile, options: GateOptions = {}): string[] {
  const unfit = (why: string, hint?: string): BenchError =>
    new BenchError(
      'BASELINE_UNFIT',
      `This result cannot be a baseline: ${why}.`,
      hint === undefined ? {} : { hint },
    );
  if (result.status !== 'complete') {
    throw unfit('its run did not end', 'Go on with it first: predis-bench run --resume <file>');
  }
  if (result.plan.quick) throw unfit('it is a quick run, which is for looks', 'Measure without --quick.');
  refuseInvalid('result', result);
  for (const state of ['void', 'failed'] as const) {
    const trials = result.trials.filter((trial) => trial.state === state);
    const first = trials[0];
    if (first === undefined) continue;
    const what = state === 'void' ? 'gave wrong values' : 'failed';
    throw unfit(
      `${formatPlural(trials.length, 'trial')} ${what}, the first of ${first.contender} in ${first.caseId}`,
    );
  }
  let comparisons: readonly GateComparison[];
  try {
    // beside itself, where nothing can differ: what is open or invalid there is so with every candidate
    ({ comparisons } = judge(result, result, options));
  } catch (error) {
    if (error instanceof BenchError && error.code === 'NO_BASELINE') {
      throw unfit('it holds no contender of Predis', 'The gate judges Predis: keep it in --contenders.');
    }
    throw error;
  }
  const invalid = comparisons.find(({ verdict }) => verdict === 'invalid');
  if (invalid !== undefined) {
    throw unfit(
      `of ${invalid.contender} in ${invalid.caseId}, ${invalid.reason}`,
      'Keep a Redis contender, or a control inside the process (map), in --contenders.',
    );
  }
  const few = comparisons.find(({ minimumDetectableLoss }) => minimumDetectableLoss === null);
  if (few !== undefined) {
    throw unfit(
      `its ${formatPlural(few.trials.baseline, 'trial')} of ${few.contender} in ${few.caseId} could show no loss, however large, ` +
        `among ${formatPlural(comparisons.length, 'comparison')}`,
      `Measure at least ${formatPlural(few.fewestBlocks, 'block')} a case: --blocks ${String(few.fewestBlocks)}`,
    );
  }
  return detectableLosses(comparisons);
}

function detectableLosses(comparisons: readonly GateComparison[]): string[] {
  const metrics = [...new Set(comparisons.map(({ metric }) => metric))];
  return metrics.map((metric) => {
    const losses = comparisons
      .filter((comparison) => comparison.metric === metric)
      .map(({ minimumDetectableLoss }) => minimumDetectableLoss ?? NaN);
    const [low, high] = [Math.min(...losses), Math.max(...losses)].map(formatPercent);
    const range = low === high ? low : `${low ?? ''} to ${high ?? ''}, by comparison`;
    return `${metricDefinition(metric).name}: a loss from ${range ?? ''} on would be found in four of five cases`;
  });
}
