import { formatDuration, formatInUnit, formatRate } from '../../support/format.js';
import type { Sentence } from '../summary.js';
import { comparisonsWithRedis } from './comparison-text.js';
import { missingControls, violatedAssumptions } from './validity.js';
import { quoted, sentence, shown, type Shown, type SummaryFacts } from './sentence.js';

/** What a reader must know before believing a number: the gravest first. */
export function caveats(facts: SummaryFacts): Sentence[] {
  return [
    ...missingControls(facts),
    ...spoiltTrials(facts),
    ...violatedAssumptions(facts),
    ...capacityEnds(facts),
    ...saturatedTrials(facts),
    ...unfinishedSources(facts),
    ...stoppingRules(facts),
    ...tooFewTrials(facts),
    ...engineOnCpu(facts),
    ...crossedBoundaries(facts),
    ...lateGenerator(facts),
    ...fewClients(facts),
    ...refusedCases(facts),
    ...clientsOfOneProcess(facts),
    ...memoryDefinitions(facts),
    ...uncommittedCode(facts),
  ];
}

const warn = (facts: SummaryFacts, ...parts: (string | Shown)[]): Sentence =>
  sentence(facts, 'warning', ...parts);

function spoiltTrials(facts: SummaryFacts): Sentence[] {
  return facts.cases.flatMap((caseSummary, c) =>
    caseSummary.contenders.flatMap((contender, i) => {
      const pointer = `/cases/${String(c)}/contenders/${String(i)}`;
      const say = (state: 'voided' | 'failed', words: string) =>
        contender.trials[state] === 0
          ? []
          : [
              sentence(
                facts,
                'bad',
                quoted(`/cases/${String(c)}/label`),
                ', ',
                quoted(`${pointer}/label`),
                ': ',
                shown(`${pointer}/trials/${state}`),
                contender.trials[state] === 1 ? ' trial ' : ' trials ',
                words,
                ...contender.problems.flatMap((_, problem) => [
                  problem === 0 ? ' (' : '; ',
                  quoted(`${pointer}/problems/${String(problem)}`),
                ]),
                contender.problems.length === 0 ? '.' : ').',
              ),
            ];
      return [
        ...say('voided', 'with wrong values, left out of everything'),
        ...say('failed', 'that failed, left out of everything'),
      ];
    }),
  );
}

/** Where a search ran into an end of its range, the capacity lies beyond it. */
function capacityEnds(facts: SummaryFacts): Sentence[] {
  const { capacity } = facts.design;
  if (capacity === null) return [];
  const written = (load: number): string =>
    formatInUnit(load, capacity.search === 'rate' ? 'operations/s' : 'clients');
  return facts.cases.flatMap((caseSummary, c) =>
    caseSummary.contenders.flatMap(({ capacityEnds: ends }, i) => {
      if (ends === null) return [];
      const contender = `/cases/${String(c)}/contenders/${String(i)}`;
      const say = (count: 'none' | 'all', words: string, end: 'from' | 'to'): Sentence[] =>
        ends[count] === 0
          ? []
          : [
              sentence(
                facts,
                'bad',
                quoted(`/cases/${String(c)}/label`),
                ', ',
                quoted(`${contender}/label`),
                words,
                shown(`/design/capacity/${end}`, written),
                ', in ',
                shown(`${contender}/capacityEnds/${count}`),
                ' of ',
                shown(`${contender}/trials/measured`),
                ' searches for ',
                quoted('/design/capacity/objective/text'),
                count === 'none'
                  ? ': the objective is out of reach here, or the capacity lies below.'
                  : ': the capacity lies above what was tried.',
              ),
            ];
      return [
        ...say('none', ': the objective failed already at the lowest load, ', 'from'),
        ...say('all', ': the objective held up to the highest load, ', 'to'),
      ];
    }),
  );
}

/** A contender that could not keep up: its latencies say no more than that. */
function saturatedTrials(facts: SummaryFacts): Sentence[] {
  return facts.cases.flatMap((caseSummary, c) =>
    caseSummary.contenders.flatMap(({ openLoop }, i) => {
      if (openLoop === null || openLoop.saturatedTrials === 0) return [];
      const contender = `/cases/${String(c)}/contenders/${String(i)}`;
      const pointer = `${contender}/openLoop`;
      return [
        sentence(
          facts,
          'bad',
          quoted(`/cases/${String(c)}/label`),
          ', ',
          quoted(`${contender}/label`),
          ': saturated in ',
          shown(`${pointer}/saturatedTrials`),
          ' of ',
          shown(`${pointer}/trials`),
          ' trials; ',
          shown(`${pointer}/offeredPerSecond`, formatRate),
          ' were asked for and ',
          shown(`${pointer}/achievedPerSecond/estimate`, formatRate),
          ' reached, through this client. Latencies under saturation grow with the length of the window',
          ...(openLoop.droppedRequests === 0
            ? ['.']
            : [', and ', shown(`${pointer}/droppedRequests`), ' requests, never sent, are in none of them.']),
        ),
      ];
    }),
  );
}

