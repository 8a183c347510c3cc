/** The options of `predis-bench run` that say how engines are loaded: open loop, and the search for a capacity. */
import type { Command } from 'commander';
import { BenchError } from '../errors.js';
import { MAX_RATE_PER_SECOND, type OpenLoopRequest } from '../measure/load.js';
import type { CapacitySearch, Contender, Objective } from '../results/schema.js';
import { arrivalProcesses, type ArrivalProcess } from '../workloads/arrivals.js';
import { parseObjective } from './objective.js';
import { numberOption } from './option-values.js';

/** As commander hands them over. */
export interface LoadOptions {
  readonly quick?: true;
  readonly windowMs?: number;
  readonly warmupMs?: number;
  readonly rate?: number;
  readonly arrivals?: ArrivalProcess;
  readonly timeScale?: number;
  readonly maxInFlight?: number;
  readonly slo?: Objective;
  readonly search?: 'rate' | 'clients';
  readonly clientRate?: number;
}

/** More than falls due while an engine pauses for a second at most rates; 10,000 small requests are a few megabytes. */
const DEFAULT_MAX_IN_FLIGHT = 10_000;

/** Of a capacity search: see docs/methodology.md. */
const SEARCH_GROWTH = 4;
const SEARCH_RESOLUTION = 1.05;
const SEARCH_ATTEMPTS = 2;
const DEFAULT_SEARCH_FROM = 1000;
const DEFAULT_CLIENT_RATE = 100;
/** Each is a connection; Redis takes 10,000 unless told otherwise. */
const MAX_CLIENTS = 8192;

/** Adds them to a command. */
export function addLoadOptions(command: Command): Command {
  const whole = (option: string, unit: string, minimum: number, maximum: number) =>
    numberOption({ option, unit, minimum, maximum, integer: true });
  const real = (option: string, unit: string, minimum: number, maximum: number) =>
    numberOption({ option, unit, minimum, maximum, integer: false });
  return command
    .option(
      '--rate <ops/s>',
      'open loop: operations fall due at this rate, answered or not; latency counts from then',
      real('--rate', 'operations per second', 1, MAX_RATE_PER_SECOND),
    )
    .option(
      '--arrivals <process>',
      "open loop: poisson (default), constant, or schedule for the workload's own",
      arrivalProcess,
    )
    .option(
      '--time-scale <factor>',
      "open loop: run the workload's own schedule so many times faster",
      real('--time-scale', 'times', 1e-6, 1e9),
    )
    .option(
      '--max-in-flight <n>',
      'open loop: requests in flight on each connection; more wait, and are late (default: 10000)',
      whole('--max-in-flight', 'requests in flight', 1, 1_000_000),
    )
    .option(
      '--slo <objective>',
      "search the highest load at which a latency objective holds, e.g. 'p99<5ms'; --rate is then the lowest tried (default: 1000)",
      parseObjective,
    )
    .option('--search <what>', 'with --slo: the highest rate (default), or the most clients', searchKind)
    .option(
      '--client-rate <ops/s>',
      'with --search clients: what each client, a connection, asks (default: 100)',
      real('--client-rate', 'operations per second', 0.1, 1e6),
    );
}

/**
 * A tail is made of few requests, and in open loop no more come than were asked for: windows are longer there. The warm-up is
 * what the slowest starter needs until the check "warm-up long enough" holds: docs/decisions/warm-up.md.
 */
export function lengths(
  { quick, warmupMs, windowMs }: LoadOptions,
  openLoop: boolean,
): { warmupMs: number; windowMs: number } {
  const [usualWarmupMs, usualWindowMs] =
    quick === true ? [250, openLoop ? 500 : 150] : [500, openLoop ? 1000 : 400];
  return { warmupMs: warmupMs ?? usualWarmupMs, windowMs: windowMs ?? usualWindowMs };
}

/** Open loop where a rate or arrivals are asked for. */
export function chooseOpenLoop(options: LoadOptions): OpenLoopRequest | null {
  const { timeScale, maxInFlight = DEFAULT_MAX_IN_FLIGHT } = options;
  const search = chooseSearch(options);
  const rate = search?.clientRatePerSecond ?? search?.from ?? options.rate;
  if (search !== null && timeScale !== undefined) {
    throw new BenchError('USAGE', '--slo searches the load: --time-scale would set it.');
  }
  const arrivals = options.arrivals ?? (timeScale === undefined ? 'poisson' : 'schedule');
  if (rate === undefined && options.arrivals === undefined && timeScale === undefined) {
    if (options.maxInFlight === undefined) return null;
    throw new BenchError('USAGE', '--max-in-flight is of open loop: give --rate too.');
  }
  if (arrivals !== 'schedule') {
    if (timeScale !== undefined) {
      throw new BenchError('USAGE', `--time-scale hastens a schedule, but the arrivals are ${arrivals}.`, {
        hint: 'Give --rate alone, or --arrivals schedule.',
      });
    }
    if (rate === undefined) {
      throw new BenchError('USAGE', `--arrivals ${arrivals} needs a rate: --rate <operations per second>.`);
    }
  } else if (rate !== undefined && timeScale !== undefined) {
    throw new BenchError(
      'USAGE',
      'With a schedule --rate and --time-scale say the same thing: give one of them.',
    );
  }
  return { arrivals, ratePerSecond: rate ?? null, timeScale: timeScale ?? 1, maxInFlight };
}

/** The search that --slo asks for. Arrivals are made for its lowest load and hastened for the others. */
export function chooseSearch({ slo, search, clientRate, rate }: LoadOptions): CapacitySearch | null {
  if (slo === undefined) {
    if (clientRate === undefined && search === undefined) return null;
    throw new BenchError('USAGE', '--search and --client-rate are of a capacity search: give --slo too.');
  }
  const rule = {
    objective: slo,
    growth: SEARCH_GROWTH,
    resolution: SEARCH_RESOLUTION,
    attempts: SEARCH_ATTEMPTS,
  };
  if (search !== 'clients') {
    if (clientRate !== undefined) {
      throw new BenchError('USAGE', '--client-rate is what a client asks: give --search clients too.');
    }
    return {
      ...rule,
      search: 'rate',
      clientRatePerSecond: null,
      from: rate ?? DEFAULT_SEARCH_FROM,
      to: MAX_RATE_PER_SECOND,
    };
  }
  if (rate !== undefined) {
    throw new BenchError('USAGE', 'With --search clients each client asks --client-rate: leave --rate out.');
  }
  return {
    ...rule,
    search,
    clientRatePerSecond: clientRate ?? DEFAULT_CLIENT_RATE,
    from: 1,
    to: MAX_CLIENTS,
  };
}

export function refusePipelines(contenders: readonly Contender[]): void {
  const pipelined = contenders.find(({ pipelineDepth }) => pipelineDepth > 1);
  if (pipelined === undefined) return;
  throw new BenchError(
    'USAGE',
    `${pipelined.id} has no meaning in open loop: requests are sent when they fall due, pipelined as that may come.`,
    { hint: 'Name redis; --max-in-flight bounds the requests in flight on a connection.' },
  );
}

function arrivalProcess(text: string): ArrivalProcess {
  const process = arrivalProcesses.find((one) => one === text);
  if (process !== undefined) return process;
  throw new BenchError('USAGE', `--arrivals is ${arrivalProcesses.join(', ')}, not "${text}".`);
}

function searchKind(text: string): 'rate' | 'clients' {
  if (text === 'rate' || text === 'clients') return text;
  throw new BenchError('USAGE', `--search is rate or clients, not "${text}".`);
}
