import { batchCurves } from './batch-curves.js';
import { summariseCacheSimulations } from './cache-simulations.js';
import { capacityCurves } from './capacity-curves.js';
import { CaseTrials } from './case-trials.js';
import { chartLabels } from './chart-labels.js';
import { judgeClaims } from './claims/judge.js';
import { summariseCost } from './cost/cost.js';
import { summariseCeiling } from './ceiling.js';
import { checkAssumptions, invalidating } from './checks/checks.js';
import { compareAll, type ComparisonInput } from './compare.js';
import { summariseControl } from './control.js';
import { disclose } from './disclosure/disclose.js';
import { summariseContender } from './contender-summary.js';
import { summariseEfficiency } from './efficiency.js';
import { floorShares, speedupLadder } from './ladder.js';
import { looksTaken } from './sequential.js';
import { summariseRamps } from './ramp.js';
import { caveats } from './sentences/caveats.js';
import { isAgainstRedis } from './sentences/comparison-text.js';
import { claimed } from './sentences/claimed.js';
import { degradation } from './sentences/degradation.js';
import { executive } from './sentences/executive.js';
import { headline } from './sentences/headline.js';
import type { SummaryFacts } from './sentences/sentence.js';
import { whereRedisWins } from './sentences/where-redis-wins.js';
import { summariseStandings } from './standings.js';
import { summariseTotals } from './totals.js';
import { checkSources, type Source } from './source.js';
import { invalidSessions } from './sentences/validity.js';
import type {
  CaseSummary,
  ComparisonSummary,
  ComparisonVerdict,
  Sentence,
  SessionValidity,
  SourceSummary,
  Summary,
} from './summary.js';
import { BenchError } from '../errors.js';
import { plannedTrials } from '../results/planned.js';
import type { CacheSimulation } from '../results/declared/cache-simulation.js';
import type { ClaimsFile } from '../results/declared/claims.js';
import type { PricesFile } from '../results/declared/prices.js';
import type { Declared } from '../results/declared/read.js';
import type { MeasuredTrial, ResultFile } from '../results/schema.js';

/** What a user declared beside the results. */
export interface Declarations {
  readonly claims?: Declared<ClaimsFile>;
  readonly prices?: Declared<PricesFile>;
  readonly cacheSimulations?: readonly Declared<CacheSimulation>[];
}

/**
 * Everything that can be said about one or more result files of one machine. Pure: the same files give the same summary.
 *
 * @param sources at least one; each file is one run
 * @param declared claims to judge, prices to count with
 * @throws BenchError MIXED_COMPARISON when the files do not belong in one report, RESULT_UNREADABLE for a histogram that
 *   cannot be decoded, USAGE when there is no file
 */
export function summarise(sources: readonly Source[], declared: Declarations = {}): Summary {
  checkSources(sources);
  const facts = collectFacts(sources, declared);
  const invalid = invalidSessions(facts);
  const sober = (sentences: readonly Sentence[]) =>
    invalid.length === 0 ? sentences : withoutBoasts(sentences);
  return {
    ...facts,
    degradation: degradation(facts),
    invalid,
    claimed: claimed(facts),
    executive: sober(executive(facts)),
    headline: sober(headline(facts)),
    whereRedisWins: whereRedisWins(facts),
    caveats: caveats(facts),
    disclosure: disclose({ results: sources.map(({ result }) => result), facts }),
  };
}

/** In an invalid session nothing counts in favour of anybody. */
function withoutBoasts(sentences: readonly Sentence[]): Sentence[] {
  return sentences.map((one): Sentence => (one.tone === 'good' ? { ...one, tone: 'warning' } : one));
}

function collectFacts(sources: readonly Source[], declared: Declarations): SummaryFacts {
  const [first] = sources;
  if (first === undefined) throw new BenchError('USAGE', 'No result file was given.');
  const { plan } = first.result;
  const trialsOf = sources.map(
    ({ result }) =>
      new Map(result.plan.cases.map((casePlan) => [casePlan.id, new CaseTrials(result, casePlan)])),
  );
  const comparisons = compareAll(
    sources.flatMap(({ result }, index): ComparisonInput[] =>
      result.plan.comparisons.map((comparison) => ({
        plan: comparison,
        baseline: result.plan.contenders.find(({ id }) => id === comparison.baseline),
        candidate: result.plan.contenders.find(({ id }) => id === comparison.candidate),
        trials: trialsOf[index]?.get(comparison.caseId),
        stopping: result.plan.stopping,
      })),
    ),
    plan,
  );
  const cases = sources.flatMap((source, index) =>
    [...(trialsOf[index]?.values() ?? [])].map((trials) => summariseCase(source, trials, comparisons)),
  );
  const validity = sources.map((source, index) => validityOf(source, trialsOf[index] ?? new Map()));
  const { alpha, confidence } = plan;
  const described = sources.map(describeSource);
  const measuredOf = (caseId: string, contender: string): readonly MeasuredTrial[] =>
    trialsOf.flatMap((byCase) => byCase.get(caseId)?.measured(contender) ?? []);
  return {
    format: 'predis-bench-summary',
    schemaVersion: 1,
    label: 'self-reported, unaudited',
    sources: described,
    environment: { ...first.result.environment, gpu: gpuOf(sources) },
    design: {
      workers: plan.workers,
      connections: plan.connections,
      warmupMs: plan.warmupMs,
      windowMs: plan.windowMs,
      verifyEvery: plan.verifyEvery,
      loadModel: plan.loadModel,
      openLoop: plan.openLoop ?? null,
      capacity: plan.capacity ?? null,
      blocksPerCase: Math.min(...sources.map(({ result }) => result.plan.blocksPerCase)),
    },
    statistics: {
      alpha: plan.alpha,
      confidence: plan.confidence,
      familySize: comparisons.length,
      margin: plan.margin ?? null,
      canReachP001: reach(comparisons),
      againstRedis: tally(cases),
    },
    validity,
    cases,
    chartLabels: chartLabels(cases),
    totals: summariseTotals(described, validity, cases),
    standings: summariseStandings(cases),
    claims:
      declared.claims === undefined
        ? null
        : judgeClaims(declared.claims, { sources, trials: trialsOf, validity, cases, alpha, confidence }),
    cost:
      declared.prices === undefined
        ? null
        : summariseCost(declared.prices, cases, {
            open: plan.loadModel === 'open',
            valid: validity.every(({ valid }) => valid),
          }),
    // An open loop sends what falls due, so that its throughput says nothing about more clients.
    ramps: plan.loadModel === 'closed' ? summariseRamps(cases, plan.confidence) : [],
    batchCurves: plan.loadModel === 'closed' ? batchCurves(cases) : [],
    capacityCurves: capacityCurves(cases, measuredOf, plan.capacity ?? null, plan.confidence),
    efficiency: summariseEfficiency(cases, measuredOf, plan.confidence),
    cacheSimulations: summariseCacheSimulations(declared.cacheSimulations ?? []),
  };
}

