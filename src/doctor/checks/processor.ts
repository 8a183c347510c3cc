/** How the processors are set. */
import { terminalSafe } from '../../support/escape.js';
import { formatDuration, formatPlural } from '../../support/format.js';
import type { DoctorFacts } from '../facts.js';
import { cannotTell, fine, problem, type Finding } from '../finding.js';

/** One for the thread that drives, one for the server that it drives. */
const NEEDED_CPUS = 2;
/** So that two busy threads find two whole cores, whatever the kernel puts beside them. */
const CORES_FOR_SMT = 4;
/** Clock sources that are read without leaving user mode. */
const FAST_CLOCKS = ['tsc', 'kvm-clock', 'arch_sys_counter', 'hyperv_clocksource_tsc_page'];
/** A request to an engine in this process takes some hundred nanoseconds. */
const MOST_CLOCK_NS = 200;

export function processors({ logicalCpus, usableCpus }: DoctorFacts): Finding {
  const card = {
    id: 'cpus',
    title: 'Processors',
    why: 'Driver and server run at the same time; with fewer processors than that each waits for the other.',
  };
  const seen = `${String(usableCpus)} of ${formatPlural(logicalCpus, 'logical CPU')} to use, ${String(NEEDED_CPUS)} needed by a run with one worker`;
  return usableCpus < NEEDED_CPUS
    ? problem(card, seen, 'Grant more processors (taskset, cpuset, size of the guest).')
    : fine(card, `${seen}; --workers, I/O threads and the cluster want one more each`);
}

export function governor({ processor }: DoctorFacts): Finding {
  const card = {
    id: 'governor',
    title: 'Frequency governor',
    why: 'A governor that follows the load runs a short trial at another clock than a long one.',
  };
  const found = processor.governor;
  if (found === null) return cannotTell(card, 'the kernel has none to choose here', null);
  return found === 'performance'
    ? fine(card, found)
    : problem(card, terminalSafe(found, 60), 'sudo cpupower frequency-set -g performance');
}

export function turbo({ processor }: DoctorFacts): Finding {
  const card = {
    id: 'turbo',
    title: 'Turbo',
    why: 'Clocks above nominal last as long as heat and neighbours allow: early trials are faster than late ones.',
  };
  if (processor.turbo === null) return cannotTell(card, 'the kernel does not say', null);
  return processor.turbo
    ? problem(
        card,
        'on',
        'echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo (Intel), or echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost',
      )
    : fine(card, 'off');
}

export function smt({ processor }: DoctorFacts): Finding {
  const card = {
    id: 'smt',
    title: 'Threads a core (SMT)',
    why: 'Two threads on one core each get about half of it: where the kernel puts driver and server then decides the result.',
  };
  if (processor.smt === null) return cannotTell(card, 'the kernel does not say', null);
  if (!processor.smt) return fine(card, 'off, or none');
  const cores = processor.physicalCores;
  if (cores === null) return cannotTell(card, 'on; the number of cores is not told', null);
  const seen = `on, ${formatPlural(cores, 'core')}`;
  return cores >= CORES_FOR_SMT
    ? fine(card, `${seen}: enough for driver and server to have one each`)
    : problem(card, seen, 'echo off | sudo tee /sys/devices/system/cpu/smt/control');
}

export function numa({ processor }: DoctorFacts): Finding {
  const card = {
    id: 'numa',
    title: 'Memory nodes (NUMA)',
    why: "Memory of another node is slower to reach, and which node an engine's data lies on changes from start to start.",
  };
  const { numaNodes, allowedNodes } = processor;
  if (numaNodes === null) return cannotTell(card, 'the kernel does not say', null);
  if (numaNodes === 1) return fine(card, '1');
  const seen = `${String(numaNodes)}, of which this process may use ${allowedNodes === null ? 'an unknown number' : String(allowedNodes)}`;
  return allowedNodes === 1
    ? fine(card, seen)
    : problem(card, seen, 'numactl --cpunodebind=0 --membind=0 predis-bench run …');
}

export function timer({ clock, processor }: DoctorFacts): Finding {
  const card = {
    id: 'timer',
    title: 'Clock',
    why: 'Each request costs two readings of the clock, and nothing shorter than its step can be told apart.',
  };
  const source = processor.clockSource;
  const seen =
    `resolution ${formatDuration(clock.resolutionNs)}, one reading costs ${formatDuration(clock.overheadNs)}` +
    (source === null ? '' : `, source ${terminalSafe(source, 30)}`);
  const slowSource = source !== null && !FAST_CLOCKS.includes(source);
  if (clock.overheadNs > MOST_CLOCK_NS || clock.resolutionNs > 1000 || slowSource) {
    return problem(
      card,
      seen,
      'echo tsc | sudo tee /sys/devices/system/clocksource/clocksource0/current_clocksource, where it is among available_clocksource',
    );
  }
  return fine(card, seen);
}
