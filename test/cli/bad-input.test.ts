import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readResultFile } from '../../src/results/read.js';
import { predisBench, temporaryFolder, type CommandResult } from './support.js';

const folder = temporaryFolder();
after(folder.remove);

/** One or two clear lines on standard error, no stack trace, nothing on standard output. */
function assertHumane(result: CommandResult, status: number, ...parts: readonly RegExp[]): void {
  assert.equal(result.status, status, result.stderr);
  const lines = result.stderr.trimEnd().split('\n');
  assert.ok(lines.length <= 2, `too many lines:\n${result.stderr}`);
  assert.doesNotMatch(result.stderr, /^\s+at /m, 'a stack trace was shown');
  assert.equal(result.stdout, '');
  for (const part of parts) assert.match(result.stderr, part);
}

describe('what is typed wrong gets one or two clear lines', () => {
  const cases: readonly [string, readonly string[], number, readonly RegExp[]][] = [
    ['an unknown workload', ['run', 'hftt'], 2, [/hftt/, /hft/]],
    ['an unknown command', ['rum'], 2, [/rum/, /run/]],
    ['an unknown option', ['run', 'hft', '--windw-ms', '5'], 2, [/--windw-ms/, /--window-ms/]],
    ['an unknown contender', ['run', 'hft', '--contenders', 'redis,preds'], 2, [/preds/, /predis/]],
    ['a contender named twice', ['run', 'hft', '--contenders', 'map,map'], 2, [/map twice/]],
    ['no workload', ['run'], 2, [/Which workload/]],
    ['an unknown parameter', ['run', 'hft', '--set', 'symbls=5'], 2, [/symbls/, /symbols/]],
    ['a parameter out of range', ['run', 'hft', '--set', 'readShare=1.5'], 2, [/fraction/, /from 0 to 1/]],
    ['a parameter without a value', ['run', 'hft', '--set', 'readShare'], 2, [/name=value/]],
    ['a parameter of nobody', ['run', 'hft', 'gaming', '--set', 'symbols=9'], 2, [/hft\.symbols/]],
    ['an option out of range', ['run', 'hft', '--window-ms', '0'], 2, [/milliseconds from 1/]],
    ['text for a number', ['run', 'hft', '--workers', 'many'], 2, [/whole number of threads/, /many/]],
    ['one trial', ['run', 'hft', '--trials', '1'], 2, [/no interval and no test/, /even number/]],
    ['an odd number of trials', ['run', 'hft', '--trials', '7'], 2, [/6 or 8/]],
    [
      'trials that can show nothing, with the number of those that can',
      ['run', 'hft', 'gaming', '--blocks', '2'],
      2,
      [/2 blocks .* 12 comparisons: 3 are needed at least \(--blocks 3, 6 trials each\)/, /--quick/],
    ],
    ['blocks and trials', ['run', 'hft', '--trials', '4', '--blocks', '2'], 2, [/the same thing/]],
    ['a rate of nothing', ['run', 'hft', '--rate', '0'], 2, [/operations per second from 1/]],
    ['unknown arrivals', ['run', 'hft', '--arrivals', 'bursty'], 2, [/constant, poisson, schedule/]],
    ['arrivals without a rate', ['run', 'hft', '--arrivals', 'constant'], 2, [/--rate/]],
    ['a schedule of nobody', ['run', 'basic', '--arrivals', 'schedule'], 2, [/no schedule/, /--rate/]],
    ['a rate that asks nothing', ['run', 'hft', '--rate', '5'], 2, [/fall due/, /--window-ms/]],
    [
      'a pipeline in open loop',
      ['run', 'hft', '--rate', '900', '--pipeline', '4'],
      2,
      [/redis-p4/, /fall due/],
    ],
    ['an objective that is none', ['run', 'hft', '--slo', 'p99>5ms'], 2, [/p99<5ms/, /units/]],
    ['an objective below the clock', ['run', 'hft', '--slo', 'p99<1ns'], 2, [/100 ns/]],
    ['a search for nothing', ['run', 'hft', '--search', 'clients'], 2, [/--slo/]],
    ['an unknown engine', ['run', 'hft', '--engine', 'tpu'], 2, [/auto, cpu or cuda/]],
    ['a password in the address', ['run', 'hft', '--redis', 'redis://:hunter2@127.0.0.1'], 2, [/password/i]],
    ['a password file for nobody', ['run', 'hft', '--redis-password-file', 'x'], 2, [/--redis <url>/]],
    ['a missing result', ['report', 'nowhere.json'], 7, [/nowhere\.json/]],
    ['no result yet', ['report'], 7, [/No result file/, /predis-bench run/]],
    ['a disclosure of nothing known', ['run', 'hft', '--disclose', 'ranby=me'], 2, [/ranby/, /ranBy/]],
    ['a disclosure without words', ['run', 'hft', '--disclose', 'price='], 2, [/says nothing/]],
    [
      'a gate without any result',
      ['gate', '--baseline', 'a.json'],
      7,
      [/No result file/, /predis-bench run/],
    ],
    ['a gate with two candidates', ['gate', 'a.json', '--candidate', 'b.json'], 2, [/once/]],
    [
      'a candidate that is not there',
      ['gate', 'a.json'],
      7,
      [/a\.json cannot be read: there is no such file/],
    ],
    ['an unknown format of the gate', ['gate', '--format', 'xml'], 2, [/xml/, /junit/]],
    ['an unknown option of the gate', ['gate', '--basline', 'a.json'], 2, [/--basline/, /--baseline/]],
    ['another processor without ratios', ['gate', '--other-processor'], 2, [/--relative/]],
    ['a margin of nothing known', ['gate', '--margin', 'speed=3%'], 2, [/speed=3%/, /throughput/]],
    ['a margin without a share', ['gate', '--margin', 'throughput'], 2, [/throughput=3%/]],
    ['a margin out of range', ['gate', '--margin', 'throughput=300%'], 2, [/--margin/, /per cent/]],
    ['an acceptance without a reason', ['baseline', 'accept', 'a.json'], 2, [/--reason/]],
    [
      'an acceptance of nothing',
      ['baseline', 'accept', 'a.json', '--reason', 'x'],
      7,
      [/a\.json cannot be read: there is no such file/],
    ],
    ['an unknown baseline', ['baseline', 'show', 'hft'], 4, [/No baseline of "hft"/, /baseline list/]],
    ['an unknown verb of baseline', ['baseline', 'acept', 'a.json'], 2, [/acept/, /accept/]],
  ];
  for (const [name, words, status, parts] of cases) {
    it(name, async () => {
      assertHumane(await predisBench(folder.path, words), status, ...parts);
    });
  }

  it('never repeats a password that was typed in the wrong place', async () => {
    const result = await predisBench(folder.path, ['run', 'hft', '--redis', 'redis://u:hunter2@127.0.0.1']);
    assert.doesNotMatch(result.stderr, /hunter2/);
  });
});

