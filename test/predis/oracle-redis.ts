/** How Redis answers the calls of the oracle test. */
import type { ChainableCommander } from 'ioredis';
import { type Answer, type Call, latin1 } from './oracle-calls.js';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Redis has no such command: the same in Lua, which is atomic there. */
const compareAndSet = `
  local value = redis.call('GET', KEYS[1])
  if ARGV[1] == '1' then
    if value ~= ARGV[2] then return 0 end
  elseif value then return 0 end
  if ARGV[4] == '0' then redis.call('SET', KEYS[1], ARGV[3])
  else redis.call('SET', KEYS[1], ARGV[3], 'PXAT', ARGV[4]) end
  return 1`;

/** Appends the commands of a call to a pipeline. A mixed batch is its operations one after another. */
export function sendToRedis(pipeline: ChainableCommander, call: Call): void {
  switch (call.kind) {
    case 'get':
      pipeline.getBuffer(bytesOf(call.key));
      break;
    case 'put':
      if (call.at === 0) pipeline.set(bytesOf(call.key), bytesOf(call.value));
      else pipeline.set(bytesOf(call.key), bytesOf(call.value), 'PXAT', call.at);
      break;
    case 'putIfAbsent':
      if (call.at === 0) pipeline.set(bytesOf(call.key), bytesOf(call.value), 'NX');
      else pipeline.set(bytesOf(call.key), bytesOf(call.value), 'PXAT', call.at, 'NX');
      break;
    case 'compareAndSet': {
      const expected = call.expected === null ? ['0', ''] : ['1', bytesOf(call.expected)];
      pipeline.eval(compareAndSet, 1, bytesOf(call.key), ...expected, bytesOf(call.value), String(call.at));
      break;
    }
    case 'expire':
      pipeline.pexpireat(bytesOf(call.key), call.at);
      break;
    case 'persist':
      pipeline.persist(bytesOf(call.key));
      break;
    case 'expiresAt':
      pipeline.pexpiretime(bytesOf(call.key));
      break;
    case 'clear':
      pipeline.flushdb();
      break;
    case 'countKeys':
      pipeline.dbsize();
      break;
    case 'delete':
      pipeline.del(bytesOf(call.key));
      break;
    case 'exists':
      pipeline.exists(bytesOf(call.key));
      break;
    case 'increment':
      pipeline.incrby(bytesOf(call.key), String(call.by));
      break;
    case 'decrement':
      pipeline.decrby(bytesOf(call.key), String(call.by));
      break;
    case 'mget':
      pipeline.mgetBuffer(call.keys.map(bytesOf));
      break;
    case 'mput':
      pipeline.mset(call.keys.flatMap((key, i) => [bytesOf(key), bytesOf(call.values[i] ?? '')]));
      break;
    case 'mdelete':
      pipeline.del(call.keys.map(bytesOf));
      break;
    case 'batch':
      for (const one of call.calls) sendToRedis(pipeline, one);
      break;
    case 'flushAll':
      pipeline.flushall();
      break;
  }
}

/** Takes the answer of a call from the replies of a pipeline. */
export function answerOfRedis(replies: Iterator<[Error | null, unknown]>, call: Call): Answer {
  if (call.kind === 'batch') return call.calls.map((one) => answerOfRedis(replies, one));
  const next = replies.next();
  if (next.done === true) throw new Error('Redis gave too few replies');
  const [error, reply] = next.value;
  if (error !== null) return `error: ${error.message}`;
  switch (call.kind) {
    case 'get':
      return latin1(reply as Buffer | null);
    case 'putIfAbsent':
      return reply === 'OK';
    case 'expiresAt': // -2 without the key, -1 without a time
      return reply === '-2' ? null : reply === '-1' ? 0 : Number(reply);
    case 'delete':
    case 'exists':
    case 'compareAndSet':
    case 'expire':
    case 'persist':
      return reply === '1';
    case 'increment':
    case 'decrement':
      return reply as string;
    case 'mget':
      return (reply as (Buffer | null)[]).map(latin1);
    case 'mdelete':
    case 'countKeys':
      return Number(reply);
    case 'put':
    case 'mput':
    case 'clear':
    case 'flushAll':
      return null;
  }
}
