/** A Redis that stands still for a second: open loop shows it at its full length, closed loop hides it. */
import assert from 'node:assert/strict';
import { kill } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { RedisSession } from '../../src/engines/redis/redis-session.js';
import { monotonicClock } from '../../src/measure/clock.js';
import { constantArrivals } from '../../src/workloads/arrivals.js';
import { startTestServer } from '../engines/support.js';
import { driveClosed, driveOpen, type Driving } from './support/driving.js';
import { plainKeySpace, streamOf } from './support/fake-workload.js';

const STALL_MS = 1000;
const WINDOW_MS = 2500;
const RATE = 1000;

/** Stops a process for a while; how long it stood still at least. */
async function stall(pid: number): Promise<number> {
  kill(pid, 'SIGSTOP');
  const startMs = performance.now();
  try {
    await sleep(STALL_MS);
    return performance.now() - startMs;
  } finally {
    kill(pid, 'SIGCONT');
  }
}

describe('a stalled Redis', () => {
  it('shows in p99.9 of open loop at its full length; closed loop hides it', async () => {
    const server = await startTestServer();
    const keySpace = plainKeySpace(100);
    const session = await RedisSession.open(server.settings, '');
    try {
      await session.mput(
        Array.from({ length: 100 }, (_, key) => keySpace.key(key)),
        Array.from({ length: 100 }, (_, key) => keySpace.value(key, 0)),
      );
      const stream = streamOf(
        100,
        Array.from({ length: 100 }, (_, i) => [i % 4 === 0 ? 'put' : 'get', (i * 37) % 100] as const),
      );
      const driving: Driving = { stream, keySpace, sessions: [session], clock: monotonicClock };
      const stallLater = (): Promise<number> => sleep(500).then(() => stall(server.pid));

      const [open, stalledMs] = await Promise.all([
        driveOpen(driving, constantArrivals(100, RATE), WINDOW_MS),
        stallLater(),
      ]);
      const { openLoop, recorder, verifier } = open;
      const latency = recorder.reads.toHistogram();
      recorder.writes.addTo(latency);
      const openMs = (percentile: number): number => latency.getValueAtPercentile(percentile) / 1e6;
      assert.equal(recorder.requests, openLoop.offeredRequests);
      assert.equal(openLoop.droppedRequests, 0);
      assert.ok(openMs(100) >= stalledMs - 5, `max ${String(openMs(100))} of ${String(stalledMs)} ms`);
      assert.ok(openMs(99.9) >= 0.97 * stalledMs, `p99.9 ${String(openMs(99.9))} of ${String(stalledMs)} ms`);
      assert.ok(
        openMs(80) >= 0.3 * stalledMs,
        'a stall of 40 % of the window is felt by 40 % of the requests',
      );
      // requests went on being sent, on one connection, while none was answered
      assert.ok(openLoop.largestInFlight > 0.8 * STALL_MS * (RATE / 1000), String(openLoop.largestInFlight));
      assert.equal(verifier.wrong, 0);

      const [closed] = await Promise.all([
        driveClosed({ ...driving, stream: readsOnly() }, WINDOW_MS),
        stallLater(),
      ]);
      const closedLatency = closed.reads.toHistogram();
      assert.ok(closedLatency.maxValue / 1e6 >= stalledMs * 0.9);
      assert.ok(
        closedLatency.getValueAtPercentile(99) / 1e6 < 0.5 * stalledMs,
        'one request in thousands met the stall',
      );
    } finally {
      await session.close();
      await server.close();
    }
  });
});

function readsOnly() {
  return streamOf(
    100,
    Array.from({ length: 100 }, (_, key) => ['get', key] as const),
  );
}
