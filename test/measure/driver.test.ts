import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { DeliveredBatch, EngineSession } from '../../src/engines/engine.js';
import { BenchError } from '../../src/errors.js';
import type { Clock } from '../../src/measure/clock.js';
import { Driver } from '../../src/measure/driver.js';
import { KeyStrings, prepareLane } from '../../src/measure/program.js';
import { assertVerifiable, Verifier } from '../../src/measure/verifier.js';
import { WindowRecorder } from '../../src/measure/window-recorder.js';
import { WriteIndex } from '../../src/measure/write-index.js';
import type { KeySpace, OperationStream } from '../../src/workloads/workload.js';
import { rejectsWith } from '../engines/support.js';
import { counterKeySpace, plainKeySpace, streamOf } from './support/fake-workload.js';
import { countingClock } from './support/local-crew.js';

/** Redis in a dozen lines: answers in order, one event-loop turn after they were asked. */
class QueueSession implements EngineSession {
  inFlight = 0;
  deepest = 0;
  readonly seen: string[] = [];
  readonly prefetched: string[][] = [];

  constructor(
    readonly data: Map<string, string>,
    readonly keep = true,
  ) {}

  get(key: string): Promise<string | null> {
    return this.#later(`get ${key}`, () => this.data.get(key) ?? null);
  }
  put(key: string, value: string): Promise<void> {
    return this.#later(`put ${key} ${value}`, () => void this.data.set(key, value));
  }
  delete(key: string): Promise<boolean> {
    return this.#later(`delete ${key}`, () => this.data.delete(key));
  }
  increment(key: string, by: number): Promise<string> {
    return this.#later(`increment ${key}`, () => {
      const sum = String(Number(this.data.get(key) ?? '0') + by);
      this.data.set(key, sum);
      return sum;
    });
  }
  mget(keys: readonly string[]): Promise<(string | null)[]> {
    return this.#later(`mget ${keys.join()}`, () => keys.map((key) => this.data.get(key) ?? null));
  }
  mput(keys: readonly string[], values: readonly string[]): Promise<void> {
    return this.#later(`mput ${keys.join()}`, () => {
      for (const [index, key] of keys.entries()) this.data.set(key, values[index] ?? '');
    });
  }
  prefetch(keys: readonly string[]): void {
    this.prefetched.push([...keys]);
  }
  close(): Promise<void> {
    return Promise.resolve();
  }

  #later<T>(what: string, act: () => T): Promise<T> {
    if (this.keep) this.seen.push(what);
    this.deepest = Math.max(this.deepest, ++this.inFlight);
    const answer = act(); // executed in the order of asking
    return new Promise((resolve) => {
      setImmediate(() => {
        this.inFlight--;
        resolve(answer);
      });
    });
  }
}

interface Setup {
  readonly driver: Driver;
  readonly verifier: Verifier;
  readonly recorder: WindowRecorder;
  readonly lastWrites: Uint32Array[];
}

function setUp(
  stream: OperationStream,
  keySpace: KeySpace,
  sessions: readonly EngineSession[],
  options: { depth?: number; verifyEvery?: number; clock?: Clock } = {},
): Setup {
  const lanes = sessions.length;
  const strings = new KeyStrings(keySpace);
  const writes = new WriteIndex(stream, keySpace.size, lanes);
  assertVerifiable(keySpace, writes);
  const verifier = new Verifier(keySpace, writes, lanes);
  const recorder = new WindowRecorder(0.01, 10);
  const lastWrites = sessions.map(() => new Uint32Array(keySpace.size));
  const driver = new Driver(
    {
      stream,
      lanes: sessions.map((session, lane) => ({
        program: prepareLane(stream, strings, lanes, lane),
        session,
        lastWrites: lastWrites[lane] ?? new Uint32Array(0),
      })),
      pipelineDepth: options.depth ?? 1,
      verifyEvery: options.verifyEvery ?? 1,
      verifier,
      clock: options.clock ?? countingClock(),
      aborted: () => false,
    },
    recorder,
  );
  return { driver, verifier, recorder, lastWrites };
}

function loaded(keySpace: KeySpace): Map<string, string> {
  return new Map(
    Array.from({ length: keySpace.size }, (_, index) => [keySpace.key(index), keySpace.value(index, 0)]),
  );
}

/** Leaves batches where they are; a copy of a value takes as long as the clock of the test can show. */
class DeliveringSession extends QueueSession {
  copies = 0;
  deliveries = 0;

  constructor(
    data: Map<string, string>,
    readonly tamper: (value: string | null) => string | null = (value) => value,
    readonly onCopy: () => void = () => undefined,
  ) {
    super(data);
  }

