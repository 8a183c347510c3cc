import { countOf } from './histogram-counts.js';
import { forEachLatencyCount } from './latency-intervals.js';
import type { LatencyRecord, ResultFile, Trial, TrialMeasurements, TrialOpenLoop } from './schema.js';

/**
 * What a schema cannot say: that names refer to something, that no trial is recorded twice, that counts agree and that
 * histograms decode.
 *
 * @returns the first problem with the JSON pointer of its place, or null
 */
export function checkReferences(file: ResultFile): string | null {
  return checkPlan(file) ?? checkCeilings(file) ?? checkLooks(file) ?? checkTrials(file);
}

function checkPlan({ plan, engines }: ResultFile): string | null {
  if ((plan.loadModel === 'open') !== (plan.openLoop !== undefined)) {
    return '/plan/openLoop does not go with /plan/loadModel';
  }
  if (plan.capacity !== undefined && plan.openLoop === undefined) {
    return '/plan/capacity needs /plan/openLoop';
  }
  const contenders = new Set(plan.contenders.map(({ id }) => id));
  const cases = new Set(plan.cases.map(({ id }) => id));
  if (contenders.size < plan.contenders.length) return '/plan/contenders names a contender twice';
  if (cases.size < plan.cases.length) return '/plan/cases names a case twice';
  const { control } = plan;
  if (control && !contenders.has(control.contender)) {
    return '/plan/control/contender is no contender of the plan';
  }
  if (control && contenders.has(control.arm)) return '/plan/control/arm is the id of a contender';
  for (const [c, { blocks, refusals }] of plan.cases.entries()) {
    const stranger = refusals?.findIndex(({ contender }) => !contenders.has(contender)) ?? -1;
    if (stranger !== -1) {
      return `${pointer('plan', 'cases', c, 'refusals', stranger, 'contender')} is no contender of the plan`;
    }
    for (const [b, block] of blocks.entries()) {
      const unknown = block.findIndex((id) => !contenders.has(id) && id !== control?.arm);
      if (unknown !== -1) {
        return `${pointer('plan', 'cases', c, 'blocks', b, unknown)} is no contender of the plan`;
      }
    }
  }
  for (const [i, { caseId, baseline, candidate }] of plan.comparisons.entries()) {
    const place = pointer('plan', 'comparisons', i);
    if (!cases.has(caseId)) return `${place}/caseId is no case of the plan`;
    if (!contenders.has(baseline)) return `${place}/baseline is no contender of the plan`;
    if (!contenders.has(candidate)) return `${place}/candidate is no contender of the plan`;
  }
  const stray = Object.keys(engines).find((id) => !contenders.has(id));
  return stray === undefined ? null : `${pointer('engines', stray)} is no contender of the plan`;
}

function checkCeilings({ plan, ceilings = [] }: ResultFile): string | null {
  const seen = new Set<string>();
  for (const [index, { caseId, contender }] of ceilings.entries()) {
    const place = pointer('ceilings', index);
    if (!plan.cases.some(({ id }) => id === caseId)) return `${place}/caseId is no case of the plan`;
    if (!plan.contenders.some(({ id }) => id === contender)) {
      return `${place}/contender is no contender of the plan`;
    }
    const key = JSON.stringify([caseId, contender]);
    if (seen.has(key)) return `${place} is recorded twice`;
    seen.add(key);
  }
  return null;
}

function checkLooks({ plan, looks = [] }: ResultFile): string | null {
  const rule = plan.stopping?.looks ?? [];
  const disordered = rule.findIndex(({ blocks }, look) => blocks <= (rule[look - 1]?.blocks ?? 0));
  if (disordered !== -1)
    return `${pointer('plan', 'stopping', 'looks', disordered, 'blocks')} does not ascend`;
  const seen = new Set<string>();
  for (const [index, { caseId, blocks }] of looks.entries()) {
    const place = pointer('looks', index);
    if (!plan.cases.some(({ id }) => id === caseId)) return `${place}/caseId is no case of the plan`;
    if (!rule.some((look) => look.blocks === blocks)) return `${place}/blocks is no look of the plan`;
    const key = JSON.stringify([caseId, blocks]);
    if (seen.has(key)) return `${place} is recorded twice`;
    seen.add(key);
  }
  return null;
}

function checkTrials({ plan, trials }: ResultFile): string | null {
  const blocksOf = new Map(plan.cases.map(({ id, blocks }) => [id, blocks]));
  const seen = new Set<string>();
  for (const [t, trial] of trials.entries()) {
    const place = pointer('trials', t);
    const blocks = blocksOf.get(trial.caseId);
    if (blocks === undefined) return `${place}/caseId is no case of the plan`;
    const planned = blocks[trial.block]?.[trial.position];
    if (planned === undefined) return `${place}/block and position lie outside the plan`;
    if (planned !== trial.contender) return `${place}/contender is not the one that the plan has there`;
    const key = trialKey(trial);
    if (seen.has(key)) return `${place} is recorded twice`;
    seen.add(key);
    if (trial.state !== 'measured') continue;
    const { openLoop } = trial.measurements;
    const { all, read, write } = trial.measurements.latency;
    const problem =
      checkLatency(all, `${place}/measurements/latency/all`) ??
      (read === null ? null : checkLatency(read, `${place}/measurements/latency/read`)) ??
      (write === null ? null : checkLatency(write, `${place}/measurements/latency/write`)) ??
      checkIntervals(trial.measurements, `${place}/measurements`) ??
      (openLoop === undefined ? null : checkOpenLoop(openLoop, `${place}/measurements/openLoop`));
    if (problem !== null) return problem;
  }
  return null;
}

function checkIntervals(
  { intervalLatencies, intervalOperations, latency }: TrialMeasurements,
  place: string,
): string | null {
  if (intervalLatencies === undefined) return null;
  let intervals: number;
  let requests = 0;
  try {
    intervals = forEachLatencyCount(intervalLatencies, (_interval, _bucket, count) => {
      requests += count;
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `${place}/intervalLatencies does not decode (${why})`;
  }
  if (intervals !== intervalOperations.length) {
    return `${place}/intervalLatencies has ${String(intervals)} intervals, and intervalOperations ${String(intervalOperations.length)}`;
  }
  return requests === latency.all.count
    ? null
    : `${place}/intervalLatencies holds ${String(requests)} requests, and latency/all ${String(latency.all.count)}`;
}

function checkOpenLoop(openLoop: TrialOpenLoop, place: string): string | null {
  const { serviceTime, startDelay, generatorLag } = openLoop;
  return (
    checkLatency(serviceTime, `${place}/serviceTime`) ??
    checkLatency(startDelay, `${place}/startDelay`) ??
    checkLatency(generatorLag, `${place}/generatorLag`)
  );
}

function checkLatency(record: LatencyRecord, place: string): string | null {
  let count: number;
  try {
    count = countOf(record.histogram);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `${place}/histogram does not decode (${why})`;
  }
  return count === record.count
    ? null
    : `${place}/count is ${String(record.count)}, but the histogram holds ${String(count)}`;
}

/** Names a trial within its result file. */
export function trialKey({ caseId, block, position }: Pick<Trial, 'caseId' | 'block' | 'position'>): string {
  return JSON.stringify([caseId, block, position]);
}

/** JSON pointer (RFC 6901) of a path. */
function pointer(...path: readonly (string | number)[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
