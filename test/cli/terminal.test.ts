import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { CommanderError } from 'commander';
import fc from 'fast-check';
import { commandTree } from '../../src/cli/help.js';
import { createProgram, loadCommands } from '../../src/cli/main.js';
import { chooseStyle } from '../../src/cli/style.js';
import { createTerminal, type OutputStream } from '../../src/cli/terminal.js';
import { refuseUnknownCommand } from '../../src/cli/usage-error.js';
import { BenchError } from '../../src/errors.js';
import { packageRoot } from '../../src/support/package-root.js';
import { predisBench, recordingContext, temporaryFolder } from './support.js';

const allCommands = await loadCommands();

const folder = temporaryFolder();
after(folder.remove);

function recorder(isTTY: boolean, columns = 80): OutputStream & { text: string; columns: number } {
  return {
    text: '',
    isTTY,
    columns,
    write(text: string) {
      this.text += text;
    },
    on: () => undefined,
  };
}

const terminalOf = (
  stderr: OutputStream,
  { environment = {}, words = [] as string[], stdout = recorder(false) } = {},
) => createTerminal({ stdout, stderr, environment, words });

describe('the status line', () => {
  it('is one line that the next replaces, never wider than the terminal, and asks for its width anew', () => {
    const stderr = recorder(true, 20);
    const { status, say } = terminalOf(stderr);
    status('x'.repeat(50));
    assert.equal(stderr.text, 'x'.repeat(19));
    stderr.columns = 11;
    status((columns) => 'y'.repeat(columns));
    assert.equal(stderr.text, `${'x'.repeat(19)}\r\u001b[K${'y'.repeat(10)}`);
    stderr.text = '';
    say('a line');
    assert.equal(stderr.text, '\r\u001b[Ka line\n');
    say('another');
    assert.equal(stderr.text, '\r\u001b[Ka line\nanother\n');
  });

  it('takes 80 columns where the terminal has no size', () => {
    const stderr = recorder(true, 0);
    terminalOf(stderr).status('x'.repeat(100));
    assert.equal(stderr.text.length, 79);
  });

  it('is not written where it could not be replaced: files, pipes, dumb terminals', () => {
    const [pipe, dumb] = [recorder(false), recorder(true)];
    terminalOf(pipe).status('working');
    terminalOf(dumb, { environment: { TERM: 'dumb' } }).status('working');
    assert.equal(pipe.text + dumb.text, '');
  });

  it('is silent, as notes are, with --quiet', () => {
    const stderr = recorder(true);
    const { status, say, beQuiet } = terminalOf(stderr);
    beQuiet();
    status('working');
    say('a note');
    assert.equal(stderr.text, '');
  });
});

describe('colours', () => {
  const enabled = (isTerminal: boolean, environment: Record<string, string>, switchedOff = false) =>
    chooseStyle({ isTerminal, switchedOff, environment }).enabled;

  it('are for terminals, and off where anybody says so', () => {
    assert.equal(enabled(true, {}), true);
    assert.equal(enabled(false, {}), false);
    assert.equal(enabled(true, { TERM: 'dumb' }), false);
    assert.equal(enabled(true, { NO_COLOR: '1' }), false);
    assert.equal(enabled(true, { NO_COLOR: '' }), true, 'an empty NO_COLOR says nothing');
    assert.equal(enabled(true, {}, true), false, '--no-color');
    assert.equal(enabled(false, { FORCE_COLOR: '1' }), true);
    assert.equal(enabled(true, { FORCE_COLOR: '0' }), false);
    assert.equal(enabled(false, { FORCE_COLOR: '1', NO_COLOR: '1' }), false);
    assert.equal(enabled(false, { FORCE_COLOR: '1' }, true), false);
  });

  it('change nothing but the codes: with them taken out, help is the same', async () => {
    const coloured = await predisBench(folder.path, ['--help'], { FORCE_COLOR: '1', NO_COLOR: '' });
    const plain = await predisBench(folder.path, ['--help'], { FORCE_COLOR: '', NO_COLOR: '1' });
    assert.ok(coloured.stdout.includes('\u001b[1mExamples:'));
    assert.ok(!plain.stdout.includes('\u001b'));
    assert.equal(stripVTControlCharacters(coloured.stdout), plain.stdout);
    const switched = await predisBench(folder.path, ['run', '--help', '--no-color'], { FORCE_COLOR: '1' });
    assert.ok(!switched.stdout.includes('\u001b'));
  });
});

