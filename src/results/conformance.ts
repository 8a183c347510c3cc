/** Whether a value conforms to a schema. */
export type Check = (value: unknown) => boolean;

type Schema = Readonly<Record<string, unknown>>;
type Fields = Readonly<Record<string, unknown>>;

/** Keywords that say nothing about the value. */
const ANNOTATIONS: readonly string[] = ['$schema', '$id', 'title', 'description', 'default'];

/**
 * Checks by a JSON Schema (draft 07) of the keywords that our own use, with the meaning that Ajv gives them. Ajv compiles a
 * schema to text and has it parsed, which for that of results takes longer than checking a thousand trials; it still explains
 * what does not conform.
 *
 * @throws TypeError for a keyword that is not known here
 */
export function compileCheck(schema: unknown): Check {
  const parts = schema as Schema;
  const unknown = Object.keys(parts).find((key) => !ANNOTATIONS.includes(key) && !(key in keywords));
  if (unknown !== undefined) throw new TypeError(`no check for the keyword ${unknown}`);
  const checks = Object.entries(keywords)
    .filter(([key]) => Object.hasOwn(parts, key))
    .map(([key, compile]) => compile(parts[key] as never, parts));
  return (value) => checks.every((check) => check(value));
}

/** In the order in which they are checked: each says nothing about values of types that it is not for. */
const keywords: Readonly<Record<string, (operand: never, schema: Schema) => Check>> = {
  type: (types: string | readonly string[]) => {
    const checks = [types].flat().map((name) => {
      const check = typeChecks[name];
      if (check === undefined) throw new TypeError(`no check for the type ${name}`);
      return check;
    });
    const [only] = checks;
    return only !== undefined && checks.length === 1 ? only : (value) => checks.some((check) => check(value));
  },
  const: (constant: unknown) => (value) => value === constant,
  enum: (constants: readonly unknown[]) => (value) => constants.includes(value),
  minimum: (bound: number) => ofNumbers((value) => value >= bound),
  maximum: (bound: number) => ofNumbers((value) => value <= bound),
  exclusiveMinimum: (bound: number) => ofNumbers((value) => value > bound),
  exclusiveMaximum: (bound: number) => ofNumbers((value) => value < bound),
  minLength: (bound: number) => ofStrings((text) => text.length >= 2 * bound || codePoints(text) >= bound),
  maxLength: (bound: number) => ofStrings((text) => text.length <= bound || codePoints(text) <= bound),
  pattern: (source: string) => {
    const pattern = new RegExp(source, 'u');
    return ofStrings((text) => pattern.test(text));
  },
  minItems: (bound: number) => ofArrays((items) => items.length >= bound),
  maxItems: (bound: number) => ofArrays((items) => items.length <= bound),
  // of two objects only Ajv says whether they are equal
  uniqueItems: (unique: boolean) =>
    ofArrays(
      (items) =>
        !unique ||
        (new Set(items).size === items.length &&
          !items.some((item) => typeof item === 'object' && item !== null)),
    ),
  items: (schema: unknown) => {
    const check = compileCheck(schema);
    return ofArrays((items) => items.every(check));
  },
  anyOf: (schemas: readonly unknown[]) => {
    const checks = schemas.map(compileCheck);
    return (value) => checks.some((check) => check(value));
  },
  required: (names: readonly string[]) =>
    ofObjects((fields) => names.every((name) => fields[name] !== undefined)),
  properties: (_own: unknown, schema) => compileFields(schema),
  patternProperties: (_own: unknown, schema) => ('properties' in schema ? () => true : compileFields(schema)),
  additionalProperties: (_own: unknown, schema) =>
    'properties' in schema || 'patternProperties' in schema ? () => true : compileFields(schema),
};

/** `properties`, `patternProperties` and `additionalProperties`, which say together what every field may hold. */
function compileFields({
  properties = {},
  patternProperties = {},
  additionalProperties = true,
}: Schema): Check {
  const named = new Map(Object.entries(properties as Schema).map(([name, one]) => [name, compileCheck(one)]));
  const patterns = Object.entries(patternProperties as Schema).map(
    ([source, one]) => [new RegExp(source, 'u'), compileCheck(one)] as const,
  );
  const others: Check =
    typeof additionalProperties === 'boolean'
      ? () => additionalProperties
      : compileCheck(additionalProperties);
  return ofObjects((fields) => {
    for (const name of Object.keys(fields)) {
      const value = fields[name];
      const check = named.get(name);
      if (check?.(value) === false) return false;
      let isKnown = check !== undefined;
      for (const [pattern, checkMatch] of patterns) {
        if (!pattern.test(name)) continue;
        isKnown = true;
        if (!checkMatch(value)) return false;
      }
      if (!isKnown && !others(value)) return false;
    }
    return true;
  });
}

const typeChecks: Readonly<Record<string, Check>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: Number.isFinite,
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const ofObjects =
  (check: (fields: Fields) => boolean): Check =>
  (value) =>
    !isObject(value) || check(value);
const ofArrays =
  (check: (items: readonly unknown[]) => boolean): Check =>
  (value) =>
    !Array.isArray(value) || check(value);
const ofStrings =
  (check: (text: string) => boolean): Check =>
  (value) =>
    typeof value !== 'string' || check(value);
const ofNumbers =
  (check: (value: number) => boolean): Check =>
  (value) =>
    typeof value !== 'number' || !Number.isFinite(value) || check(value);

/** JSON Schema counts characters, not the halves of which JavaScript makes some. */
function codePoints(text: string): number {
  return Array.from(text).length;
}
