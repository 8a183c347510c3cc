import type { TrialEnergy } from '../results/schema.js';
import type { WindowTimes } from './gpu-sampler.js';
import { packageCounters, readMicrojoules, type EnergyCounter } from './machine/energy.js';
import type { MachineProbe } from './machine/probe.js';
import { present } from './present.js';

/** Time between two looks at the counters; they are files of the kernel, read on the main thread, which drives nothing. */
const INTERVAL_MS = 50;

interface Look {
  readonly atMs: number;
  /** Of all packages since the first look. */
  readonly joules: number;
}

/**
 * Follows the energy counters of the processor packages while a trial runs. Where the window begins is known at its end only,
 * so the counters are read again and again, and what they said at both ends of the window lies between two looks.
 */
export class EnergySampler {
  readonly #probe: MachineProbe;
  readonly #now: () => number;
  readonly #counters: readonly EnergyCounter[];
  readonly #last: number[];
  readonly #looks: Look[] = [];
  readonly #timer: NodeJS.Timeout | null;
  #lost = false;

  /** @param now the clock that all threads share, in milliseconds */
  constructor(probe: MachineProbe, now: () => number) {
    this.#probe = probe;
    this.#now = now;
    this.#counters = packageCounters(probe);
    this.#last = this.#counters.map((counter) => readMicrojoules(probe, counter) ?? NaN);
    this.#timer = this.#counters.length === 0 ? null : setInterval(this.look.bind(this), INTERVAL_MS);
    this.#timer?.unref();
    if (this.#counters.length > 0) this.#looks.push({ atMs: now(), joules: 0 });
  }

  /** Reads the counters once more. */
  look(): void {
    let joules = this.#looks.at(-1)?.joules ?? 0;
    for (const [index, counter] of this.#counters.entries()) {
      const value = readMicrojoules(this.#probe, counter);
      if (value === null) {
        this.#lost = true;
        return;
      }
      const step = value - present(this.#last[index]);
      joules += (step >= 0 ? step : step + counter.rangeMicrojoules) / 1e6;
      this.#last[index] = value;
    }
    this.#looks.push({ atMs: this.#now(), joules });
  }

  /** Ends the looks, with a last one. */
  stop(): void {
    if (this.#timer === null) return;
    clearInterval(this.#timer);
    this.look();
  }

  /** Energy used inside the window; undefined where it was not told. Call after `stop`. */
  result({ startMs, endMs }: WindowTimes): TrialEnergy | undefined {
    const from = this.#at(startMs);
    const to = this.#at(endMs);
    if (this.#lost || from === null || to === null || !(to > from)) return undefined;
    return { packages: this.#counters.length, packageJoules: to - from };
  }

  /** Between two looks the power is taken to be constant. */
  #at(atMs: number): number | null {
    const after = this.#looks.findIndex((look) => look.atMs >= atMs);
    const [low, high] = [this.#looks[after - 1], this.#looks[after]];
    if (high === undefined) return null;
    if (low === undefined) return high.atMs === atMs ? high.joules : null;
    return low.joules + ((high.joules - low.joules) * (atMs - low.atMs)) / (high.atMs - low.atMs);
  }
}
