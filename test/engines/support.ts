import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { BenchError, type ErrorCode } from '../../src/errors.js';
import { openConnection } from '../../src/engines/redis/connection.js';
import { startManagedServer, type ManagedServerOptions } from '../../src/engines/redis/managed-server.js';
import type { RedisConnectionSettings } from '../../src/engines/redis/connection-settings.js';

/** A real Redis for a test, ended with the test process at the latest, and a connection to look behind the scenes with. */
export interface TestServer {
  readonly pid: number;
  readonly folder: string;
  readonly socket: string;
  readonly settings: RedisConnectionSettings;
  readonly admin: Redis;
  close(): Promise<void>;
}

export async function startTestServer(options: ManagedServerOptions = {}): Promise<TestServer> {
  const server = await startManagedServer(options);
  const admin = await openConnection(server.settings);
  return {
    pid: server.pid,
    folder: server.folder,
    socket: join(server.folder, 'redis.sock'),
    settings: server.settings,
    admin,
    close: async () => {
      admin.disconnect();
      await server.close();
    },
  };
}

/** A listener on the loopback interface that is not Redis. */
export async function listen(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** Asserts that a promise is rejected with a BenchError of this code, and returns it. */
export async function rejectsWith(promise: Promise<unknown>, code: ErrorCode): Promise<BenchError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof BenchError, `expected a BenchError, got ${String(error)}`);
    assert.equal(error.code, code, error.message);
    return error;
  }
  assert.fail(`expected ${code}, but nothing was thrown`);
}

/** Waits until something holds, for 5 s at most. */
export async function eventually(what: string, holds: () => boolean): Promise<void> {
  const limit = performance.now() + 5_000;
  while (!holds()) {
    assert.ok(performance.now() < limit, `still not so after 5 s: ${what}`);
    await delay(5);
  }
}

/** True while a process runs; one that has ended and waits for its parent to notice does not. */
export function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return /^[^Z]/.test(stdout.trim());
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'predis-bench-test-'));
}

/** A self-signed certificate for 127.0.0.1, or null where there is no openssl to make one. */
export function makeCertificate(folder: string): { certificate: string; key: string } | null {
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  const parameters =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1';
  spawnSync('openssl', [...parameters.split(' '), '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  return existsSync(certificate) && existsSync(key) ? { certificate, key } : null;
}

export function url(port: number): string {
  return `redis://127.0.0.1:${String(port)}`;
}
