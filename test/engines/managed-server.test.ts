import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findOnPath, startManagedServer } from '../../src/engines/redis/managed-server.js';
import { RedisEngine } from '../../src/engines/redis/redis-engine.js';
import { RedisServer } from '../../src/engines/redis/redis-server.js';
import { eventually, isAlive, listen, rejectsWith, startTestServer, temporaryFolder } from './support.js';

describe('managed Redis server', () => {
  it('keeps to itself: own folder, socket only, nothing persistent', async () => {
    const server = await startTestServer();
    try {
      assert.equal(statSync(server.folder).mode & 0o777, 0o700);
      assert.equal(statSync(server.socket).mode & 0o777, 0o700);
      assert.deepEqual(await server.admin.config('GET', 'port'), ['port', '0']);
      assert.deepEqual(await server.admin.config('GET', 'save'), ['save', '']);
      assert.deepEqual(await server.admin.config('GET', 'appendonly'), ['appendonly', 'no']);
    } finally {
      await server.close();
    }
    assert.equal(isAlive(server.pid), false);
    assert.equal(existsSync(server.folder), false);
  });

  it('listens on the loopback interface alone when TCP is asked for', async () => {
    const server = await startTestServer({ transport: 'tcp' });
    try {
      assert.equal(server.settings.address.transport, 'tcp');
      assert.deepEqual(await server.admin.config('GET', 'bind'), ['bind', '127.0.0.1']);
      assert.equal(await server.admin.ping(), 'PONG');
    } finally {
      await server.close();
    }
  });

  it('may be closed twice, and closed when Redis is gone already', async () => {
    const server = await startManagedServer();
    process.kill(server.pid, 'SIGKILL');
    await Promise.all([server.close(), server.close()]);
    assert.equal(existsSync(server.folder), false);
  });

  it('quotes the last line of the log when the port is in use', async () => {
    const other = await listen(() => undefined);
    const error = await rejectsWith(
      startManagedServer({ transport: 'tcp', port: other.port }),
      'REDIS_START_FAILED',
    );
    assert.match(error.message, /Failed listening on port/);
    await other.close();
  });

  it('quotes what the program printed when it never came as far as a log', async () => {
    const folder = temporaryFolder();
    const program = join(folder, 'redis-server');
    writeFileSync(program, '#!/bin/sh\necho "cannot do that"; exit 1\n');
    chmodSync(program, 0o755);
    const error = await rejectsWith(
      startManagedServer({ program, parentFolder: folder }),
      'REDIS_START_FAILED',
    );
    assert.match(error.message, /cannot do that/);
    assert.deepEqual(readdirSync(folder), ['redis-server']);
    rmSync(folder, { recursive: true });
  });

  it('says so when the folder cannot be made', async () => {
    const folder = temporaryFolder();
    const error = await rejectsWith(
      startManagedServer({ parentFolder: join(folder, 'missing') }),
      'REDIS_START_FAILED',
    );
    assert.match(error.hint ?? '', /missing writable/);
    rmSync(folder, { recursive: true });
  });

  it('finds programs on absolute entries of the PATH only', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'bin'));
    const program = join(folder, 'bin', 'tool');
    writeFileSync(program, '');
    assert.equal(findOnPath('tool', join(folder, 'bin')), null, 'not executable');
    chmodSync(program, 0o755);
    assert.equal(findOnPath('tool', `.:bin:${join(folder, 'bin')}`), program);
    assert.equal(findOnPath('tool', ''), null);
    rmSync(folder, { recursive: true });
  });

  it('is missing where the PATH has none', async () => {
    const path = process.env.PATH;
    process.env.PATH = '/nonexistent';
    try {
      const error = await rejectsWith(startManagedServer(), 'REDIS_MISSING');
      assert.match(error.hint ?? '', /apt-get install redis-server/);
    } finally {
      process.env.PATH = path;
    }
  });
});

