/** Memory, and the limits of the kernel that servers meet. */
import { terminalSafe } from '../../support/escape.js';
import { formatBytes, formatCount, formatPlural } from '../../support/format.js';
import type { DoctorFacts } from '../facts.js';
import { cannotTell, fine, problem, type Finding } from '../finding.js';

/** The largest workload as it comes holds about 200 MiB in each engine, and every worker the stream beside it. */
const NEEDED_BYTES = 2 * 2 ** 30;
/** Less than this lies in swap on any machine that was up for a while. */
const MOST_SWAP_BYTES = 100 * 2 ** 20;
/** Redis asks for a queue of so many connections (tcp-backlog). */
const NEEDED_SOMAXCONN = 511;
/** Redis keeps 32 for itself, and up to 1,024 connections a worker can be asked for. */
const NEEDED_FILES = 4096;
const NEEDED_DISK_BYTES = 2 ** 30;

export function hugePages({ transparentHugePages }: DoctorFacts): Finding {
  const card = {
    id: 'huge-pages',
    title: 'Transparent huge pages',
    why: 'With "always" the kernel joins pages behind the back of programs; Redis refuses them for itself, an engine in this process does not: the two sides run on unlike memory.',
  };
  if (transparentHugePages === null) return cannotTell(card, 'the kernel does not say', null);
  return transparentHugePages === 'always'
    ? problem(card, 'always', 'echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled')
    : fine(card, terminalSafe(transparentHugePages, 30));
}

export function memory({ memory: facts }: DoctorFacts): Finding {
  const card = {
    id: 'memory',
    title: 'Free memory',
    why: 'An engine whose memory is taken away, or lies in swap, is measured at the speed of the disk.',
  };
  if (facts.availableBytes === null) return cannotTell(card, '/proc/meminfo is not readable', null);
  const seen = `${formatBytes(facts.availableBytes)} to use`;
  return facts.availableBytes < NEEDED_BYTES
    ? problem(
        card,
        `${seen}, ${formatBytes(NEEDED_BYTES)} wanted`,
        'End other programs, or measure smaller workloads (--set keys=…).',
      )
    : fine(card, seen);
}

export function swap({ memory: facts, load }: DoctorFacts): Finding {
  const card = {
    id: 'swap',
    title: 'Swap',
    why: 'A page that has to come back from the disk takes a thousand times as long as the request that needs it.',
  };
  if (facts.swapUsedBytes === null) return cannotTell(card, '/proc/meminfo is not readable', null);
  const moved = load.swappedPages ?? 0;
  const seen = `${formatBytes(facts.swapUsedBytes)} in use, ${formatPlural(moved, 'page')} moved while looking`;
  return facts.swapUsedBytes > MOST_SWAP_BYTES || moved > 0
    ? problem(card, seen, 'End what needs the memory, then: sudo swapoff -a && sudo swapon -a')
    : fine(card, seen);
}

export function overcommit({ overcommitMemory: mode }: DoctorFacts): Finding {
  const card = {
    id: 'overcommit',
    title: 'Memory overcommit',
    why: 'With strict accounting (2) large reservations of engines are refused. Redis warns of 0, for background saving alone, which private servers here do not do.',
  };
  if (mode === null) return cannotTell(card, 'vm.overcommit_memory is not readable', null);
  return mode === 2
    ? problem(card, 'vm.overcommit_memory is 2', 'sudo sysctl vm.overcommit_memory=1')
    : fine(card, `vm.overcommit_memory is ${String(mode)}`);
}

export function sockets({ somaxconn }: DoctorFacts): Finding {
  const card = {
    id: 'somaxconn',
    title: 'Queue of connections',
    why: 'Clients that connect together beyond the queue wait a second or more for their second attempt.',
  };
  if (somaxconn === null) return cannotTell(card, 'net.core.somaxconn is not readable', null);
  const seen = `net.core.somaxconn is ${formatCount(somaxconn)}`;
  return somaxconn < NEEDED_SOMAXCONN
    ? problem(card, seen, 'sudo sysctl net.core.somaxconn=4096')
    : fine(card, seen);
}

export function openFiles({ openFiles: limit }: DoctorFacts): Finding {
  const card = {
    id: 'open-files',
    title: 'Open files',
    why: 'Every connection is an open file, on both sides: with too few, many clients cannot be measured.',
  };
  if (limit === null) return cannotTell(card, '/proc/self/limits is not readable', null);
  const seen = limit === Infinity ? 'no limit' : `${formatCount(limit)} allowed`;
  return limit < NEEDED_FILES ? problem(card, seen, 'ulimit -n 65536') : fine(card, seen);
}

export function disk({ disk: room }: DoctorFacts): Finding {
  const card = {
    id: 'disk',
    title: 'Room for results',
    why: 'The result file is written after every trial; a full disk ends the run.',
  };
  const folder = terminalSafe(room.folder, 200);
  if (room.freeBytes === null) return cannotTell(card, `${folder} does not say`, null);
  const seen = `${formatBytes(room.freeBytes)} free at ${folder}`;
  return room.freeBytes < NEEDED_DISK_BYTES
    ? problem(card, seen, 'Free some, or choose another place with --output.')
    : fine(card, seen);
}
