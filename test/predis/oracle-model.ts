/** The oracle test's own idea of what a store does: a Map. */
import type { Answer, Call } from './oracle-calls.js';

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;
const notAnInteger = 'error: ERR value is not an integer or out of range';

/** Redis' semantics, written down as plainly as possible. */
export function answerOfModel(model: Map<string, string>, call: Call): Answer {
  switch (call.kind) {
    case 'get':
      return model.get(call.key) ?? null;
    case 'put':
      model.set(call.key, call.value);
      return null;
    case 'delete':
      return model.delete(call.key);
    case 'exists':
      return model.has(call.key);
    case 'increment':
    case 'decrement':
      return countInModel(model, call);
    case 'mget':
      return call.keys.map((key) => model.get(key) ?? null);
    case 'mput':
      call.keys.forEach((key, i) => model.set(key, call.values[i] ?? ''));
      return null;
    case 'mdelete':
      return call.keys.filter((key) => model.delete(key)).length;
    case 'batch':
      return call.calls.map((one) => answerOfModel(model, one));
    case 'flushAll':
      model.clear();
      return null;
  }
}

function countInModel(
  model: Map<string, string>,
  { kind, key, by }: Call & { kind: 'increment' | 'decrement' },
): string {
  if (typeof by === 'number' && !Number.isInteger(by)) return notAnInteger;
  const amount = BigInt(by);
  if (amount < int64Min || amount > int64Max) return notAnInteger;
  if (kind === 'decrement' && amount === int64Min) return 'error: ERR decrement would overflow';
  const old = model.get(key) ?? '0';
  if (!/^(0|-?[1-9][0-9]*)$/.test(old)) return notAnInteger;
  const number = BigInt(old);
  if (number < int64Min || number > int64Max) return notAnInteger;
  const sum = kind === 'increment' ? number + amount : number - amount;
  if (sum < int64Min || sum > int64Max) return 'error: ERR increment or decrement would overflow';
  model.set(key, String(sum));
  return String(sum);
}
