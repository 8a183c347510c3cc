import type { Redis } from 'ioredis';
import { BenchError } from '../../errors.js';
import { describeAddress, type RedisConnectionSettings } from './connection-settings.js';
import { isReplyError, replyToBenchError } from './redis-errors.js';

/** How long a server may take to answer the first command. */
const ANSWER_LIMIT_MS = 5_000;

export interface ConnectionOptions {
  /** Time for connecting, logging in and the first answer together, milliseconds; 5,000 by default. */
  readonly limitMs?: number;
  /** Integer replies as decimal strings, exact beyond 2^53, instead of numbers. */
  readonly integersAsText?: boolean;
}

/**
 * Opens one connection through ioredis, logs in, selects the database and makes sure that Redis is at the other end. Nothing
 * is retried, queued or re-sent later, neither now nor when the connection is lost: a measurement must see every failure.
 *
 * @param settings where, and as whom
 * @returns a connection; end it with `disconnect`
 * @throws BenchError REDIS_UNREACHABLE, REDIS_NOT_REDIS, REDIS_TLS, REDIS_AUTH, REDIS_LOADING, REDIS_READ_ONLY
 */
export async function openConnection(
  settings: RedisConnectionSettings,
  options: ConnectionOptions = {},
): Promise<Redis> {
  const { limitMs = ANSWER_LIMIT_MS, integersAsText = false } = options;
  const redis = await createClient(settings, limitMs, integersAsText);
  const errors: Error[] = [];
  redis.on('error', (error: Error) => {
    // a second failure of a connection is a consequence of the first
    if (errors.length === 0) errors.push(error);
  });
  const progress = { connected: false, timedOut: false, reachedServer: false };
  redis.once('connect', () => {
    progress.connected = true;
  });
  const timer = setTimeout(() => {
    progress.timedOut = true;
    progress.reachedServer = progress.connected || !redis.stream.connecting;
    redis.disconnect();
  }, limitMs);
  try {
    await redis.connect();
    await logIn(redis, settings);
    const pong: string = await redis.ping();
    if (pong !== 'PONG') throw new BenchError('REDIS_NOT_REDIS', notRedis(settings));
    return redis;
  } catch (error) {
    redis.disconnect();
    if (progress.timedOut) throw timeoutError(settings, progress.reachedServer, limitMs);
    throw connectError(settings, progress.connected, errors[0] ?? (error as Error));
  } finally {
    clearTimeout(timer);
  }
}

/** The library is loaded here, where a server is asked for: most of what is typed needs none. */
async function createClient(
  settings: RedisConnectionSettings,
  limitMs: number,
  stringNumbers: boolean,
): Promise<Redis> {
  const { Redis } = await import('ioredis');
  const { address, tls } = settings;
  return new Redis({
    ...(address.transport === 'unix' ? { path: address.path } : { host: address.host, port: address.port }),
    ...(tls === null ? {} : { tls: tls.ca === null ? {} : { ca: tls.ca } }),
    connectTimeout: limitMs * 2, // the timer above is the one that counts
    disconnectTimeout: 100, // for a peer that does not hang up in turn
    lazyConnect: true,
    // ioredis would send INFO and CLIENT SETINFO before it calls itself ready; PING above asks what has to be known.
    enableReadyCheck: false,
    disableClientInfo: true,
    enableOfflineQueue: false,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    stringNumbers,
  });
}

/**
 * Logs in by an explicit command: given to ioredis, a password that the server does not need would be answered with a warning
 * on the console for each connection.
 */
async function logIn(redis: Redis, settings: RedisConnectionSettings): Promise<void> {
  if (settings.password !== null) {
    try {
      if (settings.username === null) await redis.auth(settings.password);
      else await redis.auth(settings.username, settings.password);
    } catch (error) {
      const needless = isReplyError(error) && /no password is set|without any password/.test(error.message);
      if (!needless) throw error;
    }
  } else if (settings.username !== null) {
    throw new BenchError('REDIS_AUTH', 'The address names a Redis user, but there is no password.');
  }
  if (settings.database !== 0) await redis.select(settings.database);
}

function timeoutError(
  settings: RedisConnectionSettings,
  reachedServer: boolean,
  limitMs: number,
): BenchError {
  const seconds = `${String(limitMs / 1000)} s`;
  if (!reachedServer) {
    return new BenchError(
      'REDIS_UNREACHABLE',
      `Redis at ${describeAddress(settings)} did not answer within ${seconds}.`,
    );
  }
  return settings.tls === null
    ? new BenchError('REDIS_NOT_REDIS', `${notRedis(settings)} It sent no answer within ${seconds}.`)
    : new BenchError(
        'REDIS_TLS',
        `The TLS handshake with ${describeAddress(settings)} did not end within ${seconds}.`,
        {
          hint: 'Does the server speak TLS at that port?',
        },
      );
}

/** Codes of failures before a byte was exchanged. */
const UNREACHABLE_CODES = new Set([
  'EACCES',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ECONNREFUSED',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EINVAL',
  'ENAMETOOLONG',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOENT',
  'ENOTDIR',
  'ENOTFOUND',
  'ENOTSOCK',
  'EPERM',
  'EPROTOTYPE',
  'ETIMEDOUT',
]);

function connectError(settings: RedisConnectionSettings, connected: boolean, error: Error): BenchError {
  if (error instanceof BenchError) return error;
  const where = describeAddress(settings);
  if (isReplyError(error)) {
    return (
      replyToBenchError(error.message) ??
      new BenchError(
        'REDIS_UNREACHABLE',
        `Redis at ${where} answered: ${withoutSecrets(error.message, settings)}`,
        {
          hint: 'Check the address, the user and the database number.',
        },
      )
    );
  }
  // Several addresses of one name fail together as an AggregateError, which carries the code of the first.
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!connected && UNREACHABLE_CODES.has(code)) {
    return new BenchError('REDIS_UNREACHABLE', `Redis at ${where} cannot be reached (${code}).`);
  }
  if (settings.tls !== null && !connected) {
    return new BenchError('REDIS_TLS', `The TLS connection to ${where} failed (${code || error.message}).`);
  }
  return new BenchError('REDIS_NOT_REDIS', notRedis(settings), {
    hint: 'Check host and port. A server that speaks TLS needs rediss://.',
  });
}

function notRedis(settings: RedisConnectionSettings): string {
  return `What answers at ${describeAddress(settings)} does not speak the protocol of Redis.`;
}

/** No server is expected to send a secret back, but then none is trusted not to. */
function withoutSecrets(text: string, settings: RedisConnectionSettings): string {
  return settings.password === null ? text : text.replaceAll(settings.password, '***');
}
