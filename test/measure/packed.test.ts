import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NoopEngine, openNoopSession } from '../../src/engines/controls/noop.js';
import type { EngineSession, PackedCalls } from '../../src/engines/engine.js';
import { packStrings, type PackedBatch, type PackedValues } from '../../src/engines/packed.js';
import { PredisEngine, openPredisSession } from '../../src/engines/predis.js';
import { Driver } from '../../src/measure/driver.js';
import { KeyStrings, prepareLane } from '../../src/measure/program.js';
import { Verifier } from '../../src/measure/verifier.js';
import { WindowRecorder } from '../../src/measure/window-recorder.js';
import { WriteIndex } from '../../src/measure/write-index.js';
import { plainKeySpace, streamOf } from './support/fake-workload.js';
import { countingClock } from './support/local-crew.js';

const keySpace = plainKeySpace(6);
const stream = streamOf(keySpace.size, [
  ['get', 0],
  ['put', 0],
  ['mget', [0, 1, 2]],
  ['mput', [3, 4]],
  ['delete', 5],
  ['get', 5],
  ['put', 5],
]);

async function drive(
  session: EngineSession,
  verify = true,
): Promise<{ verifier: Verifier; recorder: WindowRecorder }> {
  const verifier = new Verifier(keySpace, new WriteIndex(stream, keySpace.size, 1), 1);
  const recorder = new WindowRecorder(0.01, 10);
  const driver = new Driver(
    {
      stream,
      lanes: [
        {
          program: prepareLane(stream, new KeyStrings(keySpace), 1, 0),
          session,
          lastWrites: new Uint32Array(keySpace.size),
        },
      ],
      pipelineDepth: 1,
      verifyEvery: 1,
      verify,
      verifier,
      clock: countingClock(),
      aborted: () => false,
    },
    recorder,
  );
  await driver.run(0.5, recorder);
  return { verifier, recorder };
}

async function withPredis<T>(act: (session: EngineSession) => Promise<T>): Promise<T> {
  const engine = new PredisEngine({ engine: 'cpu' }, 'packed');
  try {
    await engine.load(keySpace.size, (index) => ({
      key: keySpace.key(index),
      value: keySpace.value(index, 0),
    }));
    const session = openPredisSession(engine.sessionSpec());
    const result = await act(session);
    await session.close();
    return result;
  } finally {
    await engine.close();
  }
}

/** The session with its packed calls spoilt. */
function spoilt(session: EngineSession, calls: Partial<PackedCalls>): EngineSession {
  const { packed } = session;
  assert.ok(packed !== undefined);
  return {
    get: (key) => session.get(key),
    put: (key, value) => session.put(key, value),
    delete: (key) => session.delete(key),
    increment: (key, by) => session.increment(key, by),
    mget: (keys) => session.mget(keys),
    mput: (keys, values) => session.mput(keys, values),
    close: () => session.close(),
    packed: { ...packed, ...calls },
  };
}

const realMget = (session: EngineSession, keys: PackedBatch): PackedValues => {
  assert.ok(session.packed !== undefined);
  return session.packed.mget(keys);
};

describe('packed requests', () => {
  it('are answered by the real engine, verified value by value, and their misses counted', async () => {
    const { verifier, recorder } = await withPredis(drive);
    assert.equal(verifier.wrong, 0, verifier.examples.join('\n'));
    const rounds = Math.floor(recorder.requests / 7);
    assert.ok(rounds > 3, String(recorder.requests));
    // five values are read in a round, and one of them was deleted
    assert.ok(verifier.checked >= rounds * 5 - 5);
    assert.ok(recorder.misses >= rounds - 1 && recorder.misses <= rounds + 1);
    assert.ok(recorder.operations > recorder.requests, 'keys of a batch are counted one by one');
  });

  it('are found out when a value is wrong, a write is lost, or an answer is too short', async () => {
    const swapped = await withPredis((session) =>
      drive(
        spoilt(session, {
          mget: (keys) => {
            const { blob, offsets, found } = realMget(session, keys);
            const changed = Uint8Array.from(blob);
            if (changed.length > 0) changed[0] = (changed[0] ?? 0) ^ 1;
            return { blob: changed, offsets, found };
          },
        }),
      ),
    );
    assert.ok(swapped.verifier.wrong > 0);
    const lost = await withPredis((session) => drive(spoilt(session, { mput: () => undefined })));
    assert.ok(lost.verifier.wrong > 0);
    const short = await withPredis((session) =>
      drive(
        spoilt(session, {
          mget: (keys) => {
            const { blob } = realMget(session, keys);
            return { blob, offsets: new Uint32Array(1), found: new Uint8Array(0) };
          },
        }),
      ),
    );
    assert.match(short.verifier.examples[0] ?? '', /answered with 0 values/);
  });
});

describe('a floor', () => {
  it('is driven and counted, and not verified: its answers would all be wrong', async () => {
    const engine = new NoopEngine('packed');
    await engine.load(keySpace.size, (index) => ({
      key: keySpace.key(index),
      value: keySpace.value(index, 0),
    }));
    for (const boundary of ['api', 'packed'] as const) {
      const session = () => openNoopSession({ ...engine.sessionSpec(), boundary });
      const floor = await drive(session(), false);
      assert.ok(floor.recorder.requests > 10);
      assert.deepEqual([floor.verifier.checked, floor.verifier.wrong], [0, 0]);
      const taken = await drive(session(), true);
      assert.ok(taken.verifier.wrong > 0, 'taken for an engine, it is found out at once');
    }
  });

  it('packs to what unpacks', () => {
    const { blob, offsets } = packStrings(['a', 'bc', '']);
    assert.deepEqual([...offsets], [0, 1, 3, 3]);
    assert.equal(Buffer.from(blob).toString(), 'abc');
  });
});
