/**
 * The package as its users get it: packed, installed from the registry into an empty folder, and run where there is no compiler
 * and no Redis client but ours.
 */
import assert from 'node:assert/strict';
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { nativeFile } from '../../src/predis/native-files.js';
import { readResultFile } from '../../src/results/read.js';
import { packageRoot } from '../../src/support/package-root.js';

const MEBIBYTE = 1024 * 1024;
const platform = `${process.platform}-${process.arch}`;

function findCommand(name: string): string {
  const folder = (process.env.PATH ?? '')
    .split(delimiter)
    .find((candidate) => existsSync(join(candidate, name)));
  assert.ok(folder !== undefined, `${name} is not on the PATH`);
  return join(folder, name);
}

const npmProgram = realpathSync(findCommand('npm'));
const npm = (folder: string, ...words: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [npmProgram, ...words], { cwd: folder, encoding: 'utf8' });

describe('the package', () => {
  let folder: string;
  let bare: string;
  let archive: string;
  let offline: string | false = false;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'predis-bench-package-'));
    bare = join(folder, 'bin');
    mkdirSync(bare);
    for (const name of ['node', 'sh', 'env', 'mkdir', 'mktemp', 'rm', 'sleep', 'redis-server'])
      symlinkSync(findCommand(name), join(bare, name));
    try {
      const prepared = spawnSync(process.execPath, ['scripts/prepack.mjs', '--no-build'], {
        cwd: packageRoot,
        encoding: 'utf8',
      });
      assert.equal(prepared.status, 0, prepared.stderr);
      const packed = npm(packageRoot, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder);
      assert.equal(packed.status, 0, packed.stderr);
    } finally {
      rmSync(join(packageRoot, 'prebuilds'), { recursive: true, force: true });
    }
    archive = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'none');
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    const installed = npm(folder, 'install', '--no-audit', '--no-fund', '--prefer-offline', archive);
    if (/ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ETIMEDOUT/.test(installed.stderr) && process.env.CI === undefined) {
      offline = 'the npm registry cannot be reached';
      return;
    }
    assert.equal(installed.status, 0, installed.stderr);
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const predisBench = (...words: string[]): SpawnSyncReturns<string> =>
    spawnSync(join(folder, 'node_modules/.bin/predis-bench'), words, {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: bare, HOME: folder },
    });

  it('is of modest size, and holds neither sources nor tests nor results', () => {
    assert.ok(statSync(archive).size < 8 * MEBIBYTE, String(statSync(archive).size));
    const { stdout } = spawnSync('tar', ['-tzf', archive], { encoding: 'utf8' });
    const files = stdout.split('\n').filter((name) => name !== '');
    assert.ok(files.includes(`package/prebuilds/${platform}/predis.node`));
    assert.deepEqual(
      files.filter((name) => /\.(?:map|ts|cpp|cu|mjs|png)$/.test(name) && !name.endsWith('.d.ts')),
      [],
    );
    assert.deepEqual(
      files.filter((name) => /^package\/(?:test|results|bench|native)\//.test(name)),
      [],
    );
  });

  it('runs a workload on the CPU engine, and reports', (context) => {
    if (offline !== false) {
      context.skip(offline);
      return;
    }
    const result = join(folder, 'hft.json');
    const run = predisBench(
      ...['run', 'hft', '--quick', '--engine', 'cpu', '--contenders', 'redis,predis,noop-resp'],
      ...['--blocks', '1', '--window-ms', '60', '--warmup-ms', '20', '--no-redis-benchmark'],
      ...['--output', result],
    );
    // So short a run may well fail its own control (5); it must not fail to run.
    assert.ok(run.status === 0 || run.status === 5, `${String(run.status)}\n${run.stderr}`);
    const { status, trials, engines, tool } = readResultFile(result);
    assert.equal(status, 'complete');
    assert.deepEqual([...new Set(trials.map(({ state }) => state))], ['measured']);
    assert.equal(engines.predis?.settings.device, 'cpu');
    const { stdout } = spawnSync('git', ['-C', packageRoot, 'rev-parse', 'HEAD'], { encoding: 'utf8' });
    assert.equal(
      tool.commit,
      stdout.trim() === '' ? null : stdout.trim(),
      'knows the commit that was packed',
    );
    const report = predisBench('report', result);
    assert.equal(report.status, 0, report.stderr);
    assert.ok(readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith('hft.html')));
  });

  it('says plainly which platforms it brings, where it brings nothing', (context) => {
    if (offline !== false) {
      context.skip(offline);
      return;
    }
    const prebuilds = join(folder, 'node_modules/predis-bench/prebuilds');
    renameSync(join(prebuilds, platform), join(prebuilds, 'plan9-vax'));
    const { status, stderr } = predisBench('run', 'hft', '--quick', '--contenders', 'predis,map');
    renameSync(join(prebuilds, 'plan9-vax'), join(prebuilds, platform));
    assert.equal(status, 6, stderr);
    assert.ok(stderr.includes(`brings predis.node for plan9-vax alone, and this is ${platform}`), stderr);
    assert.ok(!stderr.includes('    at '), stderr);
  });
});

describe('native files', () => {
  it('built here go before those of a package', () => {
    const root = mkdtempSync(join(tmpdir(), 'predis-bench-native-'));
    try {
      assert.match(
        nativeFile('x', root, 'a-b').missing ?? '',
        /does not exist\. Build it with: npm run build:native/,
      );
      const prebuilt = join(root, 'prebuilds/a-b');
      mkdirSync(prebuilt, { recursive: true });
      assert.match(nativeFile('x', root, 'c-d').missing ?? '', /for a-b alone, and this is c-d/);
      writeFileSync(join(prebuilt, 'x'), '');
      assert.deepEqual(nativeFile('x', root, 'a-b'), { path: join(prebuilt, 'x'), missing: null });
      const built = join(root, 'build/Release');
      mkdirSync(built, { recursive: true });
      writeFileSync(join(built, 'x'), '');
      assert.equal(nativeFile('x', root, 'a-b').path, join(built, 'x'));
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