describe('files that are no results of ours', () => {
  const write = (name: string, content: string): string => {
    const path = join(folder.path, name);
    writeFileSync(path, content);
    return path;
  };
  it('a truncated one', async () => {
    const path = write('cut.json', '{"format": "predis-bench-result", "schemaVersion": 1, "tri');
    assertHumane(await predisBench(folder.path, ['report', path]), 7, /cut\.json/);
  });
  it('a JSON file of somebody else', async () => {
    assertHumane(
      await predisBench(folder.path, ['report', write('other.json', '{"a": 1}')]),
      7,
      /other\.json/,
    );
  });
  it('one of a later version', async () => {
    const path = write('later.json', '{"format": "predis-bench-result", "schemaVersion": 99}');
    assertHumane(await predisBench(folder.path, ['report', path]), 7, /99/);
  });
  it('one that would be overwritten', async () => {
    const path = write('mine.json', 'my own notes');
    const result = await predisBench(folder.path, ['run', 'hft', '--quick', '--output', path]);
    assertHumane(result, 7, /mine\.json/);
  });
});

describe('places and servers that are not there', () => {
  it('an output folder that cannot be written', async () => {
    const locked = join(folder.path, 'file-not-folder');
    writeFileSync(locked, '');
    const words = ['run', 'hft', '--quick', '--output', join(locked, 'result.json')];
    assertHumane(await predisBench(folder.path, words), 7, /result\.json/, /--output/);
  });

  it('a folder that cannot exist, for a result', async () => {
    const words = ['run', 'hft', '--quick', '--output', '/proc/nowhere/result.json'];
    assertHumane(await predisBench(folder.path, words), 7, /\/proc\/nowhere/);
  });

  it('a Redis that does not answer', async () => {
    const words = ['run', 'hft', '--quick', '--redis', 'redis://127.0.0.1:1'];
    const result = await predisBench(folder.path, words);
    assert.equal(result.status, 6);
    assert.doesNotMatch(result.stderr, /^\s+at /m);
    assert.match(result.stderr, /Is the server running/);
  });

  it('a server that is not Redis', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const url = `redis://127.0.0.1:${String(address.port)}`;
    const result = await predisBench(folder.path, ['run', 'hft', '--quick', '--redis', url]);
    server.close();
    assert.equal(result.status, 6);
    assert.match(result.stderr, /not.*Redis/i);
  });

  it('a redis-server that is not installed', async () => {
    const empty = join(folder.path, 'empty-path');
    mkdirSync(empty);
    chmodSync(empty, 0o755);
    const result = await predisBench(folder.path, ['run', 'hft', '--quick'], { PATH: empty });
    assert.equal(result.status, 6);
    assert.match(result.stderr, /apt-get install redis-server/);
  });

  it('an addon that will not load', async () => {
    const broken = join(folder.path, 'broken.node');
    writeFileSync(broken, 'this is no shared object');
    const words = ['run', 'hft', '--quick', '--contenders', 'predis'];
    const result = await predisBench(folder.path, words, { PREDIS_ADDON: broken });
    assert.equal(result.status, 6);
    assert.match(result.stderr, /broken\.node/);
    assert.match(result.stderr, /npm run build:native/);
    assert.doesNotMatch(result.stderr, /^\s+at /m);
  });
});

