import type { GpuMeter, GpuReading, GpuWork } from '../engines/engine.js';
import { gpuReadingNames, type GpuSeries, type TrialGpu } from '../results/schema.js';

/** Time between two readings of a GPU. A reading takes about a millisecond, on the main thread, which drives nothing. */
const INTERVAL_MS = 100;
/** Shorter windows are read this many times. */
const READINGS = 4;
const SHORTEST_INTERVAL_MS = 5;

/** A window on the clock that all threads share. */
export interface WindowTimes {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Reads a GPU again and again while a trial runs. The main thread does not know when the window begins, behind the warm-up;
 * so all is read, and what lies outside of the window is left out at the end.
 */
export class GpuSampler {
  readonly #meter: GpuMeter;
  readonly #now: () => number;
  readonly #workBefore: GpuWork;
  readonly #readings: { readonly atMs: number; readonly reading: GpuReading }[] = [];
  readonly #timer: NodeJS.Timeout;
  #absent: string | null = null;

  /**
   * @param now the clock that all threads share, in milliseconds
   * @param windowMs length of the window to come
   */
  constructor(meter: GpuMeter, now: () => number, windowMs: number) {
    this.#meter = meter;
    this.#now = now;
    this.#workBefore = meter.work();
    const interval = Math.max(SHORTEST_INTERVAL_MS, Math.min(INTERVAL_MS, windowMs / READINGS));
    this.#timer = setInterval(() => {
      this.#read();
    }, interval);
  }

  /** Ends the readings. Idempotent. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** What was seen of the window. Call after `stop`. */
  result({ startMs, endMs }: WindowTimes): TrialGpu {
    const inside = this.#readings.filter(({ atMs }) => atMs >= startMs && atMs <= endMs);
    const none = inside.length === 0 ? 'no reading fell inside the window' : null;
    const series = gpuReadingNames.map((name) => [
      name,
      seriesOf(inside.map(({ reading }) => reading[name])),
    ]);
    return {
      readingsAbsent: this.#absent ?? none,
      readAtMs: inside.map(({ atMs }) => atMs - startMs),
      readings: Object.fromEntries(series) as TrialGpu['readings'],
      work: difference(this.#workBefore, this.#meter.work()),
    };
  }

  #read(): void {
    const atMs = this.#now();
    const reading = this.#meter.read();
    if ('absent' in reading) this.#absent = reading.absent;
    else this.#readings.push({ atMs, reading });
  }
}

/** null where not one reading told it. */
function seriesOf(values: (number | null)[]): GpuSeries | null {
  const told = values.filter((value) => value !== null);
  if (told.length === 0) return null;
  return {
    min: Math.min(...told),
    mean: told.reduce((sum, value) => sum + value, 0) / told.length,
    max: Math.max(...told),
    values,
  };
}

/** What was done between two looks; counters never run backwards but by a mistake, which must not become a record. */
function difference(before: GpuWork, after: GpuWork): TrialGpu['work'] {
  const since = (name: keyof GpuWork): number => Math.max(0, after[name] - before[name]);
  return {
    hotCacheHits: since('hotCacheHits'),
    mailboxCalls: since('mailboxCalls'),
    directCalls: since('directCalls'),
    packedCalls: since('packedCalls'),
    deviceCalls: since('deviceCalls'),
    timedCalls: since('timedCalls'),
    kernelNs: since('kernelNs'),
    toDeviceNs: since('toDeviceNs'),
    fromDeviceNs: since('fromDeviceNs'),
    totalNs: since('totalNs'),
    pinnedBytes: after.pinnedBytes,
  };
}
