/** Our builders of schemas against typebox itself, with what it keeps beside the schema proper. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import TypeBox from 'typebox';
import { Value } from 'typebox/value';
import { Type } from '../../src/support/json-schema.js';

type Builders = typeof Type;

/** All own properties, also those that are not enumerable, in their order but for the marks; nested ones too. */
function facts(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(facts);
  const names = Object.getOwnPropertyNames(value);
  return {
    visible: Object.keys(value),
    properties: Object.fromEntries(
      names.sort().map((name) => [name, facts((value as Record<string, unknown>)[name])]),
    ),
  };
}

const recipes: readonly [string, (t: Builders) => object][] = [
  ['String', (t) => t.String()],
  ['String with options', (t) => t.String({ pattern: '^a$', minLength: 1, description: 'text' })],
  ['Number', (t) => t.Number({ minimum: 0 })],
  ['Integer', (t) => t.Integer({ minimum: 0, maximum: 7 })],
  ['Boolean', (t) => t.Boolean({ description: 'flag' })],
  ['Null', (t) => t.Null()],
  ['Literal of text', (t) => t.Literal('x', { description: 'd' })],
  ['Literal of a truth value', (t) => t.Literal(false)],
  ['Literal of a number', (t) => t.Literal(3)],
  ['Enum', (t) => t.Enum(['a', 'b'], { description: 'choice' })],
  ['Array', (t) => t.Array(t.Number(), { minItems: 1 })],
  ['Union', (t) => t.Union([t.String(), t.Null()], { description: 'or none' })],
  ['Record', (t) => t.Record(t.String(), t.Number(), { description: 'by name' })],
  ['Record with a pattern', (t) => t.Record(t.String({ pattern: '^[a-z]+$' }), t.Number())],
  ['Object', (t) => t.Object({ a: t.Number(), b: t.Optional(t.String()) }, { additionalProperties: false })],
  ['Object without properties', (t) => t.Object({})],
  ['Object of optional properties', (t) => t.Object({ a: t.Optional(t.Array(t.Integer())) })],
  ['Optional', (t) => t.Optional(t.Object({ a: t.Null() }, { description: 'd' }))],
];

describe('builders of JSON Schema', () => {
  for (const [name, recipe] of recipes) {
    it(`${name}: as typebox makes it`, () => {
      const [ours, theirs] = [recipe(Type), recipe(TypeBox)];
      assert.deepEqual(facts(ours), facts(theirs));
      assert.equal(JSON.stringify(ours), JSON.stringify(theirs));
    });
  }

  it('makes each of them in a recipe above', () => {
    for (const name of Object.keys(Type)) {
      assert.ok(
        recipes.some(([title]) => title.split(' ')[0] === name),
        name,
      );
    }
  });

  it('does not change a schema that is made optional', () => {
    const text = Type.String();
    Type.Optional(text);
    assert.deepEqual(Type.Object({ text }).required, ['text']);
  });

  it('makes schemas that typebox checks values by', () => {
    const schema = Type.Object({ a: Type.Number(), b: Type.Optional(Type.Literal('x')) });
    assert.ok(Value.Check(schema, { a: 1 }));
    assert.ok(!Value.Check(schema, { a: 1, b: 'y' }));
    assert.ok(!Value.Check(schema, { b: 'x' }));
  });
});
