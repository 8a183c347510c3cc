/** Who else uses the processors. */
import { terminalSafe } from '../../support/escape.js';
import { formatDuration, formatPercent, formatPlural } from '../../support/format.js';
import type { DoctorFacts } from '../facts.js';
import { cannotTell, fine, problem, type Finding } from '../finding.js';

/** A quarter of one processor: housekeeping stays below, a program at work does not. */
const MOST_OTHERS_CPUS = 0.25;
/** Of all processor time; a guest with processors of its own has next to none. */
const MOST_STEAL = 0.01;
/** A thread that lost so much of its time while it did nothing but read the clock has no quiet processor. */
const MOST_LOST = 0.02;
/** Longer than any request that is measured, but for the slowest in a thousand. */
const LARGEST_GAP_MS = 5;

const cpus = (count: number): string => String(Math.round(count * 100) / 100);

export function otherLoad({ load, logicalCpus }: DoctorFacts): Finding {
  const card = {
    id: 'other-load',
    title: 'Other load',
    why: 'Whatever else runs takes processor time and caches from the engines, from some trials more than from others.',
  };
  const average = `load average ${cpus(load.loadAverage1m)}`;
  if (load.othersCpus === null) {
    return cannotTell(card, `/proc/stat is not readable; ${average}`, 'Look with: top');
  }
  const seen = `others took ${cpus(load.othersCpus)} of ${formatPlural(logicalCpus, 'CPU')} over ${formatDuration(load.watchedMs * 1e6)}; ${average}`;
  if (load.othersCpus <= MOST_OTHERS_CPUS) return fine(card, seen);
  const names = load.busiest
    .map(({ name, pid, cpus: took }) => `${terminalSafe(name, 40)} (${String(pid)}, ${cpus(took)} CPUs)`)
    .join(', ');
  return problem(
    card,
    names === '' ? seen : `${seen}; the busiest: ${names}`,
    names === '' ? 'Find it with top, and end it or wait for it.' : 'End it, or wait for it.',
  );
}

export function steal({ load, virtualisation }: DoctorFacts): Finding {
  const card = {
    id: 'steal',
    title: 'Stolen time',
    why: 'A hypervisor that gives the processors to other guests stops every thread here, in the middle of a request too.',
  };
  if (load.stealShare === null) return cannotTell(card, '/proc/stat is not readable', null);
  const seen = `${formatPercent(load.stealShare)} of all processor time went to the hypervisor`;
  if (load.stealShare > MOST_STEAL) {
    return problem(card, seen, 'Use a machine, or a kind of guest, with processors of its own.');
  }
  return virtualisation === null || virtualisation === 'none' ? fine(card, seen) : fine(card, `${seen}, now`);
}

export function virtualisation({ virtualisation: host }: DoctorFacts): Finding {
  const card = {
    id: 'virtualisation',
    title: 'Virtualisation',
    why: 'Neighbours on the same host share caches, memory and heat with this guest, and nothing in it can see them.',
  };
  if (host === null) return cannotTell(card, 'the machine does not say', null);
  if (host === 'none') return fine(card, 'none');
  return cannotTell(
    card,
    `${terminalSafe(host, 60)}: what other guests do cannot be seen from here`,
    'Repeat the run at other hours, or on a machine of your own, before you quote absolute numbers.',
  );
}

export function quota({ quota: group, load, usableCpus }: DoctorFacts): Finding {
  const card = {
    id: 'cpu-quota',
    title: 'CPU quota',
    why: 'A control group that has used its quota up is stopped for the rest of its period, tens of milliseconds: p99 shows the quota.',
  };
  if (group === null) return cannotTell(card, 'no control group is to be seen', null);
  const struck = load.throttledPeriods ?? 0;
  const before =
    (group.throttledPeriods ?? 0) === 0
      ? ''
      : `; held back in ${formatPlural(group.throttledPeriods ?? 0, 'period')} since it was made`;
  if (struck > 0) {
    return problem(
      card,
      `held back in ${formatPlural(struck, 'period')} just now${before}`,
      'Lift it: docker run without --cpus, or systemctl set-property <unit> CPUQuota=.',
    );
  }
  if (group.limitCpus === null) return fine(card, `none${before}`);
  return problem(
    card,
    `${cpus(group.limitCpus)} CPUs' worth, ${formatPlural(usableCpus, 'CPU')} to use${before}`,
    'Lift it and pin instead: docker run --cpuset-cpus, or AllowedCPUs= in the unit.',
  );
}

export function scheduling({ scheduling: seen }: DoctorFacts): Finding {
  const card = {
    id: 'scheduling',
    title: 'Scheduling',
    why: 'A driver that is not running when an answer comes books its own absence as the latency of the engine.',
  };
  const share = seen.lostMs / seen.watchedMs;
  const text =
    `a thread that read the clock for ${formatDuration(seen.watchedMs * 1e6)} lost ${formatPercent(share)} of it ` +
    `in ${formatPlural(seen.gaps, 'gap')}, the largest ${formatDuration(seen.largestMs * 1e6)}`;
  return share > MOST_LOST || seen.largestMs > LARGEST_GAP_MS
    ? problem(card, text, 'Make the machine quiet (see other load and stolen time above), then ask again.')
    : fine(card, text);
}