/** Share of the p99 latency from which on the generator's own lateness is worth a word. */
const LAG_WORTH_A_WORD = 0.2;

function lateGenerator(facts: SummaryFacts): Sentence[] {
  return facts.cases.flatMap((caseSummary, c) =>
    caseSummary.contenders.flatMap(({ openLoop, latency }, i) => {
      if (openLoop === null || latency === null) return [];
      const at = (list: readonly { percentile: number }[]): number =>
        list.findIndex(({ percentile }) => percentile === 99);
      const [lag, whole] = [at(openLoop.generatorLag.percentiles), at(latency.percentiles)];
      const lagNs = openLoop.generatorLag.percentiles[lag]?.valueNs ?? 0;
      const latencyNs = latency.percentiles[whole]?.valueNs ?? Infinity;
      if (lagNs < LAG_WORTH_A_WORD * latencyNs) return [];
      const contender = `/cases/${String(c)}/contenders/${String(i)}`;
      return [
        warn(
          facts,
          quoted(`/cases/${String(c)}/label`),
          ', ',
          quoted(`${contender}/label`),
          ': the generator itself was up to ',
          shown(`${contender}/openLoop/generatorLag/percentiles/${String(lag)}/valueNs`, formatDuration),
          ' late in 99 % of the requests, beside a p99 latency of ',
          shown(`${contender}/latency/percentiles/${String(whole)}/valueNs`, formatDuration),
          ': part of that latency is this machine and this client, not the engine.',
        ),
      ];
    }),
  );
}

function unfinishedSources(facts: SummaryFacts): Sentence[] {
  return facts.sources.flatMap((source, index) => {
    const pointer = `/sources/${String(index)}`;
    if (source.status === 'complete' && source.trialsRecorded === source.trialsPlanned) return [];
    return [
      warn(
        facts,
        'The run in ',
        quoted(`${pointer}/fileName`),
        source.status === 'complete' ? ' is incomplete: ' : ' did not end: ',
        shown(`${pointer}/trialsRecorded`),
        ' of ',
        shown(`${pointer}/trialsPlanned`),
        ' planned trials are in it.',
      ),
    ];
  });
}

/** That a rule could end cases early, and what it did. */
function stoppingRules(facts: SummaryFacts): Sentence[] {
  return facts.cases.flatMap(({ stopping }, c) => {
    if (stopping === null) return [];
    const pointer = `/cases/${String(c)}/stopping`;
    return [
      sentence(
        facts,
        'neutral',
        quoted(`/cases/${String(c)}/id`),
        stopping.stopped ? ' ended early, as ' : ' could have ended early by ',
        'a rule fixed before the first trial (',
        quoted(`${pointer}/spending`),
        stopping.stopped ? ') allows when every comparison is decided: after ' : '): ',
        shown(`${pointer}/looksTaken`),
        ' of ',
        shown(`${pointer}/looksPlanned`),
        ' looks and ',
        shown(`${pointer}/blocksTaken`),
        ' of ',
        shown(`${pointer}/blocksPlanned`),
        stopping.stopped ? ' blocks. ' : ' blocks were taken. ',
        'Its p-values and intervals allow for the looks.',
      ),
    ];
  });
}

function tooFewTrials(facts: SummaryFacts): Sentence[] {
  const { canReachP001, againstRedis } = facts.statistics;
  const sentences: Sentence[] = [];
  if (facts.sources.some(({ quick }) => quick)) {
    sentences.push(
      warn(facts, 'Quick mode: a look at the tool, not a proof; it takes few trials on purpose.'),
    );
  }
  if (!canReachP001.mannWhitney && againstRedis.comparisons > 0) {
    sentences.push(
      warn(
        facts,
        'With so few trials p < 0.001 could not have been reached after correction over ',
        shown('/statistics/familySize'),
        ' comparisons, however large the difference.',
      ),
    );
  } else if (!canReachP001.signedRank && againstRedis.comparisons > 0) {
    sentences.push(
      warn(
        facts,
        'With so few blocks the paired test could not have reached p < 0.001 after correction over ',
        shown('/statistics/familySize'),
        ' comparisons.',
      ),
    );
  }
  return sentences;
}

function engineOnCpu(facts: SummaryFacts): Sentence[] {
  const onCpu = new Map<string, string>();
  let onGpu = 0;
  facts.cases.forEach(({ contenders }, c) => {
    contenders.forEach(({ id, engineName, engine, trials }, i) => {
      if (!engineName.startsWith('predis') || trials.measured === 0) return;
      if (engine?.settings.device === 'cuda') onGpu++;
      else if (!onCpu.has(id)) onCpu.set(id, `/cases/${String(c)}/contenders/${String(i)}/label`);
    });
  });
  if (onCpu.size === 0) return [];
  if (onGpu === 0) return [warn(facts, 'The Predis engine ran on the CPU; no GPU was used.')];
  return [...onCpu.values()].map((label) => warn(facts, quoted(label), ' ran on the CPU, not on the GPU.'));
}

