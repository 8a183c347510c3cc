import type { TrialConditions } from '../results/schema.js';
import type { Clock } from './clock.js';
import { readCpuQuota, readMachineTime, readProcessTime, type MachineTime } from './machine/cpu-time.js';
import { machineProbe, type MachineProbe } from './machine/probe.js';
import { readFrequencyMhz } from './machine/processor.js';

/** How the surroundings of a trial are asked; handed in by tests. */
export interface ConditionSenses {
  readonly probe: MachineProbe;
  /** Processor time of this process so far, milliseconds. */
  readonly ownCpuMs: () => number;
}

export const machineConditions: ConditionSenses = {
  probe: machineProbe,
  ownCpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

/** About a quarter of a millisecond a round: short enough that some round is not interrupted. */
const CALIBRATION_STEPS = 100_000;
const CALIBRATION_ROUNDS = 8;
/** So that the first trial does not meet code that is still to be compiled. */
const COMPILING_ROUNDS = 30;
let compiled = false;

/**
 * What goes on around a trial, from the moment at which this is made to `end`: processor time of the machine, of this process
 * and of the servers that work for the engine. Reads some files of /proc, on the main thread, which drives nothing.
 */
export class ConditionsWatch {
  readonly #senses: ConditionSenses;
  readonly #clock: Clock;
  readonly #servers: readonly number[] | null;
  readonly #calibrationNs: number;
  readonly #frequencyMhz: number | null;
  readonly #before: Moment;

  /** @param servers processes that work for the engine; null where they are not known */
  constructor(senses: ConditionSenses, clock: Clock, servers: readonly number[] | null) {
    this.#senses = senses;
    this.#clock = clock;
    this.#servers = servers;
    this.#calibrationNs = calibrate(clock);
    this.#frequencyMhz = readFrequencyMhz(senses.probe);
    this.#before = this.#look();
  }

  end(): TrialConditions {
    const [before, after] = [this.#before, this.#look()];
    const [from, to] = [before.machine, after.machine];
    const told = from !== null && to !== null;
    const difference = (name: 'serverMs' | 'throttledPeriods'): number | null => {
      const [old, now] = [before[name], after[name]];
      return old === null || now === null ? null : Math.max(0, now - old);
    };
    return {
      observedMs: Math.max(0, after.atMs - before.atMs),
      cpus: to?.cpus ?? 0,
      machineBusyMs: told ? Math.max(0, to.busyMs - from.busyMs) : null,
      stolenMs: told ? Math.max(0, to.stealMs - from.stealMs) : null,
      clientCpuMs: Math.max(0, after.ownMs - before.ownMs),
      serverCpuMs: difference('serverMs'),
      throttledPeriods: difference('throttledPeriods'),
      calibrationNs: this.#calibrationNs,
      frequencyMhz: this.#frequencyMhz,
    };
  }

  #look(): Moment {
    const { probe, ownCpuMs } = this.#senses;
    const times = this.#servers?.map((pid) => readProcessTime(probe, pid)) ?? null;
    return {
      atMs: this.#clock(),
      machine: readMachineTime(probe),
      ownMs: ownCpuMs(),
      serverMs:
        times === null || times.includes(null)
          ? null
          : times.reduce((sum, time) => sum + (time?.cpuMs ?? 0), 0),
      throttledPeriods: readCpuQuota(probe)?.throttledPeriods ?? null,
    };
  }
}

interface Moment {
  readonly atMs: number;
  readonly machine: MachineTime | null;
  readonly ownMs: number;
  readonly serverMs: number | null;
  readonly throttledPeriods: number | null;
}

/**
 * Time of a fixed amount of integer arithmetic, the fastest of several rounds: it changes when the clock of the processor does
 * (heat, a governor, a neighbour on the same core), and hardly when this thread is interrupted.
 *
 * @returns nanoseconds
 */
export function calibrate(clock: Clock): number {
  for (let round = compiled ? COMPILING_ROUNDS : 0; round < COMPILING_ROUNDS; round++) spin(round);
  compiled = true;
  let fastestMs = Infinity;
  for (let round = 0; round < CALIBRATION_ROUNDS; round++) {
    const startMs = clock();
    const end = spin(round);
    const tookMs = clock() - startMs;
    // every state of xorshift but 0 is followed by another; asked so that the loop cannot be left out
    if (end === 0) throw new Error('xorshift ended in 0');
    fastestMs = Math.min(fastestMs, tookMs);
  }
  return fastestMs * 1e6;
}

/** A chain of xorshift32 steps (Marsaglia 2003), each of which needs the one before: no processor does several at once. */
function spin(seed: number): number {
  let state = seed + 1;
  for (let step = 0; step < CALIBRATION_STEPS; step++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
}
