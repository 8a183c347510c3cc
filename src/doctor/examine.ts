/** All checks of the doctor, in the order in which they are shown. Pure: the same facts give the same findings. */
import * as load from './checks/load.js';
import * as memory from './checks/memory.js';
import * as processor from './checks/processor.js';
import * as programs from './checks/programs.js';
import type { DoctorFacts } from './facts.js';
import type { Finding } from './finding.js';

const checks: readonly ((facts: DoctorFacts) => Finding)[] = [
  ...[load.otherLoad, load.steal, load.scheduling, load.quota, load.virtualisation],
  ...[processor.processors, processor.governor, processor.turbo, processor.smt, processor.numa],
  processor.timer,
  ...[memory.memory, memory.swap, memory.hugePages, memory.overcommit],
  ...[memory.sockets, memory.openFiles, memory.disk],
  ...[programs.redis, programs.defaultPort, programs.addon, programs.gpu, programs.node, programs.commit],
];

export function examine(facts: DoctorFacts): readonly Finding[] {
  return checks.map((check) => check(facts));
}
