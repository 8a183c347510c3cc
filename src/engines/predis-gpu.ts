import { type PredisClient, driverFacts, driverReading } from '../predis/index.js';
import type { GpuFacts, GpuMeter, GpuWork } from './engine.js';

/** Reads the GPU of a client's engine: its facts and work from the engine, the rest from the driver. null without a GPU. */
export function gpuMeter(client: PredisClient): GpuMeter | null {
  const { device } = client.infoSync();
  if (device === null) return null;
  const driver = driverFacts(device.uuid);
  const told = 'absent' in driver ? null : driver;
  const facts: GpuFacts = {
    name: device.name,
    uuid: device.uuid === '' ? null : device.uuid,
    driverVersion: told?.driverVersion ?? null,
    memoryBytes: device.memoryBytes,
    computeCapability: device.computeCapability,
    multiprocessors: device.multiprocessors,
    l2Bytes: device.l2Bytes,
    cudaDriver: device.cudaDriver,
    cudaRuntime: device.cudaRuntime,
    pcieMaxGeneration: told?.pcieMaxGeneration ?? null,
    pcieMaxLanes: told?.pcieMaxLanes ?? null,
    powerLimitWatts: told?.powerLimitWatts ?? null,
    readingsAbsent: 'absent' in driver ? driver.absent : null,
  };
  return {
    facts,
    read: () => driverReading(device.uuid),
    work: () => workOf(client),
  };
}

function workOf(client: PredisClient): GpuWork {
  const stats = client.getStatsSync().device;
  if (stats === null) throw new Error('the engine has lost its device');
  const { hotCacheHits, mailboxCalls, directCalls, packedCalls, deviceCalls } = stats;
  const { timedCalls, kernelNs, toDeviceNs, fromDeviceNs, totalNs, pinnedBytes } = stats;
  return {
    ...{ hotCacheHits, mailboxCalls, directCalls, packedCalls, deviceCalls },
    ...{ timedCalls, kernelNs, toDeviceNs, fromDeviceNs, totalNs, pinnedBytes },
  };
}
