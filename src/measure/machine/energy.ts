/** Energy that processor packages have used, as the kernel's powercap interface counts it (Intel and AMD, RAPL). */
import { numberIn, trimmed, type MachineProbe } from './probe.js';

const ROOT = '/sys/class/powercap';

/** One processor package: everything that runs on it, its last cache and what else the maker counts. */
export interface EnergyCounter {
  readonly path: string;
  /** The counter begins again at 0 after this. */
  readonly rangeMicrojoules: number;
}

/** Counters that may be read; empty where the machine has none, or keeps them from this user. */
export function packageCounters(probe: MachineProbe): EnergyCounter[] {
  return (probe.folder(ROOT) ?? [])
    .filter((name) => /^intel-rapl:\d+$/.test(name))
    .flatMap((name) => {
      const path = `${ROOT}/${name}`;
      const rangeMicrojoules = numberIn(probe, `${path}/max_energy_range_uj`);
      // the same level holds other domains on some machines: "psys" is the whole board
      const isPackage = trimmed(probe.file(`${path}/name`))?.startsWith('package-') === true;
      const readable = numberIn(probe, `${path}/energy_uj`) !== null;
      return isPackage && readable && rangeMicrojoules !== null ? [{ path, rangeMicrojoules }] : [];
    });
}

/** Where a counter stands, microjoules; null where it cannot be read any more. */
export function readMicrojoules(probe: MachineProbe, { path }: EnergyCounter): number | null {
  return numberIn(probe, `${path}/energy_uj`);
}
