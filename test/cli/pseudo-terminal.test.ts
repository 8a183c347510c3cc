import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readResultFile } from '../../src/results/read.js';
import { packageRoot } from '../../src/support/package-root.js';
import { startOnTerminal, type OnTerminal } from './on-terminal.js';
import { processesWith, smallRun, temporaryFolder, until } from './support.js';

const folder = temporaryFolder();
after(folder.remove);

/** Starts the real command on a pseudo-terminal. */
function onTerminal(name: string, columns: number, words: readonly string[], environment = {}): OnTerminal {
  const program = join(packageRoot, 'bin/predis-bench.js');
  return startOnTerminal({ folder: folder.path, name, columns }, [process.execPath, program, ...words], {
    ...process.env,
    ...{ TERM: 'xterm', LC_ALL: 'C.UTF-8', TMPDIR: folder.path, NO_COLOR: '', FORCE_COLOR: undefined },
    ...environment,
  });
}

const ERASE = '\r\u001b[K';
const output = (name: string): string => join(folder.path, `${name}.json`);
const redisLeft = (): number[] => processesWith(`redis-server unixsocket:${folder.path}`);

describe('on a terminal', () => {
  it('a bar goes forward, fits also after the window became narrow, and is gone at the end', async () => {
    const run = onTerminal('bar', 100, [
      ...smallRun,
      '--contenders',
      'predis,map',
      '--no-control',
      '--blocks',
      '4',
      '-o',
      output('bar'),
    ]);
    await until(() => run.shown().includes('trial 2 of '), 'the second trial');
    run.send('resize 24 30');
    assert.equal(await run.finished, 0, run.shown());
    const lines = run
      .shown()
      .split(ERASE)
      .filter((line) => line.includes(' left'))
      .map((line) => line.split('\r\n').at(-1) ?? '');
    assert.match(lines[0] ?? '', /^░+ +0 % {2}\d+ s left {2}trial 1 of 16 {2}\S+ {2}hft$/);
    assert.ok((lines[0] ?? '').length > 60);
    const last = lines.at(-1) ?? '';
    assert.ok(last.startsWith('█') || /^ *\d+ %/.test(last), JSON.stringify(last));
    assert.ok(last.length < 30, JSON.stringify(last));
    const shares = lines.map((line) => Number(/(\d+) %/.exec(line)?.[1]));
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
    assert.ok(lines.length >= 16, String(lines.length));
    // The last bar is erased before anything else is written.
    assert.ok(run.shown().split(last).at(-1)?.startsWith(ERASE));
  });

  it('sentences are broken at its width, and the most important one is last and bold', async () => {
    const run = onTerminal('wide', 60, [...smallRun, '--contenders', 'redis,predis', '-o', output('wide')]);
    assert.equal(await run.finished, 0, run.shown());
    const printed = run.shown().split('\u001b[1mWhat came out:\u001b[22m\r\n')[1] ?? '';
    const lines = printed.trimEnd().split('\r\n');
    // eslint-disable-next-line no-control-regex -- codes take no columns
    const bare = lines.map((line) => line.replace(/\u001b\[\d+m/g, ''));
    assert.ok(
      bare.every((line) => line.length <= 60),
      bare.join('\n'),
    );
    const headline = lines.filter((line) => line.startsWith('\u001b[1m'));
    assert.deepEqual(headline, lines.slice(-headline.length));
    assert.match(headline.join(' '), /throughput of/);
  });

  it('no colours with NO_COLOR; no bar on a dumb terminal, but all the lines', async () => {
    const words = [...smallRun, '--contenders', 'map', '--blocks', '1'];
    const plain = onTerminal('plain', 80, [...words, '-o', output('plain')], { NO_COLOR: '1' });
    assert.equal(await plain.finished, 0);
    assert.ok(plain.shown().includes(`${ERASE}result file`));
    assert.ok(!plain.shown().replaceAll(ERASE, '').includes('\u001b'));
    const dumb = onTerminal('dumb', 80, [...words, '-o', output('dumb')], { TERM: 'dumb' });
    assert.equal(await dumb.finished, 0);
    assert.ok(!dumb.shown().includes('\u001b'));
    assert.match(dumb.shown(), /hft: quotes of a trading session\r\n[\s\S]*result file: /);
  });

  it('Ctrl-C says what happens, keeps the trials, leaves no Redis, and names the way to go on', async () => {
    const path = output('interrupted');
    const run = onTerminal('interrupted', 80, [...smallRun, '--blocks', '200', '-o', path]);
    await until(() => run.shown().includes('trial 4 of '), 'some trials');
    run.send('type \\x03');
    assert.equal(await run.finished, 130, run.shown());
    assert.match(run.shown(), /interrupted: giving up the trial in progress, keeping those before it/);
    assert.ok(run.shown().trimEnd().endsWith(`go on with: predis-bench run --resume ${path}`), run.shown());
    const { status, trials } = readResultFile(path);
    assert.equal(status, 'interrupted');
    assert.ok(trials.length >= 3 && trials.every(({ state }) => state === 'measured'));
    await until(() => redisLeft().length === 0, 'Redis to be ended');
  });

  it('a window that is closed ends the run as Ctrl-C does', async () => {
    const path = output('closed');
    const run = onTerminal('closed', 80, [...smallRun, '--blocks', '200', '-o', path]);
    await until(() => run.shown().includes('trial 4 of '), 'some trials');
    run.close();
    await until(() => readResultFile(path).status === 'interrupted', 'the file to be finished');
    assert.ok(readResultFile(path).trials.length >= 3);
    await until(() => redisLeft().length === 0, 'Redis to be ended');
    await until(() => processesWith(path).length === 0, 'the program to end');
  });

  it('a second Ctrl-C ends at once; the file is valid and no Redis is left', async () => {
    const path = output('twice');
    const run = onTerminal('twice', 80, [...smallRun, '--blocks', '200', '-o', path]);
    await until(() => run.shown().includes('trial 4 of '), 'some trials');
    run.send('type \\x03');
    await until(() => run.shown().includes('interrupted: '), 'the first to be noticed');
    run.send('type \\x03');
    assert.equal(await run.finished, 130, run.shown());
    assert.ok(readResultFile(path).trials.length >= 3);
    await until(() => redisLeft().length === 0, 'Redis to be ended');
  });
});
