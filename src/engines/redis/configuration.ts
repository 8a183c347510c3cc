import type { Redis } from 'ioredis';
import { hiddenSettings, redisDefaults, REDIS_DEFAULTS_VERSION } from './redis-defaults.js';

/** Settings of a server that differ from Redis' defaults; null where it refuses to tell (managed services do). */
export interface ConfigurationDifference {
  readonly comparedWith: string;
  readonly differs: Readonly<Record<string, string>> | null;
}

const MASKED = 'set, not shown';

/**
 * Asks a server for its settings and keeps those that differ from the defaults. A setting that the table of defaults does not
 * know is named without its value, and those that may hold a secret, a path or a name of a host never show theirs.
 */
export async function readConfigurationDifference(redis: Redis): Promise<ConfigurationDifference> {
  const comparedWith = `the defaults of Redis ${REDIS_DEFAULTS_VERSION}`;
  let reply: unknown;
  try {
    reply = await redis.config('GET', '*');
  } catch {
    return { comparedWith, differs: null };
  }
  return { comparedWith, differs: differences(pairsOf(reply)) };
}

/** @param settings as CONFIG GET * gives them; exported for tests */
export function differences(settings: readonly (readonly [string, string])[]): Record<string, string> {
  const names = new Set(settings.map(([name]) => name));
  return Object.fromEntries(
    settings
      .filter(([name]) => presentName(name) === name || !names.has(presentName(name)))
      .flatMap(([name, value]): [string, string][] => {
        const byDefault = redisDefaults[presentName(name)];
        if (value === (byDefault ?? '')) return [];
        const masked = byDefault === undefined || hiddenSettings.has(presentName(name));
        return [[name, masked ? MASKED : value === '' ? '(empty)' : value]];
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Servers list a setting under its old name as well, and old servers under that alone. */
function presentName(name: string): string {
  return name
    .replace(/(^|-)slaves(?=-|$)/, '$1replicas')
    .replace(/(^|-)slave(?=-|of$|$)/, '$1replica')
    .replace('-ziplist-', '-listpack-')
    .replace(/^lua-time-limit$/, 'busy-reply-threshold');
}

function pairsOf(reply: unknown): [string, string][] {
  if (!Array.isArray(reply)) return [];
  const texts = (reply as unknown[]).map(String);
  return texts.flatMap((text, index): [string, string][] =>
    index % 2 === 0 ? [[text, texts[index + 1] ?? '']] : [],
  );
}
