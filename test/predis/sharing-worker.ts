/**
 * A process of gpu-sharing.test.ts: works on an engine of its own, checks every answer against a Map, and says how far it is, a
 * line at a time. Arguments: engine, seed, bytes to hold. A line 'grow' on standard input has it store as much again.
 */
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { setImmediate as turn } from 'node:timers/promises';
import { PredisClient, packStrings, type EngineChoice } from '../../src/predis/index.js';

const [engine, seed, holdBytes] = process.argv.slice(2);
const client = new PredisClient({ engine: engine as EngineChoice });
client.connectSync();
const model = new Map<string, string>();
let state = Number(seed) >>> 0 || 1;

/** Xorshift: numbers below `end`, the same ones for a seed. */
function random(end: number): number {
  state ^= state << 13;
  state >>>= 0;
  state ^= state >>> 17;
  state ^= state << 5;
  state >>>= 0;
  return state % end;
}

const keyAt = (i: number): string => `key:${String(i)}`;
const valueAt = (): string => `${String(random(1e9))}-${'x'.repeat(random(300))}`;

function step(): void {
  const key = keyAt(random(5000));
  switch (random(6)) {
    case 0: {
      const value = valueAt();
      client.putSync(key, value);
      model.set(key, value);
      break;
    }
    case 1:
      assert.equal(client.deleteSync(key), model.delete(key));
      break;
    case 2: {
      const keys = Array.from({ length: random(1500) + 1 }, () => keyAt(random(5000)));
      const values = keys.map(valueAt);
      client.mputSync(keys, values);
      keys.forEach((each, i) => model.set(each, values[i] ?? ''));
      break;
    }
    case 3: {
      const keys = Array.from({ length: random(1500) + 1 }, () => keyAt(random(5000)));
      assert.deepEqual(
        client.mgetSync(keys),
        keys.map((each) => model.get(each) ?? null),
      );
      break;
    }
    default:
      assert.equal(client.getSync(key), model.get(key) ?? null);
  }
}

/** Values of 1 MiB that are told from each other, `bytes` of them together, under keys of this name. */
function hold(name: string, bytes: number): void {
  const size = 2 ** 20;
  const mark = (i: number): string => `${name}:${String(i)}:`;
  const count = Math.floor(bytes / size);
  for (let i = 0; i < count; i += 64) {
    const numbers = Array.from({ length: Math.min(64, count - i) }, (_, k) => i + k);
    client.mputPackedSync(
      packStrings(numbers.map(mark)),
      packStrings(numbers.map((n) => mark(n).padEnd(size, '.'))),
    );
  }
  for (let i = 0; i < count; i += 7) assert.equal(client.getSync(mark(i)), mark(i).padEnd(size, '.'));
  console.log(`held ${name} ${String(count)}`);
}

const asked = new Set<string>();
createInterface(process.stdin).on('line', (line) => {
  asked.add(line);
});
hold('first', Number(holdBytes));
for (let round = 1; ; round++) {
  for (let i = 0; i < 300; i++) step();
  console.log(`checked ${String(round)}`);
  if (asked.has('grow')) break;
  await turn();
}
hold('second', Number(holdBytes));
for (let i = 0; i < 300; i++) step();
for (const [key, value] of model) assert.equal(client.getSync(key), value);
client.disconnectSync();
console.log('well');
process.exit(0);
