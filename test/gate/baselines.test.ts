import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { BenchError } from '../../src/errors.js';
import { acceptBaseline, BaselineStore, findBaseline } from '../../src/gate/baselines/index.js';
import { suiteOf } from '../../src/gate/baselines/suite.js';
import type { ResultFile } from '../../src/results/schema.js';
import { defaultContenders, makeResultFile, type FixtureOptions } from '../analysis/fixtures.js';

let folder = '';
let store = new BaselineStore(folder);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'predis-bench-baselines-'));
  store = new BaselineStore(folder);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const made = (options: FixtureOptions = {}) => makeResultFile({ blocks: 6, trialSd: 0.01, ...options });
const bytesOf = (result: ResultFile) => Buffer.from(JSON.stringify(result));
const accept = (result: ResultFile, options: Partial<Parameters<typeof acceptBaseline>[0]> = {}) =>
  acceptBaseline({
    store,
    bytes: bytesOf(result),
    name: 'made.json',
    reason: 'made for a test',
    by: 'a test',
    now: new Date('2026-02-03T04:05:06Z'),
    ...options,
  });

const refused = (work: () => unknown, code: string, message: RegExp) => {
  assert.throws(work, (error: unknown) => {
    assert.ok(error instanceof BenchError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });
};
const find = (candidate: ResultFile, basis: 'machine' | 'relative' = 'machine') =>
  findBaseline(store, candidate, { basis, candidatePath: 'made.json' });

describe('baseline accept', () => {
  it('keeps the bytes, and who, when, why and which commit; the gate then finds it', () => {
    const result = made();
    const { path, changed, entry, finds } = accept(result);
    assert.ok(changed);
    assert.deepEqual(readFileSync(path), bytesOf(result));
    const { acceptedAt, acceptedBy, reason, commit, besidePrevious } = entry;
    assert.deepEqual(
      { acceptedAt, acceptedBy, reason, commit, besidePrevious },
      {
        acceptedAt: '2026-02-03T04:05:06.000Z',
        acceptedBy: 'a test',
        reason: 'made for a test',
        commit: '0'.repeat(40),
        besidePrevious: null,
      },
    );
    assert.match(finds.join(), /throughput: a loss from \d+(\.\d)? % on would be found/);
    assert.equal(find(made({ seed: 2 })).result.id, result.id);
  });

  it('keeps what was accepted before, with the answer of the gate beside it', () => {
    const first = accept(made());
    const second = accept(made({ seed: 2, predisSpeed: 0.7 }), { reason: 'slower, but right' });
    assert.equal(second.besidePrevious?.verdict, 'regressed');
    assert.deepEqual(
      second.ledger.entries.map(({ reason, besidePrevious }) => [reason, besidePrevious]),
      [
        ['made for a test', null],
        ['slower, but right', 'regressed'],
      ],
    );
    assert.ok(existsSync(first.path));
    assert.equal(find(made({ seed: 3 })).path, second.path);
  });

  it('changes nothing when the file is the baseline already', () => {
    accept(made());
    const again = accept(made(), { reason: 'once more' });
    assert.equal(again.changed, false);
    assert.equal(store.ledgers()[0]?.entries.length, 1);
  });

  it('refuses what no candidate could be judged beside', () => {
    refused(() => accept(made({ status: 'interrupted' })), 'BASELINE_UNFIT', /did not end/);
    refused(() => accept(made({ quick: true })), 'BASELINE_UNFIT', /quick/);
    refused(
      () => accept(made({ blocks: 1 })),
      'BASELINE_UNFIT',
      /2 trials of predis in hft could show no loss/,
    );
    const spoil = (state: 'void' | 'failed') =>
      made({ spoil: ({ block, contender }) => (block === 0 && contender === 'predis' ? state : 'measured') });
    refused(
      () => accept(spoil('void')),
      'BASELINE_UNFIT',
      /2 trials gave wrong values, the first of predis in hft/,
    );
    refused(() => accept(spoil('failed')), 'BASELINE_UNFIT', /2 trials failed/);
    const only = (engine: string) => defaultContenders.filter((one) => (one.engine ?? 'redis') === engine);
    refused(() => accept(made({ contenders: only('redis') })), 'BASELINE_UNFIT', /no contender of Predis/);
    refused(() => accept(made({ contenders: only('predis') })), 'BASELINE_UNFIT', /no control/);
    refused(
      () => accept(made({ control: { contender: 'predis', speed: 1.5 }, blocks: 8 })),
      'MEASUREMENT_INVALID',
      /result is an invalid session/,
    );
    refused(() => accept(made(), { reason: ' ' }), 'USAGE', /--reason/);
    refused(() => accept(made(), { suite: '../../etc' }), 'USAGE', /--suite/);
    refused(() => accept(made(), { bytes: Buffer.from('{}') }), 'RESULT_NOT_OURS', /made\.json/);
    assert.deepEqual(store.ledgers(), []);
  });

  it('says with how many blocks a result would do', () => {
    assert.throws(
      () => accept(made({ blocks: 1 })),
      (error: unknown) => error instanceof BenchError && /--blocks \d+/.exec(error.hint ?? '') !== null,
    );
    accept(made({ blocks: 2, cases: ['hft'], metrics: ['throughput'] }));
  });

  it('does not put one that was measured otherwise in the place of another unless asked to', () => {
    accept(made());
    const other = made({ workers: 2 });
    refused(() => accept(other), 'BASELINE_UNFIT', /measured otherwise.*1 and 2 workers/);
    assert.equal(accept(other, { suite: 'hft-2-workers' }).ledger.entries.length, 1);
    assert.equal(accept(other, { replace: true }).ledger.entries.length, 2);
  });

  it('leaves the ledger alone when another accept is at work, or when the folder cannot be written', () => {
    const { ledger } = accept(made());
    const lock = join(folder, ledger.machine.fingerprint, '.hft.lock');
    writeFileSync(lock, '');
    refused(() => accept(made({ seed: 2 })), 'OUTPUT_UNWRITABLE', /Another baseline accept.*\.hft\.lock/);
    rmSync(lock);
    assert.equal(store.ledger(ledger.machine.fingerprint, 'hft')?.entries.length, 1);
    const nowhere = new BaselineStore('/proc/nowhere');
    refused(
      () => accept(made(), { store: nowhere }),
      'OUTPUT_UNWRITABLE',
      /could not be written to \/proc\/nowhere/,
    );
  });
});

describe('finding the baseline', () => {
  it('says how to accept one where there is none, and which there are', () => {
    refused(
      () => find(made()),
      'NO_BASELINE',
      /No baseline of hft was accepted for this machine \(Made-up CPU/,
    );
    accept(made({ fingerprint: 'fedcba9876543210' }));
    accept(made({ cases: ['gaming'] }));
    refused(
      () => find(made()),
      'NO_BASELINE',
      /fedcba9876543210.*--relative.*baselines of gaming \(--suite\)/,
    );
    assert.throws(
      () => find(made()),
      (error: unknown) =>
        error instanceof BenchError &&
        error.hint === 'Accept one: predis-bench baseline accept made.json --reason "the first one"',
    );
  });

  it('takes one of another machine on the relative basis alone, and its own before any', () => {
    const elsewhere = accept(made({ fingerprint: 'fedcba9876543210' }));
    assert.equal(find(made(), 'relative').path, elsewhere.path);
    const own = accept(made());
    assert.equal(find(made(), 'relative').path, own.path);
  });

  it('refuses a baseline that was changed, or lost, after it was accepted', () => {
    const { path } = accept(made());
    writeFileSync(path, bytesOf(made({ predisSpeed: 0.5 })));
    refused(() => find(made()), 'RESULT_UNREADABLE', /is not the file that was accepted/);
    rmSync(path);
    refused(() => find(made()), 'RESULT_UNREADABLE', /there is no such file/);
    // the way out
    refused(() => accept(made({ seed: 5 })), 'RESULT_UNREADABLE', /there is no such file/);
    accept(made({ seed: 5 }), { replace: true });
    assert.equal(find(made()).result.id, 'made-for-tests-5');
  });

  it('refuses damaged, foreign, later and moved ledgers', () => {
    const { ledger } = accept(made());
    const path = join(folder, ledger.machine.fingerprint, 'hft.json');
    const good = readFileSync(path, 'utf8');
    const broken: readonly [string, string, RegExp][] = [
      [good.slice(0, 100), 'RESULT_UNREADABLE', /not valid JSON/],
      ['[]', 'RESULT_NOT_OURS', /no ledger/],
      ['null', 'RESULT_NOT_OURS', /no ledger/],
      [good.replace('"schemaVersion": 1', '"schemaVersion": 2'), 'RESULT_VERSION', /version 1/],
      [
        good.replace(/"file": "[^"]*"/, '"file": "../../../etc/passwd.json"'),
        'RESULT_UNREADABLE',
        /\/entries\/0\/file/,
      ],
      [good.replace(/"reason": "[^"]*",/, ''), 'RESULT_UNREADABLE', /reason/],
      [good.replace('"suite": "hft"', '"suite": "gaming"'), 'RESULT_UNREADABLE', /it was moved/],
    ];
    for (const [text, code, message] of broken) {
      writeFileSync(path, text);
      refused(() => find(made()), code, message);
    }
  });

  it('says so when a file stands where a folder should', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    refused(() => new BaselineStore(file).ledgers(), 'RESULT_UNREADABLE', /it is no folder/);
  });
});

describe('names of suites', () => {
  it('come from the workloads and from what of the driving is no default', () => {
    assert.equal(suiteOf(made({ cases: ['hft'] })), 'hft');
    assert.equal(suiteOf(made({ cases: ['hft', 'batch/10-keys', 'batch/100-keys'] })), 'batch+hft');
    const open = made();
    assert.equal(suiteOf({ ...open, plan: { ...open.plan, loadModel: 'open' } }), 'hft-open-loop');
  });

  it('are safe as file names, however hostile the workloads', () => {
    for (const workload of [
      '../../etc/passwd',
      '</script>',
      '',
      '...',
      'Ünïcode',
      'a'.repeat(500),
      '\u0000',
    ]) {
      const name = suiteOf(made({ cases: [{ id: 'x', workload }] }));
      assert.match(name, /^[a-z0-9][a-z0-9._+-]{0,63}$/, workload);
    }
    const many = ['a', 'b'].map((end) =>
      suiteOf(made({ cases: [{ id: 'x', workload: 'a'.repeat(100) + end }] })),
    );
    assert.notEqual(many[0], many[1]);
  });
});
