/** What the kernel says about processors: clock policy, threads and cores, memory nodes, clock source. */
import { listMembers, numberIn, trimmed, type MachineProbe } from './probe.js';

/** null stands for what the machine does not say. */
export interface ProcessorFacts {
  /** Frequency governors of all processors, without repeats; null where the kernel has none to choose. */
  readonly governor: string | null;
  /** Whether clocks may rise above their nominal frequency. */
  readonly turbo: boolean | null;
  /** Whether two logical processors share one core now. */
  readonly smt: boolean | null;
  readonly physicalCores: number | null;
  readonly numaNodes: number | null;
  /** Logical processors that this process may run on; null where that is not said. */
  readonly allowedCpus: readonly number[] | null;
  /** NUMA nodes that those belong to. */
  readonly allowedNodes: number | null;
  /** What the kernel reads time from: 'tsc', 'kvm-clock', 'hpet', … */
  readonly clockSource: string | null;
  /** Bytes of the largest cache of processor 0. */
  readonly lastLevelCacheBytes: number | null;
  /** Mean of what processors run at now. */
  readonly frequencyMhz: number | null;
  /** Highest that processor 0 may run at. */
  readonly maxFrequencyMhz: number | null;
}

const CPUS = '/sys/devices/system/cpu';

export function readProcessor(probe: MachineProbe): ProcessorFacts {
  const cpus = listMembers(probe.file(`${CPUS}/online`));
  const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(probe.file('/proc/self/status') ?? '')?.[1] ?? null;
  const allowedCpus = allowed === null ? null : listMembers(allowed);
  const nodes = listMembers(probe.file('/sys/devices/system/node/online'));
  const maxKhz = numberIn(probe, `${CPUS}/cpu0/cpufreq/cpuinfo_max_freq`);
  return {
    governor: governorsOf(probe, cpus),
    turbo: turbo(probe),
    smt: smt(probe),
    physicalCores: physicalCores(probe, cpus),
    numaNodes: nodes.length === 0 ? null : nodes.length,
    allowedCpus,
    allowedNodes: allowedCpus === null || nodes.length === 0 ? null : nodesOf(probe, nodes, allowedCpus),
    clockSource: trimmed(probe.file('/sys/devices/system/clocksource/clocksource0/current_clocksource')),
    lastLevelCacheBytes: lastLevelCache(probe),
    frequencyMhz: readFrequencyMhz(probe),
    maxFrequencyMhz: maxKhz === null ? null : maxKhz / 1000,
  };
}

/** What processors run at now, their mean in MHz: cpufreq where the kernel has it, else what /proc/cpuinfo says. */
export function readFrequencyMhz(probe: MachineProbe): number | null {
  const driven = listMembers(probe.file(`${CPUS}/online`))
    .map((cpu) => numberIn(probe, `${CPUS}/cpu${String(cpu)}/cpufreq/scaling_cur_freq`))
    .filter((khz) => khz !== null)
    .map((khz) => khz / 1000);
  const told = [...(probe.file('/proc/cpuinfo') ?? '').matchAll(/^cpu MHz\s*:\s*([\d.]+)$/gm)].map(
    ([, mhz]) => Number(mhz),
  );
  const values = driven.length > 0 ? driven : told;
  return values.length === 0 ? null : values.reduce((sum, mhz) => sum + mhz, 0) / values.length;
}

function governorsOf(probe: MachineProbe, cpus: readonly number[]): string | null {
  const members = cpus.length === 0 ? [0] : cpus;
  const governors = members.flatMap((cpu) => {
    const governor = trimmed(probe.file(`${CPUS}/cpu${String(cpu)}/cpufreq/scaling_governor`));
    return governor === null ? [] : [governor];
  });
  return governors.length === 0 ? null : [...new Set(governors)].sort().join(', ');
}

function turbo(probe: MachineProbe): boolean | null {
  const refused = numberIn(probe, `${CPUS}/intel_pstate/no_turbo`);
  if (refused !== null) return refused === 0;
  const boost = numberIn(probe, `${CPUS}/cpufreq/boost`);
  return boost === null ? null : boost !== 0;
}

function smt(probe: MachineProbe): boolean | null {
  const active = numberIn(probe, `${CPUS}/smt/active`);
  return active === null ? null : active !== 0;
}

function physicalCores(probe: MachineProbe, cpus: readonly number[]): number | null {
  const siblings = cpus.flatMap((cpu) => {
    const path = `${CPUS}/cpu${String(cpu)}/topology`;
    const list = trimmed(probe.file(`${path}/core_cpus_list`) ?? probe.file(`${path}/thread_siblings_list`));
    return list === null ? [] : [list];
  });
  return siblings.length === 0 ? null : new Set(siblings).size;
}

function nodesOf(probe: MachineProbe, nodes: readonly number[], cpus: readonly number[]): number {
  return nodes.filter((node) => {
    const members = listMembers(probe.file(`/sys/devices/system/node/node${String(node)}/cpulist`));
    return members.some((cpu) => cpus.includes(cpu));
  }).length;
}

function lastLevelCache(probe: MachineProbe): number | null {
  const folder = `${CPUS}/cpu0/cache`;
  const sizes = (probe.folder(folder) ?? []).flatMap((name) => {
    const [, number, unit] = /^(\d+)([KM])$/.exec(trimmed(probe.file(`${folder}/${name}/size`)) ?? '') ?? [];
    if (number === undefined) return [];
    return [Number(number) * (unit === 'M' ? 2 ** 20 : 2 ** 10)];
  });
  return sizes.length === 0 ? null : Math.max(...sizes);
}
