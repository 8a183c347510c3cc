import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EngineSession } from '../../src/engines/engine.js';
import { createHistogram } from '../../src/results/histogram.js';
import type { LatencyRecorder } from '../../src/measure/latency-recorder.js';
import { seek } from '../../src/measure/worker-arrivals.js';
import { constantArrivals, poissonArrivals } from '../../src/workloads/arrivals.js';
import { driveClosed, driveOpen, type Driving } from './support/driving.js';
import { plainKeySpace, streamOf } from './support/fake-workload.js';

/** Time that moves a little at every reading, and as far as a session says. */
class VirtualClock {
  #nowMs = 0;
  constructor(public stepMs = 0.001) {}
  readonly read = (): number => (this.#nowMs += this.stepMs);
  pass(durationMs: number): void {
    this.#nowMs += durationMs;
  }
}

/** Answers at once; request r takes as long as `serviceMs` says. */
class TimedSession implements EngineSession {
  requests = 0;
  constructor(
    readonly clock: VirtualClock,
    readonly serviceMs: (request: number) => number,
  ) {}
  get(key: string): string {
    this.clock.pass(this.serviceMs(this.requests++));
    return plainKeySpace(4).value(Number(key.slice(1)), 0);
  }
  put(): void {
    throw new Error('reads only');
  }
  delete = (): boolean => false;
  increment = (): string => '0';
  mget = (): null[] => [];
  mput(): void {
    throw new Error('reads only');
  }
  close = (): Promise<void> => Promise.resolve();
}

/** Promises its answers, each so many milliseconds of virtual time after it was asked; counts what is in flight. */
class PromisingSession extends TimedSession {
  inFlight = 0;
  deepest = 0;
  override get(key: string): never {
    const answer = plainKeySpace(4).value(Number(key.slice(1)), 0);
    const readyMs = this.clock.read() + this.serviceMs(this.requests++);
    this.deepest = Math.max(this.deepest, ++this.inFlight);
    const promise = new Promise<string>((resolve) => {
      const look = (): void => {
        if (this.clock.read() < readyMs) setImmediate(look);
        else {
          this.inFlight--;
          resolve(answer);
        }
      };
      setImmediate(look);
    });
    return promise as never;
  }
}

function reads(session: EngineSession, clock: VirtualClock): Driving {
  const stream = streamOf(
    4,
    Array.from({ length: 100 }, (_, i) => ['get', i % 4] as const),
  );
  return { stream, keySpace: plainKeySpace(4), sessions: [session], clock: clock.read };
}

function percentilesMs(recorder: LatencyRecorder): (percentile: number) => number {
  const histogram = recorder.toHistogram();
  return (percentile) => histogram.getValueAtPercentile(percentile) / 1e6;
}

describe('OpenLoopDriver', () => {
  /**
   * Gil Tene's case, scaled: a system that answers a request a millisecond in 0.1 ms for ten seconds stands still for ten
   * more. HdrHistogram's own correction for the expected interval is the reference.
   */
  it("shows what HdrHistogram's correction of coordinated omission shows, and closed loop hides it", async () => {
    const good = 10_000;
    const stallMs = 10_000;
    const service =
      (clock: VirtualClock) =>
      (request: number): number => {
        if (request < good) return 0.1;
        clock.stepMs = 0.001; // what waited is answered at once
        return request === good ? stallMs : 0;
      };

    const reference = createHistogram();
    for (let request = 0; request < good; request++) reference.recordValueWithExpectedInterval(1e5, 1e6);
    reference.recordValueWithExpectedInterval(stallMs * 1e6, 1e6);

    const clock = new VirtualClock(0.02);
    const open = await driveOpen(
      reads(new TimedSession(clock, service(clock)), clock),
      constantArrivals(100, 1000),
      good + stallMs,
    );
    const closedClock = new VirtualClock();
    const closed = await driveClosed(
      reads(new TimedSession(closedClock, service(closedClock)), closedClock),
      1001,
    );

    const seen = percentilesMs(open.recorder.reads);
    const hidden = percentilesMs(closed.reads);
    for (const percentile of [60, 75, 90, 99, 99.9, 99.99]) {
      const expected = reference.getValueAtPercentile(percentile) / 1e6;
      const got = seen(percentile);
      assert.ok(
        Math.abs(got - expected) < 0.015 * expected + 15,
        `p${String(percentile)}: ${String(got)}, not ${String(expected)}`,
      );
      assert.ok(expected > 900 && hidden(percentile) < 1, `closed loop at p${String(percentile)}`);
    }
    assert.ok(Math.abs(seen(100) - stallMs) < 0.002 * stallMs);
    // A request waited for the engine, not for the generator.
    assert.ok(percentilesMs(open.openLoop.generatorLag)(99) < 0.1 * stallMs);
    assert.ok(percentilesMs(open.openLoop.startDelay)(99) > 0.9 * stallMs);
    assert.equal(open.openLoop.droppedRequests, 0);
  });

  it('sends what is due while earlier requests are pending, up to the limit', async () => {
    const clock = new VirtualClock();
    const session = new PromisingSession(clock, () => 5);
    const { recorder, openLoop, verifier } = await driveOpen(
      reads(session, clock),
      constantArrivals(100, 1000),
      50,
    );
    assert.ok(session.deepest >= 5 && session.deepest <= 7, `${String(session.deepest)} in flight`);
    assert.equal(openLoop.largestInFlight, session.deepest);
    assert.equal(recorder.requests, openLoop.offeredRequests);
    assert.equal(session.inFlight, 0);
    assert.equal(openLoop.lateRequests, 0);
    assert.ok(verifier.checked > 5 && verifier.wrong === 0);

    const limited = new PromisingSession(new VirtualClock(), () => 5);
    const late = await driveOpen(reads(limited, limited.clock), constantArrivals(100, 1000), 50, {
      maxInFlight: 2,
    });
    assert.equal(limited.deepest, 2);
    assert.equal(late.recorder.requests, late.openLoop.offeredRequests);
    assert.ok(late.openLoop.lateRequests > 30);
    assert.ok(percentilesMs(late.recorder.reads)(99) > 50, 'waiting is in the latency');
    assert.ok(percentilesMs(late.openLoop.serviceTime)(99) < 10);
  });

  it('latency is start delay and service time together, for every request', async () => {
    const clock = new VirtualClock();
    const session = new TimedSession(clock, (request) => (request % 7 === 0 ? 3 : 0.2));
    const { recorder, openLoop } = await driveOpen(reads(session, clock), poissonArrivals(100, 1000, 1), 300);
    const { sumNs } = recorder.reads;
    assert.ok(Math.abs(sumNs - openLoop.serviceTime.sumNs - openLoop.startDelay.sumNs) < 1e-6 * sumNs + 1000);
    assert.ok(openLoop.startDelay.sumNs >= openLoop.generatorLag.sumNs);
    assert.ok(openLoop.generatorLag.sumNs < 0.1 * openLoop.startDelay.sumNs);
  });

  it('at a rate that cannot be reached drops what is left after draining, and says how much', async () => {
    const clock = new VirtualClock();
    const session = new TimedSession(clock, () => 0.5); // 2,000 a second
    const { recorder, openLoop } = await driveOpen(
      reads(session, clock),
      constantArrivals(100, 10_000),
      100,
      { drainMs: 50 },
    );
    assert.ok(Math.abs(openLoop.offeredRequests - 1000) <= 1);
    assert.equal(openLoop.offeredRequests, recorder.requests + openLoop.droppedRequests);
    assert.ok(recorder.requests > 280 && recorder.requests <= 302, String(recorder.requests));
    assert.ok(recorder.lastEndMs - recorder.firstStartMs >= 150);
  });

  it('begins before the session with its repeated end, and asks the same requests in every window', async () => {
    const asked: string[][] = [];
    for (const fromMs of [0, 0, -7.5]) {
      const clock = new VirtualClock();
      const seen: string[] = [];
      const session = new TimedSession(clock, () => 0.01);
      const get = session.get.bind(session);
      session.get = (key) => {
        seen.push(key);
        return get(key);
      };
      const stream = streamOf(4, [
        ['get', 0],
        ['get', 1],
        ['get', 2],
        ['get', 3],
        ['get', 3],
      ]);
      await driveOpen({ ...reads(session, clock), stream }, constantArrivals(5, 1000), 12, { fromMs });
      asked.push(seen);
    }
    assert.deepEqual(asked[0], asked[1]);
    const pass = ['k0', 'k1', 'k2', 'k3', 'k3'];
    assert.deepEqual(asked[0], [...pass, ...pass, 'k0']);
    // due at -7, -6, -5 (the end of a pass) and then a whole pass to 0
    assert.deepEqual(asked[2], ['k2', 'k3', 'k3', ...pass, ...pass, ...pass, 'k0']);
    assert.equal(asked[2].length, 3 + 5 + 11);
  });

  it('finds places in arrivals that repeat', () => {
    const due = Float64Array.of(1, 2, 5);
    assert.deepEqual(seek(due, 5, 0), { pass: 0, index: 0 });
    assert.deepEqual(seek(due, 5, 2), { pass: 0, index: 1 });
    assert.deepEqual(seek(due, 5, 5), { pass: 1, index: 0 });
    assert.deepEqual(seek(due, 5, -1), { pass: -1, index: 2 });
    assert.deepEqual(seek(due, 5.5, 5.2), { pass: 1, index: 0 });
  });

  it('ends at once when it is aborted, and with the error when nothing but errors comes', async () => {
    const clock = new VirtualClock();
    const session = new TimedSession(clock, () => 0.01);
    await assert.rejects(
      driveOpen(
        { ...reads(session, clock), aborted: () => session.requests >= 10 },
        constantArrivals(100, 1000),
        1e4,
      ),
      { code: 'INTERRUPTED' },
    );
    assert.equal(session.requests, 10);
    const broken = new TimedSession(clock, () => {
      throw new Error('ERR no');
    });
    await assert.rejects(driveOpen(reads(broken, clock), constantArrivals(100, 1e5), 1e4), /ERR no/);
  });
});
