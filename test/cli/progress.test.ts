import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { barGlyphs, progressLine, timeLeft } from '../../src/cli/progress-line.js';
import { planRequest, type RunOptions } from '../../src/cli/run-options.js';
import { showProgress } from '../../src/cli/run-progress.js';
import { createTerminal } from '../../src/cli/terminal.js';
import { createEngine, findContender } from '../../src/engines/registry.js';
import { newResultHead } from '../../src/measure/head.js';
import { makePlan } from '../../src/measure/plan.js';
import { executeRun } from '../../src/measure/run.js';
import { startThreadCrew } from '../../src/measure/thread-crew.js';
import { ResultWriter } from '../../src/results/writer.js';
import { environment, tool } from '../measure/support/fake-run.js';
import { temporaryFolder } from './support.js';

const folder = temporaryFolder();
after(folder.remove);

const place = { contender: 'redis-p16', caseId: 'hft', done: 32, trials: 140, remainingMs: 83_000 };
const plain = { done: '#', left: '.' };

describe('the progress line', () => {
  it('holds bar, share, time left, trial, contender and case, and leaves out the last first', () => {
    const at = (columns: number): string => progressLine(place, columns, plain);
    assert.equal(
      at(100),
      '######........................  22 %  1 min 23 s left  trial 33 of 140  redis-p16  hft',
    );
    assert.equal(at(79), '#####..................  22 %  1 min 23 s left  trial 33 of 140  redis-p16  hft');
    assert.equal(at(60), ' 22 %  1 min 23 s left  trial 33 of 140  redis-p16  hft');
    assert.equal(at(54), ' 22 %  1 min 23 s left  trial 33 of 140  redis-p16');
    assert.equal(at(48), '#.......  22 %  1 min 23 s left  trial 33 of 140');
    assert.equal(at(34), '##.........  22 %  1 min 23 s left');
    assert.equal(at(12), ' 22 %');
    assert.equal(at(3), ' 22');
  });

  it('is never wider than the terminal, whatever the numbers and names are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 300 }),
        fc.nat(100_000),
        fc.nat(100_000),
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.string({ maxLength: 200 }),
        (columns, done, more, remainingMs, caseId) => {
          const line = progressLine(
            { ...place, done, trials: done + more, remainingMs, caseId },
            columns,
            plain,
          );
          assert.ok(line.length <= columns, line);
        },
      ),
    );
  });

  it('is drawn in plain characters where the locale is not UTF-8', () => {
    assert.deepEqual(barGlyphs({ LANG: 'de_DE.UTF-8' }), { done: '█', left: '░' });
    assert.deepEqual(barGlyphs({ LC_ALL: '', LC_CTYPE: 'C.utf8' }), { done: '█', left: '░' });
    assert.deepEqual(barGlyphs({ LC_ALL: 'C', LANG: 'de_DE.UTF-8' }), plain);
    assert.deepEqual(barGlyphs({}), plain);
  });

  it('says the time that is left as people do', () => {
    assert.deepEqual([0, 400, 59_100, 61_000, 3_599_000, 3_600_000, 7_500_000].map(timeLeft), [
      '0 s',
      '1 s',
      '1 min 0 s',
      '1 min 1 s',
      '59 min 59 s',
      '1 h 0 min',
      '2 h 5 min',
    ]);
  });
});

interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Runs real trials on real Redis and the Map with what `run` shows, and keeps when workers were measuring (warm-up and window,
 * as the main thread sees it: never less than the windows) and when the terminal was written to.
 */
async function timeline(name: string, disturb?: (write: () => void) => () => void) {
  const options = {
    ...{
      set: { symbols: '100', hotSymbols: '10', operations: '1000' },
      blocks: 2,
      quick: true,
      control: false,
    },
    ...{ windowMs: 60, warmupMs: 20, workers: 1, connections: 1, verifyEvery: 16, seed: 1, alpha: 0.05 },
    ...{ contenders: ['redis', 'map'], engine: 'cpu', redisBenchmark: false, disclose: {} },
  } as const satisfies Omit<RunOptions, 'contenders'> & { contenders: readonly string[] };
  const { plan, cases } = makePlan(planRequest(['hft'], { ...options, contenders: [...options.contenders] }));
  const head = newResultHead({ plan, environment, tool, command: ['run'] });
  const writesMs: number[] = [];
  const terminal = createTerminal({
    stdout: { write: () => undefined, on: () => undefined },
    stderr: {
      isTTY: true,
      columns: 80,
      write: () => writesMs.push(performance.now()),
      on: () => undefined,
    },
    environment: {},
    words: [],
  });
  const spans: Span[] = [];
  const settle = disturb?.(() => {
    terminal.status('disturbed');
  });
  const outcome = await executeRun({
    plan,
    cases,
    writer: ResultWriter.create(join(folder.path, name), head),
    startEngine: (contender) =>
      createEngine(findContender(contender.id), { redis: {}, predis: { engine: 'cpu' } }),
    withoutBenchmark: 'not needed',
    onProgress: showProgress(terminal, {}),
    startCrew: (workers) => {
      const crew = startThreadCrew(workers);
      return {
        ...crew,
        measure: async (order) => {
          const startMs = performance.now();
          const reports = await crew.measure(order);
          spans.push({ startMs, endMs: performance.now() });
          return reports;
        },
      };
    },
  });
  settle?.();
  assert.equal(outcome.measured, 8);
  const inside = writesMs.filter((at) => spans.some(({ startMs, endMs }) => at >= startMs && at <= endMs));
  return { spans, writesMs, inside };
}

describe('while a sample is timed', () => {
  it('the terminal is not written to', async () => {
    const { spans, writesMs, inside } = await timeline('quiet.json');
    assert.equal(spans.length, 8);
    assert.ok(spans.every(({ startMs, endMs }) => endMs - startMs >= 75));
    assert.ok(writesMs.length >= 8, 'nothing was shown at all');
    assert.deepEqual(inside, []);
  });

  it('and the check would find a progress bar that is drawn by a timer', async () => {
    const { inside } = await timeline('timer.json', (write) => {
      const timer = setInterval(write, 10);
      return () => {
        clearInterval(timer);
      };
    });
    await sleep(0);
    assert.ok(inside.length > 0);
  });
});
