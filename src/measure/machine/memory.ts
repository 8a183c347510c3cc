import type { MachineProbe } from './probe.js';

/** null stands for what the kernel does not say. */
export interface MemoryFacts {
  /** What new work can have without swapping. */
  readonly availableBytes: number | null;
  readonly swapUsedBytes: number | null;
  /** Pages moved from and to swap since the machine started. */
  readonly swappedPages: number | null;
}

export function readMemory(probe: MachineProbe): MemoryFacts {
  const info = probe.file('/proc/meminfo') ?? '';
  const bytes = (name: string): number | null => {
    const kib = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(info)?.[1];
    return kib === undefined ? null : Number(kib) * 1024;
  };
  const [total, free] = [bytes('SwapTotal'), bytes('SwapFree')];
  const moved = [...(probe.file('/proc/vmstat') ?? '').matchAll(/^pswp(?:in|out) (\d+)$/gm)];
  return {
    availableBytes: bytes('MemAvailable'),
    swapUsedBytes: total === null || free === null ? null : total - free,
    swappedPages: moved.length === 0 ? null : moved.reduce((sum, [, pages]) => sum + Number(pages), 0),
  };
}
