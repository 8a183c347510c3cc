/** Several engines at once, on one GPU where there is one: in one process, and in two of which one is killed. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { driverReading } from '../../src/predis/index.js';
import { connected, testEngine } from './support.js';

const worker = fileURLToPath(new URL('sharing-worker.js', import.meta.url));
/** Held by each process; more of a GPU, so that it shows in the driver's figures. */
const holdBytes = testEngine === 'cuda' ? 2 ** 31 : 2 ** 26;
const patienceMs = 60_000;

/** A process that works, and the lines that it has said. */
class Worker {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: string[] = [];
  #ended = false;

  constructor(seed: number) {
    this.#process = spawn(process.execPath, [worker, testEngine, String(seed), String(holdBytes)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.stdin.on('error', () => {
      // It may be gone.
    });
    createInterface(this.#process.stdout).on('line', (line) => {
      this.#lines.push(line);
    });
    this.#process.on('close', () => {
      this.#ended = true;
    });
  }

  get rounds(): number {
    return this.#lines.filter((line) => line.startsWith('checked ')).length;
  }

  /** Waits for a line, or for so many rounds. Fails when the process ends without. */
  async until(what: string | number): Promise<void> {
    const there = (): boolean =>
      typeof what === 'number' ? this.rounds >= what : this.#lines.some((line) => line.startsWith(what));
    const end = Date.now() + patienceMs;
    while (!there()) {
      await sleep(20);
      assert.ok(
        !this.#ended,
        `the process ended before '${String(what)}': ${this.#lines.slice(-3).join(' / ')}`,
      );
      assert.ok(Date.now() < end, `'${String(what)}' took too long: ${this.#lines.slice(-3).join(' / ')}`);
    }
  }

  grow(): void {
    this.#process.stdin.write('grow\n');
  }

  async kill(): Promise<void> {
    if (this.#ended) return;
    const closed = once(this.#process, 'close');
    this.#process.kill('SIGKILL');
    await closed;
  }
}

const usedBytes = (): number | null => {
  const reading = driverReading(0);
  return 'absent' in reading ? null : reading.memoryUsedBytes;
};

describe('several engines at once', () => {
  it('in one process keep their keys apart, and one may end before the other', async () => {
    const [one, two] = [connected(), connected()];
    const keys = Array.from({ length: 3000 }, (_, i) => `key:${String(i)}`);
    const valuesOf = (name: string): string[] => keys.map((key) => `${name}:${key}`);
    await Promise.all([one.mput(keys, valuesOf('one')), two.mput(keys, valuesOf('two'))]);
    for (let round = 0; round < 20; round++) {
      const [first, second] = await Promise.all([one.mget(keys), two.mget(keys)]);
      assert.deepEqual([first, second], [valuesOf('one'), valuesOf('two')]);
      assert.equal(one.getSync(keys[round] ?? ''), `one:key:${String(round)}`);
      assert.equal(two.getSync(keys[round] ?? ''), `two:key:${String(round)}`);
    }
    one.disconnectSync();
    assert.deepEqual(await two.mget(keys), valuesOf('two'));
    two.putSync('after', 'well');
    assert.equal(two.getSync('after'), 'well');
    two.disconnectSync();
  });

  it('in two processes are right at once; when one is killed the other goes on, and has its memory', async (t) => {
    const [killed, left] = [new Worker(11), new Worker(12)];
    try {
      await Promise.all([killed.until('held first'), left.until('held first')]);
      await Promise.all([killed.until(5), left.until(5)]);
      const before = usedBytes();
      await killed.kill();
      await left.until(left.rounds + 5);
      if (testEngine === 'cuda' && before !== null) {
        let now = usedBytes();
        for (
          const end = Date.now() + patienceMs;
          now !== null && before - now < holdBytes;
          now = usedBytes()
        ) {
          assert.ok(
            Date.now() < end,
            `the driver does not take the memory back: ${String(before)}, ${String(now)}`,
          );
          await sleep(50);
        }
        t.diagnostic(`bytes in use: ${String(before)} before, ${String(now)} after`);
      }
      left.grow();
      await left.until('held second');
      await left.until('well');
    } finally {
      await Promise.all([killed.kill(), left.kill()]);
    }
  });
});
