/** Runs every example of docs/predis-client.md. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/support/package-root.js';

const run = promisify(execFile);
const library = JSON.stringify(new URL('../../src/predis/index.js', import.meta.url).href);
const guide = readFileSync(join(packageRoot, 'docs/predis-client.md'), 'utf8');
const examples = [...guide.matchAll(/^(?:#+ (.*)|```js\n([\s\S]*?)^```)$/gm)];

describe('docs/predis-client.md', () => {
  let heading = '';
  let count = 0;
  for (const [, title, code] of examples) {
    heading = title ?? heading;
    if (code === undefined) continue;
    count += 1;
    it(`runs the example under "${heading}"`, async () => {
      assert.match(code, /assert\./, 'an example proves something');
      const program = code.replaceAll("'predis-bench'", library);
      const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program]);
      assert.equal(stdout + stderr, '');
    });
  }
  it('has examples', () => {
    assert.ok(count >= 6);
  });
});
