import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readResultFile } from '../../src/results/read.js';
import { packageRoot } from '../../src/support/package-root.js';
import { models } from '../cachesim/models.js';
import {
  writeArc,
  writeAzureLlm,
  writeMooncake,
  writeTwitter,
  type WrittenRequest,
} from '../traces/writers.js';
import { predisBench, temporaryFolder, type CommandResult } from './support.js';

const folder = temporaryFolder();
after(folder.remove);

function file(name: string, bytes: Buffer | string): string {
  writeFileSync(join(folder.path, name), bytes);
  return name;
}

const keys = Array.from({ length: 3000 }, (_, at) => ((at * at) % 211) + (at % 7) * 3);
const arc = writeArc(keys.map((first) => ({ first, count: 1 })));
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

interface Answer {
  readonly trace: Readonly<Record<string, unknown>>;
  readonly results: readonly {
    readonly policy: string;
    readonly slots: number;
    readonly hits: number;
    readonly windowHits: readonly number[];
  }[];
}

function answer({ status, stdout, stderr }: CommandResult): Answer {
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Answer;
}

describe('predis-bench cachesim', () => {
  it('counts exactly, whichever way the trace is named', async () => {
    const packed = gzipSync(arc);
    const name = file('keys.lis.gz', packed);
    const { trace, results } = answer(
      await predisBench(folder.path, ['cachesim', name, '--sizes', '10%,40', '--json']),
    );
    const unique = new Set(keys).size;
    const { skew, ...facts } = trace;
    assert.deepEqual(facts, {
      file: name,
      bytes: packed.length,
      sha256: sha256(packed),
      format: 'arc',
      compression: 'gzip',
      accesses: 3000,
      requests: 3000,
      keys: unique,
      complete: true,
      timed: false,
    });
    assert.ok(skew !== null);
    for (const [policy, model] of Object.entries(models)) {
      const found = results.filter((result) => result.policy === policy);
      assert.deepEqual(
        found.map(({ slots, hits }) => [slots, hits]),
        [Math.floor(unique / 10), 40].map((slots) => [slots, model(keys, slots)]),
      );
    }
    for (const { hits, windowHits } of results) {
      assert.equal(windowHits.length, 50);
      assert.equal(
        windowHits.reduce((sum, inWindow) => sum + inWindow, 0),
        hits,
      );
    }
    const named = await predisBench(folder.path, ['cachesim', '--file', name, '--sizes', '10%,40', '--json']);
    assert.deepEqual(answer(named).results, results);
  });

  it('reads standard input, and shows ratios and hits to people', async () => {
    const child = spawn(
      process.execPath,
      [join(packageRoot, 'bin/predis-bench.js'), 'cachesim', '-', '--sizes', '40'],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stdin.end(arc);
    await new Promise((resolve) => child.on('close', resolve));
    const hits = models.LRU(keys, 40);
    assert.match(output, /standard input \(arc.*3,000 accesses/);
    assert.match(output, new RegExp(sha256(arc)));
    assert.match(output, /size +slots +LRU +FIFO +CLOCK +SIEVE +MIN/);
    assert.match(output, new RegExp((hits / 3000).toFixed(4)));
    assert.match(output, new RegExp(hits.toLocaleString('en')));
  });

  it('ends quietly when its reader has seen enough', async () => {
    const name = file('keys.lis', arc);
    const child = spawn(process.execPath, [join(packageRoot, 'bin/predis-bench.js'), 'cachesim', name], {
      cwd: folder.path,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const status = await new Promise((resolve) => child.on('close', resolve));
    assert.deepEqual([status, errors], [0, '']);
  });
});

describe('a trace that is refused gets one or two clear lines', () => {
  const unsorted = '{"timestamp":9,"hash_ids":[1]}\n{"timestamp":8,"hash_ids":[2]}\n';
  const azure = 'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46.68,1,1\n';
  const cases: readonly [name: string, words: () => readonly string[], parts: readonly RegExp[]][] = [
    ['not named', () => ['cachesim'], [/Which trace/]],
    ['named twice', () => ['cachesim', 'a', '--file', 'b'], [/twice/]],
    ['missing', () => ['cachesim', 'nowhere.lis'], [/nowhere\.lis/, /no such file/]],
    ['a folder', () => ['cachesim', '.'], [/a folder/]],
    ['empty', () => ['cachesim', file('empty', '')], [/no access/]],
    ['cut off', () => ['cachesim', file('cut', '1 2 0 1\n3 4')], [/line 2/, /four whole numbers/]],
    ['unsorted', () => ['cachesim', file('unsorted', unsorted)], [/line 2/, /8 ms lies before 9 ms/]],
    [
      'of another format',
      () => ['cachesim', file('a.lis', arc), '--format', 'twitter'],
      [/line 1/, /seven fields/],
    ],
    ['of no format', () => ['cachesim', file('prose', 'Once upon a time\n')], [/'Once upon a time'/]],
    [
      'of another compression',
      () => ['cachesim', file('a.lis', arc), '--compression', 'zstd'],
      [/a zstd frame/],
    ],
    [
      'damaged',
      () => ['cachesim', file('a.gz', gzipSync(arc).fill(0x55, 300, 320))],
      [/offset \d+/, /damaged/],
    ],
    ['of arrivals alone', () => ['cachesim', file('azure', azure)], [/names no keys/]],
    ['an unknown format', () => ['cachesim', 'x', '--format', 'lirs'], [/cache2k, arc/, /lirs/]],
    ['an absurd limit', () => ['cachesim', 'x', '--limit', '0'], [/accesses from 1/]],
    ['a larger one', () => ['run', 'trace', '--file', 'x', '--limit', '1e12'], [/to 25000000/]],
    ['an absurd size', () => ['cachesim', 'x', '--sizes', '200%'], [/--sizes/, /200%/]],
    ['an unknown policy', () => ['cachesim', 'x', '--policies', 'lfu'], [/LRU, FIFO/, /lfu/]],
    ['columns that are none', () => ['cachesim', 'x', '--columns', 'time=0'], [/--columns/, /id is needed/]],
    ['run without a file', () => ['run', 'trace'], [/--file/]],
    ['a file for another workload', () => ['run', 'hft', '--file', file('a.lis', arc)], [/run trace/]],
    ['options without a file', () => ['run', 'hft', '--limit', '5'], [/--limit/, /--file/]],
    ['run, missing', () => ['run', 'trace', '--file', 'nowhere.lis'], [/nowhere\.lis/]],
    [
      'run, without times',
      () => ['run', 'trace', '--file', file('a.lis', arc), '--time-scale', '2'],
      [/schedule/],
    ],
  ];
  for (const [name, words, parts] of cases) {
    it(name, async () => {
      const { status, stdout, stderr } = await predisBench(folder.path, words());
      assert.equal(status, 2, stderr);
      assert.equal(stdout, '');
      assert.ok(stderr.trimEnd().split('\n').length <= 2, stderr);
      assert.doesNotMatch(stderr, /^\s+at /m);
      for (const part of parts) assert.match(stderr, part);
    });
  }
});

describe('predis-bench run trace', () => {
  const short = ['--quick', '--blocks', '1', '--window-ms', '40', '--warmup-ms', '5', '--engine', 'cpu'];
  const lean = ['--contenders', 'redis,predis', '--no-redis-benchmark'];
  /** A run in open loop went to its end; on a busy machine it may say that it could not send in time, and for that reason alone. */
  const assertAsked = ({ status, stdout, stderr }: CommandResult): void => {
    if (status === 5) assert.match(stdout, /^INVALID: [^\n]*Rate within the reach of the generator/m);
    else assert.equal(status, 0, stderr);
  };

  it('replays keys alone through a cache, on Redis and Predis, and the result names the trace', async () => {
    const name = file('run.lis', arc);
    const run = await predisBench(folder.path, [
      'run',
      'trace',
      '--file',
      name,
      ...short,
      ...lean,
      '-o',
      'run.json',
      '--set',
      'cacheShare=0.1',
    ]);
    assert.equal(run.status, 0, run.stderr);
    const { plan, trials } = readResultFile(join(folder.path, 'run.json'));
    const [only] = plan.cases;
    assert.ok(only?.input !== undefined);
    assert.equal(only.input.sha256, sha256(arc));
    assert.deepEqual([only.input.file, only.input.format, only.input.accesses], [name, 'arc', 3000]);
    const unique = new Set(keys).size;
    assert.deepEqual([only.stream.keys, only.stream.reads], [unique, 3000]);
    assert.equal(only.stream.writes, 3000 - models.LRU(keys, Math.floor(0.1 * unique)));
    assert.equal(trials.length, 6, 'two of each, and two of the control');
    for (const trial of trials) {
      assert.equal(trial.state, 'measured');
      assert.equal(trial.correctness.wrong, 0);
      assert.ok(trial.correctness.readsVerified > 0);
    }

    const report = await predisBench(folder.path, ['report', 'run.json']);
    assert.equal(report.status, 0, report.stderr);
    assert.match(readFileSync(join(folder.path, 'run.html'), 'utf8'), new RegExp(sha256(arc)));
  });

  it('with recorded arrivals asks when they came, reads what was read and writes what was written', async () => {
    const written: WrittenRequest[] = Array.from({ length: 400 }, (_, at) => ({
      timeMs: 1000 * Math.floor(at / 4),
      accesses: [
        { key: `user:${String(at % 37)}`, size: 50 + (at % 37), operation: at % 5 === 0 ? 'set' : 'get' },
      ],
    }));
    const name = file('cluster', writeTwitter(written));
    const words = ['--arrivals', 'schedule', '--time-scale', '5000'];
    const run = await predisBench(folder.path, [
      'run',
      'trace',
      '--file',
      name,
      ...short,
      ...lean,
      ...words,
      '-o',
      'cluster.json',
    ]);
    assertAsked(run);
    const { plan } = readResultFile(join(folder.path, 'cluster.json'));
    const [only] = plan.cases;
    assert.deepEqual([only?.stream.reads, only?.stream.writes], [320, 80]);
    assert.equal(only?.stream.maxValueBytes, 86);
    assert.equal(plan.openLoop?.arrivals, 'schedule');
    assert.equal(plan.openLoop.timeScale, 5000);
    assert.equal(only.input?.timed, true);
  });

  it('goes on with the same file, and with no other', async () => {
    mkdirSync(join(folder.path, 'elsewhere'));
    const mooncake = writeMooncake(
      Array.from({ length: 300 }, (_, at) => ({
        timeMs: at,
        accesses: [1, 2, 3].map((block) => ({ key: String((at * block) % 97), size: 0, operation: 'get' })),
      })),
    );
    const name = file('chat.jsonl', mooncake);
    const other = file('elsewhere/chat.jsonl', Buffer.concat([mooncake, Buffer.from('\n')]));
    const run = await predisBench(folder.path, [
      'run',
      'trace',
      '--file',
      name,
      '--limit',
      '500',
      ...short,
      ...lean,
      '-o',
      'chat.json',
    ]);
    assert.equal(run.status, 0, run.stderr);
    const path = join(folder.path, 'chat.json');
    const whole = readResultFile(path);
    assert.deepEqual(
      [whole.plan.cases[0]?.input?.accesses, whole.plan.cases[0]?.input?.complete],
      [500, false],
    );
    // as if it had been interrupted after three trials
    writeFileSync(
      path,
      JSON.stringify({ ...whole, status: 'interrupted', trials: whole.trials.slice(0, 3) }),
    );

    const resume = (...words: string[]): Promise<CommandResult> =>
      predisBench(folder.path, [
        'run',
        '--resume',
        'chat.json',
        '--engine',
        'cpu',
        '--no-redis-benchmark',
        ...words,
      ]);
    const forgotten = await resume();
    assert.deepEqual(
      [forgotten.status, /chat\.jsonl.*--file/.test(forgotten.stderr)],
      [2, true],
      forgotten.stderr,
    );
    const another = await resume('--file', other);
    assert.equal(another.status, 2, another.stderr);
    assert.match(another.stderr, /another trace/);
    assert.equal(readResultFile(path).trials.length, 3);
    const same = await resume('--file', name);
    assert.equal(same.status, 0, same.stderr);
    assert.equal(readResultFile(path).trials.length, whole.trials.length);
  });

  it('reads random keys when a trace of arrivals says', async () => {
    const name = file(
      'arrivals.csv',
      writeAzureLlm(Array.from({ length: 50 }, (_, at) => ({ timeMs: 100 * at, accesses: [] }))),
    );
    const run = await predisBench(folder.path, [
      'run',
      'trace',
      '--file',
      name,
      ...short,
      ...lean,
      '--time-scale',
      '300',
      '-o',
      'a.json',
    ]);
    assertAsked(run);
    const [only] = readResultFile(join(folder.path, 'a.json')).plan.cases;
    assert.deepEqual([only?.input?.keys, only?.input?.skew, only?.stream.requests], [0, null, 50]);
    assert.equal(only?.stream.reads, 50);
  });
});
