import type { Contender, EngineFacts } from '../results/schema.js';
import { hodgesLehmannRatio, median } from '../stats/index.js';
import type { CaseTrials } from './case-trials.js';
import { intervalOf } from './compare.js';
import { metricDefinition } from './metrics.js';
import type { FloorShare, LadderStep, LadderStepName, SpeedupLadder } from './summary.js';

/** What the ladder of a case is made from. */
export interface LadderInput {
  /** Of the case, in the order of the plan. */
  readonly contenders: readonly Contender[];
  readonly engines: Readonly<Record<string, EngineFacts>>;
  readonly trials: CaseTrials;
  /** Of the interval of each step by itself. */
  readonly confidence: number;
}

interface Rung {
  readonly contender: Contender;
  /** Throughput of each trial. */
  readonly values: readonly number[];
}

/**
 * Splits the throughput advantage of Predis over Redis into the steps that lead there: leaving the network (a JavaScript Map in
 * the process against Redis), native code (the CPU engine against the Map), the GPU (the CUDA engine against the CPU engine).
 * Where a rung was not measured, its two steps are one, and carry both names.
 *
 * Redis stands for the contender of Redis with the highest median throughput. It is picked by the numbers that it is then judged
 * by, which flatters it and never Predis. Each ratio is a Hodges-Lehmann estimate with its own interval; the steps multiply to the
 * total but for that each is estimated by itself. No verdict is drawn from them, so nothing is corrected.
 *
 * @returns null when there is no step to show: no Redis, or nothing of this process beside it
 */
export function speedupLadder(input: LadderInput): SpeedupLadder | null {
  const rungs = input.contenders.flatMap((contender): Rung[] => {
    const values = input.trials.measured(contender.id).map(metricDefinition('throughput').of);
    const usable = contender.floor !== true && values.length > 0 && values.every((value) => value > 0);
    return usable ? [{ contender, values }] : [];
  });
  const redis = rungs.filter(({ contender }) => contender.engine.startsWith('redis'));
  const best = redis.reduce<Rung | null>(
    (top, rung) => (top === null || median(rung.values) > median(top.values) ? rung : top),
    null,
  );
  if (best === null) return null;
  const predis = (device: 'cpu' | 'cuda', boundary: Contender['boundary']): Rung | null =>
    rungs.find(
      ({ contender }) =>
        contender.engine.startsWith('predis') &&
        contender.boundary === boundary &&
        input.engines[contender.id]?.settings.device === device,
    ) ?? null;
  const map = rungs.find(({ contender }) => contender.engine === 'map') ?? null;
  const chain: readonly (readonly [LadderStepName, Rung | null])[] = [
    ['leaving-the-network', map],
    ['native-code', predis('cpu', 'api')],
    ['gpu', predis('cuda', 'api')],
  ];
  const steps: LadderStep[] = [];
  let names: LadderStepName[] = [];
  let from = best;
  for (const [name, rung] of chain) {
    names.push(name);
    if (rung === null) continue;
    steps.push(step(names, from, rung, input.confidence));
    names = [];
    from = rung;
  }
  if (steps.length === 0) return null;
  const device = input.engines[from.contender.id]?.settings.device === 'cuda' ? 'cuda' : 'cpu';
  const packed = from.contender.engine === 'map' ? null : predis(device, 'packed');
  return {
    metric: 'throughput',
    bestRedis: best.contender.id,
    redisContenders: redis.length,
    steps,
    total: step([], best, from, input.confidence),
    packed: packed === null ? null : step(['packed-batches'], from, packed, input.confidence),
    missing: names,
  };
}

function step(names: readonly LadderStepName[], from: Rung, to: Rung, confidence: number): LadderStep {
  const shift = hodgesLehmannRatio(to.values, from.values, { confidence });
  return {
    names: [...names],
    from: from.contender.id,
    to: to.contender.id,
    ratio: intervalOf(shift, confidence),
    crossesBoundary: from.contender.boundary !== to.contender.boundary,
    trials: { from: from.values.length, to: to.values.length },
  };
}

/**
 * How near each contender came to the floor of its boundary: its median throughput over that of the no-op contender with the same
 * boundary and pipeline depth. Near 1 says that harness and transport were measured, and hardly the engine.
 */
export function floorShares({
  contenders,
  trials,
}: Pick<LadderInput, 'contenders' | 'trials'>): FloorShare[] {
  const medianOf = ({ id }: Contender): number | null => {
    const values = trials.measured(id).map(metricDefinition('throughput').of);
    return values.length === 0 ? null : median(values);
  };
  const floors = contenders.filter(({ floor }) => floor === true);
  return contenders.flatMap((contender) => {
    if (contender.floor === true) return [];
    const floor = floors.find(
      ({ boundary, pipelineDepth }) =>
        boundary === contender.boundary && pipelineDepth === contender.pipelineDepth,
    );
    const [own, least] = [medianOf(contender), floor === undefined ? null : medianOf(floor)];
    if (floor === undefined || own === null || least === null || !(least > 0)) return [];
    return [{ contender: contender.id, floor: floor.id, share: own / least }];
  });
}
