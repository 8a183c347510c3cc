import { Ajv } from 'ajv';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { compileCheck, type Check } from '../../src/results/conformance.js';
import { ClaimsFileSchema } from '../../src/results/declared/claims.js';
import { PricesFileSchema } from '../../src/results/declared/prices.js';
import { ResultFileSchema } from '../../src/results/schema.js';
import { packageRoot } from '../../src/support/package-root.js';
import { head, measuredTrial } from './support/sample.js';

const ajvCheck = (schema: object): Check => {
  const validate = new Ajv({ strict: false, strictNumbers: true, allowUnionTypes: true }).compile(schema);
  return (value) => validate(value);
};

const result = { ...head, status: 'complete', updatedAt: head.createdAt, trials: [measuredTrial(0, 0)] };
const claims = JSON.parse(readFileSync(join(packageRoot, 'claims/default.json'), 'utf8')) as unknown;
const prices = {
  format: 'predis-bench-prices',
  schemaVersion: 1,
  currency: 'USD',
  date: '2026-01-02',
  source: 'somewhere',
  prices: [{ machine: 'a', perHour: 1, contenders: ['redis'] }],
};

type Node = Record<string, unknown>;

/** Every object and array of a document. */
function nodes(value: unknown): Node[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Node, ...Object.values(value).flatMap(nodes)];
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(-1, 0, 0.5, 1e308, Infinity, Number.NaN, 2 ** 53, '', 'complete', null, true, [], {}),
);

describe('compileCheck', () => {
  const documents = [
    ['a result', ResultFileSchema, result],
    ['claims', ClaimsFileSchema, claims],
    ['prices', PricesFileSchema, prices],
  ] as const;
  for (const [name, schema, document] of documents) {
    it(`finds of ${name} what Ajv finds, whatever is changed in it`, () => {
      const [ours, theirs] = [compileCheck(schema), ajvCheck(schema)];
      assert.ok(ours(document) && theirs(document));
      let refused = 0;
      fc.assert(
        fc.property(fc.nat(), fc.nat(), fc.option(anything), fc.boolean(), (at, which, value, isNew) => {
          const copy = structuredClone<unknown>(document);
          const all = nodes(copy);
          const node = all[at % all.length] ?? {};
          const keys = Object.keys(node);
          const key = isNew && !Array.isArray(node) ? 'other' : (keys[which % keys.length] ?? '0');
          if (value === null && Array.isArray(node)) node.splice(Number(key), 1);
          else if (value === null) Reflect.deleteProperty(node, key);
          else node[key] = value;
          const verdict = theirs(copy);
          if (!verdict) refused++;
          assert.equal(ours(copy), verdict);
        }),
        { numRuns: 3000 },
      );
      assert.ok(refused > 1000, `${String(refused)} changes were refused`);
    });
  }

  it('gives each keyword the meaning that Ajv gives it', () => {
    const schemas = [
      ...['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'].map((type) => ({ type })),
      ...[{ type: ['string', 'null'] }, { const: 1 }, { enum: ['a', 2] }],
      ...[{ minimum: 1 }, { maximum: 1 }, { exclusiveMinimum: 1 }, { exclusiveMaximum: 1 }],
      ...[{ minLength: 2 }, { maxLength: 2 }, { pattern: '^a' }],
      ...[{ minItems: 2 }, { maxItems: 2 }, { uniqueItems: true }, { items: { type: 'integer' } }],
      ...[{ required: ['a'] }, { properties: { a: { minimum: 1 } } }],
      { anyOf: [{ type: 'string' }, { minimum: 1 }] },
      { properties: { a: {} }, patternProperties: { '^b': { type: 'null' } }, additionalProperties: false },
      { patternProperties: { '^b': { type: 'null' } }, additionalProperties: { type: 'string' } },
      { additionalProperties: { type: 'string' } },
    ];
    const values = [
      ...[0, 1, 1.5, 2, 3, -1, Infinity, Number.NaN, true, false, null],
      ...['', 'a', 'b', 'ab', 'abc', '😀', '😀😀', '😀😀😀'],
      ...[[], [1], [1, 2], [1, 1], ['a', 1.5, 'a']],
      ...[{}, { a: 1 }, { a: 0 }, { b: null }, { b: 1 }, { ab: 'x' }, { ab: 1, a: 2 }],
    ];
    for (const schema of schemas) {
      const [ours, theirs] = [compileCheck(schema), ajvCheck(schema)];
      for (const value of values) {
        assert.equal(ours(value), theirs(value), `${JSON.stringify(schema)} of ${JSON.stringify(value)}`);
      }
    }
  });

  it('takes no schema that it would only half check', () => {
    assert.throws(() => compileCheck({ type: 'object', not: {} }), /no check for the keyword not/);
    assert.throws(() => compileCheck({ type: 'date' }), /no check for the type date/);
  });
});
