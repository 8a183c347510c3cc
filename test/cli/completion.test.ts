import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Command } from 'commander';
import { Option } from 'commander';
import { bashScript } from '../../src/cli/completion/bash.js';
import { fishScript } from '../../src/cli/completion/fish.js';
import { completionModel } from '../../src/cli/completion/model.js';
import { optionValues } from '../../src/cli/completion/values.js';
import { zshScript } from '../../src/cli/completion/zsh.js';
import { commandTree } from '../../src/cli/help.js';
import { createProgram, loadCommands } from '../../src/cli/main.js';
import { packageRoot } from '../../src/support/package-root.js';
import { startOnTerminal } from './on-terminal.js';
import { predisBench, recordingContext, temporaryFolder, until } from './support.js';

const allCommands = await loadCommands();

const folder = temporaryFolder();
after(folder.remove);

/** A folder to complete in, and one with `predis-bench` in it. */
const place = join(folder.path, 'place');
mkdirSync(join(place, 'predis-bench-results'), { recursive: true });
for (const name of [
  'old.json',
  'notes.txt',
  'predis-bench-results/2026-a.json',
  'predis-bench-results/2026-a.summary.json',
]) {
  writeFileSync(join(place, name), '');
}
const programs = join(folder.path, 'bin');
mkdirSync(programs);
writeFileSync(
  join(programs, 'predis-bench'),
  `#!/bin/sh\nexec "${process.execPath}" "${join(packageRoot, 'bin/predis-bench.js')}" "$@"\n`,
);
chmodSync(join(programs, 'predis-bench'), 0o755);
const environment = {
  ...process.env,
  PATH: `${programs}:${process.env.PATH ?? ''}`,
  LC_ALL: 'C',
  TERM: 'dumb',
  HOME: folder.path,
};

const isInstalled = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0;
const skipFor = (shell: string): string | false => (isInstalled(shell) ? false : `${shell} is not installed`);

function inShell(shell: string, words: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(shell, words, { cwd, env: environment, encoding: 'utf8' });
  assert.deepEqual([status, stderr], [0, ''], stdout);
  return stdout;
}

/** What bash completes each line with; a line is the words before the cursor, the last of them the one to complete. */
function bash(
  lines: readonly (readonly string[])[],
  { script = scriptOf(bashScript), cwd = place } = {},
): string[][] {
  const path = join(folder.path, 'completion.bash');
  writeFileSync(path, script);
  const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
  const asks = lines.map(
    (words) =>
      `COMP_WORDS=(predis-bench ${words.map(quote).join(' ')}); COMP_CWORD=${String(words.length)}; _predis_bench; ` +
      `printf '%s\\n' "\${COMPREPLY[@]}" --; `,
  );
  const printed = inShell(
    'bash',
    ['--norc', '--noprofile', '-c', `source '${path}'\n${asks.join('\n')}`],
    cwd,
  );
  return printed
    .split('--\n')
    .slice(0, -1)
    .map((text) => text.split('\n').filter((line) => line !== ''));
}

function scriptOf(
  make: typeof bashScript,
  program: Command = createProgram(recordingContext(), allCommands),
): string {
  return make(completionModel(program));
}

