import type { Contender, EngineFacts, MeasuredTrial, Plan, Trial } from '../results/schema.js';
import { medianInterval } from '../stats/index.js';
import type { CaseTrials } from './case-trials.js';
import { contenderLabel } from './contender-label.js';
import { summariseGpu } from './gpu-summary.js';
import { latencyOverTime } from './latency-over-time.js';
import { mergeLatency } from './latency.js';
import { metricsOf } from './metrics.js';
import { summariseOpenLoop } from './open-loop-summary.js';
import type { ContenderSummary, MetricSummary } from './summary.js';

/** What one contender did in one case: counts of trials, a median with interval for each metric, one latency distribution. */
export function summariseContender(
  fileName: string,
  contender: Contender,
  engine: EngineFacts | null,
  trials: CaseTrials,
  plan: Plan,
): ContenderSummary {
  const { confidence } = plan;
  const all = trials.all(contender.id);
  const measured = trials.measured(contender.id);
  const reasons = all.flatMap((trial) => (trial.state === 'measured' ? [] : [trial.reason]));
  return {
    id: contender.id,
    label: contenderLabel(contender, engine),
    engineName: contender.engine,
    boundary: contender.boundary,
    pipelineDepth: contender.pipelineDepth,
    floor: contender.floor === true,
    engine,
    trials: {
      measured: measured.length,
      voided: all.filter(({ state }) => state === 'void').length,
      failed: all.filter(({ state }) => state === 'failed').length,
    },
    correctness: sumCorrectness(all),
    problems: [...new Set(reasons)],
    metrics:
      measured.length === 0
        ? []
        : metricsOf(plan).map(({ metric, unit, higherIsBetter, of }): MetricSummary => {
            const values = measured.map(of);
            const { estimate, low, high } = medianInterval(values, { confidence });
            return {
              metric,
              unit,
              higherIsBetter,
              median: { estimate, low, high },
              trials: values.length,
              values,
            };
          }),
    latency: mergeLatency(fileName, measured),
    latencyOverTime: latencyOverTime(measured),
    gpu: summariseGpu(measured),
    openLoop: summariseOpenLoop(fileName, measured, confidence),
    capacityEnds: capacityEnds(measured),
  };
}

function capacityEnds(measured: readonly MeasuredTrial[]): ContenderSummary['capacityEnds'] {
  const searches = measured.flatMap(({ measurements }) =>
    measurements.capacity === undefined ? [] : [measurements.capacity],
  );
  if (searches.length === 0) return null;
  return {
    none: searches.filter(({ held }) => held === 0).length,
    all: searches.filter(({ failed }) => failed === null).length,
  };
}

function sumCorrectness(trials: readonly Trial[]): ContenderSummary['correctness'] {
  const total = { readsVerified: 0, readBackKeys: 0, misses: 0, errors: 0, wrong: 0 };
  for (const trial of trials) {
    if (trial.state === 'failed') continue;
    total.readsVerified += trial.correctness.readsVerified;
    total.readBackKeys += trial.correctness.readBackKeys;
    total.misses += trial.correctness.misses;
    total.errors += trial.correctness.errors;
    total.wrong += trial.correctness.wrong;
  }
  return total;
}
