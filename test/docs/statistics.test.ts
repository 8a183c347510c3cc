import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import * as statistics from '../../src/stats/index.js';
import { packageRoot } from '../../src/support/package-root.js';

describe('docs/statistics.md', () => {
  const page = readFileSync(join(packageRoot, 'docs/statistics.md'), 'utf8');
  for (const name of Object.keys(statistics)) {
    it(`names ${name}`, () => {
      assert.ok(
        page.includes(`\`${name}`),
        'every function of predis-bench/stats has its formula and source there',
      );
    });
  }
});
