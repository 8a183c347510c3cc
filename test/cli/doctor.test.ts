import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Finding } from '../../src/doctor/finding.js';
import { predisBench, temporaryFolder } from './support.js';

const folder = temporaryFolder();
after(folder.remove);

describe('predis-bench doctor on this machine', () => {
  it('looks at everything, and its exit code says whether there is a problem', async () => {
    const { status, stdout, stderr } = await predisBench(folder.path, ['doctor', '--json']);
    assert.equal(stderr, '');
    const { problems, findings } = JSON.parse(stdout) as { problems: number; findings: Finding[] };
    assert.equal(findings.length, 24);
    assert.equal(problems, findings.filter(({ state }) => state === 'problem').length);
    assert.equal(status, problems === 0 ? 0 : 5);
    const states = new Map(findings.map(({ id, state }) => [id, state]));
    // what the tests themselves need is here
    assert.deepEqual(
      [states.get('redis'), states.get('addon'), states.get('node')],
      ['fine', 'fine', 'fine'],
    );
  });

  it('prints for people, and finds a Redis that is not there', async () => {
    const { status, stdout } = await predisBench(folder.path, ['doctor'], { PATH: '/nowhere' });
    assert.equal(status, 5);
    assert.match(
      stdout,
      /^PROBLEM +Redis: redis-server is not on the PATH\n +why it matters: .+\n +how to mend it: .*apt-get install/m,
    );
    assert.match(stdout, /\d+ problems?, \d+ fine, \d+ that cannot be told\n$/);
    assert.doesNotMatch(stdout, /^\s+at /m);
  });
});
