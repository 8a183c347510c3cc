import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { BenchError } from '../../errors.js';
import { nativeFile } from '../../predis/native-files.js';
import { toolVersion } from '../../support/package-root.js';
import type { Engine, EngineDescription } from '../engine.js';
import { openConnection } from '../redis/connection.js';
import type { RedisConnectionSettings } from '../redis/connection-settings.js';
import { temporaryFolder } from '../redis/managed-server.js';
import type { RedisSessionSpec } from '../redis/redis-engine.js';
import { meanValueBytes } from './noop.js';

/**
 * A server process that answers in the Redis protocol and does nothing (native/noop/), asked through the very client that asks
 * Redis: the floor of the transport. Its answers have the right kind and size, and the wrong content: they cannot be verified.
 */
export class NoopServer {
  readonly pid: number;
  /** Its temporary folder, mode 0700; gone after `close`. */
  readonly folder: string;
  readonly settings: RedisConnectionSettings;
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(child: ChildProcess, folder: string, ended: Promise<void>) {
    this.pid = child.pid ?? 0;
    this.folder = folder;
    this.settings = {
      address: { transport: 'unix', path: join(folder, 'noop.sock') },
      tls: null,
      database: 0,
      username: null,
      password: null,
    };
    this.#process = child;
    this.#ended = ended;
  }

  /**
   * Starts the server, which ends with this process in every case: it waits for the end of a pipe that only this process holds.
   *
   * @throws BenchError NOOP_SERVER when it is not built or does not come up
   */
  static async start(program?: string): Promise<NoopServer> {
    const { path, missing } =
      program === undefined
        ? nativeFile('predis-noop-server')
        : { path: program, missing: existsSync(program) ? null : `${program} does not exist.` };
    if (missing !== null) throw new BenchError('NOOP_SERVER', `The no-op server is missing: ${missing}`);
    const folder = mkdtempSync(join(temporaryFolder(), 'predis-bench-'));
    const child = spawn(path, [folder], { stdio: ['pipe', 'pipe', 'pipe'], detached: true, env: {} });
    let said = '';
    let failure = '';
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => {
        resolve();
      });
      child.once('error', (error) => {
        failure = error.message;
        resolve();
      });
    });
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (text: Buffer) => (failure += text.toString('utf8')));
    const ready = new Promise<void>((resolve) => {
      child.stdout.on('data', (text: Buffer) => {
        said += text.toString('utf8');
        if (said.includes('ready')) resolve();
      });
    });
    await Promise.race([ready, ended]);
    const server = new NoopServer(child, folder, ended);
    if (!said.includes('ready')) {
      await server.close();
      throw new BenchError(
        'NOOP_SERVER',
        `The no-op server did not come up: ${failure.trim() || 'it ended'}.`,
        {
          hint: 'Build it again with: npm run build:native',
        },
      );
    }
    // A forgotten server must not keep this process alive.
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) {
      if ('unref' in stream && typeof stream.unref === 'function') (stream.unref as () => void).call(stream);
    }
    return server;
  }

  /** Ends the server and removes its folder. Idempotent. */
  async close(): Promise<void> {
    this.#process.ref();
    this.#process.stdin?.end();
    await this.#ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The no-op server as an engine. */
export class NoopServerEngine implements Engine {
  readonly #server: NoopServer;
  readonly #control: Redis;
  readonly #release: () => Promise<void>;

  private constructor(server: NoopServer, control: Redis, release: () => Promise<void>) {
    this.#server = server;
    this.#control = control;
    this.#release = release;
  }

  /** @param release called by `close`, once or more often */
  static async open(server: NoopServer, release: () => Promise<void>): Promise<NoopServerEngine> {
    return new NoopServerEngine(server, await openConnection(server.settings), release);
  }

  describe(): Promise<EngineDescription> {
    return Promise.resolve({
      name: 'noop',
      version: toolVersion(),
      boundary: 'socket',
      synchronous: false,
      managed: true,
      settings: {
        implementation:
          'a server process with one thread that answers in RESP, looks at nothing and stores nothing',
        transport: 'Unix socket',
        client: 'ioredis',
        values: 'all of the mean length of those of the workload',
        verified: false,
      },
    });
  }

  async load(count: number, pair: (index: number) => { key: string; value: string }): Promise<void> {
    try {
      await this.#control.call('REPLYBYTES', String(meanValueBytes(count, pair)));
    } catch (error) {
      throw new BenchError('REDIS_LOST', 'The connection to the no-op server was lost.', { cause: error });
    }
  }

  sessionSpec(): RedisSessionSpec {
    return { kind: 'redis', settings: this.#server.settings, prefix: '' };
  }

  processes(): readonly number[] {
    return [this.#server.pid];
  }

  memoryBytes(): Promise<number> {
    return Promise.resolve(0);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#control.disconnect();
    await this.#release();
  }
}
