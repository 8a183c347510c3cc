/**
 * A summary made by hand, of the size of `run all`: what the renderer needs to be tested without analysis. Its numbers are
 * plausible, deterministic and mean nothing.
 */
import type {
  CaseSummary,
  ComparisonSummary,
  ComparisonVerdict,
  ContenderSummary,
  MetricSummary,
  Summary,
} from '../../src/analysis/summary.js';
import { createRandom } from '../../src/support/random.js';
import type { Metric } from '../../src/results/schema.js';

const metrics = [
  ['throughput', 'operations/s', true],
  ['latencyP50', 'ns', false],
  ['latencyP95', 'ns', false],
  ['latencyP99', 'ns', false],
  ['memory', 'bytes', false],
] as const;

const contenders = [
  { id: 'redis', label: 'Redis', boundary: 'socket', pipelineDepth: 1, speed: 1, memory: 1 },
  {
    id: 'redis-pipelined',
    label: 'Redis, pipelined',
    boundary: 'socket',
    pipelineDepth: 16,
    speed: 4.1,
    memory: 1,
  },
  { id: 'predis', label: 'Predis', boundary: 'api', pipelineDepth: 1, speed: 21, memory: 0.7 },
] as const;

const cases = [
  ['basic', 'basic', 'Put then get'],
  ['batch/10', 'batch', 'mget and mput of 10 keys'],
  ['batch/100', 'batch', 'mget and mput of 100 keys'],
  ['batch/1000', 'batch', 'mget and mput of 1,000 keys'],
  ['batch/10000', 'batch', 'mget and mput of 10,000 keys'],
  ['hft', 'hft', 'Price ticks of 10,000 symbols'],
  ['ml-training', 'ml-training', 'Sample batches with prefetch hints'],
  ['gaming', 'gaming', 'Player state as JSON'],
  ['zipfian', 'zipfian', 'Skewed reads and writes'],
] as const;

function verdictCounts(comparisons: readonly ComparisonSummary[]): Record<ComparisonVerdict, number> {
  const count = (verdict: ComparisonVerdict): number =>
    comparisons.filter((row) => row.verdict === verdict).length;
  return {
    'candidate-better': count('candidate-better'),
    'baseline-better': count('baseline-better'),
    'no-difference-shown': count('no-difference-shown'),
    'too-few-trials': count('too-few-trials'),
    'not-measured': count('not-measured'),
  };
}

export interface FixtureShape {
  readonly trials?: number;
  readonly cases?: number;
  /** Ids of the contenders that were measured; the others have no numbers. */
  readonly measured?: readonly string[];
}

