/** How Redis answers the calls of the oracle test. */
import type { ChainableCommander } from 'ioredis';
import { type Answer, type Call, latin1 } from './oracle-calls.js';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Appends the commands of a call to a pipeline. A mixed batch is its operations one after another. */
export function sendToRedis(pipeline: ChainableCommander, call: Call): void {
  switch (call.kind) {
    case 'get':
      pipeline.getBuffer(bytesOf(call.key));
      break;
    case 'put':
      pipeline.set(bytesOf(call.key), bytesOf(call.value));
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
    case 'delete':
    case 'exists':
      return reply === '1';
    case 'increment':
    case 'decrement':
      return reply as string;
    case 'mget':
      return (reply as (Buffer | null)[]).map(latin1);
    case 'mdelete':
      return Number(reply);
    case 'put':
    case 'mput':
    case 'flushAll':
      return null;
  }
}
