import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { openConnection } from '../../src/engines/redis/connection.js';
import {
  readConnectionSettings,
  type RedisConnectionSettings,
} from '../../src/engines/redis/connection-settings.js';
import { RedisServer } from '../../src/engines/redis/redis-server.js';
import {
  listen,
  makeCertificate,
  rejectsWith,
  startTestServer,
  temporaryFolder,
  url,
  type TestServer,
} from './support.js';

const settingsOf = (address: string, environment: NodeJS.ProcessEnv = {}): RedisConnectionSettings =>
  readConnectionSettings({ url: address }, environment);

/** Opens against a listener that treats each connection in some way. */
async function against(
  onConnection: (socket: Socket) => void,
  code: Parameters<typeof rejectsWith>[1],
): Promise<string> {
  const listener = await listen(onConnection);
  try {
    const error = await rejectsWith(openConnection(settingsOf(url(listener.port)), { limitMs: 150 }), code);
    return error.message;
  } finally {
    await listener.close();
  }
}

describe('what is at the other end', () => {
  it('nothing: connection refused, no such socket, no such name', async () => {
    const listener = await listen(() => undefined);
    await listener.close();
    const refused = await rejectsWith(openConnection(settingsOf(url(listener.port))), 'REDIS_UNREACHABLE');
    assert.match(refused.message, /ECONNREFUSED/);
    const missing = await rejectsWith(
      openConnection(settingsOf('/nonexistent/redis.sock')),
      'REDIS_UNREACHABLE',
    );
    assert.match(missing.message, /ENOENT/);
    const nameless = await rejectsWith(
      openConnection(settingsOf('redis://host.invalid')),
      'REDIS_UNREACHABLE',
    );
    assert.ok(!nameless.message.includes('host.invalid'), 'names no host but the loopback');
  });

  it('a web server', async () => {
    await against((socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    }, 'REDIS_NOT_REDIS');
  });

  it('a listener that says nothing, or hangs up', async () => {
    const silent = await against(() => undefined, 'REDIS_NOT_REDIS');
    assert.match(silent, /no answer within 0.15 s/);
    await against((socket) => socket.end(), 'REDIS_NOT_REDIS');
    await against((socket) => socket.resetAndDestroy(), 'REDIS_NOT_REDIS');
  });

  it('something that answers every command with OK', async () => {
    await against((socket) => {
      socket.on('data', () => socket.write('+OK\r\n'));
    }, 'REDIS_NOT_REDIS');
  });

  it('Redis that is loading, full of clients, or in protected mode', async () => {
    const answering = (reply: string) => (socket: Socket) => {
      socket.on('data', () => socket.write(`${reply}\r\n`));
    };
    await against(answering('-LOADING Redis is loading the dataset in memory'), 'REDIS_LOADING');
    await against(answering('-ERR max number of clients reached'), 'REDIS_UNREACHABLE');
    await against(answering('-DENIED Redis is running in protected mode'), 'REDIS_AUTH');
  });
});

describe('Redis that refuses', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ transport: 'tcp' });
  });
  after(() => server.close());
  const joinServer = (environment: NodeJS.ProcessEnv = {}): Promise<RedisServer> =>
    RedisServer.join(settingsOf(server.socket, environment));

  it('a login: no password, a wrong one, a user without one', async () => {
    await server.admin.config('SET', 'requirepass', 'open sesame');
    try {
      await rejectsWith(joinServer(), 'REDIS_AUTH');
      const wrong = await rejectsWith(joinServer({ PREDIS_BENCH_REDIS_PASSWORD: 'swordfish' }), 'REDIS_AUTH');
      assert.ok(!`${wrong.message}${wrong.stack ?? ''}`.includes('swordfish'));
      assert.equal(wrong.cause, undefined, 'the original error carries the command and its arguments');
      assert.ok(server.settings.address.transport === 'tcp');
      const nobody = `redis://nobody@127.0.0.1:${String(server.settings.address.port)}`;
      await rejectsWith(RedisServer.join(settingsOf(nobody)), 'REDIS_AUTH');
      const joined = await joinServer({ PREDIS_BENCH_REDIS_PASSWORD: 'open sesame' });
      await joined.close();
    } finally {
      await server.admin.config('SET', 'requirepass', '');
    }
  });

  it('nothing when a password is given that it does not need', async () => {
    const joined = await joinServer({ PREDIS_BENCH_REDIS_PASSWORD: 'needless' });
    await joined.close();
  });

  it('writes, as a replica', async () => {
    await server.admin.replicaof('127.0.0.1', 1);
    await rejectsWith(joinServer(), 'REDIS_READ_ONLY');
    await server.admin.replicaof('NO', 'ONE');
  });

  it('writes of a user without permission', async () => {
    await server.admin.acl('SETUSER', 'reader', 'on', '>secret', '~*', '+@read', '+@connection');
    assert.ok(server.settings.address.transport === 'tcp');
    const address = `redis://reader@127.0.0.1:${String(server.settings.address.port)}`;
    await rejectsWith(
      RedisServer.join(settingsOf(address, { PREDIS_BENCH_REDIS_PASSWORD: 'secret' })),
      'REDIS_AUTH',
    );
  });

  it('a database that it does not have', async () => {
    assert.ok(server.settings.address.transport === 'tcp');
    const address = `${url(server.settings.address.port)}/4711`;
    const error = await rejectsWith(openConnection(settingsOf(address)), 'REDIS_UNREACHABLE');
    assert.match(error.message, /DB index is out of range/);
  });

  it('TLS to a client in the clear, and the clear to a TLS client', async (test) => {
    const folder = temporaryFolder();
    const made = makeCertificate(folder);
    if (made === null) {
      test.skip('openssl is not installed');
      return;
    }
    const { certificate, key } = made;
    const listener = await listen(() => undefined);
    await listener.close();
    const { port } = listener;
    await server.admin.config('SET', 'tls-auth-clients', 'no');
    await server.admin.call(
      'CONFIG',
      'SET',
      'tls-cert-file',
      certificate,
      'tls-key-file',
      key,
      'tls-port',
      String(port),
    );

    const trusted = readConnectionSettings(
      { url: `rediss://127.0.0.1:${String(port)}`, tlsCaFile: certificate },
      {},
    );
    const connection = await openConnection(trusted);
    assert.equal(await connection.ping(), 'PONG');
    connection.disconnect();

    const untrusted = await rejectsWith(
      openConnection(settingsOf(`rediss://127.0.0.1:${String(port)}`)),
      'REDIS_TLS',
    );
    assert.match(untrusted.message, /SELF_SIGNED/);
    await rejectsWith(openConnection({ ...trusted, tls: { ca: 'no PEM' } }), 'REDIS_TLS');
    await rejectsWith(openConnection(settingsOf(url(port))), 'REDIS_NOT_REDIS');
    assert.ok(server.settings.address.transport === 'tcp');
    const clear = `rediss://127.0.0.1:${String(server.settings.address.port)}`;
    await rejectsWith(openConnection(settingsOf(clear), { limitMs: 300 }), 'REDIS_TLS');
    rmSync(folder, { recursive: true });
  });
});
