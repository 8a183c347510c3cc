/** What was compared, and whether the two sides were asked the same: items 1 to 3, 6 and 7. */
import { formatBytes, formatCount, formatPercent, formatPlural, formatRatio } from '../../support/format.js';
import type { ContenderSummary } from '../summary.js';
import {
  declaredPart,
  perEngine,
  perFile,
  quote,
  setting,
  unique,
  type DisclosureContext,
  type DisclosureItem,
  type DisclosurePart,
} from './part.js';

const rows = ({ facts }: DisclosureContext): ContenderSummary[] =>
  facts.cases.flatMap(({ contenders }) => contenders);

/** One rung of the decomposition of the transport: who stands on it and has trials. */
function rung(
  name: string,
  pointers: readonly string[],
  on: (contender: ContenderSummary) => boolean,
): DisclosurePart {
  return {
    name,
    pointers,
    say: (context) =>
      unique(
        rows(context)
          .filter((contender) => contender.trials.measured > 0 && on(contender))
          .map(({ id }) => `measured as ${quote(id, 40)}`),
      ),
  };
}

const settingOf = ({ engine }: ContenderSummary, name: string): unknown => engine?.settings[name];
const isRedis = ({ engineName }: ContenderSummary): boolean => engineName === 'redis';

export const claimScope: DisclosureItem = {
  topic: 'Claim scope and boundary',
  parts: [
    {
      name: 'what a number includes',
      pointers: ['/plan/contenders/*/id', '/plan/contenders/*/boundary'],
      say: perFile(({ plan }) =>
        plan.contenders.map(({ id, boundary }) => `${quote(id, 40)}: ${boundary}`).join(', '),
      ),
    },
    {
      name: 'comparisons across a boundary',
      pointers: ['/plan/comparisons', '/plan/contenders/*/boundary'],
      say: ({ facts }: DisclosureContext): readonly string[] => {
        const all = facts.cases.flatMap(({ comparisons }) => comparisons);
        const crossing = all.filter(({ crossesBoundary }) => crossesBoundary).length;
        return [
          `${formatCount(crossing)} of ${formatCount(all.length)}, each marked where it stands. Redis' own documentation of its benchmark: "Redis is a server: all commands involve network or IPC round trips"; it warns of comparing it with embedded stores`,
        ];
      },
    },
    rung(
      '(a) Redis over TCP',
      ['/engines/*/settings'],
      (row) => isRedis(row) && settingOf(row, 'transport') === 'TCP',
    ),
    rung(
      '(b) Redis over a Unix socket',
      ['/engines/*/settings'],
      (row) => isRedis(row) && settingOf(row, 'transport') === 'Unix socket',
    ),
    rung(
      '(c) Redis, pipelined',
      ['/plan/contenders/*/pipelineDepth'],
      (row) => isRedis(row) && row.pipelineDepth > 1,
    ),
    rung(
      '(d) Redis over all cores',
      ['/engines/*/settings'],
      (row) => settingOf(row, 'masters') !== undefined,
    ),
    rung(
      '(e) Predis in process',
      ['/plan/contenders/*/boundary'],
      ({ engineName, boundary }) => engineName === 'predis' && boundary !== 'socket',
    ),
    rung(
      '(f) Predis behind the same socket',
      ['/plan/contenders/*/boundary'],
      ({ engineName, boundary }) => engineName === 'predis' && boundary === 'socket',
    ),
    rung(
      '(g) no-op server on the same path',
      ['/plan/contenders/*/floor'],
      ({ floor, boundary }) => floor && boundary === 'socket',
    ),
    {
      name: 'decomposition of the speedup',
      pointers: ['/trials/*/measurements/throughputPerSecond'],
      say: ({ facts }) =>
        facts.cases.some(({ ladder }) => ladder !== null) ? ['under "The ladder" in this report'] : [],
    },
  ],
};