function validityOf({ fileName, result }: Source, trials: ReadonlyMap<string, CaseTrials>): SessionValidity {
  const control = summariseControl(result, trials);
  const checks = checkAssumptions(result, trials);
  return {
    fileName,
    valid: control.state !== 'failed' && invalidating(checks).length === 0,
    control,
    checks,
  };
}

/** The GPU of the runs that used one: at most one, or `checkSources` had refused. */
function gpuOf(sources: readonly Source[]): SummaryFacts['environment']['gpu'] {
  return sources.map(({ result }) => result.environment.gpu).find((gpu) => gpu !== null) ?? null;
}

function summariseCase(
  { fileName, result }: Source,
  trials: CaseTrials,
  comparisons: readonly ComparisonSummary[],
): CaseSummary {
  const { plan } = trials;
  const taking = new Set(plan.blocks.flat());
  const planned = result.plan.contenders.filter(({ id }) => taking.has(id));
  const contenders = planned.map((contender) =>
    summariseContender(fileName, contender, result.engines[contender.id] ?? null, trials, result.plan),
  );
  const isOpen = result.plan.loadModel === 'open';
  return {
    id: plan.id,
    workload: plan.workload,
    label: plan.label,
    summary: plan.summary,
    derivedFrom: plan.derivedFrom,
    parameters: plan.parameters,
    stream: plan.stream,
    arrivals: plan.arrivals ?? null,
    clients: plan.clients ?? null,
    refusals: plan.refusals ?? [],
    contenders,
    comparisons: comparisons.filter(({ caseId }) => caseId === plan.id),
    stopping: stoppingOf(result, trials),
    // In open loop everyone who keeps up has the throughput that was asked for: no step of it says anything.
    ladder: isOpen
      ? null
      : speedupLadder({
          contenders: planned,
          engines: result.engines,
          trials,
          confidence: result.plan.confidence,
        }),
    floors: isOpen ? [] : floorShares({ contenders: planned, trials }),
    ceilings: (result.ceilings ?? [])
      .filter(({ caseId }) => caseId === plan.id)
      .map((ceiling) =>
        summariseCeiling(
          ceiling,
          contenders.find(({ id }) => id === ceiling.contender),
        ),
      ),
  };
}

function stoppingOf(result: ResultFile, trials: CaseTrials): CaseSummary['stopping'] {
  const { stopping } = result.plan;
  if (stopping === undefined) return null;
  const taken = looksTaken(stopping, trials);
  return {
    spending: stopping.spending,
    looksTaken: taken.length,
    looksPlanned: stopping.looks.length,
    blocksTaken: trials.recordedBlocks(),
    blocksPlanned: trials.plan.blocks.length,
    stopped: (result.looks ?? []).some(({ caseId, stopped }) => stopped && caseId === trials.plan.id),
  };
}

function describeSource({ fileName, result }: Source): SourceSummary {
  return {
    id: result.id,
    fileName,
    status: result.status,
    createdAt: result.createdAt,
    updatedAt: result.updatedAt,
    tool: result.tool,
    command: result.command,
    seed: result.plan.seed,
    quick: result.plan.quick,
    trialsPlanned: plannedTrials(result),
    trialsRecorded: result.trials.length,
  };
}

/** Whether every comparison that was made has trials enough for p < 0.001 at the harshest step of Holm's correction. */
function reach(comparisons: readonly ComparisonSummary[]): { mannWhitney: boolean; signedRank: boolean } {
  const made = comparisons.filter(({ verdict }) => verdict !== 'not-measured');
  const enough = (smallest: number | undefined) =>
    smallest !== undefined && smallest * comparisons.length < 0.001;
  return {
    mannWhitney: made.length > 0 && made.every(({ test }) => enough(test?.smallestPValue)),
    signedRank: made.length > 0 && made.every(({ paired }) => enough(paired?.test.smallestPValue)),
  };
}

function tally(cases: readonly CaseSummary[]): SummaryFacts['statistics']['againstRedis'] {
  const verdicts: Record<ComparisonVerdict, number> = {
    'candidate-better': 0,
    'baseline-better': 0,
    equivalent: 0,
    'no-difference-shown': 0,
    'too-few-trials': 0,
    'not-measured': 0,
  };
  let comparisons = 0;
  for (const caseSummary of cases) {
    for (const comparison of caseSummary.comparisons) {
      if (!isAgainstRedis(caseSummary, comparison)) continue;
      verdicts[comparison.verdict]++;
      comparisons++;
    }
  }
  return { comparisons, verdicts };
}
