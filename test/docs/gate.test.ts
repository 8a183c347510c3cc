import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';

import { readResultFile } from '../../src/results/read.js';
import { median } from '../../src/stats/index.js';
import { packageRoot } from '../../src/support/package-root.js';

it('docs/gate.md says of two processors what the committed results say', () => {
  const page = readFileSync(join(packageRoot, 'docs/gate.md'), 'utf8').replace(/\s+/g, ' ');
  const [first, second] = (
    [
      ['results/epyc-2cpu-vm/warm-up-150ms.json', 'predis'],
      ['results/h200/main.json', 'predis-cpu'],
    ] as const
  ).map(([path, predis]) => {
    const result = readResultFile(join(packageRoot, path));
    const throughput = (id: string) =>
      median(
        result.trials.flatMap((trial) =>
          trial.state === 'measured' && trial.caseId === 'hft' && trial.contender === id
            ? [trial.measurements.throughputPerSecond]
            : [],
        ),
      );
    const stream = result.plan.cases.find(({ id }) => id === 'hft')?.stream.sha256;
    return { ratio: (throughput(predis) / throughput('redis-p16')).toFixed(1), stream };
  });
  assert.equal(first?.stream, second?.stream);
  assert.ok(page.includes(`Predis on the CPU is ${first?.ratio ?? ''} times as fast`), first?.ratio);
  assert.ok(page.includes(`and ${second?.ratio ?? ''} times on sixteen`), second?.ratio);
});