function crossedBoundaries(facts: SummaryFacts): Sentence[] {
  const seen = new Set<string>();
  return comparisonsWithRedis(facts).flatMap(({ comparison, caseSummary, casePointer }) => {
    if (!comparison.crossesBoundary || comparison.verdict === 'not-measured') return [];
    const index = (id: string) => caseSummary.contenders.findIndex((contender) => contender.id === id);
    const [candidate, baseline] = [index(comparison.candidate), index(comparison.baseline)].map(
      (place) => `${casePointer}/contenders/${String(place)}`,
    );
    const key = `${caseSummary.contenders[index(comparison.candidate)]?.boundary ?? ''} ${
      caseSummary.contenders[index(comparison.baseline)]?.boundary ?? ''
    }`;
    if (candidate === undefined || baseline === undefined || seen.has(key)) return [];
    seen.add(key);
    return [
      warn(
        facts,
        'Predis was measured at the boundary ',
        quoted(`${candidate}/boundary`),
        ' and Redis at the boundary ',
        quoted(`${baseline}/boundary`),
        ': their ratio is not one of engines alone.',
      ),
    ];
  });
}

/** Clients from which on a server with one command thread is likely to be kept busy. */
const MANY_CLIENTS = 8;

function fewClients(facts: SummaryFacts): Sentence[] {
  const { workers, connections, capacity } = facts.design;
  if (capacity?.search === 'clients') return []; // how many there are is what was searched
  const driven = facts.cases.filter(({ clients }) => clients === null);
  if (driven.length === 0) return [];
  if (workers * connections >= MANY_CLIENTS || facts.statistics.againstRedis.comparisons === 0) return [];
  return [
    warn(
      facts,
      driven.length === facts.cases.length
        ? 'Every contender was driven by '
        : 'Apart from the cases that set their own number of clients, every contender was driven by ',
      shown('/design/workers'),
      workers === 1 ? ' worker thread with ' : ' worker threads with ',
      shown('/design/connections'),
      connections === 1 ? ' connection' : ' connections',
      workers === 1 ? '' : ' each',
      ', in JavaScript: what a Redis server can serve to many clients at once, or to one written in C, is not shown.',
    ),
  ];
}

/** A case that a contender does not take is said, so that its absence is no silence. */
function refusedCases(facts: SummaryFacts): Sentence[] {
  const seen = new Map<string, number>();
  for (const { workload, refusals } of facts.cases) {
    for (const { contender, reason } of refusals) {
      const key = JSON.stringify([workload, contender, reason]);
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  }
  return facts.cases.flatMap((oneCase, c) =>
    oneCase.refusals.flatMap(({ contender, reason }, r) => {
      const key = JSON.stringify([oneCase.workload, contender, reason]);
      const cases = seen.get(key);
      seen.delete(key);
      if (cases === undefined) return [];
      const pointer = `/cases/${String(c)}/refusals/${String(r)}`;
      return [
        warn(
          facts,
          quoted(`${pointer}/contender`),
          ' takes no part in ',
          quoted(`/cases/${String(c)}/id`),
          cases === 1 ? '' : ' and other cases of this workload',
          ': it ',
          quoted(`${pointer}/reason`),
          '.',
        ),
      ];
    }),
  );
}

/** Clients of a ramp share the threads of one program, which is not what a crowd of machines would do. */
function clientsOfOneProcess(facts: SummaryFacts): Sentence[] {
  const index = facts.cases.findIndex(
    ({ clients }) => clients !== null && clients.workers * clients.connections > 1,
  );
  if (index === -1) return [];
  return [
    warn(
      facts,
      'In ',
      quoted(`/cases/${String(index)}/id`),
      ' and every case with clients of its own, the clients share the threads of one program and the machine of the engine: ' +
        'latency includes waiting for a turn there, for every contender alike, and where throughput stops may be ' +
        'the limit of those threads.',
    ),
  ];
}

function memoryDefinitions(facts: SummaryFacts): Sentence[] {
  const compared = comparisonsWithRedis(facts).some(
    ({ comparison }) => comparison.metric === 'memory' && comparison.verdict !== 'not-measured',
  );
  if (!compared) return [];
  return [
    warn(
      facts,
      'Memory is what each engine says of itself (Redis its used memory, Predis its records and index, each less what it ' +
        'takes when empty), so that the two numbers are close in meaning but not the same.',
    ),
  ];
}

function uncommittedCode(facts: SummaryFacts): Sentence[] {
  return facts.sources.flatMap(({ tool }, index) =>
    tool.dirty === true
      ? [
          warn(
            facts,
            quoted(`/sources/${String(index)}/fileName`),
            ' was measured with a build of uncommitted changes: nobody else can build it.',
          ),
        ]
      : [],
  );
}
