/** The options of `predis-bench run`, and what is made of them: a request for a plan. */
import type { Command } from 'commander';
import { readConnectionSettings } from '../engines/redis/connection-settings.js';
import { ioThreadsForThisMachine, mastersForThisMachine } from '../engines/redis/granted-cores.js';
import {
  findContender,
  ladder,
  refusalOf,
  type ContenderDefinition,
  type EngineOptions,
} from '../engines/registry.js';
import { noDevice } from '../engines/predis-device.js';
import { BenchError } from '../errors.js';
import { defaultControl } from '../measure/control.js';
import { comparedMetrics, declareComparisons } from '../measure/family.js';
import type { PlanRequest } from '../measure/plan.js';
import { declarations, type Contender, type DeclarationName } from '../results/schema.js';
import { nearestName } from '../support/nearest.js';
import { findWorkload, resolveParameters, workloads, type WorkloadInput } from '../workloads/index.js';
import {
  addLoadOptions,
  chooseOpenLoop,
  chooseSearch,
  lengths,
  refusePipelines,
  type LoadOptions,
} from './load-options.js';
import { chooseBlocks, trialCount } from './block-options.js';
import { addStoppingOptions, chooseStopping, type StoppingOptions } from './stopping-options.js';
import { assignmentOption, listOption, numberOption, shareOption } from './option-values.js';
import { addRunTraceOptions, type TraceOptions } from './trace-options.js';

/** As commander hands them over. */
export interface RunOptions extends LoadOptions, StoppingOptions, TraceOptions {
  readonly blocks?: number;
  readonly trials?: number;
  readonly workers: number;
  readonly connections: number;
  readonly pipeline?: number;
  readonly contenders?: string[];
  readonly set: Readonly<Record<string, string>>;
  readonly file?: string;
  readonly seed: number;
  readonly alpha: number;
  readonly margin?: number;
  /** false for --no-control. */
  readonly control?: string | false;
  readonly verifyEvery: number;
  readonly engine: 'auto' | 'cpu' | 'cuda';
  readonly memoryLimitMib?: number;
  readonly redis?: string;
  readonly redisPasswordFile?: string;
  readonly redisTlsCa?: string;
  /** False with --no-redis-benchmark. */
  readonly redisBenchmark: boolean;
  readonly disclose: Readonly<Record<string, string>>;
  readonly output?: string;
  readonly resume?: string;
  readonly suite?: string;
  readonly config?: string;
  readonly json?: true;
  readonly quiet?: true;
}

