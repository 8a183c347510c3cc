import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import type { Engine, EngineSession } from '../../src/engines/engine.js';
import { createEngine, type EngineOptions } from '../../src/engines/registry.js';
import { RedisEngine } from '../../src/engines/redis/redis-engine.js';
import { RedisServer } from '../../src/engines/redis/redis-server.js';
import { openSession } from '../../src/engines/sessions.js';
import { makeCertificate, startTestServer, temporaryFolder } from './support.js';

/** Engines under test; each is made anew, with what has to be ended after it. `null`: cannot be made on this machine. */
type Maker = () => Promise<{ engine: Engine; end?: () => Promise<void> } | null>;

const managed: EngineOptions = { redis: {}, predis: { engine: 'cpu' } };

const makers: Record<string, Maker> = {
  'Redis, private, Unix socket': async () => ({ engine: await createEngine({ engine: 'redis' }, managed) }),
  'Redis, private, TCP': async () => {
    const server = await RedisServer.start({ transport: 'tcp' });
    return { engine: new RedisEngine(server, () => server.close()) };
  },
  'Redis, private, I/O threads': async () => ({
    engine: await createEngine({ engine: 'redis', redisVariant: 'io-threads' }, managed),
  }),
  'Redis Cluster': async () => ({
    engine: await createEngine({ engine: 'redis', redisVariant: 'cluster' }, managed),
  }),
  'Redis of somebody else, with a password and a database number': async () => {
    const server = await startTestServer({ transport: 'tcp' });
    await server.admin.config('SET', 'requirepass', 'open sesame');
    const passwordFile = join(server.folder, 'password');
    writeFileSync(passwordFile, 'open sesame\n');
    assert.ok(server.settings.address.transport === 'tcp');
    const url = `redis://127.0.0.1:${String(server.settings.address.port)}/5`;
    const engine = await createEngine({ engine: 'redis' }, { ...managed, redis: { url, passwordFile } });
    return { engine, end: () => server.close() };
  },
  'Redis of somebody else, TLS': async () => {
    const folder = temporaryFolder();
    const made = makeCertificate(folder);
    if (made === null) return null;
    const server = await startTestServer({ transport: 'tcp' });
    assert.ok(server.settings.address.transport === 'tcp');
    const port = String(server.settings.address.port);
    const files = ['tls-cert-file', made.certificate, 'tls-key-file', made.key];
    await server.admin.call(
      'CONFIG',
      'SET',
      'port',
      '0',
      'tls-auth-clients',
      'no',
      ...files,
      'tls-port',
      port,
    );
    const redis = { url: `rediss://127.0.0.1:${port}`, tlsCaFile: made.certificate };
    const engine = await createEngine({ engine: 'redis' }, { ...managed, redis });
    return {
      engine,
      end: async () => {
        rmSync(folder, { recursive: true });
        await server.close();
      },
    };
  },
  'Predis on the CPU': async () => ({ engine: await createEngine({ engine: 'predis' }, managed) }),
  'Predis on the CPU, packed': async () => ({
    engine: await createEngine({ engine: 'predis', boundary: 'packed' }, managed),
  }),
  'JavaScript Map': async () => ({ engine: await createEngine({ engine: 'map' }, managed) }),
};

const pair = (index: number): { key: string; value: string } => ({
  key: `key:${String(index)}`,
  value: `value ${String(index)} `.repeat(1 + (index % 7)),
});
const keysUpTo = (count: number): string[] => Array.from({ length: count }, (_, index) => pair(index).key);

