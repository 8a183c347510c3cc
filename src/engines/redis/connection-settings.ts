import { readFileSync } from 'node:fs';
import { BenchError } from '../../errors.js';

export type RedisAddress =
  | { readonly transport: 'unix'; readonly path: string }
  | { readonly transport: 'tcp'; readonly host: string; readonly port: number };

/**
 * How to reach a Redis server. Plain data, so that it can be cloned to a worker thread. Holds a secret: never print or store
 * it; `describeAddress` says what may be said.
 */
export interface RedisConnectionSettings {
  readonly address: RedisAddress;
  /** `null` for a connection in the clear; `ca` is a PEM text, or `null` for the certificates that Node.js trusts. */
  readonly tls: { readonly ca: string | null } | null;
  /** Database number, 0 and up. */
  readonly database: number;
  readonly username: string | null;
  readonly password: string | null;
}

/** What the user may say about a running server. */
export interface RedisOptions {
  /** `redis://`, `rediss://`, `unix://` or the path of a socket; never with a password. */
  readonly url?: string;
  /** File whose content, less a final line break, is the password. */
  readonly passwordFile?: string;
  /** PEM file of the authority that signed the server's certificate. */
  readonly tlsCaFile?: string;
}

/** Environment variable with the password of an external server. */
export const PASSWORD_VARIABLE = 'PREDIS_BENCH_REDIS_PASSWORD';

const FORMS = 'redis://host:6379/0, rediss://host:6379, unix:///run/redis.sock or /run/redis.sock';
const DEFAULT_PORT = 6379;

/**
 * Reads the address of a running server. No message repeats the address as typed: it may hold a secret in the wrong place.
 *
 * @param options `url` is required
 * @param environment where the password is looked for when there is no file
 * @throws BenchError USAGE when the address is malformed or holds a password, or a file cannot be read
 */
export function readConnectionSettings(
  options: RedisOptions & { readonly url: string },
  environment: NodeJS.ProcessEnv = process.env,
): RedisConnectionSettings {
  const { address, encrypted, database, username } = parseAddress(options.url);
  if (options.tlsCaFile !== undefined && !encrypted) {
    throw new BenchError(
      'USAGE',
      'A TLS certificate authority is given, but the address does not ask for TLS.',
      {
        hint: 'Use rediss:// instead of redis://.',
      },
    );
  }
  const ca = options.tlsCaFile === undefined ? null : readOptionFile(options.tlsCaFile, 'TLS CA file');
  return {
    address,
    tls: encrypted ? { ca } : null,
    database,
    username,
    password: readPassword(options, environment),
  };
}

/** Says where a server is, in words that may be printed and stored: other people's host names may not. */
export function describeAddress(settings: RedisConnectionSettings): string {
  const { address } = settings;
  if (address.transport === 'unix') return 'the Unix socket';
  return isLoopback(address.host) ? `${address.host}:${String(address.port)}` : 'the given address';
}

/** True for the names and addresses of this machine's loopback interface. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

type ParsedAddress = Pick<RedisConnectionSettings, 'address' | 'database' | 'username'> & {
  encrypted: boolean;
};

function parseAddress(text: string): ParsedAddress {
  if (text.startsWith('/')) {
    return { address: { transport: 'unix', path: text }, encrypted: false, database: 0, username: null };
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw malformed('it is not a URL');
  }
  if (url.password !== '') {
    throw new BenchError('USAGE', 'The address given with --redis holds a password.', {
      hint: `Others can read it in the list of processes. Leave it out and use --redis-password-file <file> or ${PASSWORD_VARIABLE}.`,
    });
  }
  if (url.search !== '' || url.hash !== '') throw malformed('it may not hold "?" or "#"');
  const username = url.username === '' ? null : decode(url.username);
  switch (url.protocol) {
    case 'unix:': {
      const path = decode(url.pathname);
      if (url.host !== '' || path.length < 2) throw malformed('a Unix socket needs an absolute path');
      return { address: { transport: 'unix', path }, encrypted: false, database: 0, username };
    }
    case 'redis:':
    case 'rediss:': {
      if (url.hostname === '') throw malformed('the host is missing');
      return {
        address: {
          transport: 'tcp',
          host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
          port: url.port === '' ? DEFAULT_PORT : Number(url.port),
        },
        encrypted: url.protocol === 'rediss:',
        database: parseDatabase(url.pathname),
        username,
      };
    }
    default:
      throw malformed('it begins with none of redis://, rediss:// and unix://');
  }
}

function parseDatabase(pathname: string): number {
  if (pathname === '' || pathname === '/') return 0;
  if (!/^\/\d{1,6}$/.test(pathname))
    throw malformed('what follows the host must be a database number, such as /0');
  return Number(pathname.slice(1));
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw malformed('it holds a malformed % escape');
  }
}

function malformed(why: string): BenchError {
  return new BenchError('USAGE', `The address given with --redis cannot be used: ${why}.`, {
    hint: `It looks like ${FORMS}.`,
  });
}

function readPassword(options: RedisOptions, environment: NodeJS.ProcessEnv): string | null {
  if (options.passwordFile === undefined) return environment[PASSWORD_VARIABLE] ?? null;
  const password = readOptionFile(options.passwordFile, 'Redis password file').replace(/\r?\n$/, '');
  if (password === '')
    throw new BenchError('USAGE', `The Redis password file ${options.passwordFile} is empty.`);
  return password;
}

function readOptionFile(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new BenchError('USAGE', `The ${what} ${path} cannot be read (${reason}).`);
  }
}