describe('completion in bash', () => {
  it('knows every command and every option of the program', () => {
    const commands = commandTree(createProgram(recordingContext(), allCommands));
    const lines: string[][] = [];
    const expected: string[] = [];
    for (const command of commands) {
      const path: string[] = [];
      for (let at = command; at.parent !== null; at = at.parent) path.unshift(at.name());
      for (const { long, hidden } of command.options) {
        if (hidden || long === undefined) continue;
        lines.push([...path, long]);
        expected.push(long);
      }
      for (const below of command.commands) {
        lines.push([...path, below.name()]);
        expected.push(below.name());
      }
    }
    assert.ok(lines.length > 80, String(lines.length));
    const found = bash(lines);
    for (const [index, word] of expected.entries()) {
      assert.ok(
        found[index]?.includes(word),
        `${lines[index]?.join(' ') ?? ''}: ${found[index]?.join(' ') ?? ''}`,
      );
    }
  });

  it('completes values by what they are', () => {
    const cases: readonly [readonly string[], readonly string[]][] = [
      [['run', 'h'], ['hft']],
      [['run', 'hft', 'gam'], ['gaming']],
      [
        ['run', '--engine', 'c'],
        ['cpu', 'cuda'],
      ],
      [
        ['run', '--engine', '=', 'c'],
        ['cpu', 'cuda'],
      ],
      [
        ['run', '--engine', '='],
        ['auto', 'cpu', 'cuda'],
      ],
      [['run', '--contenders', 'redis,predis-c'], ['redis,predis-cpu']],
      [['run', '--rate', '5', '--search', 'c'], ['clients']],
      [['run', '--rate', ''], []],
      [['run', '--set', 'hotS'], ['hotSymbols=']],
      [['run', '--file', 'no'], ['notes.txt']],
      [
        ['compare', '--metric', 'throughput,latencyP9'],
        ['throughput,latencyP95', 'throughput,latencyP99'],
      ],
      [['report', 'ol'], ['old.json']],
      [['report', '2026'], ['predis-bench-results/2026-a.json']],
      [['report', '--output', 'pre'], ['predis-bench-results']],
      [['completion', 'z'], ['zsh']],
      [['doctor', ''], []],
    ];
    const found = bash(cases.map(([words]) => words));
    for (const [index, [words, expected]] of cases.entries())
      assert.deepEqual(found[index], expected, words.join(' '));
  });

  it('completes what is added to the program without more being said', () => {
    const program = createProgram(recordingContext(), allCommands);
    const added = program
      .command('brand-new')
      .addOption(new Option('--shade <kind>').choices(['dark', 'light']));
    added.option('--into <folder>', 'a folder').argument('<result>');
    const found = bash(
      [
        ['bra'],
        ['brand-new', '--sh'],
        ['brand-new', '--shade', 'd'],
        ['brand-new', '--into', 'pre'],
        ['brand-new', 'old'],
      ],
      {
        script: scriptOf(bashScript, program),
      },
    );
    assert.deepEqual(found, [['brand-new'], ['--shade'], ['dark'], ['predis-bench-results'], ['old.json']]);
  });

  it('completes suites of a JSON configuration here or above, and runs no code for that', () => {
    const project = join(folder.path, 'project');
    mkdirSync(join(project, 'deep'), { recursive: true });
    writeFileSync(
      join(project, 'predis-bench.config.json'),
      JSON.stringify({ suites: { nightly: { workloads: ['hft'] } } }),
    );
    const asked = [
      ['run', '--suite', ''],
      ['run', 'ni'],
    ];
    assert.deepEqual(bash(asked, { cwd: join(project, 'deep') }), [['nightly'], ['nightly']]);

    const mark = join(folder.path, 'was-run');
    const code = join(project, 'deep', 'predis-bench.config.ts');
    writeFileSync(
      code,
      `require('node:fs').writeFileSync(${JSON.stringify(mark)}, ''); export default { suites: {} };`,
    );
    assert.deepEqual(bash(asked, { cwd: join(project, 'deep') }), [[], []]);
    assert.ok(!existsSync(mark));
  });

  it('works at a prompt', () => atPrompt(['bash', '--norc', '--noprofile', '-i'], bashScript, ''));
});

/** Sources a script in a shell that has a terminal, presses Tab, and looks at the line. */
async function atPrompt(
  command: readonly [shell: string, ...options: string[]],
  make: typeof bashScript,
  before: string,
): Promise<void> {
  const [shell] = command;
  const script = join(folder.path, `prompt.${shell}`);
  writeFileSync(script, scriptOf(make));
  const at = { folder: place, name: shell, columns: 200 };
  const terminal = startOnTerminal(at, command, { ...environment, TERM: 'xterm' });
  try {
    await until(() => terminal.shown() !== '', 'a prompt');
    terminal.send(`type ${before}source '${script}'; echo was-read\\r`);
    await until(() => /[\r\n]was-read\r/.test(terminal.shown()), 'the script to be read');
    terminal.send('type predis-bench completion ba\\t');
    await until(() => terminal.shown().includes('completion bash'), 'a word to be completed');
    terminal.send('type \\x15predis-bench run --contenders redis,predis-c\\t');
    await until(() => terminal.shown().includes('redis,predis-cpu'), 'a list to be completed');
    terminal.send('type \\x15exit\\r');
    assert.equal(await terminal.finished, 0);
  } finally {
    terminal.close();
  }
}