describe('every engine', () => {
  for (const [name, make] of Object.entries(makers)) {
    describe(name, () => {
      const withEngine =
        (body: (engine: Engine) => Promise<void>) =>
        async (test: TestContext): Promise<void> => {
          const made = await make();
          if (made === null) {
            test.skip('openssl is not installed');
            return;
          }
          try {
            await body(made.engine);
          } finally {
            await made.engine.close();
            await made.end?.();
          }
        };

      it('answers as Redis does', withEngine(answersAsRedisDoes));
      it('agrees with a model on random operations', withEngine(agreesWithAModel));
      it('starts each load afresh, and says what memory it takes', withEngine(loadsAfresh));
      it('has sessions in worker threads', withEngine(worksInAWorker));
      it('keeps the order of requests that are in flight together', withEngine(keepsOrder));
      it('describes itself in plain words, the same after as before', withEngine(describesItself));
    });
  }
});

async function answersAsRedisDoes(engine: Engine): Promise<void> {
  await engine.load(3, pair);
  const session = await openSession(structuredClone(engine.sessionSpec()));
  assert.equal(await session.get('key:2'), pair(2).value);
  assert.equal(await session.get('key:3'), null);

  await session.put('key:3', '');
  assert.equal(await session.get('key:3'), '', 'an empty value is a value');
  const large = 'x'.repeat(1_500_000);
  await session.put('large', large);
  assert.equal(await session.get('large'), large);
  const punctuation = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
  await session.put(punctuation, punctuation);
  assert.deepEqual(await session.mget([punctuation, 'no', 'key:0', punctuation]), [
    punctuation,
    null,
    pair(0).value,
    punctuation,
  ]);

  assert.equal(await session.delete('key:3'), true);
  assert.equal(await session.delete('key:3'), false);

  await session.mput(['a', 'b', 'a'], ['1', '2', '3']);
  assert.deepEqual(await session.mget(['a', 'b']), ['3', '2'], 'the last of equal keys wins');
  await session.mput([], []);
  assert.deepEqual(await session.mget([]), []);

  assert.equal(await session.increment('counter', 5), '5');
  assert.equal(await session.increment('counter', -7), '-2');
  assert.equal(await session.get('counter'), '-2');
  await session.put('counter', '9223372036854775800');
  assert.equal(await session.increment('counter', 7), '9223372036854775807', 'beyond 2^53');
  await assert.rejects(async () => session.increment('counter', 1), /overflow/);
  await assert.rejects(async () => session.increment('key:1', 1), /not an integer or out of range/);
  assert.equal(await session.get('counter'), '9223372036854775807', 'a failed request changes nothing');

  session.prefetch?.(['key:0', 'no']);
  await session.close();
}

async function agreesWithAModel(engine: Engine): Promise<void> {
  const key = fc.integer({ min: 0, max: 12 }).map((index) => `k${String(index)}`);
  const value = fc.oneof(fc.integer().map(String), fc.string({ unit: 'grapheme-ascii', maxLength: 40 }));
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('get' as const), key }),
    fc.record({ kind: fc.constant('put' as const), key, value }),
    fc.record({ kind: fc.constant('delete' as const), key }),
    fc.record({ kind: fc.constant('increment' as const), key, by: fc.integer() }),
    fc.record({ kind: fc.constant('mget' as const), keys: fc.array(key, { maxLength: 20 }) }),
    fc.record({
      kind: fc.constant('mput' as const),
      pairs: fc.array(fc.tuple(key, value), { maxLength: 20 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
      await engine.load(5, (index) => ({ key: `k${String(index)}`, value: String(index) }));
      const model = new Map(Array.from({ length: 5 }, (_, index) => [`k${String(index)}`, String(index)]));
      const session = await openSession(engine.sessionSpec());
      for (const asked of operations) {
        switch (asked.kind) {
          case 'get':
            assert.equal(await session.get(asked.key), model.get(asked.key) ?? null);
            break;
          case 'put':
            await session.put(asked.key, asked.value);
            model.set(asked.key, asked.value);
            break;
          case 'delete':
            assert.equal(await session.delete(asked.key), model.delete(asked.key));
            break;
          case 'increment': {
            const before = model.get(asked.key) ?? '0';
            if (/^(0|-?[1-9]\d{0,17})$/.test(before)) {
              const sum = (BigInt(before) + BigInt(asked.by)).toString();
              model.set(asked.key, sum);
              assert.equal(await session.increment(asked.key, asked.by), sum);
            } else {
              await assert.rejects(async () => session.increment(asked.key, asked.by), /not an integer/);
            }
            break;
          }
          case 'mget':
            assert.deepEqual(
              await session.mget(asked.keys),
              asked.keys.map((each) => model.get(each) ?? null),
            );
            break;
          case 'mput':
            await session.mput(
              asked.pairs.map(([each]) => each),
              asked.pairs.map(([, each]) => each),
            );
            for (const [each, its] of asked.pairs) model.set(each, its);
            break;
        }
      }
      const all = Array.from({ length: 13 }, (_, index) => `k${String(index)}`);
      assert.deepEqual(
        await session.mget(all),
        all.map((each) => model.get(each) ?? null),
      );
      await session.close();
    }),
    { numRuns: 25, seed: 20, endOnFailure: true },
  );
}