/** @param shape what the summary holds; by default nine cases, three contenders and 64 trials each */
export function summaryFixture(shape: FixtureShape = {}): Summary {
  const trials = shape.trials ?? 64;
  const chosen = cases.slice(0, shape.cases ?? cases.length);
  const measured = new Set<string>(shape.measured ?? contenders.map(({ id }) => id));
  const random = createRandom(11);

  const caseSummaries = chosen.map(([id, workload, label], index): CaseSummary => {
    const scale = 26000 * (index === 0 ? 1 : 1 + 2.2 * index);
    const summaries = contenders.map((contender): ContenderSummary => {
      const present = measured.has(contender.id) && trials > 0;
      const speed = index === 4 && contender.id === 'predis' ? 0.83 : contender.speed;
      const centre = (metric: Metric): number =>
        metric === 'throughput'
          ? scale * speed
          : metric === 'memory'
            ? 4.1e6 * contender.memory
            : ({ latencyP50: 0.8, latencyP95: 1.6, latencyP99: 2.7 }[metric] * 1e9 * 8) / (scale * speed);
      return {
        id: contender.id,
        label: contender.label,
        engineName: contender.id.startsWith('redis') ? 'redis' : 'predis',
        boundary: contender.boundary,
        pipelineDepth: contender.pipelineDepth,
        engine: present
          ? {
              name: contender.id.startsWith('redis') ? 'Redis' : 'Predis',
              version: contender.id.startsWith('redis') ? '7.0.15' : '0.1.0',
              boundary: contender.boundary,
              synchronous: contender.id === 'predis',
              managed: true,
              settings: contender.id.startsWith('redis')
                ? { appendonly: 'no', save: '', 'io-threads': 1, transport: 'unix socket' }
                : { memoryLimitBytes: 1073741824, shards: 8 },
            }
          : null,
        trials: {
          measured: present ? trials : 0,
          voided: index === 7 && contender.id === 'predis' ? 1 : 0,
          failed: 0,
        },
        problems:
          index === 7 && contender.id === 'predis' ? ['player:0042 was read as an older version'] : [],
        metrics: present
          ? metrics.map(([metric, unit, higherIsBetter]): MetricSummary => {
              const values = Array.from(
                { length: trials },
                () => centre(metric) * (1 + 0.09 * (random.nextDouble() + random.nextDouble() - 1)),
              );
              const ordered = [...values].sort((a, b) => a - b);
              const at = (share: number): number => ordered[Math.floor(share * (trials - 1))] ?? 0;
              return {
                metric,
                unit,
                higherIsBetter,
                median:
                  trials < 6
                    ? { estimate: at(0.5), low: null, high: null }
                    : { estimate: at(0.5), low: at(0.38), high: at(0.62) },
                trials,
                values,
              };
            })
          : [],
        latency: present
          ? {
              requests: trials * 130000,
              meanNs: centre('latencyP50') * 1.2,
              maxNs: centre('latencyP99') * 31,
              percentiles: [
                [50, 1],
                [75, 1.3],
                [90, 1.7],
                [95, 2],
                [99, 3.4],
                [99.9, 9],
                [99.99, 24],
              ].map(([percentile = 0, factor = 1]) => ({
                percentile,
                valueNs: Math.round(centre('latencyP50') * factor),
              })),
            }
          : null,
      };
    });

    const comparisons = ['throughput', 'latencyP95', 'memory'].flatMap((name) =>
      ['redis', 'redis-pipelined'].map((baseline): ComparisonSummary => {
        const metric = name as Metric;
        const find = (contender: string): number | undefined =>
          summaries.find(({ id }) => id === contender)?.metrics.find((row) => row.metric === metric)?.median
            .estimate;
        const [was, is] = [find(baseline), find('predis')];
        const common = {
          caseId: id,
          metric,
          baseline,
          candidate: 'predis',
          crossesBoundary: true,
          trials: { baseline: was === undefined ? 0 : trials, candidate: is === undefined ? 0 : trials },
        };
        if (was === undefined || is === undefined) {
          return {
            ...common,
            ratio: null,
            advantage: null,
            confidence: { asked: 0.95, achieved: null },
            cliffsDelta: null,
            test: null,
            paired: null,
            verdict: 'not-measured',
          };
        }
        const ratio = is / was;
        const advantage = metric === 'throughput' ? ratio : 1 / ratio;
        const around = (estimate: number): { estimate: number; low: number; high: number } => ({
          estimate,
          low: estimate * 0.985,
          high: estimate * 1.016,
        });
        return {
          ...common,
          ratio: around(ratio),
          advantage: around(advantage),
          confidence: { asked: 0.95, achieved: 0.9512 },
          cliffsDelta: advantage > 1 ? 1 : -0.93,
          test: {
            name: 'Mann-Whitney U',
            method: trials > 30 ? 'asymptotic' : 'exact',
            statistic: trials * trials,
            pValue: 4.3e-23,
            adjustedPValue: 2.3e-21,
            smallestPValue: 4.3e-23,
          },
          paired: {
            test: {
              name: 'Wilcoxon signed-rank',
              method: 'exact',
              statistic: 528,
              pValue: 4.7e-10,
              adjustedPValue: 2.5e-8,
              smallestPValue: 4.7e-10,
            },
            advantage: around(advantage),
            blocks: Math.ceil(trials / 2),
          },
          verdict: advantage > 1 ? 'candidate-better' : 'baseline-better',
        };
      }),
    );

    return {
      id,
      workload,
      label,
      summary: `${label}, as one stream that every contender replays.`,
      derivedFrom: 'Synthetic; derived from no production trace.',
      parameters: { keys: 10000, valueBytes: 100, readShare: 0.9 },
      stream: {
        sha256: index.toString(16).repeat(64).slice(0, 64),
        operations: 1000000,
        requests: 1000000,
        reads: 900000,
        writes: 100000,
        keys: 10000,
        meanKeyBytes: 17,
        meanValueBytes: 104.5,
        maxValueBytes: 132,
        distinctKeysRead: 9998,
        hottestKeyShare: 0.0123,
        prefetchHints: 0,
      },
      contenders: summaries,
      comparisons,
    };
  });

  const anything = caseSummaries.some(({ comparisons }) =>
    comparisons.some(({ advantage }) => advantage !== null),
  );
  return {
    format: 'predis-bench-summary',
    schemaVersion: 1,
    label: 'self-reported, unaudited',
    sources: [
      {
        id: '01890000-fixture',
        fileName: 'all-11.json',
        status: 'complete',
        createdAt: '2026-01-02T03:04:05.000Z',
        updatedAt: '2026-01-02T04:05:06.000Z',
        tool: { version: '0.1.0', commit: '0123456789abcdef0123456789abcdef01234567', dirty: false },
        command: ['predis-bench', 'run', 'all', '--seed', '11'],
        seed: 11,
        quick: false,
        trialsPlanned: chosen.length * contenders.length * trials,
        trialsRecorded: chosen.length * measured.size * trials,
      },
    ],
    environment: {
      fingerprint: '00112233445566aa',
      cpuModel: 'Example CPU @ 2.60GHz',
      logicalCpus: 2,
      memoryBytes: 8589934592,
      architecture: 'x64',
      platform: 'linux',
      kernel: '6.1.0',
      distribution: 'Debian GNU/Linux 12',
      virtualisation: null,
      cpuGovernor: null,
      transparentHugePages: 'madvise',
      gpu: null,
      nodeVersion: '20.20.0',
      v8Version: '11.3.244.8',
      loadAverage1m: 0.12,
      clockResolutionNs: 1,
      clockOverheadNs: 38,
    },
    design: {
      workers: 1,
      connections: 4,
      warmupMs: 500,
      windowMs: 1000,
      verifyEvery: 64,
      loadModel: 'closed',
      blocksPerCase: Math.ceil(trials / 2),
    },
    statistics: {
      alpha: 0.05,
      confidence: 0.95,
      familySize: chosen.length * 6,
      canReachP001: { mannWhitney: trials > 8, signedRank: trials > 24 },
      againstRedis: {
        comparisons: chosen.length * 6,
        verdicts: verdictCounts(caseSummaries.flatMap(({ comparisons }) => comparisons)),
      },
    },
    cases: caseSummaries,
    headline: anything
      ? [
          {
            text: 'Predis answered more operations per second than Redis in 8 of 9 workloads.',
            tone: 'good',
            refs: ['/cases/0/comparisons/0/advantage/estimate'],
          },
          {
            text: 'Redis was faster in 1 of 9 workloads (batch/10000).',
            tone: 'bad',
            refs: ['/cases/4/comparisons/0/advantage/estimate'],
          },
          {
            text: 'Every comparison crosses a boundary: Redis is reached over a socket, Predis runs inside the process.',
            tone: 'warning',
            refs: [],
          },
        ]
      : [{ text: 'Nothing was compared: only one side was measured.', tone: 'neutral', refs: [] }],
    whereRedisWins: anything
      ? [
          {
            text: 'batch/10000: Redis answered more operations per second than Predis.',
            tone: 'bad',
            refs: ['/cases/4/comparisons/0/advantage/estimate'],
          },
        ]
      : [],
    caveats: [
      { text: 'One trial was voided because a value read was wrong.', tone: 'warning', refs: [] },
      { text: 'Client and server shared one machine.', tone: 'neutral', refs: [] },
    ],
  };
}
