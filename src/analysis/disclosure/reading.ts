/** What a reader may make of it: items 13 to 20. */
import { SCHEMA_VERSION } from '../../results/schema.js';
import type { ResultFile } from '../../results/schema.js';
import { formatCount, formatDuration, formatPlural } from '../../support/format.js';
import { median } from '../../stats/index.js';
import {
  declaredPart,
  perEngine,
  perFile,
  quote,
  unique,
  type DisclosureContext,
  type DisclosureItem,
} from './part.js';

export const unfavourable: DisclosureItem = {
  topic: 'Unfavourable results',
  parts: [
    {
      name: 'losses',
      pointers: ['/plan/comparisons'],
      say: ({ facts }) => [
        `every declared comparison is shown; Redis won ${formatCount(facts.statistics.againstRedis.verdicts['baseline-better'])} of ${formatCount(facts.statistics.againstRedis.comparisons)}; "Where Redis wins" cannot be switched off`,
      ],
    },
    {
      name: 'many clients',
      pointers: ['/plan/cases/*/clients'],
      say: ({ facts }) => (facts.ramps.length > 0 ? ['under "More clients"'] : []),
    },
    {
      name: 'small values, single keys',
      pointers: ['/plan/cases/*/stream/meanValueBytes', '/plan/cases/*/stream/requests'],
      say: ({ facts }: DisclosureContext): readonly string[] => {
        const single = facts.cases.filter(({ stream }) => stream.requests === stream.operations);
        return single.length === 0 ? [] : [unique(single.map(({ id }) => quote(id, 40))).join(', ')];
      },
    },
    { name: 'cold caches', pointers: ['/plan/warmupMs'], say: () => [] },
    { name: 'data larger than memory', pointers: ['/plan/contenders/*/settings'], say: () => [] },
  ],
};

export const absolutes: DisclosureItem = {
  topic: 'Absolute numbers',
  parts: [
    {
      name: 'numbers beside ratios',
      pointers: ['/trials/*/measurements/throughputPerSecond', '/trials/*/measurements/latency/all/p95Ns'],
      say: () => [
        'in each workload, with interval and n; no geometric mean; axes from zero, or marked as logarithmic',
      ],
    },
  ],
};

export const cost: DisclosureItem = {
  topic: 'Cost and energy',
  parts: [
    {
      name: 'memory of the data',
      pointers: ['/trials/*/measurements/memoryBytes'],
      say: () => ['in each workload, index and allocator included'],
    },
    {
      name: 'watts of the GPU',
      pointers: ['/trials/*/measurements/gpu/readings/powerWatts', '/environment/gpu'],
      say: ({ facts }: DisclosureContext): readonly string[] => {
        if (facts.environment.gpu === null) return ['no GPU was used'];
        const told = facts.cases.some(({ contenders }) =>
          contenders.some(({ gpu }) => gpu !== null && gpu.ranges.powerWatts !== null),
        );
        return told ? ['measured during the trials, under "GPU"'] : [];
      },
    },
    declaredPart('watts of the machine', 'power'),
    declaredPart('price, with its date', 'price'),
  ],
};

export const status: DisclosureItem = {
  topic: 'Status',
  parts: [
    {
      name: 'label',
      pointers: ['/disclosure/status'],
      say: ({ facts, results }) => [
        unique(results.map(({ disclosure }) => quote(disclosure?.status ?? facts.label))).join(', ') +
          ', on every page; nothing here was simulated or estimated',
      ],
    },
  ],
};

export const reproduction: DisclosureItem = {
  topic: 'Reproduction',
  parts: [
    {
      name: 'one command',
      pointers: ['/command', '/plan/seed'],
      say: perFile(({ command }) => quote(command.join(' '), 500)),
    },
    {
      name: 'expected wall time',
      pointers: ['/trials/*/startedAt', '/plan/cases/*/blocks'],
      say: perFile(expectedWallTime),
    },
    {
      name: 'tolerance',
      pointers: ['/plan/confidence'],
      say: () => [
        'the intervals: another run on this machine should fall into them as often as their confidence says',
      ],
    },
    {
      name: 'raw data',
      pointers: ['/trials', '/trials/*/measurements/latency/all/histogram', '/plan/cases/*/stream/sha256'],
      say: ({ facts }) => [
        `result files ${facts.sources.map(({ fileName }) => quote(fileName, 80)).join(', ')}: every trial and histogram; streams are made again from the seed and must have their SHA-256`,
      ],
    },
    declaredPart('signed bundle', 'bundle'),
    declaredPart('last independent reproduction', 'reproducedBy'),
  ],
};

/** From one trial to the next, so that a pause before --resume does not count. */
function expectedWallTime({ plan, trials }: ResultFile): string | null {
  const starts = trials.map(({ startedAt }) => Date.parse(startedAt));
  const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? at));
  if (gaps.length === 0) return null;
  const planned = plan.cases.reduce((sum, { blocks }) => sum + blocks.flat().length, 0);
  const eachMs = Math.max(0, median(gaps));
  return `about ${formatDuration(planned * eachMs * 1e6)} for ${formatPlural(planned, 'trial')}, as the time from trial to trial was here`;
}

export const interest: DisclosureItem = {
  topic: 'Conflict of interest',
  parts: [
    {
      name: 'statement',
      pointers: ['/disclosure/conflictOfInterest'],
      say: perFile(({ disclosure }) =>
        disclosure === undefined ? null : quote(disclosure.conflictOfInterest, 400),
      ),
    },
    declaredPart('who ran it', 'ranBy'),
    declaredPart('who owns the engines', 'owner'),
    declaredPart('who tuned the rival', 'tuning'),
    declaredPart('contact for corrections', 'correctionsContact'),
  ],
};

export const freshness: DisclosureItem = {
  topic: 'Freshness',
  parts: [
    {
      name: 'date of the run',
      pointers: ['/createdAt', '/updatedAt'],
      say: perFile(({ createdAt, updatedAt }) => `from ${quote(createdAt, 30)} to ${quote(updatedAt, 30)}`),
    },
    {
      name: 'versions then',
      pointers: ['/engines/*/version', '/tool/version'],
      say: perEngine(({ version }) => quote(version, 40)),
    },
    {
      name: 'machine',
      pointers: ['/environment/fingerprint'],
      say: perFile(
        ({ environment }) =>
          `fingerprint ${environment.fingerprint}: results of another machine are refused beside it`,
      ),
    },
    declaredPart('date after which not to quote it', 'quoteUntil'),
  ],
};

export const machineReadable: DisclosureItem = {
  topic: 'Machine-readable',
  parts: [
    {
      name: 'versions',
      pointers: ['/format', '/schemaVersion'],
      say: ({ facts }) => [
        `result file version ${String(SCHEMA_VERSION)} (schema/result.schema.json), summary version ${String(facts.schemaVersion)} inside this page and beside it`,
      ],
    },
    {
      name: 'trace from figure to file',
      pointers: ['/trials'],
      say: () => ['tables and sentences carry the JSON pointer of each figure into the summary'],
    },
  ],
};
