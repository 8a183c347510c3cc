/**
 * The disclosure checklist: what an adviser asks of any benchmark. Each item is filled from the data; what the data does not
 * hold is named as not disclosed, never passed over.
 */
import type { ContenderSummary, Summary } from '../../analysis/summary.js';
import {
  displayText,
  formatCount,
  formatNumber,
  formatPercent,
  formatQuantity,
  formatTime,
  formatPlural,
} from '../format.js';
import { boundaryNames } from '../names.js';

export interface DisclosureItem {
  readonly number: string;
  readonly topic: string;
  readonly disclosed: readonly string[];
  /** Named parts that the data does not hold. */
  readonly missing: readonly string[];
}

export function disclosureItems(summary: Summary): readonly DisclosureItem[] {
  const { environment, design, statistics, cases, sources } = summary;
  const contenders = [
    ...new Map(cases.flatMap((row) => row.contenders.map((contender) => [contender.id, contender]))).values(),
  ];
  const engines = contenders.flatMap(({ engine, label }) => (engine === null ? [] : [{ engine, label }]));
  const comparisons = cases.flatMap((row) => row.comparisons);
  const crossing = comparisons.filter(({ crossesBoundary }) => crossesBoundary).length;
  const redisWins = statistics.againstRedis.verdicts['baseline-better'];
  const first = sources[0];
  const contenderTotal = (pick: (row: ContenderSummary) => number): number =>
    cases.flatMap((row) => row.contenders.map(pick)).reduce((sum, count) => sum + count, 0);
  const checks = (name: keyof ContenderSummary['correctness']): number =>
    contenderTotal(({ correctness }) => correctness[name]);
  const stated = (name: string, value: string | null): { text: string[]; gap: string[] } =>
    value === null ? { text: [], gap: [name] } : { text: [`${name}: ${displayText(value, 120)}`], gap: [] };
  const machine = [
    stated('CPU', `${environment.cpuModel}, ${formatCount(environment.logicalCpus)} logical`),
    stated('memory', formatQuantity(environment.memoryBytes, 'bytes')),
    stated('GPU', environment.gpu?.name ?? 'none used'),
    stated('CPU governor', environment.cpuGovernor),
    stated('virtualisation', environment.virtualisation),
  ];
  const gpuWatts = cases.some((row) =>
    row.contenders.some(({ gpu }) => gpu !== null && gpu.ranges.powerWatts !== null),
  );
  const commits = sources.map(({ tool }) => tool.commit);

  const items: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    [
      'Claim scope and boundary',
      [
        contenders
          .map(({ label, boundary }) => `${displayText(label, 60)}: ${boundaryNames[boundary].short}`)
          .join('; '),
        `${formatCount(crossing)} of ${formatPlural(comparisons.length, 'comparison crosses', 'comparisons cross')} a boundary; each is marked`,
      ],
      transportGaps(contenders, cases),
    ],
    [
      'Parity of semantics',
      [
        'every contender replays the same stream (SHA-256 in each workload)',
        ...engines.map(({ engine, label }) => `${displayText(label, 60)}: ${settingsText(engine.settings)}`),
      ],
      ['feature gaps', 'largest value of each engine'],
    ],
    [
      'Correctness under load',
      [
        `one read in ${formatNumber(design.verifyEvery)} checked inside the window, every key after it`,
        `${formatCount(checks('readsVerified'))} reads checked inside windows, ${formatCount(checks('readBackKeys'))} keys read back, ${formatCount(checks('wrong'))} wrong`,
        `${formatCount(checks('misses'))} reads found no value, ${formatCount(checks('errors'))} requests were answered with an error`,
        `${formatPlural(
          contenderTotal(({ trials }) => trials.voided),
          'trial',
        )} voided, ${formatCount(contenderTotal(({ trials }) => trials.failed))} failed`,
      ],
      [],
    ],
    [
      'Hardware',
      machine.flatMap(({ text }) => text),
      [...machine.flatMap(({ gap }) => gap), 'turbo and SMT', 'pinning', 'power limit of the CPU'],
    ],
    [
      'Software',
      [
        `Node.js ${displayText(environment.nodeVersion)}, kernel ${displayText(environment.kernel)}`,
        ...engines.map(({ engine }) => `${displayText(engine.name, 60)} ${displayText(engine.version, 60)}`),
        ...commits.flatMap((commit) => (commit === null ? [] : [`commit ${displayText(commit)}`])),
      ].filter(isFirst),
      [
        ...(commits.includes(null) ? ['commit of this tool'] : []),
        'compiler flags',
        'full Redis configuration',
      ],
    ],
    [
      'Parity of tuning',
      contenders.map(
        ({ label, pipelineDepth }) =>
          `${displayText(label, 60)}: ${formatPlural(pipelineDepth, 'request')} in flight on each connection`,
      ),
      ['time spent tuning each engine', 'tuned settings of each engine'],
    ],
    [
      'Workloads',
      [
        ...cases.map(
          ({ id, stream }) =>
            `${displayText(id, 60)}: ${formatPlural(stream.keys, 'key')}, mean value ${formatNumber(stream.meanValueBytes, 1)} B, hottest key ${formatPercent(stream.hottestKeyShare)}`,
        ),
        ...cases.map(({ derivedFrom }) => displayText(derivedFrom, 200)).filter(isFirst),
      ],
      ['size of the data against the caches of the CPU'],
    ],
    [
      'Load model',
      [
        `${displayText(design.loadModel)} loop, ${formatPlural(design.workers, 'worker')} with ${formatPlural(design.connections, 'lane')} each`,
        ...cases.flatMap(({ id, clients }) =>
          clients === null
            ? []
            : [
                `${displayText(id, 60)}: ${formatPlural(clients.workers, 'worker')} with ${formatPlural(clients.connections, 'client')} each${design.openLoop === null ? ', latency from the moment at which a client may ask' : ''}`,
              ],
        ),
        ...(design.openLoop === null
          ? ['latency from the start of a request to its complete answer']
          : [
              `${design.openLoop.arrivals} arrivals, latency from the intended start to the complete answer`,
              'service time, start delay, own lag of the generator, late and dropped requests in each workload',
            ]),
      ],
      design.openLoop === null ? ['open-loop latency at a fixed rate of arrivals'] : [],
    ],
    [
      'Measurement',
      [
        `clock resolution ${formatQuantity(environment.clockResolutionNs, 'ns')}, one reading costs ${formatQuantity(environment.clockOverheadNs, 'ns')}`,
        'percentiles from merged histograms, three significant digits',
      ],
      [
        ...(cases.some(({ floors }) => floors.length > 0) ? [] : ['cost of the harness itself']),
        ...(cases.some(({ ceilings }) => ceilings.some(({ harnessEfficiency }) => harnessEfficiency !== null))
          ? []
          : ['efficiency of the harness against redis-benchmark']),
        'CPU use of the client',
      ],
    ],
    [
      'Phases',
      [
        `fresh state, warm-up of ${formatQuantity(design.warmupMs * 1e6, 'ns')}, window of ${formatQuantity(design.windowMs * 1e6, 'ns')}`,
      ],
      ['garbage-collection events'],
    ],
    [
      'Design',
      [
        `${formatPlural(design.blocksPerCase, 'mirrored block')} a workload in an order drawn from the seed`,
        'number of trials fixed in advance',
        'no trial excluded except those voided or failed, with their reasons; every trial is in this report',
      ],
      [],
    ],
    [
      'Statistics',
      [
        'unit of analysis: the trial',
        `family of ${formatPlural(statistics.familySize, 'comparison')}, Holm, α = ${formatNumber(statistics.alpha)}, ${formatPercent(statistics.confidence)} intervals`,
        'test and method beside each p-value',
      ],
      ['A/A control', 'minimum detectable effect'],
    ],
    [
      'Unfavourable results',
      [
        `every declared comparison is shown; ${formatCount(redisWins)} were won by Redis`,
        '"Where Redis wins" cannot be switched off',
      ],
      ['grid over value size, concurrency and data larger than memory'],
    ],
    [
      'Absolute numbers',
      [
        'absolute numbers with intervals and n in each workload',
        'no geometric mean',
        'axes from zero, or marked as logarithmic',
      ],
      [],
    ],
    [
      'Cost and energy',
      ['memory taken by the data', ...(gpuWatts ? ['watts of the GPU during the trials'] : [])],
      ['price', gpuWatts ? 'watts of the rest of the machine' : 'watts'],
    ],
    ['Status', [displayText(summary.label)], []],
    [
      'Reproduction',
      [
        ...(first === undefined
          ? []
          : [`seed ${String(first.seed)}`, 'command and stream hashes at the end of this page']),
      ],
      ['signed bundle of raw data', 'independent reproduction'],
    ],
    ['Conflict of interest', [], ['who ran it', 'who owns and tuned each engine', 'contact for corrections']],
    [
      'Freshness',
      sources.map(({ updatedAt }) => `run of ${formatTime(updatedAt)}`),
      ['date after which it should no longer be quoted'],
    ],
    [
      'Machine-readable',
      [
        `summary version ${String(summary.schemaVersion)} inside this page and beside it`,
        'the tables carry for each figure its exact value and its JSON pointer',
      ],
      [],
    ],
  ];
  return items.map(([topic, disclosed, missing], index) => ({
    number: String(index + 1),
    topic,
    disclosed: disclosed.filter((text) => text !== ''),
    missing,
  }));
}

