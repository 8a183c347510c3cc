import type { EngineSession } from '../engine.js';
import type { RedisConnectionSettings } from './connection-settings.js';
import { RedisSession } from './redis-session.js';
import { bulk, commandHeader, type Decode } from './resp-request.js';

const ZSCORE = commandHeader('ZSCORE', 2);
const ZREM = commandHeader('ZREM', 2);
const ZINCRBY = commandHeader('ZINCRBY', 3);
const ONE_SCORE = commandHeader('ZADD', 3);

const asText: Decode<string | null> = (reply) =>
  reply === null ? null : (reply as Buffer).toString('latin1');
const asTexts: Decode<(string | null)[]> = (reply) => (reply as (Buffer | null)[]).map(asText);
const asScore: Decode<string> = (reply) => (reply as Buffer).toString('latin1');
const asExisted: Decode<boolean> = (reply) => reply === '1';
const asNothing: Decode<void> = () => undefined;

/**
 * Numbers kept as the scores of one sorted set, which is how Redis keeps a leaderboard that can also be asked for ranks: members
 * stand for keys, ZSCORE for GET, ZADD for SET, ZINCRBY for INCRBY. A score is a binary64 number, so integers are exact up to
 * 2^53; a value that is no number is refused by Redis. Failures as of `RedisSession`.
 */
export class RedisSortedSetSession implements EngineSession {
  readonly #session: RedisSession;
  /** Name of the sorted set, as the bulk string of a command. */
  readonly #set: string;

  private constructor(session: RedisSession, key: string) {
    this.#session = session;
    this.#set = bulk(key);
  }

  /**
   * Opens a session on a connection of its own.
   *
   * @param key name of the sorted set
   * @throws BenchError as `openConnection`
   */
  static async open(settings: RedisConnectionSettings, key: string): Promise<RedisSortedSetSession> {
    return new RedisSortedSetSession(await RedisSession.open(settings, ''), key);
  }

  get(member: string): Promise<string | null> {
    return this.#session.send('zscore', ZSCORE + this.#set + bulk(member), asText);
  }

  put(member: string, score: string): Promise<void> {
    return this.#session.send('zadd', ONE_SCORE + this.#set + bulk(score) + bulk(member), asNothing);
  }

  delete(member: string): Promise<boolean> {
    return this.#session.send('zrem', ZREM + this.#set + bulk(member), asExisted);
  }

  increment(member: string, by: number): Promise<string> {
    return this.#session.send('zincrby', ZINCRBY + this.#set + bulk(String(by)) + bulk(member), asScore);
  }

  mget(members: readonly string[]): Promise<(string | null)[]> {
    if (members.length === 0) return Promise.resolve([]);
    let text = commandHeader('ZMSCORE', 1 + members.length) + this.#set;
    for (const member of members) text += bulk(member);
    return this.#session.send('zmscore', text, asTexts);
  }

  mput(members: readonly string[], scores: readonly string[]): Promise<void> {
    if (members.length === 0) return Promise.resolve();
    let text = commandHeader('ZADD', 1 + 2 * members.length) + this.#set;
    for (let index = 0; index < members.length; index++) {
      text += bulk(scores[index] ?? '') + bulk(members[index] ?? '');
    }
    return this.#session.send('zadd', text, asNothing);
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
