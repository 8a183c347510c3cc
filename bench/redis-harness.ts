/**
 * Harness efficiency: how much of what `redis-benchmark` gets out of a Redis server our session gets out of it, with the same
 * connections, pipeline depth, keys and value size, on one server, in interleaved runs. `redis-benchmark` is C and
 * checks no answer; ours is JavaScript and looks at every value's length.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { findOnPath } from '../src/engines/redis/managed-server.js';
import { RedisEngine } from '../src/engines/redis/redis-engine.js';
import { RedisServer } from '../src/engines/redis/redis-server.js';
import { harnessKey, redisCpuMs, type HarnessAnswer, type HarnessOrder } from './redis-harness/order.js';
import type { BenchRow } from './bench-row.js';

interface Shape {
  readonly connections: number;
  readonly depth: number;
  readonly threads: number;
}

/** One run of one side; shares are processor time over elapsed time. */
interface Reading {
  readonly ratePerSecond: number;
  readonly clientShare: number;
  readonly redisShare: number;
}

const KEYS = 10_000;
const VALUE_BYTES = 100;
const ROUNDS = 5;
const DURATION_MS = 600;
const TARGET = 0.9;

export async function run(): Promise<BenchRow[]> {
  const program = findOnPath('redis-benchmark');
  if (program === null) return [missingRow()];
  const server = await RedisServer.start();
  const engine = new RedisEngine(server, () => server.close());
  try {
    await engine.load(KEYS, (index) => ({ key: harnessKey(index), value: 'x'.repeat(VALUE_BYTES) }));
    const rows: BenchRow[] = [];
    for (const shape of shapes()) rows.push(await compare(server, program, shape));
    return rows;
  } finally {
    await engine.close();
  }
}

/** One thread a side, and more where the machine has cores for the workers beside those of Redis. */
function shapes(): Shape[] {
  const spare = Math.min(8, availableParallelism() - 2);
  const single = [
    [1, 1],
    [1, 16],
    [1, 100],
    [8, 16],
    [50, 1],
  ].map(([connections = 1, depth = 1]) => ({ connections, depth, threads: 1 }));
  return spare < 2
    ? single
    : [
        ...single,
        { connections: 8, depth: 16, threads: Math.min(8, spare) },
        { connections: 48, depth: 1, threads: Math.min(8, spare) },
      ];
}

async function compare(server: RedisServer, program: string, shape: Shape): Promise<BenchRow> {
  const ours: Reading[] = [];
  // More threads can slow redis-benchmark down: it is credited with the better of one thread and as many as ours.
  const rivals = [...new Set([1, shape.threads])].map((rivalThreads) => ({
    shape: { ...shape, threads: rivalThreads },
    requests: 0,
    readings: [] as Reading[],
  }));
  for (const rival of rivals) {
    const pilot = await driveByBenchmark(server, program, rival.shape, 20_000);
    rival.requests = Math.round((pilot.ratePerSecond * DURATION_MS) / 1000);
  }
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await driveBySessions(server, shape, round));
    for (const rival of rivals) {
      rival.readings.push(await driveByBenchmark(server, program, rival.shape, rival.requests));
    }
  }
  const [best] = rivals.sort(
    (a, b) => median(b.readings, 'ratePerSecond') - median(a.readings, 'ratePerSecond'),
  );
  if (best === undefined) throw new Error('redis-benchmark was not run');
  const theirs = best.readings;
  const ratio = median(ours, 'ratePerSecond') / median(theirs, 'ratePerSecond');
  const { connections, depth, threads } = shape;
  return {
    name: `harness efficiency, ${String(connections)} connections × ${String(depth)} in flight, ${String(threads)} thread(s)`,
    value: ratio,
    unit: 'of redis-benchmark',
    target: TARGET,
    met: ratio >= TARGET,
    note: `ours ${sideNote(ours)}; redis-benchmark (${String(best.shape.threads)} thread(s)) ${sideNote(theirs)}; ${String(availableParallelism())} cores`,
  };
}

function sideNote(readings: readonly Reading[]): string {
  const rate = median(readings, 'ratePerSecond');
  const clientShare = median(readings, 'clientShare');
  const perRequestUs = (clientShare / rate) * 1e6;
  const percent = (share: number): string => `${String(Math.round(share * 100))} %`;
  return (
    `${(rate / 1000).toFixed(1)} K/s (client ${perRequestUs.toFixed(2)} µs CPU a request, ${percent(clientShare)} of a core; ` +
    `Redis ${percent(median(readings, 'redisShare'))})`
  );
}

function median(readings: readonly Reading[], field: keyof Reading): number {
  const sorted = readings.map((reading) => reading[field]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function driveBySessions(server: RedisServer, shape: Shape, seed: number): Promise<Reading> {
  const answers = await Promise.all(
    Array.from({ length: shape.threads }, async (_, thread) => {
      const order: HarnessOrder = {
        settings: server.settings,
        connections: Math.floor(shape.connections / shape.threads),
        depth: shape.depth,
        keys: KEYS,
        valueBytes: VALUE_BYTES,
        seed: seed * 1000 + thread,
        durationMs: DURATION_MS,
      };
      const worker = new Worker(new URL('./redis-harness/worker.js', import.meta.url), { workerData: order });
      const [answer] = (await once(worker, 'message')) as [HarnessAnswer];
      await worker.terminate();
      return answer;
    }),
  );
  return {
    ratePerSecond: answers.reduce((sum, answer) => sum + answer.ratePerSecond, 0),
    clientShare: Math.max(...answers.map((answer) => answer.processCpuShare)),
    redisShare: Math.max(...answers.map((answer) => answer.redisCpuShare)),
  };
}

async function driveByBenchmark(
  server: RedisServer,
  program: string,
  shape: Shape,
  requests: number,
): Promise<Reading> {
  if (server.settings.address.transport !== 'unix') throw new Error('the bench drives a Unix socket');
  const numbers = ['-c', shape.connections, '-P', shape.depth, '-n', requests, '-d', VALUE_BYTES, '-r', KEYS];
  const threads = shape.threads > 1 ? ['--threads', String(shape.threads)] : [];
  const command = [
    program,
    '-s',
    server.settings.address.path,
    '-t',
    'get',
    '--csv',
    ...numbers.map(String),
    ...threads,
  ];
  const [cpuBefore, startMs] = [await server.ask(redisCpuMs), performance.now()];
  // `times` prints the processor time of the shell, then that of what it ran
  const shell = spawn('/bin/sh', ['-c', '"$@"; times', 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  shell.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(shell, 'close');
  const elapsedMs = performance.now() - startMs;
  const redisShare = ((await server.ask(redisCpuMs)) - cpuBefore) / elapsedMs;
  const rate = /^"GET","([\d.]+)"/m.exec(output)?.[1];
  const times = [...output.matchAll(/(\d+)m([\d.]+)s/g)].slice(-2);
  if (rate === undefined) throw new Error(`redis-benchmark printed no rate: ${output.slice(0, 200)}`);
  const cpuSeconds = times.reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
  return { ratePerSecond: Number(rate), clientShare: (cpuSeconds * 1000) / elapsedMs, redisShare };
}

function missingRow(): BenchRow {
  return {
    name: 'harness efficiency',
    value: Number.NaN,
    unit: 'of redis-benchmark',
    target: TARGET,
    met: null,
    note: 'redis-benchmark is not on the PATH',
  };
}
