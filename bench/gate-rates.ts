/**
 * Does the gate keep its promises? A build that did not change is called regressed in at most alpha of cases, and a loss that the
 * gate printed as detectable is found in at least four of five. `npm run bench:gate` counts both, on simulated sessions and on
 * sessions whose blocks are drawn anew, with replacement, from recorded results of real runs; planted are losses of 3, 5 and 10 %.
 */
import { join } from 'node:path';

import { judge, type GateOptions, type GateReport } from '../src/gate/index.js';
import { readResultFile } from '../src/results/read.js';
import type { ResultFile, Trial } from '../src/results/schema.js';
import { packageRoot } from '../src/support/package-root.js';
import type { RandomSource } from '../src/support/random.js';
import { normal } from '../test/analysis/fixtures.js';
import { sessionTemplate, shake, type Weather } from '../test/gate/sessions.js';
import type { Row } from './rate-rows.js';

const ALPHA = 0.05;
const POWER = 0.8;

/** Planted losses, each with a design that can promise to find it: less than half of it as margin, and enough blocks for the noise of a trial. */
const designs = [
  { loss: 0.03, margin: 0.012, trialSd: 0.01, blocks: 16 },
  { loss: 0.05, margin: 0.02, trialSd: 0.02, blocks: 24 },
  { loss: 0.1, margin: 0.04, trialSd: 0.04, blocks: 24 },
] as const;

/** What the gate takes for granted: deviation of the movement of a contender on its own between two sessions, as a share of the margin. */
const SESSION_SHARE = 0.6;

const percent = (share: number): string => `${String(Number((100 * share).toFixed(1)))} %`;
const throughputOnly = (margin: number): GateOptions => ({ margins: { throughput: margin } });

/** The loss of throughput that a report printed as detectable; null when it printed none. */
const detectable = ({ comparisons }: GateReport): number | null =>
  comparisons.find(({ metric }) => metric === 'throughput')?.minimumDetectableLoss ?? null;

/** @param recorded also the rows on recorded results, which take longer to read */
export function gateRows({ recorded = true } = {}): Row[] {
  return [...simulatedRows(), ...(recorded ? recordedRows() : [])];
}

function simulatedRows(): Row[] {
  const small = sessionTemplate({ blocks: 8, cases: ['hft'] });
  const large = sessionTemplate({ blocks: 8, cases: ['hft', 'gaming', 'zipfian', 'basic'] });
  const pair = (
    template: ResultFile,
    random: RandomSource,
    weather: Omit<Weather, 'seed'> & { readonly candidateSpeed?: number; readonly candidateMachine?: number },
    options: GateOptions = {},
  ): GateReport => {
    const { candidateSpeed = 1, candidateMachine = 1, ...common } = weather;
    const [before, after] = [random.nextUint32(), random.nextUint32()];
    return judge(
      shake(template, { ...common, seed: before }),
      shake(template, {
        ...common,
        seed: after,
        predisSpeed: candidateSpeed,
        machineSpeed: candidateMachine,
      }),
      options,
    );
  };
  const regressed = ({ verdict }: GateReport) => verdict === 'regressed';
  const stormy = { contenderSd: 0.03, trialSd: 0.06 };
  const relative: GateOptions = { basis: 'relative' };
  return [
    {
      name: 'simulated, the same build: regressed (2 comparisons)',
      promise: 'at most',
      bound: ALPHA,
      happens: (random) => regressed(pair(small, random, {})),
    },
    {
      name: 'simulated, the same build: regressed (8 comparisons)',
      promise: 'at most',
      bound: ALPHA,
      happens: (random) => regressed(pair(large, random, {})),
    },
    {
      name: 'simulated, the same build, more movement between sessions than the gate takes for granted: regressed',
      promise: 'at most',
      bound: ALPHA,
      happens: (random) => regressed(pair(large, random, stormy)),
    },
    {
      name: 'simulated, the same build on a machine 10 % slower: regressed',
      promise: 'at most',
      bound: ALPHA,
      happens: (random) => regressed(pair(large, random, { candidateMachine: 0.9 })),
    },
    {
      name: 'simulated, the same build on a machine 40 % slower, --relative: regressed',
      promise: 'at most',
      bound: ALPHA,
      happens: (random) => regressed(pair(large, random, { candidateMachine: 0.6 }, relative)),
    },
    {
      name: 'negative control: as measured alone, without looking at the controls, the same build: regressed',
      promise: 'at least',
      bound: 0.1,
      happens: (random) =>
        pair(small, random, { sessionSd: 0.06 }).comparisons.some(
          ({ metric, raw, margin, adjustedPValue }) =>
            metric === 'throughput' &&
            raw !== null &&
            raw.estimate >= margin &&
            (raw.low ?? 0) > 0 &&
            (adjustedPValue ?? 1) < ALPHA,
        ),
    },
    ...designs.flatMap(({ loss, margin, trialSd, blocks }): Row[] => {
      const template = sessionTemplate({ blocks, cases: ['hft'], metrics: ['throughput'] });
      const weather = { trialSd, blockSd: trialSd / 2, contenderSd: (SESSION_SHARE * margin) / Math.SQRT2 };
      const setting = `margin ${percent(margin)}, ${String(blocks)} blocks`;
      // the machine moves from session to session, for both pairs alike: the promise is one for sessions such as these
      const machine = (random: RandomSource) => Math.exp(0.02 * normal(random));
      return [
        { how: '', options: throughputOnly(margin), movement: machine },
        {
          how: ', --relative on a machine 30 % slower',
          options: { ...throughputOnly(margin), ...relative },
          movement: () => 0.7,
        },
      ].flatMap(({ how, options, movement }): Row[] => {
        const twice = (random: RandomSource, lossOf: (earlier: number) => number | null): boolean | null => {
          const common = { ...weather, sessionSd: 0, candidateMachine: movement(random) };
          const earlier = detectable(pair(template, random, common, options));
          const planted = earlier === null ? null : lossOf(earlier);
          if (planted === null) return null;
          return regressed(pair(template, random, { ...common, candidateSpeed: 1 - planted }, options));
        };
        return [
          {
            name: `simulated, ${percent(loss)} slower${how}, where an earlier pair promised to find it (${setting}): regressed`,
            promise: 'at least',
            bound: POWER,
            happens: (random) => twice(random, (earlier) => (earlier <= loss ? loss : null)),
          },
          {
            name: `simulated, slower by what an earlier pair printed as detectable${how} (${setting}): regressed`,
            promise: 'at least',
            bound: POWER,
            happens: (random) => twice(random, (earlier) => earlier),
          },
        ];
      });
    }),
  ];
}

