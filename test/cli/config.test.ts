import assert from 'node:assert/strict';
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Command } from 'commander';
import fc from 'fast-check';
import { chooseSuite } from '../../src/cli/config/choose-suite.js';
import { defineConfig } from '../../src/cli/config/define.js';
import { findConfig } from '../../src/cli/config/find.js';
import { checkConfig, loadConfig } from '../../src/cli/config/load.js';
import { publishedConfigSchema, suiteOptionSchemas, type SuiteOptions } from '../../src/cli/config/schema.js';
import { suiteWords } from '../../src/cli/config/suite-words.js';
import { addRunOptions } from '../../src/cli/run-options.js';
import { BenchError } from '../../src/errors.js';
import { readResultFile } from '../../src/results/read.js';
import { packageRoot } from '../../src/support/package-root.js';
import { predisBench, temporaryFolder } from './support.js';

const folder = temporaryFolder();
after(folder.remove);

const newRun = (): Command => addRunOptions(new Command('run')).argument('[workload...]').exitOverride();

/** Writes a file into a folder of its own below the temporary one. */
function file(place: string, name: string, text: string): string {
  const path = join(folder.path, place, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const problem =
  (code: string, ...parts: readonly RegExp[]) =>
  (error: unknown) => {
    assert.ok(error instanceof BenchError, String(error));
    assert.equal(error.code, code);
    for (const part of parts) assert.match(`${error.message}\n${error.hint ?? ''}`, part);
    return true;
  };

/** Of every option: a value as it stands in a suite, and what is typed for it. */
const samples: Required<{ [Name in keyof SuiteOptions]: [SuiteOptions[Name], string[]] }> = {
  quick: [true, ['--quick']],
  set: [
    { readShare: 0.5, 'batch.sizes': [10, 100], name: 'x=y' },
    ['--set', 'readShare=0.5', '--set', 'batch.sizes=10,100', '--set', 'name=x=y'],
  ],
  contenders: [
    ['redis', 'map'],
    ['--contenders', 'redis,map'],
  ],
  pipeline: [8, ['--pipeline', '8']],
  blocks: [3, ['--blocks', '3']],
  trials: [6, ['--trials', '6']],
  windowMs: [12.5, ['--window-ms', '12.5']],
  warmupMs: [0, ['--warmup-ms', '0']],
  workers: [2, ['--workers', '2']],
  connections: [3, ['--connections', '3']],
  seed: [7, ['--seed', '7']],
  rate: [1e6, ['--rate', '1000000']],
  arrivals: ['constant', ['--arrivals', 'constant']],
  timeScale: [60, ['--time-scale', '60']],
  maxInFlight: [10, ['--max-in-flight', '10']],
  slo: ['p99<5ms', ['--slo', 'p99<5ms']],
  search: ['clients', ['--search', 'clients']],
  clientRate: [50, ['--client-rate', '50']],
  stopWhen: ['decided', ['--stop-when', 'decided']],
  looks: [3, ['--looks', '3']],
  spending: ['pocock', ['--spending', 'pocock']],
  file: ['traces/a.br', ['--file', '/etc/suites/traces/a.br']],
  format: ['csv', ['--format', 'csv']],
  compression: ['gzip', ['--compression', 'gzip']],
  columns: ['time=1,id=2', ['--columns', 'time=1,id=2']],
  limit: [500, ['--limit', '500']],
  ignoreTimes: [true, ['--ignore-times']],
  alpha: [0.01, ['--alpha', '0.01']],
  margin: ['5%', ['--margin', '5%']],
  control: [false, ['--no-control']],
  verifyEvery: [4, ['--verify-every', '4']],
  redisBenchmark: [false, ['--no-redis-benchmark']],
  engine: ['cpu', ['--engine', 'cpu']],
  memoryLimitMib: [64, ['--memory-limit-mib', '64']],
  redis: ['redis://127.0.0.1:1', ['--redis', 'redis://127.0.0.1:1']],
  redisPasswordFile: ['../password', ['--redis-password-file', '/etc/password']],
  redisTlsCa: ['/ca.pem', ['--redis-tls-ca', '/ca.pem']],
  disclose: [{ ranBy: 'us' }, ['--disclose', 'ranBy=us']],
};
const place = { given: [], place: 'config.json, /suites/x/options', configPath: '/etc/suites/config.json' };

describe('options of a suite', () => {
  it('are all options of run but those of one call', () => {
    const ofOneCall = ['suite', 'config', 'output', 'resume', 'json', 'quiet'];
    const ofRun = new Set(newRun().options.map((option) => option.attributeName()));
    assert.deepEqual(
      Object.keys(suiteOptionSchemas).sort(),
      [...ofRun].filter((name) => !ofOneCall.includes(name)).sort(),
    );
  });

  it('mean what is typed for them', () => {
    for (const [name, [value, typed]] of Object.entries(samples)) {
      const words = suiteWords({ [name]: value }, newRun(), place);
      assert.deepEqual(words, typed, name);
      checkConfig({ suites: { x: { workloads: ['hft'], options: { [name]: value } } } }, 'config.json');
      newRun().parse(words, { from: 'user' });
    }
    assert.deepEqual(suiteWords({ control: 'map', redisBenchmark: true, quick: false }, newRun(), place), [
      '--control',
      'map',
    ]);
  });

  it('give way to what is typed, whichever of two ways it says it in', () => {
    const all = { blocks: 3, pipeline: 8, windowMs: 10, set: { a: 1 } };
    const words = (...given: string[]): string[] => suiteWords(all, newRun(), { ...place, given });
    assert.deepEqual(words('trials', 'contenders'), ['--window-ms', '10', '--set', 'a=1']);
    assert.deepEqual(words('windowMs', 'set'), ['--blocks', '3', '--pipeline', '8', '--set', 'a=1']);
  });
});

describe('which suite is meant', () => {
  const config = file(
    'choice',
    'predis-bench.config.json',
    JSON.stringify({
      suites: {
        nightly: { workloads: ['hft', 'gaming'], options: { blocks: 4, set: { 'hft.symbols': 9 } } },
      },
    }),
  );
  const choose = (names: string[], extra: Partial<Parameters<typeof chooseSuite>[0]> = {}) =>
    chooseSuite({ names, suite: undefined, config, typed: [], folder: dirname(config), ...extra }, newRun);

  it('the only name, or that of --suite with other workloads', async () => {
    const options = ['--blocks', '4', '--set', 'hft.symbols=9'];
    assert.deepEqual((await choose(['nightly']))?.words, ['hft', 'gaming', ...options]);
    assert.deepEqual((await choose([], { suite: 'nightly' }))?.words, ['hft', 'gaming', ...options]);
    const typed = [
      ['--seed', '3'],
      ['--suite', 'nightly'],
      ['--blocks', '2'],
      ['--quick', undefined],
    ] as const;
    assert.deepEqual((await choose(['hft'], { suite: 'nightly', typed }))?.words, [
      ...['hft', '--set', 'hft.symbols=9', '--seed', '3', '--blocks', '2', '--quick'],
    ]);
  });

  it('none for workloads, and none is looked for', async () => {
    const throwing = file('throwing', 'predis-bench.config.ts', 'throw new Error("was run");');
    for (const names of [['hft'], ['all'], ['trace'], ['hft', 'nightly'], []]) {
      assert.equal(await choose(names, { config: undefined, folder: dirname(throwing) }), null, names.join());
    }
    await assert.rejects(choose(['hftt'], { config: undefined, folder: dirname(throwing) }), /was run/);
  });

  it('is told when there is none', async () => {
    await assert.rejects(
      choose(['nigthly']),
      problem('UNKNOWN_SUITE', /no workload and no suite 'nigthly'/, /Did you mean nightly/),
    );
    await assert.rejects(choose(['hftt']), problem('UNKNOWN_SUITE', /Did you mean hft\?/));
    await assert.rejects(choose([], { suite: '__proto__' }), problem('UNKNOWN_SUITE'));
    await assert.rejects(choose(['hft']), problem('USAGE', /--config is where suites stand/));
    const nowhere = { config: undefined, folder: '/proc' };
    await assert.rejects(
      choose([], { suite: 'x', ...nowhere }),
      problem('UNKNOWN_SUITE', /no configuration was found/),
    );
    assert.equal(await choose(['hftt'], nowhere), null);
  });
});

describe('what is wrong in a configuration is told with its place, and without its value', () => {
  const suite = (options: object): object => ({ suites: { s: { workloads: ['hft'], options } } });
  const cases: readonly [string, unknown, readonly RegExp[]][] = [
    ['no object', [], [/c\.json, the top level must be object/]],
    ['no suites', {}, [/c\.json, the top level must have required property 'suites'/]],
    ['another setting', { suits: {}, suites: {} }, [/there is no setting "suits"/, /Did you mean suites\?/]],
    ['no workloads', { suites: { s: {} } }, [/\/suites\/s must have required property 'workloads'/]],
    [
      'an empty list',
      { suites: { s: { workloads: [] } } },
      [/\/suites\/s\/workloads must NOT have fewer than 1/],
    ],
    [
      'a misspelt option',
      suite({ widowMs: 5 }),
      [/\/suites\/s\/options: there is no setting "widowMs"/, /windowMs\?/],
    ],
    ['an option as typed', suite({ 'window-ms': 5 }), [/"window-ms"/, /windowMs\?/]],
    ['a wrong type', suite({ blocks: 'hunter2' }), [/\/suites\/s\/options\/blocks must be number/]],
    [
      'a word of a list',
      suite({ engine: 'tpu' }),
      [/options\/engine must be equal to one of.*: auto, cpu, cuda/],
    ],
    [
      'a password',
      suite({ redisPassword: 'hunter2' }),
      [/no secret stands in this file/, /PREDIS_BENCH_REDIS_PASSWORD/],
    ],
    ['a bad name', { suites: { '-x': { workloads: ['hft'] } } }, [/"-x" is no name for a suite/]],
    [
      'the name of a workload',
      { suites: { hft: { workloads: ['hft'] } } },
      [/\/suites\/hft: .* a workload already/],
    ],
    ['the name of all', { suites: { all: { workloads: ['hft'] } } }, [/\/suites\/all/]],
  ];
  for (const [name, document, parts] of cases) {
    it(name, () => {
      assert.throws(
        () => checkConfig(document, 'c.json'),
        (error) => {
          assert.doesNotMatch(String(error), /hunter2/);
          return problem('CONFIG_INVALID', ...parts)(error);
        },
      );
    });
  }

  it('a value that the command line would not take', () => {
    const words = (options: SuiteOptions) => () => suiteWords(options, newRun(), place);
    assert.throws(
      words({ windowMs: 0 }),
      problem('CONFIG_INVALID', /\/suites\/x\/options\/windowMs: --window-ms takes .* from 1/),
    );
    assert.throws(words({ slo: 'p99' }), problem('CONFIG_INVALID', /\/options\/slo: --slo takes/, /units/));
    assert.throws(words({ trials: 3 }), problem('CONFIG_INVALID', /options\/trials: .*even number/));
  });

  it('anything at all is refused or taken, never a defect', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (document) => {
        try {
          checkConfig(document, 'c.json');
        } catch (error) {
          assert.ok(error instanceof BenchError, String(error));
        }
      }),
    );
  });

  it('files that cannot be read', async () => {
    await assert.rejects(
      loadConfig(join(folder.path, 'nope.json')),
      problem('CONFIG_INVALID', /no such file/),
    );
    await assert.rejects(
      loadConfig(file('cut', 'c.json', '{"suites": ')),
      problem('CONFIG_INVALID', /c\.json is no JSON/),
    );
    const code = (text: string) => loadConfig(file('code', `${String(Math.random()).slice(2)}.ts`, text));
    await assert.rejects(
      code('export const suites = {};'),
      problem('CONFIG_INVALID', /exports no configuration/),
    );
    await assert.rejects(code('export default {'), problem('CONFIG_INVALID', /could not be run/));
    await assert.rejects(
      code('import "./not-there.js"; export default {};'),
      problem('CONFIG_INVALID', /could not be run/),
    );
    await assert.rejects(code('export default () => 5;'), problem('CONFIG_INVALID', /must be object/));
  });
});