export const semanticsParity: DisclosureItem = {
  topic: 'Parity of semantics',
  parts: [
    {
      name: 'same operations',
      pointers: ['/plan/cases/*/stream/sha256'],
      say: ({ results }) => [
        `every contender of a case replays one stream, named by its SHA-256 (${formatPlural(results.flatMap(({ plan }) => plan.cases).length, 'stream')})`,
      ],
    },
    {
      name: 'durability',
      pointers: ['/engines/*/settings'],
      say: perEngine((engine) =>
        engine.name === 'predis'
          ? 'none: memory of one process'
          : (setting(engine, 'persistence') ?? (engine.name === 'redis' ? null : 'none')),
      ),
    },
    {
      name: 'eviction',
      pointers: ['/engines/*/settings'],
      say: perEngine((engine) => setting(engine, 'maxmemory-policy') ?? setting(engine, 'memoryLimitBytes')),
    },
    {
      name: 'expiry',
      pointers: ['/plan/cases/*/stream'],
      say: () => ['no operation of these streams sets one'],
    },
    {
      name: 'consistency',
      pointers: ['/engines/*/synchronous'],
      say: perEngine(({ synchronous }) =>
        synchronous
          ? 'a request is done when its call returns'
          : 'a request is done when its answer has come',
      ),
    },
    {
      name: 'batches',
      pointers: ['/plan/cases/*/stream/requests', '/plan/cases/*/stream/operations'],
      say: ({ results }) =>
        unique(
          results.flatMap(({ plan }) =>
            plan.cases.map(
              ({ id, stream }) =>
                `${quote(id, 40)}: ${formatCount(stream.operations)} operations in ${formatCount(stream.requests)} requests`,
            ),
          ),
        ),
    },
    {
      name: 'largest value',
      pointers: ['/plan/cases/*/stream/maxValueBytes'],
      say: ({ results }: DisclosureContext): readonly string[] => {
        const sizes = results.flatMap(({ plan }) => plan.cases.map(({ stream }) => stream.maxValueBytes));
        return sizes.length === 0 ? [] : [`${formatBytes(Math.max(...sizes))} in these streams`];
      },
    },
    {
      name: 'feature gaps',
      pointers: ['/disclosure/featureGaps'],
      say: perFile(({ disclosure }) => disclosure?.featureGaps.map((gap) => quote(gap, 300)).join('; ')),
    },
  ],
};

const total = (context: DisclosureContext, pick: (row: ContenderSummary) => number): string =>
  formatCount(rows(context).reduce((sum, row) => sum + pick(row), 0));

export const correctness: DisclosureItem = {
  topic: 'Correctness under load',
  parts: [
    {
      name: 'what is checked',
      pointers: [
        '/plan/verifyEvery',
        '/trials/*/correctness/readsVerified',
        '/trials/*/correctness/readBackKeys',
      ],
      say: (context) => [
        `one read in ${unique(context.results.map(({ plan }) => formatCount(plan.verifyEvery))).join(' or ')} inside the window, every key after it`,
        `${total(context, ({ correctness: seen }) => seen.readsVerified)} reads checked inside windows, ${total(context, ({ correctness: seen }) => seen.readBackKeys)} keys read back`,
      ],
    },
    {
      name: 'what was found',
      pointers: [
        '/trials/*/correctness/wrong',
        '/trials/*/correctness/misses',
        '/trials/*/correctness/errors',
        '/trials/*/state',
      ],
      say: (context) => [
        `${total(context, ({ correctness: seen }) => seen.wrong)} wrong values, ${total(context, ({ correctness: seen }) => seen.misses)} reads that found nothing, ${total(context, ({ correctness: seen }) => seen.errors)} requests answered with an error`,
        `${total(context, ({ trials }) => trials.voided)} trials void, ${total(context, ({ trials }) => trials.failed)} failed; a failed check voids the numbers of its trial`,
      ],
    },
  ],
};

export const tuningParity: DisclosureItem = {
  topic: 'Parity of tuning',
  parts: [
    {
      name: 'settings of each contender',
      pointers: ['/plan/contenders/*/settings', '/plan/contenders/*/pipelineDepth'],
      say: perFile(({ plan }) =>
        plan.contenders
          .map(({ id, pipelineDepth, settings }) => {
            const given = Object.entries(settings).flatMap(([name, value]) =>
              value === null ? [] : [`${quote(name, 40)} ${quote(String(value), 60)}`],
            );
            return `${quote(id, 40)}: ${[`${formatPlural(pipelineDepth, 'request')} in flight a connection`, ...given].join(', ')}`;
          })
          .join('; '),
      ),
    },
    {
      name: 'tuned beside default, Redis',
      pointers: ['/plan/contenders/*/settings', '/plan/contenders/*/pipelineDepth'],
      say: perFile(({ plan }) => {
        const redis = plan.contenders.filter(({ engine }) => engine === 'redis');
        const tuned = redis.filter(
          ({ pipelineDepth, settings }) =>
            pipelineDepth > 1 || settings.ioThreads !== undefined || settings.masters !== undefined,
        );
        return tuned.length === 0
          ? null
          : `${tuned.map(({ id }) => quote(id, 40)).join(', ')}; the headline credits Redis with its best`;
      }),
    },
    {
      name: 'tuned beside default, Predis',
      pointers: ['/plan/contenders/*/boundary'],
      say: perFile(({ plan }) => {
        const packed = plan.contenders.filter(
          ({ engine, boundary }) => engine === 'predis' && boundary !== 'api',
        );
        return packed.length === 0 ? null : packed.map(({ id }) => quote(id, 40)).join(', ');
      }),
    },
    declaredPart('effort of tuning each engine', 'tuning'),
  ],
};

