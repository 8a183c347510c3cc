import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { BenchError } from '../../src/errors.js';
import { readResultFile } from '../../src/results/read.js';
import { ResultWriter } from '../../src/results/writer.js';
import { head, measuredTrial } from './support/sample.js';

describe('ResultWriter', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'predis-bench-test-'));
    path = join(folder, 'new', 'folder', 'result.json');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const unwritable = (message: RegExp) => (error: unknown) =>
    error instanceof BenchError && error.code === 'OUTPUT_UNWRITABLE' && message.test(error.message);

  it('leaves a valid file after every step', () => {
    const writer = ResultWriter.create(path, head);
    assert.deepEqual([readResultFile(path).status, readResultFile(path).trials], ['running', []]);
    for (const position of [0, 1, 2, 3]) {
      writer.addTrial(measuredTrial(0, position));
      const { status, trials } = readResultFile(path);
      assert.equal(status, 'running');
      assert.equal(trials.length, position + 1);
      assert.deepEqual(trials.at(-1), measuredTrial(0, position));
    }
    writer.finish('complete');
    assert.equal(readResultFile(path).status, 'complete');
    assert.deepEqual(readdirSync(join(folder, 'new', 'folder')), ['result.json'], 'nothing else is left');
  });

  it('notes engines and the time of writing', () => {
    const writer = ResultWriter.create(path, head, () => new Date('2030-01-01T00:00:00Z'));
    writer.setEngine('redis', {
      name: 'redis',
      version: '7',
      boundary: 'socket',
      synchronous: false,
      managed: true,
      settings: {},
    });
    writer.addTrial(measuredTrial(0, 0));
    const file = readResultFile(path);
    assert.equal(file.engines.redis?.version, '7');
    assert.equal(file.updatedAt, '2030-01-01T00:00:00.000Z');
    assert.equal(file.createdAt, head.createdAt);
  });

  it('goes on with a file and keeps its trials as they are', () => {
    ResultWriter.create(path, head).addTrial(measuredTrial(0, 0));
    const writer = ResultWriter.resume(path);
    assert.equal(writer.has(measuredTrial(0, 0)), true);
    assert.equal(writer.has(measuredTrial(0, 1)), false);
    assert.throws(() => {
      writer.addTrial(measuredTrial(0, 0));
    }, /recorded already/);
    writer.addTrial(measuredTrial(0, 1));
    writer.finish('interrupted');
    const file = readResultFile(path);
    assert.deepEqual(file.trials, [measuredTrial(0, 0), measuredTrial(0, 1)]);
    assert.equal(file.status, 'interrupted');
    assert.equal(file.id, head.id);
  });

  it('leaves a file alone that is not the one to go on with', () => {
    ResultWriter.create(path, head);
    const before = readFileSync(path, 'utf8');
    const refuse = (): void => {
      throw new Error('not this one');
    };
    assert.throws(() => ResultWriter.resume(path, refuse), /not this one/);
    assert.equal(readFileSync(path, 'utf8'), before);
  });

  it('overwrites nothing', () => {
    mkdirSync(join(folder, 'new', 'folder'), { recursive: true });
    writeFileSync(path, 'precious');
    assert.throws(() => ResultWriter.create(path, head), unwritable(/exists already/));
    assert.equal(readFileSync(path, 'utf8'), 'precious');
  });

  it('says why a place cannot be written to, before anything is measured', () => {
    writeFileSync(join(folder, 'file'), '');
    const inFile = join(folder, 'file', 'result.json');
    assert.throws(() => ResultWriter.create(inFile, head), unwritable(/is a file, not a folder/));
    assert.throws(
      () => ResultWriter.create(join(folder, 'x'.repeat(300)), head),
      unwritable(/the name is too long/),
    );
  });

  it(
    'says that permission is denied',
    { skip: process.getuid?.() === 0 && 'root may write everywhere' },
    () => {
      const locked = join(folder, 'locked');
      mkdirSync(locked);
      chmodSync(locked, 0o500);
      assert.throws(() => ResultWriter.create(join(locked, 'r.json'), head), unwritable(/permission denied/));
    },
  );

  it('says that the disk is full and leaves nothing behind', () => {
    const full = new Error('write') as NodeJS.ErrnoException;
    full.code = 'ENOSPC';
    let calls = 0;
    const failing = (): Date => {
      calls++;
      throw full;
    };
    assert.throws(() => ResultWriter.create(path, head, failing), unwritable(/the disk is full/));
    assert.equal(calls, 1);
    assert.equal(existsSync(path), false);
  });

  it('keeps the trials before a write that failed', () => {
    let fails = false;
    const now = (): Date => {
      if (fails) throw Object.assign(new Error('write'), { code: 'ENOSPC' });
      return new Date();
    };
    const writer = ResultWriter.create(path, head, now);
    writer.addTrial(measuredTrial(0, 0));
    fails = true;
    assert.throws(
      () => {
        writer.addTrial(measuredTrial(0, 1));
      },
      unwritable(/the disk is full/),
    );
    assert.deepEqual(readResultFile(path).trials, [measuredTrial(0, 0)]);
    assert.deepEqual(readdirSync(join(folder, 'new', 'folder')), ['result.json']);
  });
});