describe('values that are offered', () => {
  it('are taken by the parser of every option of that name', () => {
    const options = commandTree(createProgram(recordingContext(), allCommands)).flatMap(
      (command) => command.options,
    );
    for (const [long, values] of Object.entries(optionValues)) {
      const takers = options.filter((option) => option.long === long && option.argChoices === undefined);
      assert.ok(takers.length > 0, `nothing takes ${long}`);
      assert.ok('words' in values);
      for (const word of values.words) {
        for (const option of takers) {
          if (values.kind === 'names') option.parseArg?.(`${word}=1`, {});
          else option.parseArg?.(word, undefined);
        }
      }
    }
  });
});

for (const [shell, make, ask] of [
  ['zsh', zshScript, null],
  [
    'fish',
    fishScript,
    (script: string, line: string) =>
      inShell('fish', ['-N', '-c', `source '${script}'; complete -C '${line}'`], place)
        .split('\n')
        .map((text) => text.split('\t')[0] ?? '')
        .filter((word) => word !== ''),
  ],
] as const) {
  describe(`completion in ${shell}`, { skip: skipFor(shell) }, () => {
    const script = join(folder.path, `completion.${shell}`);
    it('is a script that the shell reads', () => {
      writeFileSync(script, scriptOf(make));
      inShell(shell, ['-n', script], place);
    });

    if (ask === null) {
      it('completes at a prompt', () =>
        atPrompt(['zsh', '-f', '-i'], make, 'autoload -U compinit; compinit -u -D; '));
      return;
    }
    it('completes commands, options and values', () => {
      const cases: readonly [string, readonly string[]][] = [
        ['predis-bench doc', ['doctor']],
        ['predis-bench run --eng', ['--engine']],
        ['predis-bench run --engine c', ['cpu', 'cuda']],
        ['predis-bench run --engine=cu', ['--engine=cuda']],
        ['predis-bench run --contenders redis,predis-c', ['redis,predis-cpu']],
        ['predis-bench run --rate 5 zip', ['zipfian']],
        ['predis-bench run --set hotS', ['hotSymbols=']],
        ['predis-bench completion z', ['zsh']],
      ];
      for (const [line, expected] of cases) assert.deepEqual(ask(script, line), expected, line);
    });
  });
}

describe('predis-bench completion', () => {
  it('prints the script of a shell, and asks which where none is named', async () => {
    const made = await predisBench(folder.path, ['completion', 'bash']);
    assert.deepEqual([made.status, made.stdout], [0, scriptOf(bashScript)]);
    const unnamed = await predisBench(folder.path, ['completion']);
    assert.deepEqual([unnamed.status, unnamed.stdout], [2, '']);
    assert.match(unnamed.stderr, /Which shell\? bash, zsh, fish\./);
    const unknown = await predisBench(folder.path, ['completion', 'tcsh']);
    assert.equal(unknown.status, 2);
    assert.match(unknown.stderr, /bash, zsh, fish/);
  });

  it('keeps descriptions from being run by a shell', () => {
    const mark = join(folder.path, 'injected');
    const program = createProgram(recordingContext(), allCommands);
    program.command('odd').description(`it's $(touch '${mark}') \`touch '${mark}'\` "\\" [a]:b`);
    for (const [shell, make] of [
      ['bash', bashScript],
      ['zsh', zshScript],
      ['fish', fishScript],
    ] as const) {
      if (!isInstalled(shell)) continue;
      const script = join(folder.path, `odd.${shell}`);
      writeFileSync(script, scriptOf(make, program));
      inShell(shell, ['-n', script], place);
      if (shell === 'bash') bash([['o']], { script: scriptOf(make, program) });
      if (shell === 'fish')
        inShell('fish', ['-N', '-c', `source '${script}'; complete -C 'predis-bench od'`], place);
    }
    assert.ok(!existsSync(mark));
  });
});