describe('a rate beyond the generator', () => {
  it('makes the session invalid: exit code 5, the reason, and the result is kept', async () => {
    const words = ['--rate', '200000000', '--contenders', 'map,predis', '--quick', '--blocks', '1'];
    const small = [
      '--window-ms',
      '40',
      '--warmup-ms',
      '5',
      '--set',
      'operations=2000',
      '--set',
      'symbols=200',
    ];
    const result = await predisBench(folder.path, [
      'run',
      'hft',
      ...words,
      ...small,
      '--output',
      'rate.json',
    ]);
    assert.equal(result.status, 5, result.stderr);
    assert.match(result.stdout, /^INVALID: .*Rate within the reach of the generator.*take a lower --rate/m);
    assert.equal(readResultFile(join(folder.path, 'rate.json')).status, 'complete');
  });
});

describe('an objective that nobody can hold', () => {
  it('ends with a clear sentence and exit code 3, and keeps the result', async () => {
    const words = [
      '--slo',
      'p50<100ns',
      '--contenders',
      'predis',
      '--blocks',
      '1',
      '--window-ms',
      '50',
      '--quiet',
    ];
    const small = ['--set', 'operations=2000', '--set', 'symbols=200'];
    const result = await predisBench(folder.path, ['run', 'hft', ...words, ...small, '--output', 'slo.json']);
    assert.equal(result.status, 3, result.stderr);
    assert.match(result.stderr, /No contender held p50<100ns in any trial/);
    assert.match(result.stderr, /Loosen the objective/);
    const kept = readResultFile(join(folder.path, 'slo.json'));
    assert.equal(kept.status, 'complete');
    assert.equal(kept.plan.capacity?.objective.limitNs, 100);
  });
});
