import { accessSync, constants, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BenchError } from '../../errors.js';
import { openConnection } from './connection.js';
import { startGuardian, type Guardian } from './guardian.js';
import type { RedisAddress, RedisConnectionSettings } from './connection-settings.js';

/** A private Redis server, started by this tool and ended with it. */
export interface ManagedServer {
  readonly pid: number;
  /** Its temporary folder, mode 0700; gone after `close`. */
  readonly folder: string;
  /** How to reach it: over its Unix socket, or over TCP where that was asked for. */
  readonly settings: RedisConnectionSettings;
  /** Ends Redis and removes the folder. Idempotent. */
  close(): Promise<void>;
}

export interface ManagedServerOptions {
  /** 'unix' (the default) or TCP on a free port of the loopback interface. */
  readonly transport?: 'unix' | 'tcp';
  /** TCP port on the loopback interface, 1 to 65,535; a free one by default. Unused with 'unix'. */
  readonly port?: number;
  /** Redis' maxmemory, with its default policy noeviction; 0 (the default) sets no limit. */
  readonly maxMemoryBytes?: number;
  /** Redis' io-threads, 1 to 128, with io-threads-do-reads; its default, 1, by default. */
  readonly ioThreads?: number;
  /**
   * Starts a node of a cluster, which has no slots yet and knows no other node. It listens at `port` on the loopback interface
   * and speaks to other nodes at `port + 10000`; clients still reach it over `transport`.
   */
  readonly cluster?: { readonly port: number };
  /** Program to start; found on the PATH by default. */
  readonly program?: string;
  /** Existing folder that the server's own folder is made in; the system's folder for temporary files by default. */
  readonly parentFolder?: string;
}

/** Redis answers within a second on an idle machine; a starved one is given the benefit of the doubt. */
const START_LIMIT_MS = 15_000;

/** `sun_path` of Linux holds 108 bytes, the final zero included (unix(7)). */
const SOCKET_PATH_LIMIT_BYTES = 107;
const SOCKET_PATH_TAIL = '/predis-bench-XXXXXXXX/redis.sock';

/**
 * Starts a private `redis-server`: persistence off, a Unix socket in a fresh folder that only this user can enter, and no
 * TCP port unless asked for. It ends with this process in every case, `kill -9` included (see guardian.ts).
 *
 * @throws BenchError REDIS_MISSING when there is no redis-server; REDIS_START_FAILED when it does not come up, with the last
 * line of its log
 */
export async function startManagedServer(options: ManagedServerOptions = {}): Promise<ManagedServer> {
  const program = options.program ?? findOnPath('redis-server');
  if (program === null) throw new BenchError('REDIS_MISSING', 'redis-server was not found on the PATH.');
  const parentFolder = options.parentFolder ?? temporaryFolder();
  const transport = options.transport ?? 'unix';
  const port = options.cluster?.port ?? (transport === 'tcp' ? (options.port ?? (await freePort())) : 0);
  let guardian: Guardian;
  try {
    guardian = await startGuardian({
      parentFolder,
      program,
      port,
      maxMemoryBytes: options.maxMemoryBytes ?? 0,
      serverParameters: serverParameters(options),
    });
  } catch (error) {
    throw new BenchError('REDIS_START_FAILED', `Redis could not be started: ${messageOf(error)}.`, {
      hint: `Is ${parentFolder} writable?`,
    });
  }
  const overSocket = settingsFor({ transport: 'unix', path: join(guardian.folder, 'redis.sock') });
  try {
    // Over the socket in its folder, which nobody else can own: at a TCP port another server might answer, and be flushed.
    await untilReady(guardian, overSocket);
  } catch (error) {
    await guardian.dismiss();
    throw error;
  }
  return {
    pid: guardian.redisPid,
    folder: guardian.folder,
    settings: transport === 'unix' ? overSocket : settingsFor({ transport, host: '127.0.0.1', port }),
    close: () => guardian.dismiss(),
  };
}

function serverParameters({ ioThreads, cluster }: ManagedServerOptions): string[] {
  return [
    ...(ioThreads === undefined
      ? []
      : ['--io-threads', String(ioThreads), '--io-threads-do-reads', ioThreads > 1 ? 'yes' : 'no']),
    // Its folder goes with it, and with the folder the file of nodes.
    ...(cluster === undefined ? [] : ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf']),
  ];
}

function settingsFor(address: RedisAddress): RedisConnectionSettings {
  return { address, tls: null, database: 0, username: null, password: null };
}

/** Polls until Redis answers; gives up at once when it has ended. */
async function untilReady(guardian: Guardian, settings: RedisConnectionSettings): Promise<void> {
  const redis = { ended: false };
  void guardian.redisEnded.then(() => {
    redis.ended = true;
  });
  const limit = performance.now() + START_LIMIT_MS;
  for (let attempt = 0; ; attempt++) {
    try {
      const connection = await openConnection(settings);
      connection.disconnect();
      return;
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      // Asked after the attempt: a server that ended between the two answers is still found out.
      if (redis.ended || performance.now() > limit) {
        throw new BenchError('REDIS_START_FAILED', startFailure(guardian.folder, redis.ended));
      }
    }
    await delay(attempt < 50 ? 5 : 50);
  }
}

/** What Redis said last: its log, or its console when it never came as far as a log. */
function startFailure(folder: string, ended: boolean): string {
  const what = ended
    ? 'Redis ended while starting'
    : `Redis did not answer within ${String(START_LIMIT_MS / 1000)} s`;
  const lastLine = lastLineOf(join(folder, 'redis.log')) ?? lastLineOf(join(folder, 'console.log'));
  return lastLine === null ? `${what}, and its log is empty.` : `${what}; its last words: ${lastLine}`;
}

function lastLineOf(path: string): string | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  const lastLine = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return lastLine === '' ? null : lastLine;
}

/** The system's folder for temporary files, or /tmp where a socket path below the former would be too long. */
export function temporaryFolder(): string {
  const folder = tmpdir();
  return Buffer.byteLength(folder + SOCKET_PATH_TAIL) <= SOCKET_PATH_LIMIT_BYTES ? folder : '/tmp';
}

/**
 * Absolute path of a program on the PATH, or `null`. Relative entries of the PATH are skipped: what stands in the folder that
 * the tool happens to be called from is not what is meant.
 */
export function findOnPath(name: string, path: string = process.env.PATH ?? ''): string | null {
  for (const folder of path.split(delimiter)) {
    if (!folder.startsWith('/')) continue;
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      // not here; the next folder may have it
    }
  }
  return null;
}

/** A port of the loopback interface that was free a moment ago; Redis reports it when somebody else was faster. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no TCP port is free'));
        else resolve(address.port);
      });
    });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
