/** The programs that a run needs. */
import { terminalSafe } from '../../support/escape.js';
import type { DoctorFacts, GpuState } from '../facts.js';
import { cannotTell, fine, problem, type Finding } from '../finding.js';

export function redis({ redis: found }: DoctorFacts): Finding {
  const card = {
    id: 'redis',
    title: 'Redis',
    why: 'Without redis-server there is nothing to compare with, unless a running server is given with --redis.',
  };
  if (found === null) {
    return problem(
      card,
      'redis-server is not on the PATH',
      'Debian or Ubuntu: sudo apt-get install redis-server',
    );
  }
  const where = terminalSafe(found.program, 200);
  return found.version === null
    ? cannotTell(card, `${where} does not tell its version`, `Try it: ${where} --version`)
    : fine(card, `${terminalSafe(found.version, 30)}, ${where}`);
}

export function defaultPort({ defaultPortTaken }: DoctorFacts): Finding {
  const card = {
    id: 'default-port',
    title: 'Another Redis',
    why: 'A run leaves a server that it did not start alone; but whoever uses that server uses this machine.',
  };
  if (defaultPortTaken === null) return cannotTell(card, '127.0.0.1:6379 cannot be tried', null);
  return defaultPortTaken
    ? cannotTell(
        card,
        'something listens at 127.0.0.1:6379; it was not asked how busy it is',
        'Stop it for the time of the run where nobody needs it: sudo systemctl stop redis-server',
      )
    : fine(card, 'nobody listens at 127.0.0.1:6379');
}

export function addon({ addon: found }: DoctorFacts): Finding {
  const card = {
    id: 'addon',
    title: 'Predis engine',
    why: 'Predis is the native addon; without it no contender of Predis can be measured.',
  };
  if ('absent' in found) return problem(card, terminalSafe(found.absent), 'npm run build:native');
  const reason = found.reason === null ? '' : `: ${terminalSafe(found.reason)}`;
  return fine(
    card,
    `the addon loads; --engine auto gives the ${terminalSafe(found.engine, 20)} engine${reason}`,
  );
}

/** Heat and power brakes among nvmlClocksEventReasons: hardware slowdown, both thermal slowdowns, power brake. */
const SLOWED_BITS = 0x08 | 0x20 | 0x40 | 0x80;
const MOST_UTILIZATION_PERCENT = 5;

export function gpu({ gpus }: DoctorFacts): Finding {
  const card = {
    id: 'gpu',
    title: 'GPU',
    why: 'A GPU that wakes up, shares its time or slows down gives numbers of that, not of the engine.',
  };
  if ('absent' in gpus) return fine(card, `none used: ${terminalSafe(gpus.absent)}`);
  const troubles = gpus.flatMap(troublesOf);
  const seen = gpus.map(describeGpu).join('; ');
  return troubles.length === 0
    ? fine(card, seen)
    : problem(
        card,
        `${seen}; ${troubles.map(({ seen: what }) => what).join(', ')}`,
        [...new Set(troubles.map(({ mend }) => mend))].join(' '),
      );
}

function describeGpu({ name, driverVersion, ecc, mig }: GpuState): string {
  const told = [
    driverVersion === null ? 'driver unknown' : `driver ${terminalSafe(driverVersion, 30)}`,
    ecc === null ? 'ECC unknown' : `ECC ${ecc ? 'on' : 'off'}`,
    ...(mig === true ? ['parted (MIG)'] : []),
  ];
  return `${terminalSafe(name, 60)} (${told.join(', ')})`;
}

function troublesOf(state: GpuState): { seen: string; mend: string }[] {
  const { persistence, otherPrograms, utilizationPercent, clockReasons } = state;
  const troubles: { seen: string; mend: string }[] = [];
  if (persistence === false) {
    troubles.push({ seen: 'persistence mode is off', mend: 'sudo nvidia-smi -pm 1.' });
  }
  if (otherPrograms !== null && otherPrograms.length > 0) {
    const names = otherPrograms.slice(0, 3).map((name) => terminalSafe(name, 60));
    troubles.push({ seen: `in use by ${names.join(', ')}`, mend: 'End the other programs on it.' });
  } else if ((utilizationPercent ?? 0) > MOST_UTILIZATION_PERCENT) {
    troubles.push({
      seen: `busy (${String(utilizationPercent)} %)`,
      mend: 'Find out who uses it: nvidia-smi.',
    });
  }
  if (clockReasons !== null && (clockReasons & SLOWED_BITS) !== 0) {
    troubles.push({
      seen: 'its clocks are held down by heat or power',
      mend: 'See nvidia-smi -q -d PERFORMANCE.',
    });
  }
  return troubles;
}

export function node({ nodeVersion, oldestNode }: DoctorFacts): Finding {
  const card = {
    id: 'node',
    title: 'Node.js',
    why: 'The driver is JavaScript: another version compiles it differently, and results of two versions are not compared.',
  };
  return isOlder(nodeVersion, oldestNode)
    ? problem(card, `${nodeVersion}, older than ${oldestNode}`, `Install Node.js ${oldestNode} or newer.`)
    : fine(card, nodeVersion);
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number));
  for (let part = 0; part < 3; part++) {
    const [here, there] = [a?.[part] ?? 0, b?.[part] ?? 0];
    if (here !== there) return here < there;
  }
  return false;
}

export function commit({ tool }: DoctorFacts): Finding {
  const card = {
    id: 'commit',
    title: 'Build of this tool',
    why: 'Numbers of a build that nobody else can make cannot be repeated.',
  };
  const version = `version ${tool.version}`;
  if (tool.commit === null) return cannotTell(card, `${version}, no checkout of its own: no commit`, null);
  const seen = `${version}, commit ${tool.commit.slice(0, 12)}`;
  return tool.dirty === true
    ? problem(card, `${seen} with uncommitted changes`, 'Commit or stash them, then build again.')
    : fine(card, seen);
}
