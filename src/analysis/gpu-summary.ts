import {
  gpuReadingNames,
  type GpuReadingName,
  type MeasuredTrial,
  type TrialGpu,
} from '../results/schema.js';

/** One kind of reading over all measured trials. */
export interface GpuRange {
  readonly min: number;
  /** Mean of the trials' means. */
  readonly mean: number;
  readonly max: number;
}

/** What a GPU did during the trials of one contender in one case. */
export interface GpuSummary {
  readonly trials: number;
  /** Readings inside the windows, all trials together. */
  readonly readings: number;
  /** Why readings are missing, without repeats; empty where none is. */
  readonly readingsAbsent: readonly string[];
  /** null where the driver did not tell. */
  readonly ranges: Readonly<Record<GpuReadingName, GpuRange | null>>;
  /** Calls by the way they took, over warm-up and window of all trials. */
  readonly calls: {
    readonly hotCache: number;
    readonly mailbox: number;
    readonly direct: number;
    readonly packed: number;
    readonly device: number;
  };
  /** Means over the calls that the device timed, a sample; null when none was. */
  readonly perTimedCall: {
    readonly timedCalls: number;
    readonly kernelNs: number;
    readonly toDeviceNs: number;
    readonly fromDeviceNs: number;
    readonly totalNs: number;
  } | null;
}

/** null when no trial ran on a GPU. */
export function summariseGpu(trials: readonly MeasuredTrial[]): GpuSummary | null {
  const seen = trials.flatMap(({ measurements }) =>
    measurements.gpu === undefined ? [] : [measurements.gpu],
  );
  if (seen.length === 0) return null;
  const total = (of: (gpu: TrialGpu) => number): number => seen.reduce((sum, gpu) => sum + of(gpu), 0);
  const timedCalls = total(({ work }) => work.timedCalls);
  const perCall = (of: (work: TrialGpu['work']) => number): number =>
    total(({ work }) => of(work)) / timedCalls;
  return {
    trials: seen.length,
    readings: total(({ readAtMs }) => readAtMs.length),
    readingsAbsent: [...new Set(seen.flatMap(({ readingsAbsent }) => readingsAbsent ?? []))],
    ranges: Object.fromEntries(
      gpuReadingNames.map((name) => [name, rangeOf(seen, name)]),
    ) as GpuSummary['ranges'],
    calls: {
      hotCache: total(({ work }) => work.hotCacheHits),
      mailbox: total(({ work }) => work.mailboxCalls),
      direct: total(({ work }) => work.directCalls),
      packed: total(({ work }) => work.packedCalls),
      device: total(({ work }) => work.deviceCalls),
    },
    perTimedCall:
      timedCalls === 0
        ? null
        : {
            timedCalls,
            kernelNs: perCall(({ kernelNs }) => kernelNs),
            toDeviceNs: perCall(({ toDeviceNs }) => toDeviceNs),
            fromDeviceNs: perCall(({ fromDeviceNs }) => fromDeviceNs),
            totalNs: perCall(({ totalNs }) => totalNs),
          },
  };
}

function rangeOf(trials: readonly TrialGpu[], name: GpuReadingName): GpuRange | null {
  const series = trials.flatMap(({ readings }) => readings[name] ?? []);
  if (series.length === 0) return null;
  return {
    min: Math.min(...series.map(({ min }) => min)),
    mean: series.reduce((sum, { mean }) => sum + mean, 0) / series.length,
    max: Math.max(...series.map(({ max }) => max)),
  };
}
