import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BenchmarkReading, BenchmarkRun, BenchmarkShape, RequestKind } from '../engine.js';
import { loadPairs } from './load-pairs.js';
import { findOnPath } from './managed-server.js';
import type { RedisServer } from './redis-server.js';

const run = promisify(execFile);

/** What redis-benchmark puts a random key number for, twelve digits of it. */
const RANDOM_KEY = 'key:__rand_int__';
const keyText = (index: number): string => `key:${String(index).padStart(12, '0')}`;

/** Linux takes 128 KiB in one argument and 2 MiB in all of them by default (execve(2)): these leave room. */
const MAX_VALUE_BYTES = 100_000;
const MAX_COMMAND_BYTES = 1_000_000;
const MOST_REQUESTS = 50_000_000;
/** It takes time in whole milliseconds: a shorter run would be off by more than half a per cent for that alone. */
const SHORTEST_MS = 200;
/** A run that takes longer than this is given up. */
const RUN_LIMIT_MS = 60_000;

/**
 * Of one run. redis-benchmark 7.0.15 gives up one short pipelined run in about a hundred with the words below, though the server
 * is well: it looks at a moment at which its only client has ended and the next is not made yet.
 */
const MOST_ATTEMPTS = 5;
const LOST_CLIENTS = 'All clients disconnected';

