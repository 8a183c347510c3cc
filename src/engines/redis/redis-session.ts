import type { Command, Redis } from 'ioredis';
import type { EngineSession } from '../engine.js';
import { openConnection } from './connection.js';
import type { RedisConnectionSettings } from './connection-settings.js';
import { RequestSink } from './request-sink.js';
import { RespRequest, bulk, commandHeader, type Decode } from './resp-request.js';

const GET = commandHeader('GET', 1);
const SET = commandHeader('SET', 2);
const DEL = commandHeader('DEL', 1);
const INCRBY = commandHeader('INCRBY', 2);

const asText: Decode<string | null> = (reply) =>
  reply === null ? null : (reply as Buffer).toString('latin1');
const asTexts: Decode<(string | null)[]> = (reply) => {
  const values = reply as (Buffer | string | null)[];
  // in place: the array was made for this request, and a second one of its length would be garbage
  for (let index = 0; index < values.length; index++) values[index] = asText(values[index] ?? null);
  return values as (string | null)[];
};
const asInteger: Decode<string> = (reply) => reply as string;
const asExisted: Decode<boolean> = (reply) => reply === '1';
const asNothing: Decode<void> = () => undefined;

/**
 * One connection to Redis as a session. Commands issued in one turn of the event loop leave in one write (see
 * request-sink.ts), which is what pipelining needs to pay off. Keys and values are ASCII (see KeySpace).
 *
 * Failures reject with a BenchError when the server or the connection cannot be used any more (REDIS_LOST,
 * REDIS_OUT_OF_MEMORY, …), and with a plain Error that carries Redis' own words when one request was wrong.
 */
export class RedisSession implements EngineSession {
  readonly #redis: Redis;
  readonly #sink: RequestSink;
  readonly #prefix: string;

  private constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#sink = new RequestSink(redis);
    this.#prefix = prefix;
  }

  /**
   * Opens a session on a connection of its own.
   *
   * @param prefix put before every key; may be empty
   * @throws BenchError as `openConnection`
   */
  static async open(settings: RedisConnectionSettings, prefix: string): Promise<RedisSession> {
    // INCRBY counts to 2^63
    return new RedisSession(await openConnection(settings, { integersAsText: true }), prefix);
  }

  get(key: string): Promise<string | null> {
    return this.send('get', GET + bulk(this.#prefix + key), asText);
  }

  put(key: string, value: string): Promise<void> {
    return this.send('set', SET + bulk(this.#prefix + key) + bulk(value), asNothing);
  }

  delete(key: string): Promise<boolean> {
    return this.send('del', DEL + bulk(this.#prefix + key), asExisted);
  }

  increment(key: string, by: number): Promise<string> {
    return this.send('incrby', INCRBY + bulk(this.#prefix + key) + bulk(String(by)), asInteger);
  }

  mget(keys: readonly string[]): Promise<(string | null)[]> {
    if (keys.length === 0) return Promise.resolve([]);
    let text = commandHeader('MGET', keys.length);
    for (const key of keys) text += bulk(this.#prefix + key);
    return this.send('mget', text, asTexts);
  }

  mput(keys: readonly string[], values: readonly string[]): Promise<void> {
    if (keys.length === 0) return Promise.resolve();
    let text = commandHeader('MSET', 2 * keys.length);
    for (let index = 0; index < keys.length; index++) {
      text += bulk(this.#prefix + (keys[index] ?? '')) + bulk(values[index] ?? '');
    }
    return this.send('mset', text, asNothing);
  }

  /** Finishes what is pending, as Redis answers in order, and closes the connection. Idempotent. */
  async close(): Promise<void> {
    if (this.#redis.status === 'end') return;
    const ended = new Promise((resolve) => this.#redis.once('end', resolve));
    await this.send('ping', commandHeader('PING', 0), asNothing).catch(() => undefined);
    this.#redis.disconnect();
    await ended;
  }

  /**
   * Sends one command, for sessions that keep their data in another form.
   *
   * @param name lower case; @param text the whole command in RESP2, keys with their prefix
   */
  send<T>(name: string, text: string, decode: Decode<T>): Promise<T> {
    const request = new RespRequest(name, text, decode);
    // sendCommand asks of a command what RespRequest offers; the nominal type has private fields that it never reads.
    void this.#redis.sendCommand(request as unknown as Command, this.#sink);
    return request.promise;
  }
}
