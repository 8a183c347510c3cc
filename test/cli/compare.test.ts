import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import { packageRoot } from '../../src/support/package-root.js';
import { makeResultFile } from '../analysis/fixtures.js';
import { predisBench, temporaryFolder } from './support.js';

const folder = temporaryFolder();
after(folder.remove);
const write = (name: string, content: string): string => {
  writeFileSync(join(folder.path, name), content);
  return name;
};
const list = (name: string, values: readonly number[]) => write(name, `${values.join('\n')}\n`);
const before = list('before.txt', [101, 107, 98, 110, 104, 112]);
const faster = list('after.txt', [118, 124, 121, 129, 115, 127]);

describe('predis-bench compare on two lists', () => {
  it('prints what the documentation shows', async () => {
    const page = readFileSync(join(packageRoot, 'docs/statistics.md'), 'utf8');
    const shown = /```\n\$ predis-bench compare before\.txt after\.txt\n([\s\S]*?)```/.exec(page)?.[1];
    assert.ok(shown !== undefined);
    const { status, stdout } = await predisBench(folder.path, ['compare', before, faster]);
    assert.equal(status, 0);
    assert.equal(stdout, shown);
  });

  it('takes JSON arrays and text with empty lines, byte order mark and Windows line ends', async () => {
    const json = write('after.json', '[118, 124, 121, 129, 115, 127]');
    const text = write('before-windows.txt', '\uFEFF101\r\n107\r\n\r\n98\r\n1.1e2\r\n104\r\n+112');
    const { status, stdout } = await predisBench(folder.path, ['compare', text, json, '--json']);
    assert.equal(status, 0);
    const { format, kind, comparisons } = JSON.parse(stdout) as {
      format: string;
      kind: string;
      comparisons: { verdict: string; pValue: number }[];
    };
    assert.deepEqual([format, kind], ['predis-bench-compare', 'lists']);
    assert.equal(comparisons[0]?.verdict, 'b-higher');
    assert.ok(Math.abs(comparisons[0].pValue - 2 / 924) < 1e-12);
  });

  it('takes a column of a CSV file by name or number, and a margin in per cent', async () => {
    const rows = [118, 124, 121, 129, 115, 127].map(
      (value, index) => `"run ${String(index)}, b";${String(value)}`,
    );
    const csv = write('after.csv', `name;latency\n${rows.join('\n')}\n`);
    const plain = write('before.csv', 'run,latency\n1,101\n2,107\n3,98\n4,110\n5,104\n6,112\n');
    const named = await predisBench(folder.path, [
      ...['compare', plain, csv, '--column', 'latency', '--margin', '20%', '--json'],
    ]);
    assert.equal(named.status, 0, named.stderr);
    const { comparisons } = JSON.parse(named.stdout) as {
      comparisons: { pValue: number; equivalence: { margin: number }; percentiles: { ratio: unknown }[] }[];
    };
    assert.ok(Math.abs((comparisons[0]?.pValue ?? 1) - 2 / 924) < 1e-12);
    assert.equal(comparisons[0]?.equivalence.margin, 0.2);
    assert.deepEqual(
      comparisons[0].percentiles.map(({ ratio }) => ratio),
      [null, null, null],
    );
    const numbered = await predisBench(folder.path, ['compare', plain, csv, '--column', '2']);
    assert.equal(numbered.status, 0, numbered.stderr);
    const none = await predisBench(folder.path, ['compare', plain, csv, '--column', 'p99']);
    assert.equal(none.status, 7);
    assert.match(none.stderr, /before\.csv has no column p99.*\n.*run, latency/);
    const text = await predisBench(folder.path, ['compare', csv, plain, '--column', '1']);
    assert.equal(text.status, 7);
    assert.match(text.stderr, /line 2: "run 0, b" is not a finite number/);
  });

  it('answers 3 when it is not known, with the detectable effect', async () => {
    const [a, b] = [list('noisy-a.txt', [60, 140, 100, 90]), list('noisy-b.txt', [61, 139, 101, 91])];
    const { status, stdout } = await predisBench(folder.path, ['compare', a, b]);
    assert.equal(status, 3);
    assert.match(stdout, /Verdict: INCONCLUSIVE/);
    assert.match(stdout, /Detectable .* above \d/);
  });

  it('compares differences when asked', async () => {
    const [a, b] = [list('low.txt', [-2, -1, 0, 1, 2]), list('high.txt', [8, 9, 10, 11, 12])];
    const { status, stdout } = await predisBench(folder.path, [
      'compare',
      a,
      b,
      '--difference',
      '--margin',
      '2',
    ]);
    assert.equal(status, 0);
    assert.match(stdout, /B - A = 10 /);
  });
});

