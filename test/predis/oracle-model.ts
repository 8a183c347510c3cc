/** The oracle test's own idea of what a store does: a Map. */
import type { Answer, Call } from './oracle-calls.js';

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;
const notAnInteger = 'error: ERR value is not an integer or out of range';

/** What one namespace holds. */
export class Model {
  readonly values = new Map<string, string>();
  /** Of the keys that expire, all of them far away. */
  readonly times = new Map<string, number>();

  put(key: string, value: string, at: number): true {
    this.values.set(key, value);
    if (at === 0) this.times.delete(key);
    else this.times.set(key, at);
    return true;
  }

  delete(key: string): boolean {
    this.times.delete(key);
    return this.values.delete(key);
  }

  clear(): null {
    this.times.clear();
    this.values.clear();
    return null;
  }
}

/** Redis' semantics, written down as plainly as possible. @param all every namespace */
export function answerOfModel(model: Model, call: Call, all: readonly Model[]): Answer {
  switch (call.kind) {
    case 'get':
      return model.values.get(call.key) ?? null;
    case 'put':
      model.put(call.key, call.value, call.at);
      return null;
    case 'putIfAbsent':
      return !model.values.has(call.key) && model.put(call.key, call.value, call.at);
    case 'compareAndSet':
      return (
        (model.values.get(call.key) ?? null) === call.expected && model.put(call.key, call.value, call.at)
      );
    case 'expire':
      if (!model.values.has(call.key)) return false;
      if (call.at < Date.now()) return model.delete(call.key);
      model.times.set(call.key, call.at);
      return true;
    case 'persist':
      return model.times.delete(call.key);
    case 'expiresAt':
      return model.values.has(call.key) ? (model.times.get(call.key) ?? 0) : null;
    case 'delete':
      return model.delete(call.key);
    case 'exists':
      return model.values.has(call.key);
    case 'increment':
    case 'decrement':
      return countInModel(model, call);
    case 'mget':
      return call.keys.map((key) => model.values.get(key) ?? null);
    case 'mput':
      call.keys.forEach((key, i) => model.put(key, call.values[i] ?? '', 0));
      return null;
    case 'mdelete':
      return call.keys.filter((key) => model.delete(key)).length;
    case 'batch':
      return call.calls.map((one) => answerOfModel(model, one, all));
    case 'clear':
      return model.clear();
    case 'countKeys':
      return model.values.size;
    case 'flushAll':
      for (const one of all) one.clear();
      return null;
  }
}

function countInModel(model: Model, { kind, key, by }: Call & { kind: 'increment' | 'decrement' }): string {
  if (typeof by === 'number' && !Number.isInteger(by)) return notAnInteger;
  const amount = BigInt(by);
  if (amount < int64Min || amount > int64Max) return notAnInteger;
  if (kind === 'decrement' && amount === int64Min) return 'error: ERR decrement would overflow';
  const old = model.values.get(key) ?? '0';
  if (!/^(0|-?[1-9][0-9]*)$/.test(old)) return notAnInteger;
  const number = BigInt(old);
  if (number < int64Min || number > int64Max) return notAnInteger;
  const sum = kind === 'increment' ? number + amount : number - amount;
  if (sum < int64Min || sum > int64Max) return 'error: ERR increment or decrement would overflow';
  model.values.set(key, String(sum)); // a time that it has stays
  return String(sum);
}
