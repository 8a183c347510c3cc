/**
 * What becomes of a driver that is too old, broken, or not there: made-up ones (fake-cuda.c) take the place of libcuda.so.1 in
 * processes of their own. Nothing may crash, and a person must read what is wrong.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { PredisClient, PredisError } from '../../src/predis/index.js';
import { packageRoot } from '../../src/support/package-root.js';

const run = promisify(execFile);
const library = new URL('../../src/predis/index.js', import.meta.url).href;
const compiler = process.env.CC ?? 'cc';

/** Why these tests cannot run here, or false. */
function whySkipped(): string | false {
  if (process.platform !== 'linux') return 'not on Linux';
  if (spawnSync(compiler, ['--version']).status !== 0) return 'no C compiler';
  const client = new PredisClient({ engine: 'cuda' });
  try {
    client.connectSync();
    client.disconnectSync();
  } catch (error) {
    if (error instanceof PredisError && error.message.includes('built without CUDA'))
      return 'the addon was built without CUDA';
  }
  return false;
}

interface Said {
  readonly cuda: string;
  readonly auto: string;
  readonly value: string | null;
}

describe('a driver in trouble', { skip: whySkipped() }, () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'predis-fake-cuda-'));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** What both engines say in a process that finds the library of this folder as its driver. */
  async function saidWith(place: string): Promise<Said> {
    const program = `
      const { PredisClient } = await import(${JSON.stringify(library)});
      let cuda = 'it runs';
      try { new PredisClient({ engine: 'cuda' }).connectSync(); } catch (error) { cuda = error.code + ': ' + error.message; }
      const client = new PredisClient({ engine: 'auto' });
      client.connectSync();
      client.putSync('k', 'v');
      const { engine, engineReason } = client.infoSync();
      console.log(JSON.stringify({ cuda, auto: engine + ': ' + engineReason, value: client.getSync('k') }));`;
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...process.env, LD_LIBRARY_PATH: place },
      timeout: 60_000,
    });
    assert.equal(stderr, '');
    return JSON.parse(stdout) as Said;
  }

  async function driver(name: string, flags: readonly string[]): Promise<string> {
    const place = join(folder, name);
    mkdirSync(place);
    const source = join(packageRoot, 'test/predis/fake-cuda.c');
    await run(compiler, ['-shared', '-fPIC', ...flags, source, '-o', join(place, 'libcuda.so.1')]);
    return place;
  }

  function checkSaid(said: Said, reason: RegExp): void {
    assert.ok(
      said.cuda.startsWith('ENGINE_UNAVAILABLE: the CUDA engine cannot run here: the NVIDIA'),
      said.cuda,
    );
    assert.match(said.cuda, reason);
    assert.ok(said.auto.startsWith('cpu: '), said.auto);
    assert.match(said.auto, reason);
    assert.equal(said.value, 'v');
  }

  const drivers: readonly (readonly [string, readonly string[], RegExp])[] = [
    [
      'years older than the toolkit',
      ['-DFAKE_VERSION=11000'],
      /is for CUDA 11\.0, older than the CUDA \d+\.\d+ /,
    ],
    [
      'of the last major version',
      ['-DFAKE_VERSION=11080', '-DFAKE_LACKS_SYMBOLS'],
      /CUDA 11\.8, older than .* newer driver/,
    ],
    ['without the functions that are needed', ['-DFAKE_LACKS_SYMBOLS'], /refuses to work: .*newer ?driver/i],
    ['that does not start', ['-DFAKE_INIT=999'], /refuses to work: unknown error/],
    ['that does not fit the kernel', ['-DFAKE_INIT=803'], /refuses to work: .*(driver|mismatch)/i],
    ['that finds no GPU', ['-DFAKE_INIT=100'], /finds no GPU/],
    ['that starts and then fails at everything', [], /refuses to work: unknown error/],
  ];
  for (const [name, flags, reason] of drivers) {
    it(`is told from others: one ${name}`, async () => {
      checkSaid(await saidWith(await driver(name.replaceAll(' ', '-'), flags)), reason);
    });
  }

  it('is told from none, be the file empty of functions or no library at all', async () => {
    const text = join(folder, 'text');
    mkdirSync(text);
    writeFileSync(join(text, 'libcuda.so.1'), 'not a library');
    const empty = await saidWith(await driver('empty', ['-DFAKE_EMPTY']));
    assert.match(empty.auto, /^cpu: this machine has no NVIDIA driver that can be loaded/);
    assert.match(empty.cuda, /^ENGINE_UNAVAILABLE: .*no NVIDIA driver that can be loaded/);
    // The loader goes on to the next place: on a machine with a driver that one is found.
    assert.equal((await saidWith(text)).value, 'v');
  });
});