describe('lists that cannot be compared', () => {
  const cases: readonly [string, string, readonly string[], number, readonly RegExp[]][] = [
    [
      'text',
      '1\n2\nabc\n4\n5\n',
      [],
      7,
      [/bad\.txt, line 3: "abc" is not a finite number/, /one number a line/],
    ],
    ['NaN', '1\nNaN\n', [], 7, [/line 2: "NaN"/]],
    ['an infinite number', '1\n1e999\n', [], 7, [/line 2: "1e999"/]],
    ['several numbers in a line', '1 2\n', [], 7, [/line 1: "1 2"/]],
    ['escape sequences', '1\n\u001b[2Jx\n', [], 7, [/line 2: "\\u\{1b\}\[2Jx"/]],
    ['null in a JSON array', '[1, null]', [], 7, [/index 1: "null"/]],
    ['broken JSON', '[1, 2', [], 7, [/not valid JSON/]],
    ['nothing', '\n\n', [], 7, [/holds no number/]],
    ['one value', '5\n', [], 2, [/1 value against 6/, /at least 4 values in each/]],
    [
      'too few for the alpha',
      '1\n2\n3\n4\n5\n6\n',
      ['--alpha', '0.001'],
      2,
      [/no p below 0\.001/, /at least 7 values/],
    ],
    ['a value of 0', '1\n2\n0\n4\n', [], 7, [/value 3 is 0/, /--difference/]],
    [
      'a margin that is no fraction',
      '1\n2\n3\n4\n',
      ['--margin', '5'],
      2,
      [/--margin takes a fraction/, /--difference/],
    ],
    ['an alpha out of range', '1\n2\n3\n4\n', ['--alpha', '2'], 2, [/--alpha/]],
    ['a metric', '1\n2\n3\n4\n', ['--metric', 'throughput'], 2, [/belongs to result files/]],
    ['a difference without a margin', '1\n2\n3\n4\n', ['--difference'], 2, [/--margin/]],
  ];
  for (const [name, content, options, status, parts] of cases) {
    it(name, async () => {
      const result = await predisBench(folder.path, [
        'compare',
        write('bad.txt', content),
        before,
        ...options,
      ]);
      assert.equal(result.status, status, result.stderr);
      assert.equal(result.stdout, '');
      assert.ok(result.stderr.trimEnd().split('\n').length <= 2, result.stderr);
      for (const part of parts) assert.match(result.stderr, part);
    });
  }

  it('a missing file, a folder, and a list against a result', async () => {
    const missing = await predisBench(folder.path, ['compare', 'nowhere.txt', before]);
    assert.equal(missing.status, 7);
    assert.match(missing.stderr, /nowhere\.txt cannot be read: there is no such file/);
    assert.equal((await predisBench(folder.path, ['compare', '.', before])).status, 7);
    const mixed = await predisBench(folder.path, ['compare', write('result.json', '{}'), before]);
    assert.equal(mixed.status, 2);
    assert.match(mixed.stderr, /give two of one kind/);
    assert.equal((await predisBench(folder.path, ['compare', before])).status, 2);
  });
});

