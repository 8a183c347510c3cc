/**
 * Every default stream at seed 1, by hash: a change of any generator, value or of the hash itself shows here, on every
 * machine and Node.js version. Such a change makes old results incomparable; to accept one on purpose:
 *
 *     UPDATE_GOLDEN=1 node --test dist/test/workloads/golden.test.js
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { writeFileAtomically } from '../../src/support/atomic-file.js';
import { packageRoot } from '../../src/support/package-root.js';
import { resolveParameters } from '../../src/workloads/parameters.js';
import { workloads } from '../../src/workloads/registry.js';
import { hashStream } from '../../src/workloads/stream.js';

const goldenFile = join(packageRoot, 'test/workloads/golden-streams.json');

describe('golden streams', () => {
  const actual: Record<string, string> = {};
  for (const workload of workloads) {
    for (const workloadCase of workload.cases(resolveParameters(workload, {}))) {
      const name = workloadCase.id === workload.name ? workload.name : `${workload.name}/${workloadCase.id}`;
      actual[name] = hashStream(workloadCase, workloadCase.generate(1));
    }
  }
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileAtomically(goldenFile, [`${JSON.stringify(actual, null, 2)}\n`]);
  }
  const golden = JSON.parse(readFileSync(goldenFile, 'utf8')) as Record<string, string>;

  it('are all listed', () => {
    assert.deepEqual(Object.keys(actual), Object.keys(golden));
  });
  for (const [name, sha256] of Object.entries(golden)) {
    it(`${name} at seed 1`, () => {
      assert.equal(actual[name], sha256);
    });
  }
});
