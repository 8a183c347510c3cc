import { BenchError, type ErrorCode } from '../../errors.js';

/**
 * Error replies of Redis that mean "this server cannot be measured", by their first word. The others (a value that is not an
 * integer, say) belong to the request that caused them and pass as they are.
 */
const REPLY_CODES: Readonly<Record<string, { code: ErrorCode; what: string }>> = {
  NOAUTH: { code: 'REDIS_AUTH', what: 'Redis asks for a password' },
  WRONGPASS: { code: 'REDIS_AUTH', what: 'Redis refuses the user name or the password' },
  NOPERM: { code: 'REDIS_AUTH', what: 'The Redis user lacks a permission that the measurement needs' },
  DENIED: {
    code: 'REDIS_AUTH',
    what: 'Redis runs in protected mode and refuses connections from other machines',
  },
  READONLY: { code: 'REDIS_READ_ONLY', what: 'The Redis server is a read-only replica' },
  MASTERDOWN: { code: 'REDIS_READ_ONLY', what: 'The Redis server is a replica that has lost its primary' },
  MISCONF: { code: 'REDIS_READ_ONLY', what: 'Redis refuses writes because it cannot save its snapshots' },
  NOREPLICAS: { code: 'REDIS_READ_ONLY', what: 'Redis refuses writes because it has too few replicas' },
  LOADING: { code: 'REDIS_LOADING', what: 'Redis is still loading its data' },
  OOM: { code: 'REDIS_OUT_OF_MEMORY', what: 'Redis is out of memory: its maxmemory is reached' },
  MOVED: {
    code: 'REDIS_NOT_REDIS',
    what: 'The server is one node of a Redis Cluster, which --redis does not support',
  },
  CLUSTERDOWN: {
    code: 'REDIS_NOT_REDIS',
    what: 'The server is one node of a Redis Cluster, which --redis does not support',
  },
};

/** Text of an error reply that older servers send where newer ones say WRONGPASS. */
const OLD_WRONG_PASSWORD = /invalid password|without any password configured|no password is set/i;

/** The error for the user that an error reply stands for, or `null` when it belongs to its request alone. */
export function replyToBenchError(message: string): BenchError | null {
  const known = REPLY_CODES[/^[A-Z]+/.exec(message)?.[0] ?? ''];
  if (known !== undefined) return new BenchError(known.code, `${known.what}.`);
  if (OLD_WRONG_PASSWORD.test(message)) return new BenchError('REDIS_AUTH', 'Redis refuses the password.');
  if (message.startsWith('ERR max number of clients')) {
    return new BenchError('REDIS_UNREACHABLE', 'Redis has as many connections as it allows (maxclients).', {
      hint: 'Raise its maxclients, or use fewer workers or connections.',
    });
  }
  return null;
}

/** True for an error that Redis sent as its reply, as opposed to a failure of the connection. */
export function isReplyError(error: unknown): error is Error & { name: 'ReplyError' } {
  return error instanceof Error && error.name === 'ReplyError';
}

/**
 * The failure of one request, for whoever waits for it. ioredis attaches the command and its arguments to its errors; a
 * password can be among them, so no original error is passed on.
 */
export function requestFailure(error: Error): Error {
  if (error instanceof BenchError) return error;
  if (isReplyError(error)) return replyToBenchError(error.message) ?? new Error(error.message);
  return new BenchError('REDIS_LOST', 'The connection to Redis was lost in the middle of the run.');
}
