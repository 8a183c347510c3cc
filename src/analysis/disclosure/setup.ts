/** On what it was measured: items 4 and 5. */
import type { Host, ResultFile } from '../../results/schema.js';
import { formatBytes, formatCount, formatPlural } from '../../support/format.js';
import {
  declaredPart,
  perEngine,
  perFile,
  quote,
  setting,
  type DisclosureItem,
  type DisclosurePart,
} from './part.js';

/** Something that the machine tells about itself. */
function machine(
  name: string,
  pointers: readonly string[],
  pick: (environment: ResultFile['environment']) => string | null | undefined,
): DisclosurePart {
  return {
    name,
    pointers: pointers.map((pointer) => `/environment/${pointer}`),
    say: perFile(({ environment }) => pick(environment)),
  };
}

function host(name: string, field: keyof Host, say: (host: Host) => string | null): DisclosurePart {
  return machine(name, [`host/${field}`], (environment) =>
    environment.host === undefined ? null : say(environment.host),
  );
}

const onOff = (flag: boolean | null): string | null => (flag === null ? null : flag ? 'on' : 'off');
const counted = (count: number | null): string | null => (count === null ? null : formatCount(count));

export const hardware: DisclosureItem = {
  topic: 'Hardware',
  parts: [
    machine(
      'CPU',
      ['cpuModel', 'logicalCpus', 'architecture'],
      ({ cpuModel, logicalCpus, architecture }) =>
        `${quote(cpuModel)}, ${formatPlural(logicalCpus, 'logical CPU')}, ${quote(architecture)}`,
    ),
    host('cores', 'physicalCores', ({ physicalCores }) => counted(physicalCores)),
    host('SMT', 'smt', ({ smt }) => onOff(smt)),
    host('NUMA nodes', 'numaNodes', ({ numaNodes, usableNumaNodes }) =>
      numaNodes === null
        ? null
        : `${formatCount(numaNodes)}, ${usableNumaNodes === null ? 'unknown which may be used' : `${formatCount(usableNumaNodes)} to use`}`,
    ),
    machine('frequency governor', ['cpuGovernor', 'host/governors'], ({ cpuGovernor, host: more }) =>
      quote(more?.governors ?? cpuGovernor ?? ''),
    ),
    host('turbo', 'turbo', ({ turbo }) => onOff(turbo)),
    host('CPU clock', 'frequencyMhz', ({ frequencyMhz, maxFrequencyMhz }) =>
      frequencyMhz === null
        ? null
        : `${formatCount(frequencyMhz)} MHz at the start${maxFrequencyMhz === null ? '' : `, ${formatCount(maxFrequencyMhz)} MHz at most`}`,
    ),
    host('last cache', 'lastLevelCacheBytes', ({ lastLevelCacheBytes }) =>
      lastLevelCacheBytes === null ? null : formatBytes(lastLevelCacheBytes),
    ),
    machine('memory', ['memoryBytes'], ({ memoryBytes }) => formatBytes(memoryBytes)),
    host('memory free, swap used', 'availableMemoryBytes', ({ availableMemoryBytes, swapUsedBytes }) =>
      availableMemoryBytes === null
        ? null
        : `${formatBytes(availableMemoryBytes)} free, ${swapUsedBytes === null ? 'swap unknown' : `${formatBytes(swapUsedBytes)} in swap`}, at the start`,
    ),
    machine('transparent huge pages', ['transparentHugePages'], ({ transparentHugePages }) =>
      transparentHugePages === null ? null : quote(transparentHugePages),
    ),
    machine(
      'GPU',
      ['gpu/name', 'gpu/driverVersion', 'gpu/cudaDriver', 'gpu/cudaRuntime', 'gpu/memoryBytes'],
      ({ gpu }) =>
        gpu === null
          ? 'none used'
          : [
              quote(gpu.name),
              `driver ${quote(gpu.driverVersion ?? 'unknown', 40)}`,
              `CUDA ${quote(gpu.cudaDriver ?? 'unknown', 20)} (driver), ${quote(gpu.cudaRuntime ?? 'unknown', 20)} (built with)`,
              gpu.memoryBytes === null ? 'memory unknown' : formatBytes(gpu.memoryBytes),
            ].join(', '),
    ),
    machine(
      'PCIe and power limit of the GPU',
      ['gpu/pcieMaxGeneration', 'gpu/pcieMaxLanes', 'gpu/powerLimitWatts'],
      ({ gpu }) => {
        if (gpu === null) return 'no GPU was used';
        const { pcieMaxGeneration: generation, pcieMaxLanes: lanes, powerLimitWatts: watts } = gpu;
        return generation === null || lanes === null || watts === null
          ? null
          : `PCIe ${formatCount(generation)} ×${formatCount(lanes)}, ${formatCount(watts)} W`;
      },
    ),
    machine('clocks of the GPU', ['gpu/name'], ({ gpu }) =>
      gpu === null ? 'no GPU was used' : 'under "GPU" in this report, where the driver told them',
    ),
    machine('ECC, MIG and persistence of the GPU', ['host/gpuModes'], ({ gpu, host: more }) =>
      gpu === null ? 'no GPU was used' : more?.gpuModes === null ? null : quote(more?.gpuModes ?? ''),
    ),
    machine('virtualisation', ['virtualisation'], ({ virtualisation }) =>
      virtualisation === null ? null : quote(virtualisation),
    ),
    host('machine', 'hardware', ({ hardware: name }) => (name === null ? null : quote(name))),
    declaredPart('kind of cloud guest', 'cloud'),
    host('CPU limits', 'usableCpus', ({ usableCpus, cpuQuota }) =>
      usableCpus === null
        ? null
        : `${formatPlural(usableCpus, 'CPU')} may be used, ${cpuQuota === null ? 'no quota' : `a quota of ${String(cpuQuota)} CPUs' worth`}`,
    ),
    host('placement, pinning and network', 'placement', ({ placement }) => quote(placement, 300)),
  ],
};