/** Rungs of the transport that this run lacks. */
function transportGaps(contenders: readonly ContenderSummary[], cases: Summary['cases']): string[] {
  const has = (test: (contender: ContenderSummary) => boolean): boolean =>
    contenders.some((contender) => test(contender) && contender.trials.measured > 0);
  const isSocketFloor = ({ floor, boundary }: ContenderSummary): boolean => floor && boundary === 'socket';
  const isCluster = ({ engine }: ContenderSummary): boolean => engine?.settings.masters !== undefined;
  return [
    ...(has(isSocketFloor) ? [] : ['no-op server on the same path']),
    ...(has(isCluster) ? [] : ['Redis over all cores']),
    ...(cases.some(({ ladder }) => ladder !== null) ? [] : ['decomposition of the speedup']),
    'Predis behind the same socket',
  ];
}

function settingsText(settings: Readonly<Record<string, string | number | boolean | null>>): string {
  const texts = Object.entries(settings).map(
    ([name, value]) => `${name} ${value === '' ? '(empty)' : String(value ?? 'not set')}`,
  );
  return texts.length === 0 ? 'no settings reported' : displayText(texts.join(', '), 400);
}

function isFirst(text: string, index: number, all: readonly string[]): boolean {
  return all.indexOf(text) === index;
}
