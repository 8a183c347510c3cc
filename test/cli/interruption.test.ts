import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readResultFile } from '../../src/results/read.js';
import {
  predisBench,
  processesWith,
  smallRun,
  startCommand,
  temporaryFolder,
  until,
  type RunningCommand,
} from './support.js';

const folder = temporaryFolder();
after(folder.remove);

interface Started {
  readonly command: RunningCommand;
  readonly output: string;
  /** Folder in which everything of this run is kept, its private Redis included. */
  readonly temporary: string;
}

/** Starts a run that would take long, and waits until two trials are in its file. */
async function startLongRun(name: string): Promise<Started> {
  const output = join(folder.path, `${name}.json`);
  const words = [...smallRun, '--blocks', '200', '--output', output];
  const command = startCommand(folder.path, words, { TMPDIR: folder.path });
  await until(() => existsSync(output) && trialsIn(output) >= 2, 'the first trials');
  return { command, output, temporary: folder.path };
}

function trialsIn(path: string): number {
  const text = readFileSync(path, 'utf8');
  return text === '' ? 0 : readResultFile(path).trials.length;
}

const redisOf = ({ temporary }: Started): number[] => processesWith(`redis-server unixsocket:${temporary}`);

describe('a run that is cut off leaves a valid file and no process', () => {
  it('kill -9 of the tool; --resume goes on', async () => {
    const started = await startLongRun('tool-killed');
    assert.equal(redisOf(started).length, 1);
    started.command.process.kill('SIGKILL');
    await started.command.finished;
    await until(() => redisOf(started).length === 0, 'Redis to be ended by its guardian');
    const { status, trials } = readResultFile(started.output);
    assert.equal(status, 'running');
    assert.ok(trials.length >= 2);

    const second = startCommand(folder.path, ['run', '--resume', started.output], { TMPDIR: folder.path });
    await until(() => trialsIn(started.output) > trials.length, 'another trial');
    second.process.kill('SIGINT');
    assert.equal((await second.finished).status, 130);
    assert.deepEqual(readResultFile(started.output).trials.slice(0, trials.length), trials);
    await until(() => redisOf(started).length === 0, 'Redis to be ended');
  });

  it('kill -9 of Redis', async () => {
    const started = await startLongRun('redis-killed');
    for (const id of redisOf(started)) process.kill(id, 'SIGKILL');
    const { status, stderr } = await started.command.finished;
    assert.equal(status, 6, stderr);
    assert.doesNotMatch(stderr, /^\s+at /m);
    assert.match(stderr, /trials recorded so far are in the result file/);
    const result = readResultFile(started.output);
    assert.equal(result.status, 'interrupted');
    assert.ok(result.trials.length >= 2);
    assert.equal(redisOf(started).length, 0);
  });

  it('Ctrl-C', async () => {
    const started = await startLongRun('interrupted');
    started.command.process.kill('SIGINT');
    const { status, stderr } = await started.command.finished;
    assert.equal(status, 130, stderr);
    assert.equal(readResultFile(started.output).status, 'interrupted');
    await until(() => redisOf(started).length === 0, 'Redis to be ended');
  });

  it('refuses to resume a file that is complete, and leaves it as it is', async () => {
    const output = join(folder.path, 'complete.json');
    const first = await predisBench(folder.path, [...smallRun, '--contenders', 'map', '--output', output]);
    assert.equal(first.status, 0, first.stderr);
    const before = readFileSync(output, 'utf8');
    const second = await predisBench(folder.path, ['run', '--resume', output]);
    assert.equal(second.status, 2, second.stderr);
    assert.equal(readFileSync(output, 'utf8'), before);
  });
});
