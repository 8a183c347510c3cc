import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { loadAddon } from '../../src/predis/addon.js';

const run = promisify(execFile);
const library = new URL('../../src/predis/index.js', import.meta.url).href;

/** Connects in a process of its own, with PREDIS_ADDON; prints what came of it. */
async function connectWith(addon: string): Promise<string> {
  const program = `
    const { PredisClient } = await import(${JSON.stringify(library)});
    const client = new PredisClient();
    try { client.connectSync(); console.log('connected', client.infoSync().addonPath); }
    catch (error) { console.log(error.name, error.code, error.message); }`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, PREDIS_ADDON: addon },
  });
  assert.equal(stderr, '');
  return stdout.trim();
}

describe('loading the addon', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'predis-addon-'));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const write = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  it('takes the file that PREDIS_ADDON names', async () => {
    const copy = join(folder, 'copy.node');
    copyFileSync(loadAddon().path, copy);
    assert.equal(await connectWith(copy), `connected ${copy}`);
  });

  it('says that the file is missing, and how to build it', async () => {
    const said = await connectWith(join(folder, 'none.node'));
    assert.match(
      said,
      /^PredisError ADDON_UNAVAILABLE the native addon is missing: .*none\.node does not exist\. Build it with: npm run build:native/,
    );
  });

  it('tells a file for another machine from one that needs what is not there', async () => {
    assert.match(
      await connectWith(write('text.node', 'not a library')),
      /ADDON_UNAVAILABLE .*is not a library for this machine \(Node\.js v.*Build it with/,
    );
    const header = Buffer.alloc(64);
    header.write('\x7fELF\x01\x01\x01', 'latin1'); // 32-bit
    assert.match(
      await connectWith(write('elf32.node', header)),
      /ADDON_UNAVAILABLE .*is not a library for this machine/,
    );
  });

  it('refuses an addon that is not this one', async () => {
    const other = write('other.cjs', 'module.exports = { interfaceVersion: -1 };');
    assert.match(await connectWith(other), /ADDON_UNAVAILABLE .*is not a Predis addon of this version/);
  });

  it('says so when the addon was built for another Node.js', async () => {
    const old = write(
      'old.cjs',
      `throw new Error("The module was compiled against a different Node.js version using NODE_MODULE_VERSION 1.");`,
    );
    assert.match(await connectWith(old), /ADDON_UNAVAILABLE .*was built for another version of Node\.js/);
  });
});
