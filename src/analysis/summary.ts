/**
 * What analysis says about one or more result files. Report, gate and the JSON summary show this object and compute nothing
 * themselves. Numbers only where something was measured: what is unknown is null, never guessed.
 */
import type { ClaimsSummary } from './claims/claim-summary.js';
import type { CostSummary } from './cost/cost-summary.js';
import type { BatchCurve } from './batch-curves.js';
import type { CacheSimulationSummary } from './cache-simulations.js';
import type { CapacityCurve } from './capacity-curves.js';
import type { ChartLabel } from './chart-labels.js';
import type { Detectable } from './detectable.js';
import type { Efficiency } from './efficiency.js';
import type { GpuSummary } from './gpu-summary.js';
import type { LatencyOverTime } from './latency-over-time.js';
import type { Stopping } from './sequential.js';
import type { Standing } from './standings.js';
import type { Totals } from './totals.js';
import type { OpenLoopSummary } from './open-loop-summary.js';
import type {
  ArrivalFacts,
  Boundary,
  CapacitySearch,
  Correctness,
  EngineFacts,
  Environment,
  Metric,
  OpenLoopPlan,
  Plan,
  StreamFacts,
} from '../results/schema.js';

/** An estimate with its confidence interval; low and high are null when the trials are too few for one. */
export interface Interval {
  readonly estimate: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** One metric of one contender in one case. */
export interface MetricSummary {
  readonly metric: Metric;
  readonly unit: 'operations/s' | 'ns' | 'bytes' | 'clients';
  readonly higherIsBetter: boolean;
  /** Median over trials, with its order-statistic confidence interval. */
  readonly median: Interval;
  readonly trials: number;
  /** One number a trial, in the order in which the trials ran. */
  readonly values: readonly number[];
}

export interface ContenderSummary {
  readonly id: string;
  /** With the engine that ran, where there is a choice: 'Predis (CPU engine)'. */
  readonly label: string;
  /** 'redis', 'predis', … */
  readonly engineName: string;
  readonly boundary: Boundary;
  readonly pipelineDepth: number;
  /** True of what answers without storing: not verified, never compared, no competitor. */
  readonly floor: boolean;
  readonly engine: EngineFacts | null;
  readonly trials: { readonly measured: number; readonly voided: number; readonly failed: number };
  /** Checks and what they found, summed over measured and voided trials; failed trials did not get that far. */
  readonly correctness: Readonly<Omit<Correctness, 'examples'>>;
  /** Reasons of voided and failed trials, without repeats. */
  readonly problems: readonly string[];
  readonly metrics: readonly MetricSummary[];
  /**
   * From the start of a request, in open loop from its intended start, to its answer. Merged histogram of all measured
   * trials (never averaged percentiles); null when nothing was measured.
   */
  readonly latency: LatencyDistribution | null;
  /** null where the trials recorded none, as those of older versions. */
  readonly latencyOverTime: LatencyOverTime | null;
  /** null when it ran on no GPU. */
  readonly gpu: GpuSummary | null;
  /** null in closed loop. */
  readonly openLoop: OpenLoopSummary | null;
  /** Trials of a capacity search that ended at its lowest load, where the objective held at none, or at its highest. */
  readonly capacityEnds: { readonly none: number; readonly all: number } | null;
}

export interface LatencyDistribution {
  readonly requests: number;
  readonly meanNs: number;
  readonly maxNs: number;
  /** Ascending in percentile (0 to 100). */
  readonly percentiles: readonly { readonly percentile: number; readonly valueNs: number }[];
}

export interface TestResult {
  readonly name: 'Mann-Whitney U' | 'Wilcoxon signed-rank';
  readonly method: 'exact' | 'asymptotic';
  readonly statistic: number;
  readonly pValue: number;
  /** Holm over the declared family. */
  readonly adjustedPValue: number;
  /** The smallest two-sided p that this many trials (or blocks) can give, before correction. */
  readonly smallestPValue: number;
}

export type ComparisonVerdict =
  | 'candidate-better' // adjusted p < alpha and the interval of the advantage lies above 1
  | 'baseline-better'
  | 'equivalent' // no difference shown, and shown to be smaller than the declared margin
  | 'no-difference-shown' // see `detectable` for what would have been
  | 'too-few-trials' // no difference shown, and none could have been: see smallestPValue
  | 'not-measured'; // no trials, or values of 0 that no ratio can be made of

/** Two one-sided Mann-Whitney tests against the margin that the plan declares. */
export interface EquivalenceSummary {
  /** The largest difference that does not matter, as a fraction. */
  readonly margin: number;
  /** What that allows the advantage to be. */
  readonly bounds: { readonly low: number; readonly high: number };
  /** The larger of the two one-sided p-values. */
  readonly pValue: number;
  /** Holm over the equivalence tests of the declared family. */
  readonly adjustedPValue: number;
  /** Adjusted p < alpha. */
  readonly shown: boolean;
}

/** One declared comparison of two contenders on one metric of one case. */
export interface ComparisonSummary {
  readonly caseId: string;
  readonly metric: Metric;
  readonly baseline: string;
  readonly candidate: string;
  /** True when the two were measured across different boundaries: the ratio includes leaving the process, and says so. */
  readonly crossesBoundary: boolean;
  readonly trials: { readonly baseline: number; readonly candidate: number };
  /** Candidate over baseline as measured (Hodges-Lehmann on logarithms). */
  readonly ratio: Interval | null;
  /** The same turned so that above 1 favours the candidate whatever the metric. */
  readonly advantage: Interval | null;
  /** Confidence asked for, and what the discrete distribution achieves (at least as much). */
  readonly confidence: { readonly asked: number; readonly achieved: number | null };
  /** Cliff's delta, -1 to 1, above 0 favours the candidate. */
  readonly cliffsDelta: number | null;
  readonly test: TestResult | null;
  /** Signed-rank test and pseudomedian ratio on ABBA blocks: takes linear drift out. */
  readonly paired: {
    readonly test: TestResult;
    readonly advantage: Interval;
    readonly blocks: number;
  } | null;
  /**
   * Advantages below `low` or above `high` would have been found, after correction over the family, with this probability,
   * with so many trials and so much noise; null when none would.
   */
  readonly detectable: Detectable | null;
  /**
   * Of a run with a stopping rule: the looks that were taken, with the p of the Mann-Whitney test at each; `test` and `paired`
   * then give p-values that allow for them. null without a rule.
   */
  readonly looks: readonly { readonly blocks: number; readonly pValue: number }[] | null;
  /** null where the plan declares no margin, or where a case was stopped by its rule. */
  readonly equivalence: EquivalenceSummary | null;
  readonly verdict: ComparisonVerdict;
}

/** What became of the A/A control of one session. */
export interface ControlSummary {
  /**
   * 'failed': a difference was found where there is none; 'cannot-tell': the trials are too few to find any;
   * 'not-controlled': the plan has no control.
   */
  readonly state: 'passed' | 'failed' | 'cannot-tell' | 'not-controlled';
  /** Compared with itself; null when there is no control. */
  readonly contender: string | null;
  /** Name of the second arm. */
  readonly arm: string | null;
  /** Probability, at most, that a session in which nothing is wrong is called invalid. */
  readonly alpha: number;
  /** Comparisons that Holm corrects over: cases times metrics. */
  readonly familySize: number;
  readonly extraTrials: number;
  readonly comparisons: readonly ComparisonSummary[];
}

/** 'not-recorded': the file is of a version that did not note it; 'cannot-tell': too little, or another load model. */
export type CheckState = 'holds' | 'violated' | 'cannot-tell' | 'not-recorded';

/** One assumption that a session rests on, held against what was recorded. */
export interface AssumptionCheck {
  readonly id:
    | 'stationary-window'
    | 'warm-up'
    | 'stationary-session'
    | 'independence'
    | 'client'
    | 'clock-drift'
    | 'gpu-clock'
    | 'other-load'
    | 'stolen-time'
    | 'timer'
    | 'generator';
  readonly title: string;
  readonly state: CheckState;
  /** What a violation means here: 'invalid' makes the session invalid, 'caution' is a caveat. */
  readonly gravity: 'invalid' | 'caution';
  /** The worst that was seen; null where nothing was. */
  readonly figure: number | null;
  readonly unit: 'share' | 'ratio' | 'cpus' | 'p';
  readonly limit: number;
  /** Where; null where the figure is of the whole session. */
  readonly worst: { readonly caseId: string; readonly contender: string } | null;
  /** Series that were looked at, and those beyond the limit. */
  readonly looked: number;
  readonly violations: number;
  /** How the figure is made, and when it is a violation. */
  readonly rule: string;
  /** What a violation does to the numbers, as the end of a sentence. */
  readonly consequence: string;
}

/** Whether the numbers of one result file may be believed. */
export interface SessionValidity {
  readonly fileName: string;
  /** false: nothing in the file may be called faster or slower. */
  readonly valid: boolean;
  readonly control: ControlSummary;
  readonly checks: readonly AssumptionCheck[];
}

export type LadderStepName = 'leaving-the-network' | 'native-code' | 'gpu' | 'packed-batches';

/** From one contender to the next; `names` has several where the rungs between were not measured, none for the whole way. */
export interface LadderStep {
  readonly names: readonly LadderStepName[];
  /** Contender ids. */
  readonly from: string;
  readonly to: string;
  /** Throughput of `to` over that of `from`. */
  readonly ratio: Interval;
  readonly crossesBoundary: boolean;
  readonly trials: { readonly from: number; readonly to: number };
}

/** Where the throughput advantage over the best Redis comes from (ladder.ts). */
export interface SpeedupLadder {
  readonly metric: 'throughput';
  /** Contender of Redis with the highest median, of `redisContenders`. */
  readonly bestRedis: string;
  readonly redisContenders: number;
  readonly steps: readonly LadderStep[];
  /** From the best Redis to the last rung. */
  readonly total: LadderStep;
  /** From the last rung to the same engine asked in packed batches; null where that was not measured. */
  readonly packed: LadderStep | null;
  /** Steps beyond the last rung that were not measured. */
  readonly missing: readonly LadderStepName[];
}

/** A contender beside the no-op contender of its boundary and pipeline depth. */
export interface FloorShare {
  readonly contender: string;
  readonly floor: string;
  /** Median throughput over the floor's. */
  readonly share: number;
}

/** What a load generator of an engine's own makers reached on the shape of the case. */
export interface CeilingSummary {
  readonly contender: string;
  readonly program: string;
  readonly version: string | null;
  /** Why there is none. */
  readonly absent: string | null;
  readonly startedAt: string;
  readonly operationsPerSecond: number | null;
  /** Our driver's median throughput over it. */
  readonly harnessEfficiency: number | null;
  readonly commands: readonly string[];
}

export interface CaseSummary {
  readonly id: string;
  readonly workload: string;
  readonly label: string;
  readonly summary: string;
  readonly derivedFrom: string;
  readonly parameters: Readonly<Record<string, number | readonly number[]>>;
  readonly stream: StreamFacts;
  /** When its requests fell due; null in closed loop. */
  readonly arrivals: ArrivalFacts | null;
  /** How the case's own clients were driven; null where the case leaves that to the run (`design`). */
  readonly clients: { readonly workers: number; readonly connections: number } | null;
  /** Contenders of the run that do not take this case: an id and the end of a sentence that begins with its name. */
  readonly refusals: readonly { readonly contender: string; readonly reason: string }[];
  readonly contenders: readonly ContenderSummary[];
  readonly comparisons: readonly ComparisonSummary[];
  /** What the stopping rule did; null where the plan has none. */
  readonly stopping: {
    readonly spending: Stopping['spending'];
    readonly looksTaken: number;
    readonly looksPlanned: number;
    readonly blocksTaken: number;
    readonly blocksPlanned: number;
    readonly stopped: boolean;
  } | null;
  /** null where no step could be made. */
  readonly ladder: SpeedupLadder | null;
  readonly floors: readonly FloorShare[];
  /** Empty for results of versions that asked no load generator. */
  readonly ceilings: readonly CeilingSummary[];
}

/** One number of clients of a ramp. */
export interface RampStep {
  readonly caseId: string;
  readonly clients: number;
  /** Threads that they were spread over. */
  readonly workers: number;
  /** Median over trials, operations a second. */
  readonly throughput: Interval;
  /** Median over trials, nanoseconds. */
  readonly latencyP99: Interval;
  /** Over the fewest clients (Hodges-Lehmann on logarithms); null at the first step. */
  readonly throughputRatio: Interval | null;
  readonly latencyP99Ratio: Interval | null;
}

/** What ever more clients did to one contender: the cases of one workload that set their number of clients. */
export interface RampSummary {
  readonly workload: string;
  readonly contender: string;
  readonly label: string;
  /** At least two, by number of clients, ascending. */
  readonly steps: readonly RampStep[];
  /** Growth that counts as growth, as a ratio: 1.05 is 5 %. */
  readonly growthRatio: number;
  /** Multiple of the p99 latency at the fewest clients that counts as degraded. */
  readonly p99Multiple: number;
  /**
   * Where throughput stops growing: the index of the first step than which no later one is shown to be faster by
   * `growthRatio`. 'grows' when that is the last step, 'too-few-trials' where there are no intervals to tell by.
   */
  readonly throughput: { readonly state: 'stops' | 'grows' | 'too-few-trials'; readonly step: number | null };
  /** The first step whose p99 is shown to be more than `p99Multiple` times that at the fewest clients. */
  readonly latencyP99: {
    readonly state: 'passes' | 'within' | 'too-few-trials';
    readonly step: number | null;
  };
}

/** A sentence made from data: `refs` are JSON pointers into the summary, one for each number that it shows. */
export interface Sentence {
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'neutral' | 'warning';
  readonly refs: readonly string[];
}

export interface SourceSummary {
  readonly id: string;
  readonly fileName: string;
  readonly status: 'running' | 'complete' | 'interrupted';
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly tool: { readonly version: string; readonly commit: string | null; readonly dirty: boolean | null };
  readonly command: readonly string[];
  readonly seed: number;
  readonly quick: boolean;
  readonly trialsPlanned: number;
  readonly trialsRecorded: number;
}

/** One item of the disclosure checklist. */
export interface DisclosureSummary {
  /** 1 to 20. */
  readonly number: number;
  readonly topic: string;
  readonly parts: readonly {
    readonly name: string;
    /** Places of the result file that hold it, `*` for every member. */
    readonly pointers: readonly string[];
    /** Empty: not disclosed. */
    readonly said: readonly string[];
  }[];
}

export interface Summary {
  readonly format: 'predis-bench-summary';
  readonly schemaVersion: 1;
  /** "self-reported, unaudited" until somebody audits. */
  readonly label: string;
  readonly sources: readonly SourceSummary[];
  readonly environment: Environment;
  readonly design: {
    readonly workers: number;
    readonly connections: number;
    readonly warmupMs: number;
    readonly windowMs: number;
    readonly verifyEvery: number;
    readonly loadModel: Plan['loadModel'];
    /** null in closed loop. */
    readonly openLoop: OpenLoopPlan | null;
    /** null where no capacity was searched. */
    readonly capacity: CapacitySearch | null;
    readonly blocksPerCase: number;
  };
  readonly statistics: {
    readonly alpha: number;
    readonly confidence: number;
    readonly familySize: number;
    /** Declared before the first trial: the difference that does not matter, as a fraction; null where none was. */
    readonly margin: number | null;
    /** Whether p < 0.001 can be reached at all after correction, by each test. */
    readonly canReachP001: { readonly mannWhitney: boolean; readonly signedRank: boolean };
    /** Comparisons of another engine with Redis, and how many of them came out how. */
    readonly againstRedis: {
      readonly comparisons: number;
      readonly verdicts: Readonly<Record<ComparisonVerdict, number>>;
    };
  };
  /** One for each source, in the same order. */
  readonly validity: readonly SessionValidity[];
  readonly cases: readonly CaseSummary[];
  /** By contender: what it is called in charts, where there is no room for its full name. */
  readonly chartLabels: readonly ChartLabel[];
  readonly totals: Totals;
  /** Each contender on each metric over all cases, beside the best Redis. */
  readonly standings: readonly Standing[];
  /** null where no claims were declared to analysis. */
  readonly claims: ClaimsSummary | null;
  /** Prices are never assumed: null where none were given. */
  readonly cost: CostSummary | null;
  /** By workload, then contender; empty where no workload has cases of several numbers of clients. */
  readonly ramps: readonly RampSummary[];
  /** By workload, then contender; empty where no workload was measured with several batch sizes. */
  readonly batchCurves: readonly BatchCurve[];
  /** By case, then contender; empty where no capacity was searched. */
  readonly capacityCurves: readonly CapacityCurve[];
  readonly efficiency: Efficiency;
  /** As many as were given to analysis. */
  readonly cacheSimulations: readonly CacheSimulationSummary[];
  /** One sentence a ramp: where the contender begins to degrade. */
  readonly degradation: readonly Sentence[];
  /** Why a session is invalid, one sentence each; empty where all are valid. */
  readonly invalid: readonly Sentence[];
  /** How many of the claims are met, first; then one sentence for each that is not. Empty without claims. */
  readonly claimed: readonly Sentence[];
  /** The whole in a few sentences: one for each contender and metric. */
  readonly executive: readonly Sentence[];
  /** One for each case, metric and contender, first the most important. */
  readonly headline: readonly Sentence[];
  /** Every comparison that Redis wins or is not beaten in; never left out. */
  readonly whereRedisWins: readonly Sentence[];
  /** All twenty items, in order. */
  readonly disclosure: readonly DisclosureSummary[];
  /** Voided trials, interruption, quick mode, crossed boundaries: what a reader must know before believing. */
  readonly caveats: readonly Sentence[];
}
