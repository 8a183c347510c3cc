/** Files that users declare things in: claims and prices. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { BenchError } from '../../src/errors.js';
import { defaultClaimsPath, readClaimsFile, readPricesFile } from '../../src/results/declared/read.js';
import { packageRoot } from '../../src/support/package-root.js';

const folder = mkdtempSync(join(tmpdir(), 'predis-bench-declared-'));
after(() => {
  rmSync(folder, { recursive: true, force: true });
});
let files = 0;
const write = (content: unknown): string => {
  const path = join(folder, `file-${String(files++)}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
/** The first JSON block of a page that declares this format. */
const inDocs = (page: string, format: string): Record<string, unknown> => {
  const text = readFileSync(join(packageRoot, 'docs', page), 'utf8');
  const block = [...text.matchAll(/```json\n([^]*?)```/g)].find(([, json = '']) =>
    json.includes(format),
  )?.[1];
  assert.ok(block !== undefined, `docs/${page} shows a file`);
  return JSON.parse(block) as Record<string, unknown>;
};
const refused = (read: () => unknown, code: string, message: RegExp): void => {
  assert.throws(read, (error: unknown) => {
    assert.ok(error instanceof BenchError);
    assert.equal(error.code, code);
    assert.equal(error.exitCode, 2);
    assert.match(error.message, message);
    return true;
  });
};

describe('a claims file', () => {
  const example = inDocs('adding-a-claim.md', 'predis-bench-claims') as { claims: Record<string, unknown>[] };
  const first = example.claims[0] ?? {};
  const changed = (change: object): string => write({ ...example, claims: [{ ...first, ...change }] });

  it('of the founders holds their nine targets, and fits the published schema', () => {
    const { content, sha256 } = readClaimsFile(defaultClaimsPath);
    assert.equal(content.claims.length, 9);
    assert.match(sha256, /^[0-9a-f]{64}$/);
    const asked = content.claims.map(
      ({ threshold: { is, value, unit } }) => `${is} ${String(value)} ${unit}`,
    );
    assert.deepEqual(asked, [
      'at-least 10 ratio',
      'at-least 25 ratio',
      'at-most 0.5 ratio',
      'at-least 5 ratio',
      'at-least 1.2 ratio',
      'above 0.75 share',
      'above 0.8 share',
      'below 1000000 ns',
      'below 5000000 ns',
    ]);
    const schema = JSON.parse(readFileSync(join(packageRoot, 'schema/claims.schema.json'), 'utf8')) as object;
    assert.ok(new Ajv({ strict: true, allowUnionTypes: true }).validate(schema, content));
    for (const { metrics, baseline } of content.claims) {
      // a pipeline has the most throughput, one request in flight the least latency; an open loop has no depth
      const best = metrics.includes('throughput') ? ['redis', 'redis-p16'] : ['redis'];
      if (baseline !== undefined) assert.deepEqual(baseline.including, best);
    }
  });

  it('is the one in the docs', () => {
    assert.equal(readClaimsFile(write(example)).content.claims.length, 2);
  });

  it('that is wrong is refused with the place', () => {
    const cases: [string, RegExp][] = [
      [write(''), /is not a claims file: it is not valid JSON/],
      [write({ ...example, claims: [] }), /\/claims must NOT have fewer than 1 items/],
      [write({ ...example, format: 'x' }), /\/format must be "predis-bench-claims"/],
      [changed({ metrics: ['speed'] }), /\/claims\/0\/metrics\/0 must be "throughput" or "latencyMean" or/],
      [changed({ speed: 1 }), /\/claims\/0 has no "speed"/],
      [
        changed({ baseline: undefined }),
        /\/claims\/0\/threshold\/unit must be "operations\/s" for throughput/,
      ],
      [
        changed({ threshold: { is: 'above', value: 2, unit: 'ns' } }),
        /\/claims\/0\/threshold\/unit must be "ratio": the claim has a baseline/,
      ],
      [changed({ load: { loop: 'closed', atLeastPerSecond: 5 } }), /a rate is asked for in open loop alone/],
      [changed({ cases: { keysPerRequest: { atLeast: 5, atMost: 2 } } }), /atLeast exceeds atMost/],
      [
        write({ ...example, claims: [first, first] }),
        /\/claims\/1\/id: "twice-in-gaming" stands there twice/,
      ],
      [join(folder, 'nowhere.json'), /nowhere\.json cannot be read: there is no such file/],
      [folder, /cannot be read: it is a folder/],
    ];
    for (const [path, message] of cases) refused(() => readClaimsFile(path), 'CLAIMS_UNREADABLE', message);
  });
});

describe('a price file', () => {
  const example = inDocs('reading-the-report.md', 'predis-bench-prices') as { prices: object[] };

  it('is the one in the docs', () => {
    const { content } = readPricesFile(write(example));
    assert.match(content.currency, /^[A-Z]{3}$/);
    assert.match(content.date, /^\d{4}-\d\d-\d\d$/);
  });

  it('that is wrong is refused with the place', () => {
    const price = { machine: 'm', perHour: 1, contenders: ['redis'] };
    const cases: [string, RegExp][] = [
      [write([]), /is not a price file: the top level must be object/],
      [write({ ...example, currency: 'dollars' }), /\/currency must match pattern/],
      [write({ ...example, date: '2026-02-30' }), /\/date: there is no day 2026-02-30/],
      [write({ ...example, prices: [{ ...price, perHour: 0 }] }), /\/prices\/0\/perHour must be > 0/],
      [write({ ...example, prices: [{ ...price, perHour: '1' }] }), /\/prices\/0\/perHour must be number/],
      [write({ ...example, prices: [price, price] }), /\/prices\/1: "redis" has two prices/],
      [write({ ...example, source: undefined }), /must have required property 'source'/],
    ];
    for (const [path, message] of cases) refused(() => readPricesFile(path), 'PRICES_UNREADABLE', message);
  });
});