export const workload: DisclosureItem = {
  topic: 'Workloads',
  parts: [
    {
      name: 'parameters',
      pointers: ['/plan/cases/*/parameters', '/plan/cases/*/workload', '/tool/version'],
      say: perFile(({ plan }) =>
        plan.cases
          .map(({ id, parameters }) => {
            const given = Object.entries(parameters).map(
              ([name, value]) =>
                `${quote(name, 40)} ${Array.isArray(value) ? value.join(' / ') : String(value)}`,
            );
            return `${quote(id, 40)} (${given.join(', ')})`;
          })
          .join('; '),
      ),
    },
    {
      name: 'keys and values',
      pointers: [
        '/plan/cases/*/stream/keys',
        '/plan/cases/*/stream/meanKeyBytes',
        '/plan/cases/*/stream/meanValueBytes',
        '/plan/cases/*/stream/maxValueBytes',
      ],
      say: ({ facts }) =>
        facts.cases.map(
          ({ id, stream }) =>
            `${quote(id, 40)}: ${formatPlural(stream.keys, 'key')} of ${formatBytes(stream.meanKeyBytes)}, values of ${formatBytes(stream.meanValueBytes)} on average and ${formatBytes(stream.maxValueBytes)} at most`,
        ),
    },
    {
      name: 'mix and hot keys',
      pointers: [
        '/plan/cases/*/stream/reads',
        '/plan/cases/*/stream/writes',
        '/plan/cases/*/stream/hottestKeyShare',
        '/plan/cases/*/stream/distinctKeysRead',
      ],
      say: ({ facts }) =>
        facts.cases.map(
          ({ id, stream }) =>
            `${quote(id, 40)}: ${formatPercent(stream.reads / Math.max(1, stream.operations))} reads, hottest key ${formatPercent(stream.hottestKeyShare)}, ${formatCount(stream.distinctKeysRead)} different keys read`,
        ),
    },
    {
      name: 'seed and stream',
      pointers: ['/plan/seed', '/plan/cases/*/stream/sha256'],
      say: ({ facts, results }) => [
        `seed ${unique(results.map(({ plan }) => String(plan.seed))).join(', ')}`,
        ...facts.cases.map(({ id, stream }) => `${quote(id, 40)}: SHA-256 ${stream.sha256.slice(0, 16)}…`),
      ],
    },
    {
      name: 'where it comes from',
      pointers: ['/plan/cases/*/derivedFrom'],
      say: ({ facts }) => unique(facts.cases.map(({ derivedFrom }) => quote(derivedFrom, 500))),
    },
    {
      name: 'recorded trace',
      pointers: ['/plan/cases/*/input/file', '/plan/cases/*/input/sha256', '/plan/cases/*/input/format'],
      say: ({ results }: DisclosureContext): readonly string[] => {
        const inputs = results.flatMap(({ plan }) => plan.cases.flatMap(({ input }) => input ?? []));
        return inputs.length === 0
          ? ['none was replayed']
          : unique(
              inputs.map(
                ({ file, format, sha256 }) => `${quote(file, 80)} (${quote(format, 20)}), SHA-256 ${sha256}`,
              ),
            );
      },
    },
    {
      name: 'data over the last cache',
      pointers: ['/environment/host/lastLevelCacheBytes', '/plan/cases/*/stream/keys'],
      say: ({ facts }) => overMemory(facts, facts.environment.host?.lastLevelCacheBytes ?? null),
    },
    {
      name: 'data over GPU memory',
      pointers: ['/environment/gpu/memoryBytes', '/plan/cases/*/stream/keys'],
      say: ({ facts }) =>
        facts.environment.gpu === null
          ? ['no GPU was used']
          : overMemory(facts, facts.environment.gpu.memoryBytes),
    },
    {
      name: 'fit of the streams to their distributions',
      pointers: ['/disclosure/distributionFit'],
      say: perFile(({ disclosure }) => disclosure?.distributionFit),
    },
  ],
};

function overMemory({ cases }: DisclosureContext['facts'], memoryBytes: number | null): string[] {
  if (memoryBytes === null || memoryBytes === 0) return [];
  return cases.map(({ id, stream }) => {
    const bytes = stream.keys * (stream.meanKeyBytes + stream.meanValueBytes);
    return `${quote(id, 40)}: ${formatBytes(bytes)}, ${formatRatio(bytes / memoryBytes)} its ${formatBytes(memoryBytes)}`;
  });
}
