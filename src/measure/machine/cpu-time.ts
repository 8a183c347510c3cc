/** Processor time as the kernel counts it: of the whole machine and of single processes. */
import { numberIn, trimmed, type MachineProbe } from './probe.js';

/** The kernel counts in hundredths of a second, whatever its own clock does (USER_HZ, proc(5)). */
export const TICK_MS = 10;

/** Of all processors together since the machine started, milliseconds. */
export interface MachineTime {
  /** Neither idle nor waiting for a disk; what a hypervisor took is not in it. */
  readonly busyMs: number;
  /** Taken by the hypervisor while there was work to do. */
  readonly stealMs: number;
  readonly cpus: number;
}

/** null where /proc/stat is not there. */
export function readMachineTime(probe: MachineProbe): MachineTime | null {
  const text = probe.file('/proc/stat') ?? '';
  const line = /^cpu +([\d ]+)$/m.exec(text)?.[1];
  if (line === undefined) return null;
  // guest time is in user time already (proc(5)), so it is not counted again
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(' ').map(Number);
  return {
    busyMs: (user + nice + system + irq + softirq) * TICK_MS,
    stealMs: steal * TICK_MS,
    cpus: [...text.matchAll(/^cpu\d+ /gm)].length,
  };
}

/** A process's name and its processor time, ended children not included, milliseconds. */
export interface ProcessTime {
  readonly name: string;
  readonly cpuMs: number;
}

/** null where there is no such process. */
export function readProcessTime(probe: MachineProbe, pid: number): ProcessTime | null {
  const stat = probe.file(`/proc/${String(pid)}/stat`);
  // the name stands in parentheses and may hold any of them, so what counts is the last one (proc(5))
  const end = stat?.lastIndexOf(')') ?? -1;
  if (stat === null || end === -1) return null;
  const fields = stat.slice(end + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  if (!Number.isFinite(user) || !Number.isFinite(system)) return null;
  return { name: stat.slice(stat.indexOf('(') + 1, end), cpuMs: (user + system) * TICK_MS };
}

/** Every process that may be seen, by its number. */
export function readAllProcessTimes(probe: MachineProbe): ReadonlyMap<number, ProcessTime> {
  const times = new Map<number, ProcessTime>();
  for (const name of probe.folder('/proc') ?? []) {
    if (!/^\d+$/.test(name)) continue;
    const time = readProcessTime(probe, Number(name));
    if (time !== null) times.set(Number(name), time);
  }
  return times;
}

/** The limit that a control group (cgroup v2 or v1) sets to processor time, and how often it struck. */
export interface CpuQuota {
  /** Processors' worth; null: no limit. */
  readonly limitCpus: number | null;
  /** Periods in which the group was held back, since it was made; null where it is not counted. */
  readonly throttledPeriods: number | null;
}

/** null where no control group is to be seen. */
export function readCpuQuota(probe: MachineProbe): CpuQuota | null {
  const groups = probe.file('/proc/self/cgroup') ?? '';
  const unified = /^0::(\S+)$/m.exec(groups)?.[1];
  const legacy = /^\d+:(?:[\w,=]*,)?cpu(?:,[\w,=]*)?:(\S+)$/m.exec(groups)?.[1];
  const folders = [
    ...(unified === undefined ? [] : [joined('/sys/fs/cgroup', unified), '/sys/fs/cgroup']),
    ...(legacy === undefined ? [] : [joined('/sys/fs/cgroup/cpu', legacy)]),
    '/sys/fs/cgroup/cpu',
  ];
  // inside of a container the group's own path is often the root of what is mounted
  for (const folder of folders) {
    const found = quotaOf(probe, folder);
    if (found !== null) return found;
  }
  return null;
}

const joined = (root: string, path: string): string => (path === '/' ? root : root + path);

function quotaOf(probe: MachineProbe, folder: string): CpuQuota | null {
  const stat = probe.file(`${folder}/cpu.stat`);
  const throttled = /^nr_throttled (\d+)$/m.exec(stat ?? '')?.[1];
  const throttledPeriods = throttled === undefined ? null : Number(throttled);
  const max = trimmed(probe.file(`${folder}/cpu.max`));
  if (max !== null) {
    const [quota, period] = max.split(' ').map(Number);
    const limited = Number.isFinite(quota) && quota !== undefined && period !== undefined && period > 0;
    return { limitCpus: limited ? quota / period : null, throttledPeriods };
  }
  const quota = numberIn(probe, `${folder}/cpu.cfs_quota_us`);
  const period = numberIn(probe, `${folder}/cpu.cfs_period_us`);
  if (quota === null || period === null) return null;
  return { limitCpus: quota > 0 && period > 0 ? quota / period : null, throttledPeriods };
}