const DEFAULT_PIPELINE = 16;
/** Adds the options of `run` to a command. */
export function addRunOptions(command: Command): Command {
  const whole = (option: string, unit: string, minimum: number, maximum: number) =>
    numberOption({ option, unit, minimum, maximum, integer: true });
  const real = (option: string, unit: string, minimum: number, maximum: number) =>
    numberOption({ option, unit, minimum, maximum, integer: false });
  const measured = command
    .optionsGroup('What is measured:')
    .option('--quick', 'few and short trials: a first impression that cannot reach p < 0.001')
    .option('--suite <name>', 'workloads and options from the configuration (docs/configuration.md)')
    .option('--config <file>', 'where suites stand (default: predis-bench.config.ts or .json, here or above)')
    .option('--set <name=value>', 'a parameter of the workload; repeatable', assignmentOption('--set'), {})
    .option(
      '--contenders <ids>',
      'what to compare (default: redis,redis-p16,predis,map, and with --engine cuda predis-device where all reads are mgets); ladder stands for all boundaries and controls',
      listOption('--contenders'),
    )
    .option(
      '--pipeline <depth>',
      'depth of the pipelined Redis contender (default: 16)',
      whole('--pipeline', 'requests in flight', 2, 10_000),
    )
    .option(
      '--blocks <n>',
      'ABBA blocks a case, two trials of each contender in a block (default: enough for p < 0.001)',
      whole('--blocks', 'blocks', 1, 1000),
    )
    .option(
      '--trials <n>',
      'trials of each contender a case, an even number (another way to say --blocks)',
      trialCount,
    )
    .option(
      '--window-ms <ms>',
      'measured window of a trial (default: 400, in open loop 1000; with --quick 150 and 500)',
      real('--window-ms', 'milliseconds', 1, 3_600_000),
    )
    .option(
      '--warmup-ms <ms>',
      'warm-up before it (default: 500, with --quick 250)',
      real('--warmup-ms', 'milliseconds', 0, 3_600_000),
    )
    .option('--workers <n>', 'threads that drive', whole('--workers', 'threads', 1, 256), 1)
    .option(
      '--connections <n>',
      'connections of each worker',
      whole('--connections', 'connections', 1, 1024),
      1,
    )
    .option(
      '--seed <n>',
      'of streams and of the order of trials',
      whole('--seed', 'seeds', 0, 0xffffffff),
      1,
    );
  addLoadOptions(measured.optionsGroup('Open loop, and the search for a capacity:'));
  addStoppingOptions(command.optionsGroup('Stopping early:'));
  addRunTraceOptions(command.optionsGroup('Recorded traces:'));
  return command
    .optionsGroup('Statistics and checks:')
    .option(
      '--alpha <p>',
      'significance level after correction',
      real('--alpha', 'probability', 0.00001, 0.2),
      0.05,
    )
    .option(
      '--margin <fraction>',
      'the difference that does not matter (such as 5%): also tests whether contenders are equal within it',
      shareOption('--margin'),
    )
    .option(
      '--control <id>',
      'contender that is compared with itself (default: the first of Predis, two trials more a block)',
    )
    .option('--no-control', 'leave that A/A control out; the result then says "not controlled"')
    .option(
      '--verify-every <n>',
      'verify one read in n inside the window',
      whole('--verify-every', 'reads', 1, 1_000_000),
      16,
    )
    .option(
      '--no-redis-benchmark',
      'do not run redis-benchmark on the shape of each case, which is the upper bound for our driver',
    )
    .optionsGroup('Engines:')
    .option(
      '--engine <kind>',
      'engine of the contender predis: auto (CUDA where it runs, else the CPU), cuda or cpu',
      engineKind,
      'auto',
    )
    .option(
      '--memory-limit-mib <n>',
      'memory limit of the Predis engine',
      whole('--memory-limit-mib', 'MiB', 1, 16_777_216),
    )
    .option('--redis <url>', 'a running server instead of a private one: redis://, rediss://, unix://')
    .option('--redis-password-file <file>', 'its password (or in PREDIS_BENCH_REDIS_PASSWORD)')
    .option('--redis-tls-ca <file>', 'authority that signed its certificate, PEM')
    .optionsGroup('Result:')
    .option('-o, --output <file>', 'result file (default: a new one in predis-bench-results/)')
    .option('--resume <file>', 'go on with an interrupted run')
    .option(
      '--disclose <name=value>',
      `what no machine can know, for the disclosure in result and report; repeatable: ${Object.keys(declarations).join(', ')}`,
      assignmentOption('--disclose'),
      {},
    )
    .option('--json', 'print the summary as JSON')
    .option('--quiet', 'print the path of the result file and nothing else');
}

/** What the engines need, secrets not included: those are read when they are needed. */
export function engineOptions(options: RunOptions): EngineOptions {
  if (options.redis === undefined && (options.redisPasswordFile ?? options.redisTlsCa) !== undefined) {
    throw new BenchError('USAGE', '--redis-password-file and --redis-tls-ca need --redis <url>.');
  }
  const redis = {
    ...(options.redis === undefined ? {} : { url: options.redis }),
    ...(options.redisPasswordFile === undefined ? {} : { passwordFile: options.redisPasswordFile }),
    ...(options.redisTlsCa === undefined ? {} : { tlsCaFile: options.redisTlsCa }),
  };
  // read once now, so that a malformed address is met before anything is begun
  if (options.redis !== undefined) readConnectionSettings({ ...redis, url: options.redis });
  return {
    redis,
    predis: {
      engine: options.engine,
      ...(options.memoryLimitMib === undefined
        ? {}
        : { memoryLimitBytes: options.memoryLimitMib * 1024 * 1024 }),
    },
  };
}

/**
 * The plan that the options ask for.
 *
 * @param names workloads as typed; `all` is every one that needs no input
 * @param input the trace of --file; `null` for none
 * @throws BenchError for unknown names, and for values that do not go together
 */
