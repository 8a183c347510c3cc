import assert from 'node:assert/strict';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { BenchmarkShape } from '../../src/engines/engine.js';
import { runRedisBenchmark } from '../../src/engines/redis/redis-benchmark.js';
import { findOnPath } from '../../src/engines/redis/managed-server.js';
import { RedisServer } from '../../src/engines/redis/redis-server.js';
import { startTestServer, temporaryFolder } from './support.js';

const shape: BenchmarkShape = {
  clients: 2,
  pipelineDepth: 4,
  keys: 500,
  valueBytes: 100,
  durationMs: 20,
  requests: [
    { kind: 'get', count: 90, keysPerRequest: 1 },
    { kind: 'put', count: 10, keysPerRequest: 1 },
    { kind: 'mget', count: 5, keysPerRequest: 10 },
    { kind: 'mput', count: 5, keysPerRequest: 10 },
    { kind: 'increment', count: 5, keysPerRequest: 1 },
    { kind: 'delete', count: 1, keysPerRequest: 1 },
  ],
};

describe('redis-benchmark on the shape of a workload', () => {
  const folder = temporaryFolder();
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const installed = findOnPath('redis-benchmark');
  const program = (name: string, script: string): string => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  it('asks each kind of request of the real server, and leaves it empty', async (test) => {
    if (installed === null) {
      test.skip('redis-benchmark is not installed');
      return;
    }
    for (const transport of ['unix', 'tcp'] as const) {
      const server = await RedisServer.start({ transport });
      try {
        await server.ask((redis) => redis.config('RESETSTAT'));
        const reading = await runRedisBenchmark(server, shape);
        assert.equal(reading.absent, null);
        assert.match(reading.version ?? '', /^\d+\.\d+\.\d+$/);
        assert.deepEqual(
          reading.runs.map(({ kind, keysPerRequest }) => [kind, keysPerRequest]),
          shape.requests.map(({ kind, keysPerRequest }) => [kind, keysPerRequest]),
        );
        for (const { requestsPerSecond, command } of reading.runs) {
          assert.ok(requestsPerSecond > 0);
          assert.match(command, /-c 2 -P 4 -r 500 --csv -n \d+/);
          assert.doesNotMatch(command, /redis\.sock|127\.0\.0\.1|xxxx/);
        }
        // what really reached the server: reads that found their keys, and values of the size that was asked for
        const stats = await server.ask((redis) => redis.info('stats'));
        const field = (name: string) => Number(new RegExp(`${name}:(\\d+)`).exec(stats)?.[1]);
        assert.ok(field('keyspace_hits') > 200 * 11);
        assert.equal(field('keyspace_misses'), 0);
        const commands = await server.ask((redis) => redis.info('commandstats'));
        for (const name of ['get', 'set', 'mget', 'mset', 'incrby', 'del']) {
          assert.match(commands, new RegExp(`cmdstat_${name}:calls=`), name);
        }
        assert.equal(await server.ask((redis) => redis.dbsize()), 0);
      } finally {
        await server.close();
      }
    }
  });

  it('asks again when the program lost sight of its clients, and not for ever', async () => {
    const server = await RedisServer.start();
    try {
      const runs = join(folder, 'runs');
      // Its --version is a run as well: the second one, a measurement, is the first to fail.
      const losing = (times: number): string =>
        program(
          `losing-${String(times)}`,
          `echo run >> '${runs}'; n=$(wc -l < '${runs}')
if [ $n -gt 1 ] && [ $n -le ${String(times + 1)} ]; then echo 'All clients disconnected... aborting.' >&2; exit 1; fi
echo '"GET","1.00","1"'`,
        );
      const once = { ...shape, requests: [{ kind: 'get', count: 1, keysPerRequest: 1 } as const] };
      const twice = await runRedisBenchmark(server, once, { program: losing(2) });
      assert.equal(twice.absent, null);
      assert.equal(twice.runs[0]?.requestsPerSecond, 1);
      rmSync(runs);
      const always = await runRedisBenchmark(server, once, { program: losing(100) });
      assert.match(always.absent ?? '', /^it failed: /);
    } finally {
      await server.close();
    }
  });

  it('says why where there is none: missing, not our server, values too large, a failure, no rate', async () => {
    const server = await RedisServer.start();
    const other = await startTestServer();
    const joined = await RedisServer.join(other.settings);
    try {
      const none = await runRedisBenchmark(server, shape, { program: null });
      assert.deepEqual(none.runs, []);
      assert.equal(none.absent, 'redis-benchmark is not installed');
      const real = installed ?? program('stand-in', 'exit 0');
      assert.match((await runRedisBenchmark(joined, shape, { program: real })).absent ?? '', /not ours/);
      const large = { ...shape, valueBytes: 1_000_000 };
      assert.match((await runRedisBenchmark(server, large, { program: real })).absent ?? '', /1000000 bytes/);
      const failing = await runRedisBenchmark(server, shape, { program: program('failing', 'exit 3') });
      assert.match(failing.absent ?? '', /^it failed: /);
      const mute = await runRedisBenchmark(server, shape, {
        program: program('mute', 'echo "redis-benchmark 7.0.15"'),
      });
      assert.match(mute.absent ?? '', /no rate in/);
      assert.equal(mute.version, '7.0.15');
      assert.equal(
        await other.admin.dbsize(),
        2,
        'nothing but the signature of the run was written to a server of others',
      );
    } finally {
      await joined.close();
      await server.close();
      await other.close();
    }
  });
});