describe('where a configuration is', () => {
  it('is found upwards, the nearest first; two in a folder are refused', () => {
    const far = file('tree', 'predis-bench.config.json', '{}');
    const deep = join(dirname(far), 'a', 'b');
    mkdirSync(deep, { recursive: true });
    assert.equal(findConfig(deep), far);
    const near = file('tree/a', 'predis-bench.config.ts', '');
    assert.equal(findConfig(deep), near);
    file('tree/a', 'predis-bench.config.json', '{}');
    assert.throws(() => findConfig(deep), problem('CONFIG_INVALID', /are both there/, /--config/));
  });

  it(
    'code of somebody else is not run unless it is named',
    { skip: process.getuid?.() !== 0 && 'only root may give files away' },
    async () => {
      const path = file('stranger', 'predis-bench.config.ts', 'export default { suites: {} };');
      chownSync(path, 12345, 12345);
      // A superuser is asked as anybody else is.
      assert.throws(
        () => findConfig(dirname(path)),
        problem('CONFIG_INVALID', /belongs to another user/, /--config/),
      );
      assert.deepEqual((await loadConfig(path)).config, { suites: {} });
    },
  );
});

describe('from end to end', () => {
  const options = {
    ...{
      quick: true,
      blocks: 1,
      windowMs: 10,
      warmupMs: 2,
      contenders: ['map'],
      control: false,
      redisBenchmark: false,
    },
    set: { symbols: 100, hotSymbols: 10, operations: 1000 },
  } as const;

  it('a suite in TypeScript, found above; the result says what it stood for', async () => {
    const mark = join(folder.path, 'was-run');
    file(
      'project',
      'predis-bench.config.ts',
      `import { writeFileSync } from 'node:fs';
       import { defineConfig } from 'predis-bench';
       enum Blocks { few = 1 }
       writeFileSync(${JSON.stringify(mark)}, '');
       const options: Record<string, unknown> = { ...${JSON.stringify(options)}, blocks: Blocks.few };
       export default defineConfig({ suites: { tiny: { description: 'a \\u001b look', workloads: ['hft'], options } } });`,
    );
    const place = join(folder.path, 'project', 'deep');
    mkdirSync(place);

    const plain = await predisBench(place, ['run', 'hft', '--trials', '7']);
    assert.deepEqual([plain.status, existsSync(mark)], [2, false], 'a workload needs no configuration');
    const run = await predisBench(place, [
      'run',
      'tiny',
      '--seed',
      '5',
      '--set',
      'symbols=50',
      '-o',
      'r.json',
    ]);
    assert.equal(run.status, 0, run.stderr);
    const { command, plan } = readResultFile(join(place, 'r.json'));
    assert.deepEqual(command, [
      ...['predis-bench', 'run', 'hft', '--quick', '--blocks', '1', '--window-ms', '10', '--warmup-ms', '2'],
      ...['--contenders', 'map', '--no-control', '--no-redis-benchmark'],
      ...['--set', 'symbols=100', '--set', 'hotSymbols=10', '--set', 'operations=1000'],
      ...['--seed', '5', '--set', 'symbols=50', '--output', 'r.json'],
    ]);
    assert.deepEqual([plan.seed, plan.blocksPerCase, plan.cases[0]?.parameters.symbols], [5, 1, 50]);

    const again = await predisBench(place, [...command.slice(1, -1), 'again.json']);
    assert.equal(again.status, 0, again.stderr);
    assert.deepEqual(readResultFile(join(place, 'again.json')).plan, plan);

    const list = await predisBench(place, ['list']);
    assert.match(list.stdout, /Suites of .*predis-bench\.config\.ts .*\n {2}tiny +a \\u\{1b\} look\n$/);
    const json = JSON.parse((await predisBench(place, ['list', '--json'])).stdout) as {
      suites: unknown;
      config: string;
    };
    assert.deepEqual(json.suites, [
      { name: 'tiny', description: 'a \u001b look', workloads: ['hft'], options },
    ]);
    assert.ok(json.config.endsWith('predis-bench.config.ts'));
  });

  it('a broken configuration leaves the rest of the list', async () => {
    const path = file('broken', 'predis-bench.config.json', '{');
    const found = await predisBench(dirname(path), ['list', '--quiet']);
    assert.deepEqual([found.status, found.stdout.split('\n').includes('hft')], [0, true]);
    const named = await predisBench(dirname(path), ['list', '--config', path]);
    assert.deepEqual([named.status, named.stdout], [2, '']);
    const run = await predisBench(dirname(path), ['run', 'nightly']);
    assert.equal(run.status, 2);
    assert.match(run.stderr, /^predis-bench: .*predis-bench\.config\.json is no JSON/);
  });

  it('--resume and a suite do not go together', async () => {
    const { status, stderr } = await predisBench(folder.path, [
      'run',
      '--resume',
      'x.json',
      '--suite',
      'tiny',
    ]);
    assert.equal(status, 2);
    assert.match(stderr, /--resume goes on with the plan of its file/);
  });
});