  mgetDelivered(keys: readonly string[]): DeliveredBatch {
    this.deliveries++;
    const values = keys.map((key) => this.data.get(key) ?? null);
    return {
      size: keys.length,
      misses: () => values.filter((value) => value === null).length,
      value: (index) => {
        this.copies++;
        this.onCopy();
        return this.tamper(values[index] ?? null);
      },
    };
  }
}

describe('Driver', () => {
  it('takes delivered batches in the place of mgets, counts their misses, and copies back what it samples', async () => {
    const keySpace = plainKeySpace(4);
    const stream = streamOf(4, [
      ['mget', [0, 1]],
      ['delete', 2],
      ['mget', [2, 3]],
    ]);
    const session = new DeliveringSession(loaded(keySpace));
    const { driver, recorder, verifier } = setUp(stream, keySpace, [session], { verifyEvery: 2 });
    await driver.run(0.05, recorder);
    assert.ok(session.deliveries > 4);
    assert.ok(!session.seen.some((what) => what.startsWith('mget')));
    assert.ok(recorder.misses > 0);
    assert.equal(session.copies, verifier.checked);
    assert.ok(verifier.checked > 0 && verifier.checked <= session.deliveries, 'one key in two');
    assert.deepEqual([verifier.wrong, verifier.examples], [0, []]);
  });

  it('finds a wrong value in a delivered batch, and a copy that fails', async () => {
    const keySpace = plainKeySpace(2);
    const stream = streamOf(2, [['mget', [0, 1]]]);
    const wrong = new DeliveringSession(loaded(keySpace), (value) => value?.replace(/.$/, '!') ?? null);
    const first = setUp(stream, keySpace, [wrong]);
    await first.driver.run(0.02, first.recorder);
    assert.ok(first.verifier.wrong > 0);
    assert.equal(first.verifier.wrong, first.verifier.checked);
    const failing = new DeliveringSession(loaded(keySpace), () => {
      throw new BenchError('PREDIS_GPU_FAILED', 'The GPU failed.');
    });
    const second = setUp(stream, keySpace, [failing]);
    await rejectsWith(second.driver.run(0.02, second.recorder), 'PREDIS_GPU_FAILED');
    assert.ok(second.recorder.errors > 0);
  });

  it('counts the copies of delivered batches in no latency', async () => {
    const keySpace = plainKeySpace(2);
    const stream = streamOf(2, [['mget', [0, 1]]]);
    const latencies = async (copyMs: number): Promise<number> => {
      let nowMs = 0;
      const session = new DeliveringSession(
        loaded(keySpace),
        (value) => value,
        () => {
          nowMs += copyMs;
        },
      );
      const clock = (): number => (nowMs += 0.001);
      const { driver, recorder } = setUp(stream, keySpace, [session], { clock });
      await driver.run(1000, recorder);
      assert.ok(session.copies > 10);
      return recorder.reads.maxNs;
    };
    assert.equal(await latencies(5), await latencies(50));
  });

  it('sends a lane in its order, starts again at its end, and keeps the pipeline full', async () => {
    const keySpace = plainKeySpace(3);
    const stream = streamOf(3, [
      ['get', 0],
      ['put', 1],
      ['mget', [2, 0]],
      ['delete', 2],
      ['mput', [2, 0]],
    ]);
    const session = new QueueSession(loaded(keySpace));
    const { driver, recorder, verifier } = setUp(stream, keySpace, [session], { depth: 4 });
    await driver.run(0.1, recorder);
    const pass = ['get k0', `put k1 ${keySpace.value(1, 1)}`, 'mget k2,k0', 'delete k2', 'mput k2,k0'];
    assert.ok(session.seen.length > 20);
    for (const [index, what] of session.seen.entries()) assert.equal(what, pass[index % pass.length]);
    assert.equal(session.deepest, 4);
    assert.equal(session.inFlight, 0, 'what is in flight at the end is awaited');
    assert.equal(recorder.requests, session.seen.length);
    assert.deepEqual([verifier.wrong, verifier.examples], [0, []]);
    assert.ok(verifier.checked > 10);
  });

  it('goes on in a second phase where the first ended', async () => {
    const keySpace = plainKeySpace(7);
    const stream = streamOf(
      7,
      Array.from({ length: 7 }, (_, key) => ['get', key] as const),
    );
    const session = new QueueSession(loaded(keySpace));
    const { driver, recorder } = setUp(stream, keySpace, [session]);
    await driver.run(0.01, new WindowRecorder(1, 1));
    await driver.run(0.01, recorder);
    for (const [index, what] of session.seen.entries()) assert.equal(what, `get k${String(index % 7)}`);
    assert.ok(recorder.requests < session.seen.length);
  });

  it('announces the keys of the next batch, which are not counted', async () => {
    const keySpace = plainKeySpace(4);
    const stream = {
      ...streamOf(4, [
        ['mget', [0, 1]],
        ['mget', [2, 3]],
      ]),
      prefetchRequest: Uint32Array.of(1, 0xffffffff),
    };
    const session = new QueueSession(loaded(keySpace));
    const { driver, recorder } = setUp(stream, keySpace, [session]);
    await driver.run(0.02, recorder);
    assert.ok(session.prefetched.length > 1);
    assert.ok(session.prefetched.every((keys) => keys.join() === 'k2,k3'));
    assert.equal(recorder.operations, 2 * recorder.requests);
  });

  it('counters are summed exactly over lanes', async () => {
    const keySpace = counterKeySpace(2);
    const stream = streamOf(2, [
      ['increment', 0],
      ['increment', 1],
      ['get', 0],
      ['increment', 0],
      ['get', 1],
    ]);
    const data = loaded(keySpace);
    const { driver, recorder, verifier, lastWrites } = setUp(stream, keySpace, [
      new QueueSession(data),
      new QueueSession(data),
    ]);
    await driver.run(0.2, recorder);
    const last = (key: number): number[] => lastWrites.map((row) => row[key] ?? 0);
    for (const key of [0, 1]) verifier.checkFinal(key, data.get(keySpace.key(key)), last(key));
    assert.equal(verifier.wrong, 0);
    data.set('k0', String(Number(data.get('k0')) - 1));
    verifier.checkFinal(0, data.get('k0'), last(0));
    assert.equal(verifier.wrong, 1);
  });

  it('refuses streams that cannot be sent or verified', () => {
    const keys = plainKeySpace(2);
    const session = new QueueSession(new Map());
    const mixedRequest = { ...streamOf(2, [['mget', [0, 1]]]), kind: Uint8Array.of(0, 1) };
    assert.throws(() => setUp(mixedRequest, keys, [session]), /mixes kinds/);
    const deletes = { ...streamOf(2, [['mget', [0, 1]]]), kind: Uint8Array.of(2, 2) };
    assert.throws(() => setUp(deletes, keys, [session]), /batch of deletes or increments/);
    assert.throws(
      () => setUp(streamOf(2, [['increment', 0]]), keys, [session]),
      /loaded value is no integer/,
    );
    const both = streamOf(2, [
      ['increment', 0],
      ['put', 0],
    ]);
    assert.throws(() => setUp(both, counterKeySpace(2), [session]), /also put or deleted/);
  });

  it('needs no more memory for more operations', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const keySpace = plainKeySpace(100);
    const stream = streamOf(
      100,
      Array.from({ length: 200 }, (_, i) => [i % 2 === 0 ? 'put' : 'get', (i * 37) % 100] as const),
    );
    const drive = async (phases: number, setup: Setup): Promise<{ operations: number; heap: number }> => {
      let operations = 0;
      for (let phase = 0; phase < phases; phase++) {
        const recorder = new WindowRecorder(1, 20);
        await setup.driver.run(20, recorder);
        operations += recorder.operations;
      }
      collect();
      return { operations, heap: process.memoryUsage().heapUsed };
    };
    for (const session of [new InstantSession(loaded(keySpace)), new QueueSession(loaded(keySpace), false)]) {
      const setup = setUp(stream, keySpace, [session], { depth: 4, verifyEvery: 4 });
      const before = await drive(2, setup);
      const after = await drive(8, setup);
      assert.ok(after.operations > 50_000);
      // the smallest thing kept for each operation would be 8 bytes; compiled code makes up the rest
      const bytesEach = (after.heap - before.heap) / after.operations;
      assert.ok(bytesEach < 6, `${String(bytesEach)} bytes more for each operation`);
      assert.equal(setup.verifier.wrong, 0);
    }
  });
});

class InstantSession implements EngineSession {
  constructor(readonly data: Map<string, string>) {}
  get(key: string): string | null {
    return this.data.get(key) ?? null;
  }
  put(key: string, value: string): void {
    this.data.set(key, value);
  }
  delete(key: string): boolean {
    return this.data.delete(key);
  }
  increment(): string {
    return '0';
  }
  mget(keys: readonly string[]): (string | null)[] {
    return keys.map((key) => this.get(key));
  }
  mput(): void {
    return undefined;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}
