import type { Redis } from 'ioredis';
import { isLoopback, type RedisConnectionSettings } from './connection-settings.js';

/** A section of INFO as a map from field to text. */
export async function readInfo(redis: Redis, section: string): Promise<ReadonlyMap<string, string>> {
  const fields = new Map<string, string>();
  for (const line of (await redis.info(section)).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

/**
 * Settings that bear on speed or memory, with the defaults of Redis 7.0 (redis.conf). A fixed list, so that nothing secret
 * (requirepass, masterauth, key files) can slip into a result file.
 */
const SETTINGS_THAT_MATTER: Readonly<Record<string, string>> = {
  activedefrag: 'no',
  activerehashing: 'yes',
  'dynamic-hz': 'yes',
  hz: '10',
  'io-threads-do-reads': 'no',
  'lazyfree-lazy-expire': 'no',
  'lazyfree-lazy-server-del': 'no',
  'lazyfree-lazy-user-del': 'no',
  'lfu-decay-time': '1',
  'lfu-log-factor': '10',
  'lua-time-limit': '5000',
  'maxmemory-clients': '0',
  'maxmemory-samples': '5',
  'no-appendfsync-on-rewrite': 'no',
  'notify-keyspace-events': '',
  'proto-max-bulk-len': '536870912',
  'slowlog-log-slower-than': '10000',
  'latency-monitor-threshold': '0',
  'tcp-keepalive': '300',
  timeout: '0',
  'jemalloc-bg-thread': 'yes',
  'disable-thp': 'yes',
};

const ALWAYS_SHOWN = ['io-threads', 'maxmemory', 'maxmemory-policy'];
const PERSISTENCE = ['save', 'appendonly', 'appendfsync'];

export type Facts = Record<string, string | number | boolean | null>;

/**
 * What a reader of the result needs to set up the same server: version, transport, allocator, persistence, and settings that
 * differ from Redis' defaults. No secret, and no host name but the loopback's.
 */
export async function readServerFacts(
  redis: Redis,
  settings: RedisConnectionSettings,
): Promise<{ version: string; facts: Facts }> {
  const server = await readInfo(redis, 'server');
  const memory = await readInfo(redis, 'memory');
  const facts: Facts = {
    transport: transportOf(settings),
    host:
      settings.address.transport === 'unix' || isLoopback(settings.address.host)
        ? 'this machine'
        : 'not recorded',
    database: settings.database,
    mode: server.get('redis_mode') ?? null,
    mem_allocator: memory.get('mem_allocator') ?? null,
    multiplexing_api: server.get('multiplexing_api') ?? null,
  };
  Object.assign(facts, await readConfiguration(redis));
  return { version: server.get('redis_version') ?? 'unknown', facts };
}

function transportOf(settings: RedisConnectionSettings): string {
  if (settings.tls !== null) return 'TCP with TLS';
  return settings.address.transport === 'unix' ? 'Unix socket' : 'TCP';
}

async function readConfiguration(redis: Redis): Promise<Facts> {
  const configuration = new Map<string, string>();
  try {
    const names = [...ALWAYS_SHOWN, ...PERSISTENCE, ...Object.keys(SETTINGS_THAT_MATTER)];
    // One name a command: CONFIG GET of several is newer than Redis 6.
    const replies = await Promise.all(names.map((name) => redis.config('GET', name)));
    for (const reply of replies as string[][]) {
      const [name, value] = reply;
      if (name !== undefined && value !== undefined) configuration.set(name, value);
    }
  } catch {
    // Managed services rename or forbid CONFIG; that is a fact worth knowing too.
    return { configuration: 'not readable' };
  }
  const facts: Facts = { persistence: persistenceOf(configuration) };
  for (const name of ALWAYS_SHOWN) facts[name] = configuration.get(name) ?? null;
  for (const [name, byDefault] of Object.entries(SETTINGS_THAT_MATTER)) {
    const value = configuration.get(name);
    if (value !== undefined && value !== byDefault) facts[name] = value;
  }
  return facts;
}

function persistenceOf(configuration: ReadonlyMap<string, string>): string {
  const kept: string[] = [];
  const save = configuration.get('save') ?? '';
  if (save !== '') kept.push(`RDB (save ${save})`);
  if (configuration.get('appendonly') === 'yes') {
    kept.push(`AOF (appendfsync ${configuration.get('appendfsync') ?? 'unknown'})`);
  }
  return kept.length === 0 ? 'off' : kept.join(', ');
}