async function loadsAfresh(engine: Engine): Promise<void> {
  const count = 30_000;
  await engine.load(count, pair);
  let session: EngineSession = await openSession(engine.sessionSpec());
  const keys = keysUpTo(count);
  assert.deepEqual(
    await session.mget(keys),
    keys.map((_, index) => pair(index).value),
  );
  const payload = keys.reduce((sum, key, index) => sum + key.length + pair(index).value.length, 0);
  const bytes = await engine.memoryBytes();
  assert.ok(
    bytes > payload,
    `${String(bytes)} bytes cannot hold ${String(payload)} bytes of keys and values`,
  );
  assert.ok(bytes < payload * 8, `${String(bytes)} bytes for a payload of ${String(payload)}`);
  await session.put('left over', 'x');
  await session.close();

  await engine.load(10, pair);
  session = await openSession(engine.sessionSpec());
  assert.equal(await session.get('left over'), null);
  assert.deepEqual(await session.mget(['key:9', 'key:10']), [pair(9).value, null]);
  await session.close();
  assert.ok((await engine.memoryBytes()) < payload, 'the memory of the first load is free again');

  await engine.flush();
  session = await openSession(engine.sessionSpec());
  assert.equal(await session.get('key:9'), null);
  await session.close();
}

async function worksInAWorker(engine: Engine): Promise<void> {
  await engine.load(100, pair);
  const script = fileURLToPath(new URL('./session-worker.js', import.meta.url));
  const worker = new Worker(script, { workerData: engine.sessionSpec() });
  // listened for first: a thread that is done soon tells its message and its end in one turn
  const ended = once(worker, 'exit');
  const [answer] = (await once(worker, 'message')) as [unknown];
  assert.deepEqual(answer, {
    read: [pair(1).value, pair(99).value, null],
    counter: '42',
    written: 'by the worker',
  });
  const [code] = (await ended) as [number];
  assert.equal(code, 0);
}

async function keepsOrder(engine: Engine): Promise<void> {
  await engine.load(0, pair);
  const session = await openSession(engine.sessionSpec());
  const answers: Promise<string | null>[] = [];
  const writes: Promise<void>[] = [];
  for (let version = 0; version < 500; version++) {
    writes.push(Promise.resolve(session.put('key', String(version))));
    answers.push(Promise.resolve(session.get('key')));
  }
  assert.deepEqual(
    await Promise.all(answers),
    Array.from({ length: 500 }, (_, version) => String(version)),
  );
  await Promise.all(writes);
  await session.close();
}

async function describesItself(engine: Engine): Promise<void> {
  const before = await engine.describe();
  await engine.load(10, pair);
  assert.deepEqual(await engine.describe(), before);
  assert.match(before.version, /^\d+\.\d+/);
  assert.ok(!JSON.stringify(before).includes('open sesame'));
  const host = /127\.0\.0\.1|\.sock/;
  assert.doesNotMatch(JSON.stringify(before), host);
}