/** Committed results of real runs, and blocks drawn from each case for one session. */
const recordings = ['results/epyc-2cpu-vm/warm-up-150ms.json', 'results/h200/main.json'] as const;
const DRAWN_BLOCKS = 48;

function recordedRows(): Row[] {
  return recordings.flatMap((path): Row[] => {
    const result = readResultFile(join(packageRoot, path));
    const cases = result.plan.cases.map(({ id }) => onlyCase(result, id));
    const one = (random: RandomSource): ResultFile => {
      const picked = cases[Math.floor(random.nextDouble() * cases.length)];
      if (picked === undefined) throw new Error(`${path} holds no case`);
      return picked;
    };
    const regressed = ({ verdict }: GateReport) => verdict === 'regressed';
    return [
      {
        name: `${path}, blocks drawn anew, the same build: regressed`,
        promise: 'at most',
        bound: ALPHA,
        happens: (random) => {
          const source = one(random);
          const blocks = source.plan.blocksPerCase;
          return regressed(judge(redraw(source, blocks, random), redraw(source, blocks, random)));
        },
      },
      ...designs.flatMap(({ loss, margin }): Row[] =>
        (['machine', 'relative'] as const).map((basis): Row => {
          const options: GateOptions = { ...throughputOnly(margin), basis };
          return {
            name:
              `${path}, ${String(DRAWN_BLOCKS)} blocks drawn anew, ${percent(loss)} slower` +
              `${basis === 'relative' ? ', --relative' : ''}, where an earlier pair promised to find it ` +
              `(margin ${percent(margin)}): regressed`,
            promise: 'at least',
            bound: POWER,
            mayPromiseNothing: true,
            happens: (random) => {
              const source = one(random);
              const draw = () => redraw(source, DRAWN_BLOCKS, random);
              // every contender of Predis is judged; all of them must have been promised
              const promised = judge(draw(), draw(), options).comparisons.every(
                ({ minimumDetectableLoss }) =>
                  minimumDetectableLoss !== null && minimumDetectableLoss <= loss,
              );
              const [before, after] = [draw(), plantLoss(draw(), loss)];
              return promised ? regressed(judge(before, after, options)) : null;
            },
          };
        }),
      ),
    ];
  });
}

/** The part of a result that belongs to one case. */
export function onlyCase(result: ResultFile, caseId: string): ResultFile {
  return {
    ...result,
    plan: {
      ...result.plan,
      cases: result.plan.cases.filter(({ id }) => id === caseId),
      comparisons: result.plan.comparisons.filter((comparison) => comparison.caseId === caseId),
    },
    trials: result.trials.filter((trial) => trial.caseId === caseId),
  };
}

/** A session of a recorded case: so many of its blocks drawn with replacement, with all their trials as they were measured. */
export function redraw(result: ResultFile, blocks: number, random: RandomSource): ResultFile {
  const cases = result.plan.cases.map((plan) => {
    const drawn = Array.from({ length: blocks }, () => Math.floor(random.nextDouble() * plan.blocks.length));
    const trials = drawn.flatMap((from, block) =>
      result.trials
        .filter((trial) => trial.caseId === plan.id && trial.block === from)
        .map((trial): Trial => ({ ...trial, block })),
    );
    return { plan: { ...plan, blocks: drawn.map((from) => plan.blocks[from] ?? []) }, trials };
  });
  // Of the A/A control nothing is kept: drawn with replacement its differences would only be made larger.
  return {
    ...result,
    id: `drawn-${String(random.nextUint32())}`,
    plan: { ...result.plan, blocksPerCase: blocks, control: null, cases: cases.map(({ plan }) => plan) },
    trials: cases.flatMap(({ trials }) => trials),
  };
}

/** The same session with a Predis that is slower by this share. */
export function plantLoss(result: ResultFile, loss: number): ResultFile {
  const slower = new Set(
    result.plan.contenders.filter(({ engine }) => engine.startsWith('predis')).map(({ id }) => id),
  );
  const trials = result.trials.map((trial): Trial => {
    if (trial.state !== 'measured' || !slower.has(trial.contender)) return trial;
    const { measurements } = trial;
    const { all } = measurements.latency;
    return {
      ...trial,
      measurements: {
        ...measurements,
        throughputPerSecond: measurements.throughputPerSecond * (1 - loss),
        latency: { ...measurements.latency, all: { ...all, p95Ns: all.p95Ns / (1 - loss) } },
      },
    };
  });
  return { ...result, trials };
}