describe('streams that end early', () => {
  const program = join(packageRoot, 'bin/predis-bench.js');

  it('a reader that has seen enough: no message, exit code 0', () => {
    const line = `"${process.execPath}" "${program}" list --json | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
    assert.deepEqual([stdout, stderr], ['{\n0\n', '']);
  });

  it('both streams closed', () => {
    const line = `"${process.execPath}" "${program}" rum 2>&1 | true; echo "\${PIPESTATUS[0]}"`;
    assert.equal(spawnSync('bash', ['-c', line], { encoding: 'utf8' }).stdout, '2\n');
  });

  it('a full disk: a sentence, and exit code 7', () => {
    const { status, stderr } = spawnSync(process.execPath, [program, 'list'], {
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
      encoding: 'utf8',
    });
    assert.equal(status, 7);
    assert.match(stderr, /^predis-bench: Standard output cannot be written: ENOSPC/);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });
});

describe('words that mean nothing', () => {
  const cases: readonly [readonly string[], RegExp][] = [
    [['lst'], /^predis-bench: Unknown command 'lst'\.\n {2}Did you mean list\?/],
    [['rum', '--help'], /^predis-bench: Unknown command 'rum'\.\n {2}Did you mean run\?/],
    [['help', 'gat'], /^predis-bench: Unknown command 'gat'\.\n {2}Did you mean gate\?/],
    [
      ['run', '--quik'],
      /^predis-bench: Unknown option '--quik'\.\n {2}Did you mean --quick\? predis-bench run --help/,
    ],
    [['--versoin'], /^predis-bench: Unknown option '--versoin'\.\n {2}Did you mean --version\?/],
    [
      ['run', '--rate'],
      /^predis-bench: Option '--rate <ops\/s>' argument missing\.\n {2}predis-bench run --help/,
    ],
    [['compare', 'one'], /^predis-bench: Missing required argument 'B'\.\n {2}predis-bench compare --help/],
    [['doctor', 'me'], /^predis-bench: Too many arguments for 'doctor'\. Expected 0 arguments but got 1\.\n/],
    [['\u001b[31mred'], /^predis-bench: Unknown command '\\u\{1b\}\[31mred'\.\n/],
  ];
  for (const [words, form] of cases) {
    it(JSON.stringify(words), async () => {
      const { status, stdout, stderr } = await predisBench(folder.path, words);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, form);
      assert.equal(stderr.trimEnd().split('\n').length, 2, stderr);
    });
  }
});

describe('any words at all', () => {
  const program = createProgram(recordingContext(), allCommands);
  const tree = commandTree(program);
  const known = [
    ...tree.map((command) => command.name()),
    ...tree.flatMap(({ options }) => options.flatMap(({ long }) => (long === undefined ? [] : [long]))),
  ];

  it('are understood or told as a mistake, with exit code 2', async () => {
    const word = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...known) },
      fc.constantFrom(
        '',
        '-',
        '--',
        '--=',
        '=',
        '1e999',
        '-1',
        'NaN',
        'x=y',
        'a,b',
        '%',
        '\u001b[2J',
        '__proto__',
        'constructor',
      ),
      fc.string({ maxLength: 12 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 6 }), async (words) => {
        const fresh = createProgram(recordingContext(), allCommands);
        for (const command of commandTree(fresh)) {
          command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
          if (command.commands.length === 0) command.action(() => undefined);
        }
        try {
          refuseUnknownCommand(fresh, words);
          await fresh.parseAsync(words, { from: 'user' });
        } catch (error) {
          if (error instanceof CommanderError) return; // help or the version
          assert.ok(error instanceof BenchError, String(error));
          assert.equal(error.exitCode, 2);
          assert.ok(
            !error.message.includes('\u001b') && !(error.hint ?? '').includes('\u001b'),
            error.message,
          );
        }
      }),
      { numRuns: 300 },
    );
  });
});
