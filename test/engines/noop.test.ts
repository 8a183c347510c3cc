import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { NoopServer, NoopServerEngine } from '../../src/engines/controls/noop-server.js';
import { NoopEngine } from '../../src/engines/controls/noop.js';
import { packStrings } from '../../src/engines/packed.js';
import { openSession } from '../../src/engines/sessions.js';
import { eventually, isAlive, rejectsWith } from './support.js';

const pair = (index: number) => ({ key: `key:${String(index)}`, value: 'v'.repeat(10 * (1 + index)) });
const mean = 'x'.repeat(20);

describe('no-op engines', () => {
  it('answer with values of the mean length, of the right count', async () => {
    const engine = new NoopEngine('api');
    await engine.load(3, pair);
    const session = await openSession(structuredClone(engine.sessionSpec()));
    assert.equal(await session.get('no such key'), mean);
    assert.deepEqual(await session.mget(['a', 'b']), [mean, mean]);
    assert.equal(session.packed, undefined);
    assert.equal(await engine.memoryBytes(), 0);
    assert.equal((await engine.describe()).settings.verified, false);
  });

  it('say that batches were delivered, at the boundary device', async () => {
    const engine = new NoopEngine('device');
    await engine.load(3, pair);
    assert.equal((await engine.describe()).boundary, 'device');
    const session = await openSession(structuredClone(engine.sessionSpec()));
    const batch = await session.mgetDelivered?.(['a', 'b']);
    assert.ok(batch !== undefined);
    assert.deepEqual([batch.size, batch.misses(), batch.value(1)], [2, 0, mean]);
    assert.equal(await session.get('no such key'), mean, 'all else as at the boundary api');
    assert.equal(session.packed, undefined);
  });

  it('answer packed batches that grow and shrink', async () => {
    const engine = new NoopEngine('packed');
    await engine.load(3, pair);
    const { packed } = await openSession(structuredClone(engine.sessionSpec()));
    assert.ok(packed !== undefined);
    for (const count of [1, 50, 2]) {
      const keys = packStrings(Array.from({ length: count }, (_, index) => String(index)));
      const { blob, offsets, found } = packed.mget(keys);
      for (let index = 0; index < count; index++) {
        assert.equal(found[index], 1);
        assert.equal(Buffer.from(blob.subarray(offsets[index], offsets[index + 1])).toString(), mean);
      }
    }
  });
});

describe('the no-op server', () => {
  it('answers every request of a session in kind, and stores nothing', async () => {
    const server = await NoopServer.start();
    const engine = await NoopServerEngine.open(server, () => server.close());
    await engine.load(3, pair);
    const session = await openSession(structuredClone(engine.sessionSpec()));
    await session.put('key', 'something else');
    assert.equal(await session.get('key'), mean);
    assert.deepEqual(await session.mget(['a', 'b', 'c']), [mean, mean, mean]);
    await session.mput(['a', 'b'], ['1', '2']);
    assert.equal(await session.delete('a'), true);
    assert.equal(await session.increment('a', 5), '1');
    const large = 'y'.repeat(3_000_000);
    await session.put('large', large);
    const many = Array.from({ length: 20_000 }, (_, index) => `key:${String(index)}`);
    assert.equal((await session.mget(many)).length, many.length);
    const inFlight = await Promise.all(many.map(async (key) => session.get(key)));
    assert.ok(inFlight.every((value) => value === mean));
    await session.close();
    await engine.close();
    assert.equal(isAlive(server.pid), false);
    assert.equal(existsSync(server.folder), false);
  });

  it('hangs up on what is not the protocol, and serves the others on', async () => {
    const server = await NoopServer.start();
    assert.ok(server.settings.address.transport === 'unix');
    const { path } = server.settings.address;
    const send = (text: string) =>
      new Promise<string>((resolve) => {
        let answer = '';
        const socket = connect(path, () => socket.write(text));
        socket.on('data', (data) => {
          answer += String(data);
          if (answer.endsWith('\r\n')) socket.destroy();
        });
        socket.on('error', () => undefined);
        socket.on('close', () => {
          resolve(answer);
        });
      });
    for (const text of [
      'GET key\r\n',
      '*x\r\n',
      '*0\r\n',
      '*1\r\n$-1\r\n',
      '*99999999999999\r\n',
      '*1\r\n+PING\r\n',
    ]) {
      assert.equal(await send(text), '', JSON.stringify(text));
    }
    assert.equal(await send('*1\r\n$7\r\nFLUSHDB\r\n'), '-ERR unknown command\r\n');
    assert.equal(
      await send('*2\r\n$10\r\nREPLYBYTES\r\n$2\r\n-5\r\n'),
      '-ERR value is not an integer or out of range\r\n',
    );
    assert.equal(await send('*1\r\n$4\r\nping\r\n'), '+PONG\r\n');
    await server.close();
  });

  it('is missing, or does not come up, with a word on what to do', async () => {
    const missing = await rejectsWith(NoopServer.start('/nonexistent/server'), 'NOOP_SERVER');
    assert.match(missing.hint ?? '', /build:native/);
    await rejectsWith(NoopServer.start('/bin/false'), 'NOOP_SERVER');
  });

  it('ends with the tool, kill -9 included, and takes its folder along', async () => {
    const script = fileURLToPath(new URL('./hold-noop-server.js', import.meta.url));
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await child.stdout.take(1).toArray()) as Buffer[];
    const { pid, folder } = JSON.parse(String(line)) as { pid: number; folder: string };
    assert.ok(isAlive(pid) && existsSync(join(folder, 'noop.sock')));
    child.kill('SIGKILL');
    await eventually('the server is gone', () => !isAlive(pid));
    await eventually('its folder is gone', () => !existsSync(folder));
  });
});