export const software: DisclosureItem = {
  topic: 'Software',
  parts: [
    {
      name: 'this tool',
      pointers: ['/tool/version'],
      say: perFile(({ tool }) => `predis-bench ${quote(tool.version, 40)}`),
    },
    {
      name: 'commit, uncommitted changes',
      pointers: ['/tool/commit', '/tool/dirty'],
      say: perFile(({ tool }) =>
        tool.commit === null
          ? null
          : `${quote(tool.commit, 40)}, ${tool.dirty === true ? 'WITH uncommitted changes' : tool.dirty === false ? 'none' : 'unknown whether any'}`,
      ),
    },
    {
      name: 'compiler and flags of the addon',
      pointers: ['/engines/*/settings'],
      say: perEngine((engine) => {
        const compiler = setting(engine, 'compiler');
        const flags = setting(engine, 'compilerFlags');
        return compiler === null ? null : `${compiler}${flags === null ? ', flags unknown' : ` ${flags}`}`;
      }),
    },
    machine(
      'operating system',
      ['platform', 'kernel', 'distribution'],
      ({ platform, kernel, distribution }) =>
        `${distribution === null ? quote(platform) : quote(distribution)}, kernel ${quote(kernel)}`,
    ),
    machine(
      'Node.js and V8',
      ['nodeVersion', 'v8Version'],
      ({ nodeVersion, v8Version }) => `${quote(nodeVersion)}, V8 ${quote(v8Version)}`,
    ),
    {
      name: 'engines',
      pointers: ['/engines/*/name', '/engines/*/version'],
      say: perEngine(({ name, version }) => `${quote(name, 60)} ${quote(version, 60)}`),
    },
    {
      name: 'Redis settings that differ from defaults',
      pointers: ['/engines/*/configuration/comparedWith', '/engines/*/configuration/differs'],
      say: perEngine(({ configuration }) => {
        if (configuration === undefined) return null;
        const { differs, comparedWith } = configuration;
        if (differs === null) return null;
        const settings = Object.entries(differs).map(
          ([name, value]) => `${quote(name, 60)} ${quote(value, 120)}`,
        );
        return `from ${quote(comparedWith, 60)}: ${settings.length === 0 ? 'none' : settings.join(', ')}`;
      }),
    },
    {
      name: 'allocator and I/O threads of Redis',
      pointers: ['/engines/*/settings'],
      say: perEngine((engine) => {
        const allocator = setting(engine, 'mem_allocator');
        const threads = setting(engine, 'io-threads');
        return allocator === null && threads === null
          ? null
          : `${allocator ?? 'allocator unknown'}, io-threads ${threads ?? 'unknown'}`;
      }),
    },
    declaredPart('digest of the container', 'container'),
  ],
};