export function planRequest(
  names: readonly string[],
  options: RunOptions,
  input: WorkloadInput | null = null,
): PlanRequest {
  const chosen = chooseWorkloads(names, options.set, input);
  const cases = chosen.flatMap(({ workload, parameters, input: given }) =>
    workload.cases(parameters, given).map(({ id, readsBatches = false, counters = false }) => ({
      id: `${workload.name}/${id}`,
      readsBatches,
      counters,
    })),
  );
  const definitions = chooseContenders(options, {
    readsBatches: cases.every(({ readsBatches }) => readsBatches),
    counters: cases.every(({ counters }) => counters),
    someCounters: cases.some(({ counters }) => counters),
  });
  refuseWithoutDelivery(definitions, cases, options);
  const contenders = definitions.map((definition) => plannedContender(definition, options));
  const quick = options.quick === true;
  const openLoop = chooseOpenLoop(options);
  const capacity = chooseSearch(options);
  if (openLoop !== null) refusePipelines(contenders);
  const caseIds = cases.map(({ id }) => id);
  const comparisons = declareComparisons(
    caseIds,
    contenders,
    comparedMetrics(openLoop !== null, capacity?.search ?? null),
  ).length;
  const blocks = chooseBlocks(options, comparisons);
  return {
    workloads: chosen,
    contenders,
    seed: options.seed,
    quick,
    blocks,
    stopping: chooseStopping(options, { blocks, alpha: options.alpha, comparisons }),
    ...lengths(options, openLoop !== null),
    openLoop,
    capacity,
    workers: options.workers,
    connections: options.connections,
    verifyEvery: options.verifyEvery,
    alpha: options.alpha,
    confidence: 1 - options.alpha,
    margin: options.margin ?? null,
    refusal: ({ id }, needs) => refusalOf(findContender(id), needs),
    control: options.control === false ? null : (options.control ?? defaultControl(contenders)),
  };
}

/**
 * What was declared with --disclose.
 *
 * @throws BenchError USAGE for a name that is none, or nothing said
 */
export function declaredFacts({ disclose }: RunOptions): Partial<Record<DeclarationName, string>> {
  for (const [name, value] of Object.entries(disclose)) {
    if (!Object.hasOwn(declarations, name)) {
      const names = Object.keys(declarations);
      const nearest = nearestName(name, names);
      throw new BenchError(
        'USAGE',
        `--disclose ${name}: there is no such item; ${nearest === null ? `there are ${names.join(', ')}` : `did you mean ${nearest}`}.`,
      );
    }
    if (value.trim() === '') throw new BenchError('USAGE', `--disclose ${name}= says nothing.`);
  }
  return disclose;
}

/** What the cases of a run have in common, as far as the choice of contenders goes. */
interface Shape {
  /** All read batches. */
  readonly readsBatches: boolean;
  /** All are of counters; some are. */
  readonly counters: boolean;
  readonly someCounters: boolean;
}

function chooseContenders(options: RunOptions, shape: Shape): ContenderDefinition[] {
  if (options.contenders !== undefined && options.pipeline !== undefined) {
    throw new BenchError(
      'USAGE',
      '--pipeline chooses a default contender: with --contenders, name redis-p<depth>.',
    );
  }
  const openLoop = chooseOpenLoop(options) !== null;
  const fitsLoad = (id: string): boolean => !openLoop || findContender(id).pipelineDepth === 1;
  const ids = (options.contenders ?? defaultContenders(options, shape)).flatMap((id) =>
    id === 'ladder' || id === 'all' ? ladderContenders(options, shape).filter(fitsLoad) : [id],
  );
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated !== undefined) throw new BenchError('USAGE', `--contenders names ${repeated} twice.`);
  const chosen = ids.map(findContender);
  const own = chosen.find(({ redisVariant }) => redisVariant !== undefined);
  if (own !== undefined && options.redis !== undefined) {
    throw new BenchError(
      'USAGE',
      `${own.id} is a Redis that this tool starts itself: it does not go together with --redis.`,
      { hint: 'Name contenders without it, or leave --redis out.' },
    );
  }
  return chosen;
}

/**
 * Every rung that can be measured together: the Map lives in one worker, a second CPU engine is none beside --engine cpu, and
 * Redis servers of our own do not stand beside somebody else's, and GPU memory wants the CUDA engine and batches.
 */
function ladderContenders(
  { workers, engine, redis }: RunOptions,
  { readsBatches, someCounters }: Shape,
): string[] {
  return ladder
    .filter((contender) => contender.engine !== 'map' || workers === 1)
    .filter(({ predisEngine }) => predisEngine !== 'cpu' || engine !== 'cpu')
    .filter(({ redisVariant }) => redisVariant === undefined || redis === undefined)
    .filter(({ boundary }) => boundary !== 'device' || (engine === 'cuda' && readsBatches))
    .filter(({ sortedSet }) => sortedSet !== true || someCounters)
    .map(({ id }) => id);
}

/**
 * A contender at the boundary device has nothing to show but batches of values left in GPU memory.
 *
 * @throws BenchError PREDIS_NO_DEVICE for predis-device with the CPU engine, USAGE for workloads that read nothing by mget
 */
