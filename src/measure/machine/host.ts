import type { Host } from '../../results/schema.js';
import { readCpuQuota } from './cpu-time.js';
import { readMemory } from './memory.js';
import { numberIn, trimmed, type MachineProbe } from './probe.js';
import { readProcessor } from './processor.js';

/** The machine in the detail that a reader needs to set up another like it. */
export function describeHost(probe: MachineProbe): Host {
  const processor = readProcessor(probe);
  const memory = readMemory(probe);
  const hardware = ['sys_vendor', 'product_name']
    .map((name) => trimmed(probe.file(`/sys/class/dmi/id/${name}`)))
    .filter((part) => part !== null);
  return {
    hardware: hardware.length === 0 ? null : hardware.join(' '),
    governors: processor.governor,
    turbo: processor.turbo,
    smt: processor.smt,
    physicalCores: processor.physicalCores,
    usableCpus: processor.allowedCpus?.length ?? null,
    numaNodes: processor.numaNodes,
    usableNumaNodes: processor.allowedNodes,
    cpuQuota: readCpuQuota(probe)?.limitCpus ?? null,
    frequencyMhz: processor.frequencyMhz,
    maxFrequencyMhz: processor.maxFrequencyMhz,
    lastLevelCacheBytes: processor.lastLevelCacheBytes,
    clockSource: processor.clockSource,
    availableMemoryBytes: memory.availableBytes,
    swapUsedBytes: memory.swapUsedBytes,
    overcommitMemory: numberIn(probe, '/proc/sys/vm/overcommit_memory'),
    gpuModes: gpuModes(probe),
    placement:
      'client and every server that the tool starts on this machine, over its own memory or its loopback interface; no thread is pinned by the tool',
  };
}

function gpuModes(probe: MachineProbe): string | null {
  const table = trimmed(
    probe.program(
      'nvidia-smi',
      '--query-gpu=name,persistence_mode,ecc.mode.current,mig.mode.current',
      '--format=csv,noheader',
    ),
  );
  const rows = (table ?? '').split('\n').map((line) => line.split(',').map((cell) => cell.trim()));
  const said = rows.flatMap(([name, persistence, ecc, mig, ...rest]) =>
    name === undefined || mig === undefined || rest.length > 0
      ? []
      : [`${name}: persistence ${persistence ?? ''}, ECC ${ecc ?? ''}, MIG ${mig}`],
  );
  return said.length === 0 ? null : said.join('; ');
}
