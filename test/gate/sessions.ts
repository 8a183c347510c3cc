/** Sessions with made-up noise, for the gate: one template file, numbers replaced by a seeded model. */
import type { ResultFile, Trial } from '../../src/results/schema.js';
import { createRandom } from '../../src/support/random.js';
import { makeResultFile, normal, type FixtureOptions } from '../analysis/fixtures.js';

/** Standard deviations on the logarithmic scale, and what happened to the machine and to Predis. */
export interface Weather {
  readonly seed: number;
  /** Common to all contenders of a session. */
  readonly sessionSd?: number;
  /** Of each contender of a session on its own. */
  readonly contenderSd?: number;
  /** Common to all trials of a block. */
  readonly blockSd?: number;
  /** Of each trial on its own. */
  readonly trialSd?: number;
  /** p95 latency shakes by this much more than throughput. */
  readonly latencyFactor?: number;
  /** Speed of the whole machine, and of Predis alone: 0.8 is 20 % slower. */
  readonly machineSpeed?: number;
  readonly predisSpeed?: number;
}

/** A template to shake: made once, as histograms are slow to make. */
export function sessionTemplate(options: FixtureOptions): ResultFile {
  return makeResultFile({ ...options, trialSd: 1e-9 });
}

/** A session of the template under this weather. */
export function shake(template: ResultFile, weather: Weather): ResultFile {
  const {
    sessionSd = 0.03,
    contenderSd = 0.01,
    blockSd = 0.02,
    trialSd = 0.04,
    latencyFactor = 1.5,
  } = weather;
  const { machineSpeed = 1, predisSpeed = 1 } = weather;
  const random = createRandom(weather.seed, 77);
  const draw = (sd: number) => sd * normal(random);
  const session = draw(sessionSd) + Math.log(machineSpeed);
  const own = new Map(
    template.plan.contenders.map(({ id, engine }) => [
      id,
      draw(contenderSd) + (engine === 'predis' ? Math.log(predisSpeed) : 0),
    ]),
  );
  const blocks = new Map<string, number>();
  const ofBlock = (key: string): number => {
    const known = blocks.get(key) ?? draw(blockSd);
    blocks.set(key, known);
    return known;
  };
  const trials = template.trials.map((trial): Trial => {
    if (trial.state !== 'measured') return trial;
    const { measurements } = trial;
    const shared = session + (own.get(trial.contender) ?? 0);
    const weatherOfBlock = ofBlock(`${trial.caseId} ${String(trial.block)}`);
    const speed = shared + weatherOfBlock + draw(trialSd);
    const slowness = -shared - latencyFactor * (weatherOfBlock + draw(trialSd));
    const all = { ...measurements.latency.all, p95Ns: measurements.latency.all.p95Ns * Math.exp(slowness) };
    return {
      ...trial,
      measurements: {
        ...measurements,
        throughputPerSecond: measurements.throughputPerSecond * Math.exp(speed),
        latency: { ...measurements.latency, all },
      },
    };
  });
  return { ...template, id: `made-for-tests-session-${String(weather.seed)}`, trials };
}
