/** What the driver tells of GPUs, whichever engine runs. Absent where it tells nothing, never guessed. */
import { loadAddon } from './addon.js';

/** Facts of a GPU that its driver tells; null for what it does not. */
export interface DriverFacts {
  readonly name: string | null;
  readonly uuid: string | null;
  /** E.g. '580.65.06'. */
  readonly driverVersion: string | null;
  readonly memoryBytes: number | null;
  /** Of device and slot together. */
  readonly pcieMaxGeneration: number | null;
  readonly pcieMaxLanes: number | null;
  readonly powerLimitWatts: number | null;
}

/** One look at a GPU; null for what its driver does not tell. */
export interface DriverReading {
  readonly smClockMhz: number | null;
  readonly memoryClockMhz: number | null;
  /** Share of time with a kernel running, over the driver's last period (some milliseconds to a second). */
  readonly utilizationPercent: number | null;
  /** Share of time with device memory read or written, likewise. */
  readonly memoryUtilizationPercent: number | null;
  /** By all processes and the driver. */
  readonly memoryUsedBytes: number | null;
  readonly powerWatts: number | null;
  readonly temperatureCelsius: number | null;
  /** Now: an idle link may be slower than it can be. */
  readonly pcieGeneration: number | null;
  readonly pcieLanes: number | null;
}

/** Why a driver tells nothing: one sentence without a full stop. */
export interface Absent {
  readonly absent: string;
}

const readingFields = 9;

const known = (number: number | undefined): number | null =>
  number === undefined || Number.isNaN(number) ? null : number;
const written = (text: string): string | null => (text === '' ? null : text);

/**
 * Facts of a GPU.
 *
 * @param device its UUID ('GPU-…'), or its ordinal as the driver counts, which CUDA_VISIBLE_DEVICES does not change
 * @throws PredisError ADDON_UNAVAILABLE
 */
export function driverFacts(device: string | number): DriverFacts | Absent {
  const facts = loadAddon().native.nvmlFacts(String(device));
  if (typeof facts === 'string') return { absent: facts };
  const [name, uuid, driverVersion, memoryBytes, pcieMaxGeneration, pcieMaxLanes, powerLimitWatts] = facts;
  return {
    name: written(name),
    uuid: written(uuid),
    driverVersion: written(driverVersion),
    memoryBytes: known(memoryBytes),
    pcieMaxGeneration: known(pcieMaxGeneration),
    pcieMaxLanes: known(pcieMaxLanes),
    powerLimitWatts: known(powerLimitWatts),
  };
}

/** One look at a GPU; takes about a millisecond. @throws PredisError ADDON_UNAVAILABLE */
export function driverReading(device: string | number): DriverReading | Absent {
  const target = new Float64Array(readingFields);
  const absent = loadAddon().native.nvmlSample(String(device), target);
  if (absent !== undefined) return { absent };
  const [
    smClock,
    memoryClock,
    utilization,
    memoryUtilization,
    memoryUsed,
    power,
    temperature,
    generation,
    lanes,
  ] = target;
  return {
    smClockMhz: known(smClock),
    memoryClockMhz: known(memoryClock),
    utilizationPercent: known(utilization),
    memoryUtilizationPercent: known(memoryUtilization),
    memoryUsedBytes: known(memoryUsed),
    powerWatts: known(power),
    temperatureCelsius: known(temperature),
    pcieGeneration: known(generation),
    pcieLanes: known(lanes),
  };
}