function refuseWithoutDelivery(
  definitions: readonly ContenderDefinition[],
  cases: readonly { readonly id: string; readonly readsBatches: boolean }[],
  { engine }: RunOptions,
): void {
  const delivers = definitions.find(({ boundary }) => boundary === 'device');
  if (delivers === undefined) return;
  const onGpu = definitions.some((one) => one.boundary === 'device' && one.engine === 'predis');
  if (onGpu && engine === 'cpu') throw noDevice('--engine cpu was given.');
  const others = cases.filter(({ readsBatches }) => !readsBatches).map(({ id }) => id);
  if (others.length === 0) return;
  throw new BenchError(
    'USAGE',
    `${delivers.id} measures batches whose values stay in GPU memory, and nothing is read by mget in ${others.join(', ')}.`,
    { hint: `Leave ${delivers.id} out of --contenders, or measure workloads that read batches.` },
  );
}

/**
 * Redis unpipelined and, in closed loop, pipelined, both also as a sorted set where everything is a counter, Predis, its delivery to GPU memory where the CUDA engine is asked for and all
 * reads come in batches, and the Map control where it can run: it lives in one worker.
 */
function defaultContenders(options: RunOptions, { readsBatches, counters }: Shape): string[] {
  const { pipeline, workers, engine } = options;
  const pipelined = `redis-p${String(pipeline ?? DEFAULT_PIPELINE)}`;
  const sortedSet = counters ? ['redis-zset', pipelined.replace('redis', 'redis-zset')] : [];
  const ids =
    chooseOpenLoop(options) === null || pipeline !== undefined
      ? ['redis', pipelined, ...sortedSet, 'predis']
      : ['redis', ...sortedSet.slice(0, 1), 'predis'];
  if (engine === 'cuda' && readsBatches) ids.push('predis-device');
  return workers === 1 && options.slo === undefined ? [...ids, 'map'] : ids;
}

function plannedContender(definition: ContenderDefinition, options: RunOptions): Contender {
  const { id, label, engine, predisEngine, boundary, pipelineDepth, floor } = definition;
  const settings: Contender['settings'] =
    engine === 'redis'
      ? {
          server: options.redis === undefined ? 'private' : 'external',
          ...redisVariantSettings(definition),
          ...(definition.sortedSet ? { dataStructure: 'sorted set' } : {}),
        }
      : engine === 'predis'
        ? { engine: predisEngine ?? options.engine, memoryLimitMib: options.memoryLimitMib ?? null }
        : {};
  return { id, label, engine, boundary, pipelineDepth, settings, ...(floor ? { floor } : {}) };
}

function redisVariantSettings({ redisVariant }: ContenderDefinition): Contender['settings'] {
  if (redisVariant === undefined) return {};
  if (redisVariant === 'tcp') return { transport: 'TCP' };
  const transport = 'Unix socket';
  return redisVariant === 'cluster'
    ? { transport, masters: mastersForThisMachine() }
    : { transport, ioThreads: ioThreadsForThisMachine() };
}

function chooseWorkloads(
  names: readonly string[],
  set: Readonly<Record<string, string>>,
  input: WorkloadInput | null,
): PlanRequest['workloads'] {
  const chosen = names.includes('all') ? [...workloads] : [...new Set(names)].map(findWorkload);
  const chosenNames = chosen.map(({ name }) => name);
  if (input !== null && !chosen.some((workload) => workload.input !== undefined)) {
    throw new BenchError('USAGE', '--file is of the workload trace: predis-bench run trace --file <trace>.');
  }
  const given = new Map(chosenNames.map((name): [string, Record<string, string>] => [name, {}]));
  for (const [name, value] of Object.entries(set)) {
    const dot = name.indexOf('.');
    const [owner, parameter] = dot < 0 ? [undefined, name] : [name.slice(0, dot), name.slice(dot + 1)];
    const only = chosenNames.length === 1 ? chosenNames[0] : undefined;
    const target = given.get(owner ?? only ?? '');
    if (target === undefined) {
      throw new BenchError(
        'USAGE',
        owner === undefined
          ? `--set ${name}: with several workloads say whose, as in --set ${chosenNames[0] ?? ''}.${name}=${value}.`
          : `--set ${name}: ${owner} is not one of the workloads of this run.`,
      );
    }
    target[parameter] = value;
  }
  return chosen.map((workload) => ({
    workload,
    parameters: resolveParameters(workload, given.get(workload.name) ?? {}),
    ...(workload.input === undefined || input === null ? {} : { input }),
  }));
}

function engineKind(text: string): RunOptions['engine'] {
  if (text === 'auto' || text === 'cpu' || text === 'cuda') return text;
  throw new BenchError('USAGE', `--engine is auto, cpu or cuda, not "${text}".`);
}