describe('the end of the tool is the end of its Redis', () => {
  const endings: { name: string; mode: string; signal?: NodeJS.Signals }[] = [
    { name: 'kill -9', mode: 'hold', signal: 'SIGKILL' },
    { name: 'SIGTERM', mode: 'hold', signal: 'SIGTERM' },
    { name: 'Ctrl-C', mode: 'hold', signal: 'SIGINT' },
    { name: 'an exception', mode: 'throw' },
    { name: 'process.exit', mode: 'exit' },
    { name: 'nothing left to do', mode: 'return' },
  ];
  for (const { name, mode, signal } of endings) {
    it(name, async () => {
      const script = fileURLToPath(new URL('./hold-server.js', import.meta.url));
      const child = spawn(process.execPath, [script, mode], { stdio: ['ignore', 'pipe', 'ignore'] });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const [line] = (await child.stdout.take(1).toArray()) as Buffer[];
      const { pid, folder } = JSON.parse(String(line)) as { pid: number; folder: string };
      assert.ok(pid > 1);
      if (signal !== undefined) {
        assert.ok(isAlive(pid) && existsSync(folder), 'Redis runs until the signal');
        child.kill(signal);
      }
      await ended;
      await eventually('Redis is gone', () => !isAlive(pid));
      await eventually('its folder is gone', () => !existsSync(folder));
    });
  }
});

describe('Ctrl-C in a terminal', () => {
  it('reaches the tool, which may have to finish with Redis, and not Redis', async () => {
    const script = fileURLToPath(new URL('./hold-server.js', import.meta.url));
    const child = spawn(process.execPath, [script, 'deaf'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const [line] = (await child.stdout.take(1).toArray()) as Buffer[];
    const { pid, folder } = JSON.parse(String(line)) as { pid: number; folder: string };
    assert.ok(child.pid !== undefined);
    try {
      process.kill(-child.pid, 'SIGINT'); // the whole process group, as a terminal does
      await delay(300); // Redis looks for signals every 100 ms
      assert.ok(isAlive(pid));
    } finally {
      child.kill('SIGKILL');
    }
    await eventually('all is gone', () => !isAlive(pid) && !existsSync(folder));
  });
});

describe('the end of the tool while it starts Redis', () => {
  it('leaves nothing behind', async () => {
    const folder = temporaryFolder();
    const script = fileURLToPath(new URL('./hold-server.js', import.meta.url));
    const child = spawn(process.execPath, [script, 'vanish', folder], { stdio: 'ignore' });
    const signal = await new Promise((resolve) =>
      child.once('exit', (_, by) => {
        resolve(by);
      }),
    );
    assert.equal(signal, 'SIGKILL');
    const processes = (): string =>
      spawnSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' })
        .stdout.split('\n')
        .filter((line) => line.includes(folder))
        .join();
    await eventually('no process works in the folder', () => processes() === '');
    assert.deepEqual(readdirSync(folder), []);
    rmSync(folder, { recursive: true });
  });
});

describe('Redis killed in the middle of a run', () => {
  it('fails what is pending and everything after it with REDIS_LOST, at once', async () => {
    const server = await RedisServer.start();
    const engine = new RedisEngine(server, () => server.close());
    await engine.load(10, (index) => ({ key: `key:${String(index)}`, value: 'value' }));
    const session = await server.openSession();
    assert.equal(await session.get('key:3'), 'value');

    assert.ok(server.managed !== null);
    process.kill(server.managed.pid, 'SIGSTOP'); // so that the requests below are surely pending
    const pending = Array.from({ length: 20 }, (_, index) => session.get(`key:${String(index)}`));
    const outcomes = Promise.allSettled(pending);
    process.kill(server.managed.pid, 'SIGKILL');
    for (const outcome of await outcomes) {
      assert.equal(outcome.status, 'rejected');
      await rejectsWith(Promise.reject(outcome.reason as Error), 'REDIS_LOST');
    }
    await rejectsWith(session.put('key:1', 'late'), 'REDIS_LOST');
    await rejectsWith(engine.memoryBytes(), 'REDIS_LOST');
    await rejectsWith(
      engine.load(1, () => ({ key: 'k', value: 'v' })),
      'REDIS_LOST',
    );
    await session.close();
    await engine.close();
  });
});
