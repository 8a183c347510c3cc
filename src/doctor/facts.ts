/** What the doctor looks at: facts alone, without judgement. null stands for what the machine does not say. */
import type { CpuQuota } from '../measure/machine/cpu-time.js';
import type { SchedulingGaps } from '../measure/machine/jitter.js';
import type { MemoryFacts } from '../measure/machine/memory.js';
import type { ProcessorFacts } from '../measure/machine/processor.js';

/** A process and how many processors' worth of time it took while it was watched. */
export interface BusyProcess {
  readonly pid: number;
  readonly name: string;
  readonly cpus: number;
}

/** What ran on the machine while the doctor waited and did nothing. */
export interface LoadFacts {
  readonly watchedMs: number;
  /** Processors' worth of time that was not ours; null where /proc/stat is not there. */
  readonly othersCpus: number | null;
  /** Share of all processor time that a hypervisor took. */
  readonly stealShare: number | null;
  readonly loadAverage1m: number;
  /** The busiest first. */
  readonly busiest: readonly BusyProcess[];
  /** Periods in which our control group was held back meanwhile. */
  readonly throttledPeriods: number | null;
  readonly swappedPages: number | null;
}

export interface GpuState {
  readonly name: string;
  readonly driverVersion: string | null;
  readonly persistence: boolean | null;
  readonly ecc: boolean | null;
  readonly mig: boolean | null;
  readonly utilizationPercent: number | null;
  /** Bits of nvmlClocksEventReasons; null where the driver does not tell. */
  readonly clockReasons: number | null;
  /** Other programs that compute on a GPU; null where the driver does not tell. */
  readonly otherPrograms: readonly string[] | null;
}

export interface DoctorFacts {
  readonly processor: ProcessorFacts;
  readonly logicalCpus: number;
  /** That this process may use, affinity and quota included, as Node.js counts them. */
  readonly usableCpus: number;
  readonly virtualisation: string | null;
  readonly transparentHugePages: string | null;
  readonly load: LoadFacts;
  readonly quota: CpuQuota | null;
  readonly memory: MemoryFacts;
  readonly clock: { readonly resolutionNs: number; readonly overheadNs: number };
  readonly scheduling: SchedulingGaps;
  /** Path and version of redis-server; null where none is found. */
  readonly redis: { readonly program: string; readonly version: string | null } | null;
  /** Whether somebody listens where Redis does by default. */
  readonly defaultPortTaken: boolean | null;
  readonly overcommitMemory: number | null;
  readonly somaxconn: number | null;
  /** Soft limit of open files of this process; Infinity where there is none. */
  readonly openFiles: number | null;
  readonly disk: { readonly folder: string; readonly freeBytes: number | null };
  /** The engine that --engine auto gives here, or why the addon does not load. */
  readonly addon: { readonly engine: string; readonly reason: string | null } | { readonly absent: string };
  /** Or why none is seen. */
  readonly gpus: readonly GpuState[] | { readonly absent: string };
  readonly nodeVersion: string;
  /** Oldest that package.json takes. */
  readonly oldestNode: string;
  readonly tool: { readonly version: string; readonly commit: string | null; readonly dirty: boolean | null };
}
