/** What an engine tells of the device that it works on. */
import type { NativeAddon } from './native.js';

/** Facts of the device of an engine. */
export interface PredisDevice {
  readonly name: string;
  readonly uuid: string;
  /** As CUDA counts. */
  readonly ordinal: number;
  /** As 'major.minor'. */
  readonly computeCapability: string;
  readonly multiprocessors: number;
  /** Newest CUDA that the driver supports, and CUDA that the engine was built with, as 'major.minor'. */
  readonly cudaDriver: string;
  readonly cudaRuntime: string;
  readonly memoryBytes: number;
  readonly l2Bytes: number;
}

/** What an engine gave its device to do, since it was made. Times are sums over `timedCalls`, a sample of the calls. */
export interface PredisDeviceStats {
  /** Gets answered from host memory, without the device. */
  readonly hotCacheHits: number;
  /** Calls by the way that they took. */
  readonly mailboxCalls: number;
  readonly directCalls: number;
  readonly packedCalls: number;
  readonly deviceCalls: number;
  readonly timedCalls: number;
  readonly kernelNs: number;
  readonly toDeviceNs: number;
  readonly fromDeviceNs: number;
  /** From the first to the last event of a call; less than the parts together where they overlap. */
  readonly totalNs: number;
  /** Places of the index now; keys over these is its load factor. */
  readonly indexSlots: number;
  readonly indexGrowths: number;
  readonly compactions: number;
  /** Page-locked host memory now. */
  readonly pinnedBytes: number;
}

/** Facts of the device of a client's engine; null for an engine without one. */
export function readDevice(native: NativeAddon, client: number): PredisDevice | null {
  const facts = native.deviceFacts(client);
  if (facts === null) return null;
  const [name, uuid, ordinal, major, minor, multiprocessors, driver, runtime, memoryBytes, l2Bytes] = facts;
  return {
    name,
    uuid,
    ordinal,
    computeCapability: `${String(major)}.${String(minor)}`,
    multiprocessors,
    cudaDriver: cudaVersion(driver),
    cudaRuntime: cudaVersion(runtime),
    memoryBytes,
    l2Bytes,
  };
}

const deviceStatsFields = 14;

/** Counters of the device of a client's engine; null for an engine without one. */
export function readDeviceStats(native: NativeAddon, client: number): PredisDeviceStats | null {
  if (native.deviceFacts(client) === null) return null;
  const raw = new BigInt64Array(deviceStatsFields);
  native.deviceStats(client, raw);
  const field = (i: number): number => Number(raw[i] ?? 0n);
  return {
    hotCacheHits: field(0),
    mailboxCalls: field(1),
    directCalls: field(2),
    packedCalls: field(3),
    deviceCalls: field(4),
    timedCalls: field(5),
    kernelNs: field(6),
    toDeviceNs: field(7),
    fromDeviceNs: field(8),
    totalNs: field(9),
    indexSlots: field(10),
    indexGrowths: field(11),
    compactions: field(12),
    pinnedBytes: field(13),
  };
}

/** 13000 is 13.0. */
function cudaVersion(number: number): string {
  return `${String(Math.floor(number / 1000))}.${String(Math.floor((number % 1000) / 10))}`;
}
