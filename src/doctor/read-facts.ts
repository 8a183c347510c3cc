import { statfsSync } from 'node:fs';
import { connect } from 'node:net';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { findOnPath } from '../engines/redis/managed-server.js';
import { clockFacts, monotonicClock, type Clock } from '../measure/clock.js';
import { selected, virtualisation } from '../measure/environment.js';
import {
  readAllProcessTimes,
  readCpuQuota,
  readMachineTime,
  type MachineTime,
  type ProcessTime,
} from '../measure/machine/cpu-time.js';
import { watchScheduling } from '../measure/machine/jitter.js';
import { readMemory } from '../measure/machine/memory.js';
import { machineProbe, numberIn, type MachineProbe } from '../measure/machine/probe.js';
import { readProcessor } from '../measure/machine/processor.js';
import { toolProvenance } from '../measure/provenance.js';
import { PredisClient } from '../predis/index.js';
import { oldestNode } from '../support/package-root.js';
import type { BusyProcess, DoctorFacts, LoadFacts } from './facts.js';
import { readGpus } from './gpus.js';

/** How the doctor asks; handed in by tests. */
export interface DoctorSenses {
  readonly probe: MachineProbe;
  readonly clock: Clock;
  /** Waits and does nothing. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Processor time of this process so far, milliseconds. */
  readonly ownCpuMs: () => number;
  readonly loadAverage1m: () => number;
  /** Whether somebody answers at a TCP port of this machine; null where that cannot be tried. */
  readonly answers: (port: number) => Promise<boolean | null>;
  readonly findProgram: (name: string) => string | null;
  readonly freeBytes: (folder: string) => number | null;
  readonly addon: () => DoctorFacts['addon'];
}

export const machineSenses: DoctorSenses = {
  probe: machineProbe,
  clock: monotonicClock,
  wait: (milliseconds) => delay(milliseconds),
  ownCpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  loadAverage1m: () => loadavg()[0] ?? 0,
  answers,
  findProgram: findOnPath,
  freeBytes: (folder) => {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    } catch {
      return null;
    }
  },
  addon: tryAddon,
};

/** Long enough for a hundred ticks of the kernel's clock, short enough to wait for. */
const WATCH_MS = 1000;
const SCHEDULING_MS = 200;
const BUSIEST_SHOWN = 3;
const DEFAULT_REDIS_PORT = 6379;

/** Looks at this machine; takes about one and a half seconds, most of which it waits. */
export async function readDoctorFacts(
  folder: string,
  senses: DoctorSenses = machineSenses,
): Promise<DoctorFacts> {
  const { probe, clock } = senses;
  const load = await watchLoad(senses); // first: what follows makes load of its own
  const program = senses.findProgram('redis-server');
  return {
    load,
    processor: readProcessor(probe),
    logicalCpus: Math.max(1, cpus().length),
    usableCpus: availableParallelism(),
    virtualisation: virtualisation(probe),
    transparentHugePages: selected(probe.file('/sys/kernel/mm/transparent_hugepage/enabled')),
    quota: readCpuQuota(probe),
    memory: readMemory(probe),
    clock: clockFacts(clock),
    scheduling: watchScheduling(clock, SCHEDULING_MS),
    redis: program === null ? null : { program, version: redisVersion(probe, program) },
    defaultPortTaken: await senses.answers(DEFAULT_REDIS_PORT),
    overcommitMemory: numberIn(probe, '/proc/sys/vm/overcommit_memory'),
    somaxconn: numberIn(probe, '/proc/sys/net/core/somaxconn'),
    openFiles: openFilesLimit(probe),
    disk: { folder, freeBytes: senses.freeBytes(folder) },
    addon: senses.addon(),
    gpus: readGpus(probe),
    nodeVersion: process.versions.node,
    oldestNode: oldestNode(),
    tool: toolProvenance(),
  };
}

interface Moment {
  readonly atMs: number;
  readonly machine: MachineTime | null;
  readonly ownMs: number;
  readonly processes: ReadonlyMap<number, ProcessTime>;
  readonly throttledPeriods: number | null;
  readonly swappedPages: number | null;
}

async function watchLoad(senses: DoctorSenses): Promise<LoadFacts> {
  const { probe } = senses;
  const look = (): Moment => ({
    processes: readAllProcessTimes(probe),
    throttledPeriods: readCpuQuota(probe)?.throttledPeriods ?? null,
    swappedPages: readMemory(probe).swappedPages,
    ownMs: senses.ownCpuMs(),
    machine: readMachineTime(probe),
    atMs: senses.clock(),
  });
  const before = look();
  await senses.wait(WATCH_MS);
  const after = look();
  const watchedMs = Math.max(1, after.atMs - before.atMs);
  const [from, to] = [before.machine, after.machine];
  const since = (name: 'throttledPeriods' | 'swappedPages'): number | null => {
    const [old, now] = [before[name], after[name]];
    return old === null || now === null ? null : Math.max(0, now - old);
  };
  return {
    watchedMs,
    othersCpus:
      from === null || to === null
        ? null
        : Math.max(0, to.busyMs - from.busyMs - (after.ownMs - before.ownMs)) / watchedMs,
    stealShare:
      from === null || to === null || to.cpus === 0
        ? null
        : Math.max(0, to.stealMs - from.stealMs) / (watchedMs * to.cpus),
    loadAverage1m: senses.loadAverage1m(),
    busiest: busiest(before.processes, after.processes, watchedMs),
    throttledPeriods: since('throttledPeriods'),
    swappedPages: since('swappedPages'),
  };
}

function busiest(
  before: ReadonlyMap<number, ProcessTime>,
  after: ReadonlyMap<number, ProcessTime>,
  watchedMs: number,
): BusyProcess[] {
  return [...after]
    .filter(([pid]) => pid !== process.pid)
    .map(([pid, { name, cpuMs }]) => ({
      pid,
      name,
      cpus: (cpuMs - (before.get(pid)?.cpuMs ?? 0)) / watchedMs,
    }))
    .filter(({ cpus: took }) => took >= 0.01)
    .sort((a, b) => b.cpus - a.cpus)
    .slice(0, BUSIEST_SHOWN);
}

function redisVersion(probe: MachineProbe, program: string): string | null {
  return /\bv=(\S+)/.exec(probe.program(program, '--version') ?? '')?.[1] ?? null;
}

function openFilesLimit(probe: MachineProbe): number | null {
  const soft = /^Max open files\s+(\S+)/m.exec(probe.file('/proc/self/limits') ?? '')?.[1];
  if (soft === undefined) return null;
  return soft === 'unlimited' ? Infinity : Number(soft);
}

/** A connection that is opened and closed at once, without a word: nobody's server is asked anything. */
function answers(port: number): Promise<boolean | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answer: boolean | null): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => {
      end(null);
    });
    socket.once('connect', () => {
      end(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ECONNREFUSED' ? false : null);
    });
  });
}

function tryAddon(): DoctorFacts['addon'] {
  const client = new PredisClient({ engine: 'auto' });
  try {
    client.connectSync();
    const { engine, engineReason } = client.infoSync();
    return { engine: engine === 'cpu' ? 'CPU' : engine.toUpperCase(), reason: engineReason };
  } catch (error) {
    return { absent: error instanceof Error ? error.message : String(error) };
  } finally {
    client.disconnectSync();
  }
}