export interface RedisBenchmarkOptions {
  /** Found on the PATH by default; null for none. */
  readonly program?: string | null;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the official redis-benchmark, which is written in C, on a private server in the shape of a workload: as many clients, as
 * deep a pipeline, keys and values of the same number and size, uniformly random. What it reaches is about the most that this
 * server gives to so many clients, and so an upper bound for any driver. The server is emptied before and after.
 *
 * All clients live in one thread of it: with --threads, version 7.0.15 tells the time in quarters of a second, and short runs
 * would be slow on paper.
 *
 * Each kind of request runs shortly first, to learn the rate, then for about `shape.durationMs`, 200 ms at least.
 *
 * @returns a reading without runs, with the reason, where it cannot be made
 */
export async function runRedisBenchmark(
  server: RedisServer,
  shape: BenchmarkShape,
  options: RedisBenchmarkOptions = {},
): Promise<BenchmarkReading> {
  const program = options.program === undefined ? findOnPath('redis-benchmark') : options.program;
  const absent = (reason: string, version: string | null = null): BenchmarkReading => ({
    program: 'redis-benchmark',
    version,
    absent: reason,
    runs: [],
  });
  if (program === null) return absent('redis-benchmark is not installed');
  if (server.managed === null)
    return absent('the server is not ours to fill with the keys of redis-benchmark');
  if (shape.valueBytes > MAX_VALUE_BYTES) {
    return absent(`values of ${String(shape.valueBytes)} bytes do not fit on its command line`);
  }
  let version: string | null = null;
  try {
    version = await versionOf(program, options.signal);
    await fill(server, shape);
    const runs: BenchmarkRun[] = [];
    for (const request of shape.requests)
      runs.push(await measure(program, server, shape, request, options.signal));
    return { program: 'redis-benchmark', version, absent: null, runs };
  } catch (error) {
    options.signal?.throwIfAborted();
    const message = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    return absent(`it failed: ${message.slice(0, 200)}`, version);
  } finally {
    // A server that is gone is met, and named, by the next trial.
    await server.flush().catch(() => undefined);
  }
}

async function versionOf(program: string, signal: AbortSignal | undefined): Promise<string | null> {
  const { stdout } = await run(program, ['--version'], { signal, timeout: RUN_LIMIT_MS });
  return /(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? null;
}

async function fill(server: RedisServer, { keys, valueBytes }: BenchmarkShape): Promise<void> {
  await server.flush();
  const session = await server.openSession();
  try {
    const value = 'x'.repeat(valueBytes);
    await loadPairs(session, keys, (index) => ({ key: keyText(index), value }));
  } finally {
    await session.close();
  }
}

async function measure(
  program: string,
  server: RedisServer,
  shape: BenchmarkShape,
  request: BenchmarkShape['requests'][number],
  signal: AbortSignal | undefined,
): Promise<BenchmarkRun> {
  const { words, keysPerRequest, shown } = commandFor(request.kind, request.keysPerRequest, shape.valueBytes);
  const { address } = server.settings;
  const place =
    address.transport === 'unix' ? ['-s', address.path] : ['-h', address.host, '-p', String(address.port)];
  const options = [
    ...['-c', String(shape.clients), '-P', String(shape.pipelineDepth), '-r', String(shape.keys)],
    '--csv',
  ];
  const ask = async (requests: number): Promise<number> => {
    const parameters = [...place, ...options, '-n', String(requests), ...words];
    for (let attempt = 1; ; attempt++) {
      try {
        const settings = { signal, timeout: RUN_LIMIT_MS, maxBuffer: 2 ** 24 };
        return rateIn((await run(program, parameters, settings)).stdout);
      } catch (error) {
        if (attempt === MOST_ATTEMPTS || !lostItsClients(error)) throw error;
      }
    }
  };
  const durationMs = Math.max(SHORTEST_MS, shape.durationMs);
  let requests = Math.max(200, shape.clients * shape.pipelineDepth * 10);
  let requestsPerSecond = await ask(requests);
  // Again with more until a run is long enough: the first ones may end within a millisecond, which it calls an infinite rate.
  while ((requests / requestsPerSecond) * 1000 < durationMs / 2 && requests < MOST_REQUESTS) {
    const wanted = Math.ceil((requestsPerSecond * durationMs) / 1000);
    requests = Math.min(MOST_REQUESTS, requests * 50, Math.max(requests * 2, wanted));
    requestsPerSecond = await ask(requests);
  }
  if (!Number.isFinite(requestsPerSecond)) throw new Error('it measured no time');
  return {
    kind: request.kind,
    keysPerRequest,
    requestsInStream: request.count,
    requestsPerSecond,
    command: [
      'redis-benchmark',
      ...(address.transport === 'unix' ? ['-s', '<socket>'] : ['-h', '<host>', '-p', '<port>']),
      ...[...options, '-n', String(requests)],
      shown,
    ].join(' '),
  };
}

function lostItsClients(error: unknown): boolean {
  return error instanceof Error && 'stderr' in error && String(error.stderr).trim().startsWith(LOST_CLIENTS);
}

/** Words of one request, how many keys it names, and how it is shown in a file. */
function commandFor(
  kind: RequestKind,
  keysPerRequest: number,
  valueBytes: number,
): { readonly words: string[]; readonly keysPerRequest: number; readonly shown: string } {
  const value = 'x'.repeat(valueBytes);
  const data = `<${String(valueBytes)} bytes>`;
  const batch = (name: string, part: string[], shown: string) => {
    const bytes = part.reduce((sum, word) => sum + word.length + 1 + 8, 0); // a pointer and a zero byte each
    const keys = Math.max(1, Math.min(keysPerRequest, Math.floor(MAX_COMMAND_BYTES / bytes)));
    return {
      words: [name, ...Array.from({ length: keys }, () => part).flat()],
      keysPerRequest: keys,
      shown: `${name} (${shown}) × ${String(keys)}`,
    };
  };
  switch (kind) {
    case 'get':
      return { words: ['GET', RANDOM_KEY], keysPerRequest: 1, shown: `GET ${RANDOM_KEY}` };
    case 'put':
      return { words: ['SET', RANDOM_KEY, value], keysPerRequest: 1, shown: `SET ${RANDOM_KEY} ${data}` };
    case 'delete':
      return { words: ['DEL', RANDOM_KEY], keysPerRequest: 1, shown: `DEL ${RANDOM_KEY}` };
    case 'increment': {
      // keys of its own: the others hold values that are no numbers
      const words = ['INCRBY', 'counter:__rand_int__', '1'];
      return { words, keysPerRequest: 1, shown: words.join(' ') };
    }
    case 'mget':
      return batch('MGET', [RANDOM_KEY], RANDOM_KEY);
    case 'mput':
      return batch('MSET', [RANDOM_KEY, value], `${RANDOM_KEY} ${data}`);
  }
}

/**
 * Requests a second in the last line of the table: "<command>","<rate>",…; infinite when it ended within a millisecond.
 *
 * @throws Error when there is none
 */
function rateIn(table: string): number {
  const line = table.trimEnd().split('\n').at(-1) ?? '';
  const text = /^"[^"]*","([\d.]+|inf)"/.exec(line)?.[1];
  const rate = text === 'inf' ? Infinity : Number(text);
  if (!(rate > 0)) throw new Error(`no rate in "${line.slice(0, 80)}"`);
  return rate;
}
