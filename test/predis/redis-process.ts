/** A real Redis for the oracle test: private, on a Unix socket in a folder of its own, writing nothing to disk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

/** A running server and a connection to it. */
export interface RedisProcess {
  readonly connection: Redis;
  /** Ends both. */
  stop(): Promise<void>;
}

/** @throws Error with one clear sentence when redis-server is not installed or does not start */
export async function startRedis(): Promise<RedisProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'predis-oracle-'));
  const socket = join(folder, 'redis.sock');
  const settings = [
    '--port',
    '0',
    '--unixsocket',
    socket,
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ];
  const server = spawn('redis-server', settings, { stdio: 'ignore' });
  const killNow = (): void => {
    server.kill('SIGKILL');
  };
  process.on('exit', killNow);
  // stringNumbers: a 64-bit reply does not fit a JavaScript number
  const connection = new Redis({ path: socket, lazyConnect: true, retryStrategy: null, stringNumbers: true });
  connection.on('error', () => undefined); // failures reach the calls

  const stop = async (): Promise<void> => {
    connection.disconnect();
    await ended(server);
    process.off('exit', killNow);
    rmSync(folder, { recursive: true, force: true });
  };

  try {
    await connectWhenReady(server, connection);
  } catch (error) {
    await stop();
    throw error;
  }
  return { connection, stop };
}

async function ended(server: ChildProcess): Promise<void> {
  if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const exit = once(server, 'exit');
  server.kill('SIGTERM');
  await exit;
}

async function connectWhenReady(server: ChildProcess, connection: Redis): Promise<void> {
  const failures: Error[] = [];
  server.once('error', (error: NodeJS.ErrnoException) => {
    const missing =
      'redis-server is not on the PATH: run "npm run setup", which installs it, or "sudo apt-get install redis-server"';
    failures.push(error.code === 'ENOENT' ? new Error(missing) : error);
  });
  for (let attempt = 0; attempt < 400; attempt++) {
    try {
      await connection.connect();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    const [failure] = failures;
    if (failure !== undefined) throw failure;
    if (server.exitCode !== null) throw new Error(`redis-server ended with ${String(server.exitCode)}`);
  }
  throw new Error('redis-server did not answer within 10 seconds');
}