describe('what is published', () => {
  it('the schema', () => {
    const published = readFileSync(join(packageRoot, 'schema/config.schema.json'), 'utf8');
    assert.equal(published, publishedConfigSchema(), 'node scripts/generate-schema.mjs');
  });

  it('examples of the documentation are valid, and their suites can be typed', async () => {
    const page = readFileSync(join(packageRoot, 'docs/configuration.md'), 'utf8');
    for (const extension of ['json', 'ts']) {
      const text = new RegExp(`\`\`\`${extension}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '';
      const { config } = await loadConfig(file('docs', `predis-bench.config.${extension}`, text));
      assert.ok(Object.hasOwn(config.suites, 'nightly'));
      for (const suite of Object.values(config.suites)) suiteWords(suite.options ?? {}, newRun(), place);
    }
  });

  it('the shape of list --json', async () => {
    const page = readFileSync(join(packageRoot, 'docs/configuration.md'), 'utf8');
    const section = page.split('## predis-bench list --json')[1] ?? '';
    const documented = [...section.matchAll(/^\| `([a-zA-Z]+)(?:\[\])?` /gm)].map(([, name]) => name);
    const { stdout } = await predisBench(folder.path, ['list', '--json']);
    const document = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(documented.sort(), Object.keys(document).sort());
    assert.deepEqual(
      [document.format, document.schemaVersion, document.config],
      ['predis-bench-list', 1, null],
    );
  });

  it('defineConfig gives back what it is given', () => {
    const config = { suites: { a: { workloads: ['hft'], options: { blocks: 3 } } } };
    assert.equal(defineConfig(config), config);
    // @ts-expect-error -- a misspelt option is found by the compiler
    defineConfig({ suites: { a: { workloads: ['hft'], options: { block: 3 } } } });
  });
});