describe('predis-bench compare on two results', () => {
  const save = (name: string, options: Parameters<typeof makeResultFile>[0]) =>
    write(name, JSON.stringify(makeResultFile(options)));
  const a = save('a.json', { seed: 1, blocks: 6 });

  it('names what changed, with Holm over all of it', async () => {
    const b = save('b.json', { seed: 2, blocks: 6, predisSpeed: 0.7 });
    const { stdout, status } = await predisBench(folder.path, [
      'compare',
      a,
      b,
      '--metric',
      'throughput',
      '--json',
    ]);
    const { kind, familySize, comparisons } = JSON.parse(stdout) as {
      kind: string;
      familySize: number;
      comparisons: { contender: string; verdict: string; pValue: number; adjustedPValue: number }[];
    };
    assert.deepEqual([kind, familySize], ['results', 3]);
    const predis = comparisons.find(({ contender }) => contender === 'predis');
    assert.equal(predis?.verdict, 'b-lower');
    assert.ok(predis.adjustedPValue > predis.pValue);
    const open = comparisons.some(({ verdict }) => verdict === 'inconclusive');
    assert.equal(status, open ? 3 : 0);
    const text = await predisBench(folder.path, ['compare', a, b, '--metric', 'throughput']);
    assert.match(text.stdout, /hft, predis, throughput: B is lower/);
    assert.match(text.stdout, /predis-bench gate corrects/);
  });

  it('refuses another machine, an unknown metric, and says how many trials are too few', async () => {
    const elsewhere = save('elsewhere.json', { seed: 2, blocks: 6, fingerprint: 'fedcba9876543210' });
    assert.equal((await predisBench(folder.path, ['compare', a, elsewhere])).status, 4);
    const unknown = await predisBench(folder.path, ['compare', a, a, '--metric', 'throughputs']);
    assert.equal(unknown.status, 2);
    assert.match(unknown.stderr, /Did you mean throughput\?/);
    const invalid = save('invalid.json', {
      seed: 4,
      blocks: 8,
      control: { contender: 'predis', speed: 0.5 },
    });
    const refused = await predisBench(folder.path, ['compare', a, invalid]);
    assert.equal(refused.status, 5);
    assert.match(refused.stderr, /session in B is an invalid session/);
    const small = save('small.json', { seed: 3, blocks: 1 });
    const few = await predisBench(folder.path, [
      'compare',
      small,
      save('small2.json', { seed: 4, blocks: 1 }),
    ]);
    assert.equal(few.status, 3);
    assert.match(few.stdout, /too few trials: 6 comparisons at alpha 0\.05 need 5 trials/);
  });
});

describe('predis-bench history', () => {
  const past = temporaryFolder();
  after(past.remove);
  const count = 14;
  for (let day = 0; day < count; day++) {
    const result = makeResultFile({
      id: `made-for-tests-day-${String(day)}`,
      seed: day + 1,
      blocks: 3,
      predisSpeed: day < 8 ? 1 : 0.8,
      createdAt: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(),
    });
    // names against the order of time
    writeFileSync(join(past.path, `${String(100 - day)}.json`), JSON.stringify(result));
  }
  const invalid = makeResultFile({
    id: 'made-for-tests-invalid',
    blocks: 8,
    control: { contender: 'predis', speed: 0.5 },
  });
  writeFileSync(join(past.path, 'invalid.json'), JSON.stringify(invalid));
  writeFileSync(join(past.path, 'other.json'), '{"format": "something else"}');
  writeFileSync(join(past.path, 'broken.json'), '{"format": ');

  it('names the change and passes over what is no result', async () => {
    const { status, stdout, stderr } = await predisBench(past.path, ['history', '.']);
    assert.equal(status, 0);
    assert.match(
      stdout,
      /hft, predis, throughput[^\n]*\n {2}14 results, 2026-01-01 to 2026-01-14 {2}[▁▂▃▄▅▆▇█]{14}\n/,
    );
    assert.match(stdout, /WORSE since 2026-01-09 00:00 \(commit 0{12}\): .*−(1[6-9]|2[0-4])(\.\d)? %/);
    assert.match(stdout, /14 results, 3 series, 1 change of 5 %/);
    assert.match(stderr, /passed over: .*broken\.json/);
    assert.match(stderr, /invalid\.json is an invalid session: it compared predis with itself/);
    assert.match(stderr, /no result files: other\.json/);
  });

  it('gives the same as JSON', async () => {
    const { stdout } = await predisBench(past.path, [
      'history',
      '.',
      '--json',
      '--metric',
      'throughput,latencyP95',
    ]);
    const { format, series } = JSON.parse(stdout) as {
      format: string;
      series: { contender: string; metric: string; changes: { index: number }[] }[];
    };
    assert.equal(format, 'predis-bench-history');
    assert.equal(series.length, 6);
    const predis = series.find((one) => one.contender === 'predis' && one.metric === 'throughput');
    assert.deepEqual(
      predis?.changes.map(({ index }) => index),
      [8],
    );
  });

  it('refuses a folder without results, and what is none', async () => {
    const empty = temporaryFolder();
    try {
      const nothing = await predisBench(empty.path, ['history', '.']);
      assert.equal(nothing.status, 7);
      assert.match(nothing.stderr, /No result file in \./);
      const missing = await predisBench(empty.path, ['history', 'nowhere']);
      assert.equal(missing.status, 7);
      assert.match(missing.stderr, /there is no such folder/);
      assert.equal((await predisBench(empty.path, ['history', '.', '--metric', 'x'])).status, 2);
    } finally {
      empty.remove();
    }
  });
});
