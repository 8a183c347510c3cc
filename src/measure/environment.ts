import { createHash } from 'node:crypto';
import { cpus, loadavg, machine, platform, release, totalmem } from 'node:os';
import type { Environment } from '../results/schema.js';
import { clockFacts } from './clock.js';
import { describeHost } from './machine/host.js';
import { machineProbe, trimmed, type MachineProbe } from './machine/probe.js';

/**
 * What the result file says about the machine. Takes about 10 ms; nothing else should be running. No GPU is named here: the
 * engine that uses one does (`ResultWriter.setGpu`).
 */
export function describeEnvironment(probe: MachineProbe = machineProbe): Environment {
  const processors = cpus();
  const clock = clockFacts();
  const hardware = {
    cpuModel: trimmed(processors[0]?.model ?? null) ?? cpuModelFrom(probe) ?? 'unknown',
    logicalCpus: Math.max(1, processors.length),
    memoryBytes: totalmem(),
    architecture: machine(),
    platform: platform(),
    virtualisation: virtualisation(probe),
  };
  return {
    fingerprint: fingerprint(hardware),
    ...hardware,
    kernel: release(),
    distribution: distribution(probe),
    cpuGovernor: trimmed(probe.file('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor')),
    transparentHugePages: selected(probe.file('/sys/kernel/mm/transparent_hugepage/enabled')),
    gpu: null,
    nodeVersion: process.versions.node,
    v8Version: process.versions.v8,
    loadAverage1m: loadavg()[0] ?? 0,
    clockResolutionNs: clock.resolutionNs,
    clockOverheadNs: clock.overheadNs,
    host: describeHost(probe),
  };
}

type Hardware = Pick<
  Environment,
  'cpuModel' | 'logicalCpus' | 'memoryBytes' | 'architecture' | 'platform' | 'virtualisation'
>;

/**
 * First 16 hexadecimal digits of the SHA-256 of what stays when a machine is started again. Memory is rounded to GiB,
 * because kernels keep a varying part of it to themselves.
 */
export function fingerprint(hardware: Hardware): string {
  const {
    cpuModel,
    logicalCpus,
    memoryBytes,
    architecture,
    platform: system,
    virtualisation: host,
  } = hardware;
  const facts = [cpuModel, logicalCpus, Math.round(memoryBytes / 2 ** 30), architecture, system, host];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}

/** ARM kernels name no model in the places where Node.js looks; the device tree or the vendor's codes then serve. */
function cpuModelFrom(probe: MachineProbe): string | null {
  const info = probe.file('/proc/cpuinfo') ?? '';
  const named = /^(?:model name|Hardware|Model)\s*:\s*(.+)$/m.exec(info)?.[1];
  if (named !== undefined) return named.trim();
  const implementer = /^CPU implementer\s*:\s*(.+)$/m.exec(info)?.[1];
  const part = /^CPU part\s*:\s*(.+)$/m.exec(info)?.[1];
  return implementer === undefined || part === undefined ? null : `implementer ${implementer}, part ${part}`;
}

/** 'none' on bare metal, the hypervisor or container where one shows itself, null where nothing is said. */
export function virtualisation(probe: MachineProbe): string | null {
  const detected = trimmed(probe.program('systemd-detect-virt'));
  if (detected !== null) return detected;
  const product = trimmed(probe.file('/sys/class/dmi/id/product_name'));
  const vendor = trimmed(probe.file('/sys/class/dmi/id/sys_vendor'));
  const hypervisor = trimmed(probe.file('/sys/hypervisor/type'));
  if (hypervisor !== null) return hypervisor;
  const isGuest = /^flags\s*:.*\bhypervisor\b/m.test(probe.file('/proc/cpuinfo') ?? '');
  if (!isGuest) return null;
  return [vendor, product].filter((part) => part !== null).join(' ') || 'hypervisor';
}

function distribution(probe: MachineProbe): string | null {
  const release_ = probe.file('/etc/os-release') ?? probe.file('/usr/lib/os-release');
  const name = /^PRETTY_NAME=(?:"([^"]*)"|'([^']*)'|(\S+))$/m.exec(release_ ?? '');
  return trimmed(name?.[1] ?? name?.[2] ?? name?.[3] ?? null);
}

/** The chosen word of a kernel setting such as `always [madvise] never`. */
export function selected(setting: string | null): string | null {
  return /\[(\w+)\]/.exec(setting ?? '')?.[1] ?? null;
}
