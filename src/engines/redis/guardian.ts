import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/**
 * A guardian is a shell that owns a private Redis and its folder, and outlives this process by a moment. It waits for the end
 * of a pipe whose other end only this process holds. The kernel closes that end however this process goes (return, exception,
 * Ctrl-C, SIGTERM, `kill -9`), so one mechanism covers every case and no signal handler is needed. The guardian then ends
 * Redis, removes the folder and is gone. It runs in a session of its own, so that a Ctrl-C meant for this process misses it.
 *
 * Persistence is off, so Redis has nothing to save: it is ended with SIGKILL, which cannot hang.
 *
 * SIGPIPE is ignored because this process may end before it has read the reports.
 *
 * Positional parameters: the parent of the folder, the server program, a TCP port or 0, a maxmemory in bytes or 0, then
 * further parameters of the server.
 * Descriptor 3 is inherited by Redis alone: its end of file tells this process that Redis is gone.
 */
const GUARDIAN_SCRIPT = `
umask 077
trap '' HUP INT TERM PIPE
folder=$(mktemp -d "$1/predis-bench-XXXXXXXX") || exit 1
echo "folder $folder"
program=$2 port=$3 maxmemory=$4
shift 4
"$program" --port "$port" --bind 127.0.0.1 --unixsocket "$folder/redis.sock" --unixsocketperm 700 --dir "$folder" \\
  --logfile "$folder/redis.log" --save '' --appendonly no --daemonize no --supervised no --maxmemory "$maxmemory" "$@" \\
  </dev/null >"$folder/console.log" 2>&1 &
redis=$!
exec 3>&-
echo "pid $redis"
read -r _
kill -9 "$redis" 2>/dev/null
wait "$redis" 2>/dev/null
rm -rf "$folder"
`;

/** A running guardian. */
export interface Guardian {
  /** Holds the socket `redis.sock`, the log `redis.log` and what Redis printed before it had a log, `console.log`. */
  readonly folder: string;
  /** Process id of Redis. */
  readonly redisPid: number;
  /** Resolves when Redis has ended for whatever reason. */
  readonly redisEnded: Promise<void>;
  /** Ends Redis, removes the folder, and resolves when both are done. Idempotent. */
  dismiss(): Promise<void>;
}

export interface GuardianOptions {
  /** An existing, writable folder. */
  readonly parentFolder: string;
  /** Absolute path of redis-server. */
  readonly program: string;
  /** TCP port on the loopback interface, or 0 for the Unix socket alone. */
  readonly port: number;
  /** Limit given to Redis; 0 for none. */
  readonly maxMemoryBytes: number;
  /** Further parameters of redis-server, such as `--io-threads`, `4`. */
  readonly serverParameters: readonly string[];
}

/**
 * Starts a guardian and, through it, Redis. Resolves as soon as both processes exist, before Redis listens.
 *
 * @throws Error when the shell or the folder cannot be made
 */
export async function startGuardian(options: GuardianOptions): Promise<Guardian> {
  const parameters = [
    options.parentFolder,
    options.program,
    String(options.port),
    String(options.maxMemoryBytes),
    ...options.serverParameters,
  ];
  const child = spawn('/bin/sh', ['-c', GUARDIAN_SCRIPT, 'predis-bench-guardian', ...parameters], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    // Redis reads no environment; a password meant for this tool has no business in another process.
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  });
  const { stdin: leash, stdout: reports } = child;
  const redisLife = child.stdio[3] as Readable | null;
  if (leash === null || reports === null || redisLife === null) throw new Error('/bin/sh cannot be started');
  const guardianEnded = new Promise<void>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => {
      resolve();
    });
  });
  const redisEnded = new Promise<void>((resolve) => {
    redisLife.once('close', resolve);
    redisLife.resume();
  });
  // A guardian that is already gone makes the leash fail; `guardianEnded` tells that better.
  leash.on('error', () => undefined);
  redisLife.on('error', () => undefined);

  const { folder, pid } = await readReports(reports);
  releaseFromEventLoop(child, [leash, reports, redisLife]);
  return {
    folder,
    redisPid: pid,
    redisEnded,
    dismiss: async () => {
      child.ref();
      leash.end();
      await guardianEnded;
    },
  };
}

/** Reads the two lines that the guardian prints. */
async function readReports(reports: Readable): Promise<{ folder: string; pid: number }> {
  let text = '';
  for await (const chunk of reports.iterator({ destroyOnReturn: false })) {
    text += String(chunk);
    const found = /^folder (.+)\npid (\d+)\n/.exec(text);
    if (found?.[1] !== undefined) return { folder: found[1], pid: Number(found[2]) };
  }
  throw new Error('the temporary folder could not be made');
}

/** A forgotten server must not keep this process alive: only its own work does. */
function releaseFromEventLoop(child: ChildProcess, streams: readonly (Readable | Writable)[]): void {
  child.unref();
  for (const stream of streams) {
    if ('unref' in stream && typeof stream.unref === 'function') (stream.unref as () => void).call(stream);
  }
}
