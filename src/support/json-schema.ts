/**
 * The builders of JSON Schema that this project uses, with the types of typebox: the schemas are those that typebox would make
 * (test/support/json-schema.test.ts compares them), but its some 400 modules, which took a third of every start of the command
 * line, are not loaded.
 */
import type TypeBox from 'typebox';

type Builders = Pick<
  typeof TypeBox,
  | 'Array'
  | 'Boolean'
  | 'Enum'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Union'
>;
type Schema = Readonly<Record<string, unknown>>;

/** What typebox keeps beside the schema proper is not enumerable, so that it appears in no JSON. */
const marked = (schema: Schema, mark: string, value: unknown): Schema =>
  Object.defineProperty(schema, mark, { value });
const make = (kind: string, schema: Schema, options?: Schema): Schema =>
  marked({ ...schema, ...options }, '~kind', kind);

const isOptional = (schema: Schema): boolean => '~optional' in schema;
function object(properties: Readonly<Record<string, Schema>>, options?: Schema): Schema {
  const required = Object.keys(properties).filter((name) => !isOptional(properties[name] ?? {}));
  const schema = { type: 'object', ...(required.length === 0 ? {} : { required }), properties };
  return make('Object', schema, options);
}

function optional(schema: Schema): Schema {
  const copy = marked({ ...schema }, '~kind', schema['~kind']);
  return marked(copy, '~optional', true);
}

/** An object with any names that match the pattern of `key`, or any names. */
const record = (key: { readonly pattern?: string }, value: Schema, options?: Schema): Schema =>
  make('Record', { type: 'object', patternProperties: { [key.pattern ?? '^.*$']: value } }, options);

const builders = {
  Array: (items: Schema, options?: Schema) => make('Array', { type: 'array', items }, options),
  Boolean: (options?: Schema) => make('Boolean', { type: 'boolean' }, options),
  Enum: (values: readonly unknown[], options?: Schema) => make('Enum', { enum: values }, options),
  Integer: (options?: Schema) => make('Integer', { type: 'integer' }, options),
  Literal: (value: unknown, options?: Schema) =>
    make('Literal', { type: typeof value, const: value }, options),
  Null: (options?: Schema) => make('Null', { type: 'null' }, options),
  Number: (options?: Schema) => make('Number', { type: 'number' }, options),
  Object: object,
  Optional: optional,
  Record: record,
  String: (options?: Schema) => make('String', { type: 'string' }, options),
  Union: (anyOf: readonly Schema[], options?: Schema) => make('Union', { anyOf }, options),
};

export const Type = builders as unknown as Builders;
