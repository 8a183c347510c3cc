// A worker thread of bench/redis-harness.ts: keeps `depth` GETs in flight on each of its connections until told to stop.
import { parentPort, workerData } from 'node:worker_threads';
import { openConnection } from '../../src/engines/redis/connection.js';
import { RedisSession } from '../../src/engines/redis/redis-session.js';
import { createRandom } from '../../src/support/random.js';
import type { HarnessOrder, HarnessAnswer } from './order.js';
import { harnessKey, redisCpuMs } from './order.js';

const {
  settings,
  connections,
  depth,
  keys: keyCount,
  valueBytes,
  seed,
  durationMs,
} = workerData as HarnessOrder;

const random = createRandom(seed);
// Drawn and built beforehand, as the driver of real trials does: what is measured is the session.
const sequence = Array.from({ length: 1 << 16 }, () => harnessKey(random.nextBelow(keyCount)));
const sessions = await Promise.all(
  Array.from({ length: connections }, () => RedisSession.open(settings, '')),
);

const control = await openConnection(settings);

let next = 0;
let answered = 0;
let inFlight = 0;
let running = true;
let finished: () => void = () => undefined;

function issue(session: RedisSession, onAnswer: (value: string | null) => void): void {
  inFlight++;
  session.get(sequence[next++ & 0xffff] ?? '').then(onAnswer, fail);
}

function fail(error: unknown): void {
  throw error;
}

for (const session of sessions) {
  for (let slot = 0; slot < depth; slot++) {
    const onAnswer = (value: string | null): void => {
      inFlight--;
      if (value?.length !== valueBytes) throw new Error('a value is missing or has another size');
      answered++;
      if (running) issue(session, onAnswer);
      else if (inFlight === 0) finished();
    };
    issue(session, onAnswer);
  }
}

// Each worker is a new thread: its code has to become hot first.
await new Promise((resolve) => setTimeout(resolve, durationMs / 5));
const redisBefore = await redisCpuMs(control);
const cpuBefore = process.cpuUsage();
const [startMs, answeredBefore] = [performance.now(), answered];
await new Promise((resolve) => setTimeout(resolve, durationMs));
const elapsedMs = performance.now() - startMs;
const { user, system } = process.cpuUsage(cpuBefore);
const answer: HarnessAnswer = {
  ratePerSecond: ((answered - answeredBefore) / elapsedMs) * 1000,
  processCpuShare: (user + system) / 1000 / elapsedMs,
  redisCpuShare: ((await redisCpuMs(control)) - redisBefore) / elapsedMs,
};
running = false;
await new Promise<void>((resolve) => {
  finished = resolve;
});
for (const session of sessions) await session.close();
control.disconnect();
parentPort?.postMessage(answer);
