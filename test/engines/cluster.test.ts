import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { ExitCode } from '../../src/errors.js';
import { RedisClusterEngine } from '../../src/engines/redis/cluster-engine.js';
import { ioThreadsForThisMachine, mastersForThisMachine } from '../../src/engines/redis/granted-cores.js';
import { CLUSTER_SLOTS, keySlot, slotsOfNode } from '../../src/engines/redis/key-slot.js';
import { findOnPath } from '../../src/engines/redis/managed-server.js';
import { RedisCluster } from '../../src/engines/redis/redis-cluster.js';
import { openSession } from '../../src/engines/sessions.js';
import { eventually, isAlive, listen, rejectsWith, temporaryFolder } from './support.js';

describe('Redis Cluster of three masters', () => {
  const started = RedisCluster.start(3);
  after(async () => {
    await (await started).close();
  });

  it('shares all slots among masters that know each other', async () => {
    const { nodes } = await started;
    assert.equal(nodes.length, 3);
    for (const node of nodes) {
      const slots = (await node.ask((redis) => redis.call('CLUSTER', 'SLOTS'))) as [number, number][];
      const ranges = slots
        .map(([first, last]) => ({ first, end: last + 1 }))
        .sort((a, b) => a.first - b.first);
      assert.deepEqual(
        ranges,
        [0, 1, 2].map((index) => slotsOfNode(index, 3)),
      );
      const [role] = (await node.ask((redis) => redis.call('ROLE'))) as [string];
      assert.equal(role, 'master');
    }
  });

  it('computes the slot of a key as Redis does', async () => {
    const [node] = (await started).nodes;
    assert.ok(node !== undefined);
    // the check value of CRC-16/XMODEM, which the cluster specification gives
    assert.equal(keySlot('123456789'), 0x31c3 % CLUSTER_SLOTS);
    const tagged = fc
      .array(fc.oneof(fc.constantFrom('{', '}'), fc.string({ unit: 'grapheme-ascii', maxLength: 3 })))
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(tagged, fc.string({ unit: 'grapheme-ascii', maxLength: 64 })),
        async (key) => {
          const slot = await node.ask((redis) => redis.call('CLUSTER', 'KEYSLOT', key));
          assert.equal(keySlot(key), Number(slot), JSON.stringify(key));
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });

  it('keeps each pair on the master that owns its slot, and memory and flush are those of all', async () => {
    const cluster = await started;
    const engine = new RedisClusterEngine(cluster, () => Promise.resolve());
    const pair = (index: number) => ({ key: `key:${String(index)}`, value: 'v'.repeat(100) });
    await engine.load(3_000, pair);
    const counts = await Promise.all(cluster.nodes.map((node) => node.ask((redis) => redis.dbsize())));
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      3_000,
    );
    for (const count of counts) assert.ok(count > 800 && count < 1_200, counts.join(', '));
    assert.ok((await engine.memoryBytes()) > 3_000 * 100);
    const session = await openSession(engine.sessionSpec());
    assert.equal(await session.get('key:77'), pair(77).value);
    await session.close();
    await engine.flush();
    assert.deepEqual(
      await Promise.all(cluster.nodes.map((node) => node.ask((redis) => redis.dbsize()))),
      [0, 0, 0],
    );
    const { settings } = await engine.describe();
    assert.equal(settings.mode, 'cluster');
    assert.equal(settings.masters, 3);
    assert.match(String(settings.multiKeyOperations), /a slot/);
  });

  it('fails requests at once when a node dies, and ends the others and their folders', async () => {
    const cluster = await RedisCluster.start(3);
    const servers = cluster.nodes.flatMap(({ managed }) => (managed === null ? [] : [managed]));
    assert.equal(servers.length, 3);
    const engine = new RedisClusterEngine(cluster, () => cluster.close());
    const session = await openSession(engine.sessionSpec());
    const [victim] = servers;
    assert.ok(victim !== undefined);
    process.kill(victim.pid, 'SIGKILL');
    await eventually('it is gone', () => !isAlive(victim.pid));
    const keys = Array.from({ length: 200 }, (_, index) => `key:${String(index)}`);
    await rejectsWith(Promise.resolve(session.mget(keys)), 'REDIS_LOST');
    await session.close();
    await engine.close();
    for (const { pid, folder } of servers) {
      assert.equal(isAlive(pid), false);
      assert.equal(existsSync(folder), false);
    }
  });
});

describe('a Redis Cluster that does not come up', () => {
  it('says which node, and why, and leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const taken = await listen(() => undefined);
    const free = await listen(() => undefined);
    await free.close();
    const starting = RedisCluster.start(2, { ports: [free.port, taken.port], parentFolder: folder });
    const error = await rejectsWith(starting, 'REDIS_CLUSTER_FAILED');
    assert.match(
      error.message,
      /^Node 2 of 2 of the Redis cluster did not come up\. .*Failed listening on port/,
    );
    assert.equal(error.exitCode, ExitCode.engineUnavailable);
    await taken.close();
    assert.deepEqual(readdirSync(folder), []);
    rmSync(folder, { recursive: true });
  });

  it('says what is missing when the nodes do not agree in time', async () => {
    const folder = temporaryFolder();
    const error = await rejectsWith(
      RedisCluster.start(3, { parentFolder: folder, formLimitMs: 0 }),
      'REDIS_CLUSTER_FAILED',
    );
    assert.match(error.message, /did not form within 0 s: node 1 of 3 says cluster_\w+ is /);
    assert.deepEqual(readdirSync(folder), []);
    rmSync(folder, { recursive: true });
  });

  it('passes on what a server without cluster support says', async () => {
    const folder = temporaryFolder();
    const real = findOnPath('redis-server');
    assert.ok(real !== null);
    const program = join(folder, 'redis-server');
    // stands in for an old build: it refuses the parameter by name, as Redis does
    writeFileSync(program, `#!/bin/sh\nexec ${real} --no-such-parameter yes\n`);
    chmodSync(program, 0o755);
    const error = await rejectsWith(
      RedisCluster.start(1, { program, parentFolder: folder }),
      'REDIS_CLUSTER_FAILED',
    );
    assert.match(error.message, /Node 1 of 1/);
    assert.deepEqual(readdirSync(folder), ['redis-server']);
    rmSync(folder, { recursive: true });
  });
});

describe('what the machine grants', () => {
  it('gives one I/O thread and one master a processor, within what makes sense', () => {
    assert.deepEqual([1, 2, 16, 500].map(ioThreadsForThisMachine), [1, 2, 16, 128]);
    assert.deepEqual([1, 2, 16, 500].map(mastersForThisMachine), [3, 3, 16, 64]);
    for (const nodes of [1, 3, 7, 64]) {
      const ranges = Array.from({ length: nodes }, (_, node) => slotsOfNode(node, nodes));
      assert.equal(ranges[0]?.first, 0);
      assert.equal(ranges.at(-1)?.end, CLUSTER_SLOTS);
      for (const [index, { first }] of ranges.entries()) assert.equal(first, ranges[index - 1]?.end ?? 0);
    }
  });
});
