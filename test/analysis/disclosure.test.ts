import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { disclosureItems } from '../../src/analysis/disclosure/disclose.js';
import { summarise } from '../../src/analysis/summarise.js';
import type { DisclosureSummary } from '../../src/analysis/summary.js';
import { describeDisclosure } from '../../src/measure/disclosure.js';
import { describeHost } from '../../src/measure/machine/host.js';
import { ResultFileSchema, type ResultFile } from '../../src/results/schema.js';
import { readResultFile } from '../../src/results/read.js';
import { firstViolation } from '../../src/results/validate.js';
import { renderHtml } from '../../src/report/html.js';
import { packageRoot } from '../../src/support/package-root.js';
import { makeResultFile } from './fixtures.js';

/** Subschemas that a token leads to: through properties, members of arrays and records (`*`), and all variants of a union. */
function step(schemas: readonly unknown[], token: string): unknown[] {
  return schemas.flatMap((schema) => {
    const { anyOf, properties, items, patternProperties, additionalProperties } = schema as Record<
      string,
      unknown
    >;
    const found: unknown[] = [];
    if (Array.isArray(anyOf)) found.push(...step(anyOf as unknown[], token));
    if (token === '*') {
      if (items !== undefined) found.push(items);
      if (typeof patternProperties === 'object') {
        found.push(...Object.values(patternProperties as Record<string, unknown>));
      }
      if (typeof additionalProperties === 'object') found.push(additionalProperties);
    } else if (typeof properties === 'object' && properties !== null && Object.hasOwn(properties, token)) {
      found.push((properties as Record<string, unknown>)[token]);
    }
    return found;
  });
}

const inSchema = (pointer: string): boolean =>
  pointer
    .split('/')
    .slice(1)
    .reduce<unknown[]>((schemas, token) => step(schemas, token), [ResultFileSchema]).length > 0;

const disclosureOf = (result: ResultFile): readonly DisclosureSummary[] =>
  summarise([{ fileName: 'r.json', result }]).disclosure;

/** As a run of today writes it. */
function present(): ResultFile {
  const result = makeResultFile({ control: { contender: 'predis' }, alpha: 0.05 });
  const host = {
    ...describeHost({ file: () => null, folder: () => null, program: () => null }),
    ...{ turbo: false, smt: true, physicalCores: 4, numaNodes: 2, usableNumaNodes: 1 },
    ...{ lastLevelCacheBytes: 2 ** 25, governors: 'performance', frequencyMhz: 3000, maxFrequencyMhz: 3500 },
  };
  const redis = result.engines.redis;
  assert.ok(redis !== undefined);
  return {
    ...result,
    environment: { ...result.environment, host },
    engines: {
      ...result.engines,
      redis: {
        ...redis,
        configuration: { comparedWith: 'the defaults of Redis 7.0', differs: { 'io-threads': '4' } },
      },
    },
    disclosure: describeDisclosure(result.plan, { ranBy: 'A <script>alert(1)</script>\u001b[2J B' }),
  };
}

const part = (items: readonly DisclosureSummary[], name: string): readonly string[] => {
  const found = items.flatMap(({ parts }) => parts).find((one) => one.name === name);
  assert.ok(found !== undefined, `no part ${name}`);
  return found.said;
};

describe('the twenty items of the disclosure', () => {
  it('are twenty, and every part of each points to places that the schema has', () => {
    assert.equal(disclosureItems.length, 20);
    for (const { topic, parts } of disclosureItems) {
      assert.ok(parts.length > 0, topic);
      assert.equal(new Set(parts.map(({ name }) => name)).size, parts.length, topic);
      for (const { name, pointers } of parts) {
        assert.ok(pointers.length > 0, `${topic}: ${name} points nowhere`);
        for (const pointer of pointers) assert.ok(inSchema(pointer), `${topic}: no ${pointer} in the schema`);
      }
    }
    assert.ok(!inSchema('/environment/host/nothing'), 'this test can fail');
    assert.ok(!inSchema('/trials/*/measurements/latency/alle'), 'this test can fail');
  });

  it('show what a run of today holds, and name every part that it does not hold', () => {
    const result = present();
    assert.equal(firstViolation(result), '');
    const items = disclosureOf(result);
    assert.deepEqual(part(items, 'turbo'), ['off']);
    assert.deepEqual(part(items, 'SMT'), ['on']);
    assert.deepEqual(part(items, 'NUMA nodes'), ['2, 1 to use']);
    assert.deepEqual(part(items, 'exclusions'), ['none']);
    assert.match(part(items, 'stopping rule').join(), /^fixed before the first trial: 10 blocks a case/);
    assert.deepEqual(part(items, 'Redis settings that differ from defaults'), [
      'redis: from the defaults of Redis 7.0: io-threads 4',
    ]);
    assert.match(part(items, 'statement').join(), /same authors/);
    assert.match(part(items, 'label').join(), /^self-reported, unaudited/);
    assert.match(part(items, 'data over the last cache').join(), /^hft: 1\.12 MiB, 0\.0349× its 32\.0 MiB$/);
    assert.match(part(items, 'A/A control').join(), /^predis against itself: passed/);
    assert.match(part(items, 'who ran it').join(), /as declared: A <script>.*\\u\{1b\}/);
    assert.deepEqual(part(items, 'price, with its date'), []);

    const html = renderHtml(summarise([{ fileName: 'r.json', result }]));
    const table = /<table class="disclosure">[^]*?<\/table>/.exec(html)?.[0] ?? '';
    assert.equal(table.match(/<th scope="row">/g)?.length, 20);
    assert.ok(!table.includes('<script>'));
    // each part stands either among what is disclosed or among what is not
    for (const { number, parts } of items) {
      const row = table.split('<tr ')[number] ?? '';
      for (const { name, said } of parts) {
        const shown = `<span class="part">${name.replaceAll("'", '&#x27;')}</span>`;
        const missing = `>${name.replaceAll("'", '&#x27;')}</li>`;
        assert.equal(row.includes(shown), said.length > 0, name);
        assert.equal(row.includes(missing), said.length === 0, name);
      }
      assert.equal(
        row.includes('NOT DISCLOSED'),
        parts.some(({ said }) => said.length === 0),
      );
    }
  });

  it('are all there for a file of an older version, which holds less', () => {
    const old = disclosureOf(readResultFile(join(packageRoot, 'results/epyc-2cpu-vm/warm-up-150ms.json')));
    assert.equal(old.length, 20);
    for (const name of [
      'turbo',
      'exclusions',
      'stopping rule',
      'statement',
      'garbage collections',
      'A/A control',
    ]) {
      assert.deepEqual(part(old, name), [], name);
    }
    assert.match(part(old, 'CPU').join(), /AMD EPYC, 2 logical CPUs/);
    assert.match(part(old, 'expected wall time').join(), /for 1,224 trials/);
  });

  it('say so when only some files of a report hold something', () => {
    const [a, b] = [
      present(),
      makeResultFile({ id: 'made-for-tests-older', cases: ['gaming'], alpha: 0.05 }),
    ];
    const items = summarise([
      { fileName: 'a.json', result: a },
      { fileName: 'b.json', result: b },
    ]).disclosure;
    assert.deepEqual(part(items, 'turbo'), ['off', '(not in every file of this report)']);
    assert.deepEqual(part(items, 'CPU').length, 1);
  });

  it('are described in the docs', () => {
    const text = readFileSync(join(packageRoot, 'docs/result-file.md'), 'utf8');
    for (const name of Object.keys(present().disclosure ?? {})) assert.ok(text.includes(`\`${name}\``), name);
  });
});
