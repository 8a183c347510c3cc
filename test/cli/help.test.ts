import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Command } from 'commander';
import { commandTree, examplesOf, pathOf } from '../../src/cli/help.js';
import { createProgram, loadCommands } from '../../src/cli/main.js';
import { planRequest, type RunOptions } from '../../src/cli/run-options.js';
import { packageRoot } from '../../src/support/package-root.js';
import { predisBench, recordingContext, temporaryFolder } from './support.js';

const allCommands = await loadCommands();

const folder = temporaryFolder();
after(folder.remove);

/** The commands of ours in a shell line: what is typed after `predis-bench`, with quotes taken off. */
function commandsIn(line: string): string[][] {
  return line
    .replace(/\s#.*$/, '')
    .replace(/ > \S+$/, '')
    .split(/\s(?:\||&&)\s/)
    .map((part) => part.trim())
    .filter((part) => part.startsWith('predis-bench '))
    .map((part) => (part.match(/'[^']*'|\S+/g) ?? []).slice(1).map((word) => word.replace(/^'(.*)'$/, '$1')));
}

/** Parses with the real parsers and does nothing: every action is replaced. */
async function parse(words: readonly string[]): Promise<void> {
  const program = createProgram(recordingContext(), allCommands);
  for (const command of commandTree(program)) {
    if (command.commands.length > 0) continue;
    command.action(() => {
      if (command.name() !== 'run') return;
      const options = command.opts<RunOptions>();
      const names = command.args;
      // what needs a file of the reader's goes no further
      if (names.length > 0 && !names.includes('trace')) planRequest(names, options);
    });
  }
  await program.parseAsync(words, { from: 'user' });
}

const visible = (): Command[] => commandTree(createProgram(recordingContext(), allCommands));

describe('help', () => {
  it('begins with examples, for the program and every command', () => {
    for (const command of visible().filter(
      ({ commands, parent }) => parent === null || commands.length === 0,
    )) {
      const path = pathOf(command);
      assert.ok(examplesOf(command).length > 0, `${path} has no examples: withExamples`);
      const text = command.helpInformation();
      const [examples, usage] = [text.indexOf('\nExamples:\n'), text.indexOf('\nUsage: ')];
      assert.ok(
        examples > 0 && examples < usage,
        `${path}: examples at ${String(examples)}, usage at ${String(usage)}`,
      );
      for (const [line] of examplesOf(command)) assert.ok(text.includes(`  ${line}`), line);
    }
  });

  for (const command of visible()) {
    for (const [line] of examplesOf(command)) {
      it(`can be followed: ${line}`, async () => {
        const commands = commandsIn(line);
        assert.ok(commands.length > 0, 'the line runs nothing of ours');
        const asked = command.parent === null ? null : command.name();
        if (asked !== null) assert.ok(commands.flat().includes(asked), `an example of ${asked} without it`);
        for (const words of commands) await parse(words);
      });
    }
  }

  it('refuses an example that is wrong: the check above can fail', async () => {
    await assert.rejects(parse(['run', 'hft', '--no-such-option']), /no-such-option/);
    await assert.rejects(parse(['run', 'hft', '--trials', '3']), /even number/);
    await assert.rejects(parse(['run', 'no-such-workload']), /no-such-workload/);
  });

  it('every line of the README that runs us can be followed', async () => {
    const page = readFileSync(join(packageRoot, 'README.md'), 'utf8');
    const blocks = [...page.matchAll(/^```\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
    const lines = blocks.flatMap((block) => block.match(/^predis-bench .*$/gm) ?? []);
    assert.ok(lines.length > 15, String(lines.length));
    for (const line of lines.filter((one) => !/<\w+>/.test(one))) {
      for (const words of commandsIn(line)) {
        await parse(words).catch((error: unknown) => {
          throw new Error(`${line}: ${String(error)}`);
        });
      }
    }
  });

  it('shows what to do when nothing is asked, with the exit code of a mistake', async () => {
    const { status, stdout, stderr } = await predisBench(folder.path, []);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /predis-bench run hft/);
    assert.ok(stderr.split('\n').length < 15, stderr);
  });

  it('help <command> is the help of that command', async () => {
    const [one, other] = [
      await predisBench(folder.path, ['help', 'compare']),
      await predisBench(folder.path, ['compare', '--help']),
    ];
    assert.equal(one.stdout, other.stdout);
    assert.deepEqual([one.status, one.stderr], [0, '']);
    assert.equal(one.stdout.match(/Examples?:/g)?.length, 1);
  });
});
