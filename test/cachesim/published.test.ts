import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { AccessLog, cacheSize, policyNames, simulateCaches } from '../../src/cachesim/index.js';
import { readTrace } from '../../src/traces/index.js';

/** A folder of published traces, and a MANIFEST.json with their exact counts: docs/traces.md shows its form. */
const folder = process.env.PREDIS_BENCH_TRACES;

interface Entry {
  readonly file: string;
  readonly requests?: number;
  readonly unique?: number;
  readonly golden?: readonly {
    readonly frac: number;
    readonly slots: number;
    readonly hits: Readonly<Record<string, number>>;
  }[];
}

const missing =
  folder === undefined
    ? 'PREDIS_BENCH_TRACES names no folder of published traces'
    : existsSync(join(folder, 'MANIFEST.json'))
      ? false
      : `there is no MANIFEST.json in ${folder}`;

describe('published traces give the published counts', { skip: missing }, () => {
  const entries =
    missing === false
      ? (JSON.parse(readFileSync(join(folder ?? '', 'MANIFEST.json'), 'utf8')) as Entry[])
      : [];
  for (const { file, requests, unique, golden } of entries) {
    it(file, { skip: golden === undefined ? 'a trace of arrivals alone' : false }, async () => {
      const log = new AccessLog();
      const { facts } = await readTrace(join(folder ?? '', file), {
        access: (_kind, key) => {
          log.append(key);
        },
        endRequest: () => undefined,
      });
      assert.deepEqual([facts.accesses, facts.keys], [requests, unique]);
      for (const { frac, slots, hits } of golden ?? []) {
        assert.equal(cacheSize(String(frac)).slots(facts.keys), slots);
        const results = simulateCaches(log, facts.keys, policyNames, [slots]);
        assert.deepEqual(Object.fromEntries(results.map((result) => [result.policy, result.hits])), hits);
      }
    });
  }
});
