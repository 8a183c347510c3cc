import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { compileCheck, type Check } from './conformance.js';
import { ResultFileSchema, TrialSchema, type ResultFile } from './schema.js';

let compiled: ValidateFunction<ResultFile> | null = null;

let check: Check | null = null;

/** Compiling takes two tenths of a second, so it waits for something to explain; optimizing would double that. */
function validator(): ValidateFunction<ResultFile> {
  compiled ??= new Ajv({
    strict: true,
    allowUnionTypes: true,
    code: { optimize: false },
  }).compile<ResultFile>(ResultFileSchema);
  return compiled;
}

/** Whether a parsed document has the shape of `ResultFileSchema`; numbers beyond double range (1e999) do not pass. */
export function isResultFile(document: unknown): document is ResultFile {
  check ??= compileCheck(ResultFileSchema);
  return check(document) || validator()(document);
}

/**
 * Where and how a document that is no result file goes wrong, e.g. `/plan/seed must be >= 0`; the place is a JSON pointer.
 */
export function firstViolation(document: unknown): string {
  const validate = validator();
  if (validate(document)) return '';
  const errors = relevant(validate.errors ?? [], document);
  // Of a union's errors the deepest belongs to the branch that fits best.
  const worst = errors.reduce<ErrorObject | null>(
    (deepest, error) =>
      deepest === null || error.instancePath.length > deepest.instancePath.length ? error : deepest,
    null,
  );
  if (worst === null) return 'it does not fit the schema';
  const place = worst.instancePath === '' ? 'the top level' : worst.instancePath;
  return `${place} ${worst.message ?? 'is wrong'}${detail(worst)}`;
}

/** A trial's `state` says which branch of the union was meant: errors of the other branches would only confuse. */
function relevant(errors: readonly ErrorObject[], document: unknown): readonly ErrorObject[] {
  const index = /^\/trials\/(\d+)/.exec(errors[0]?.instancePath ?? '')?.[1];
  if (index === undefined) return errors;
  const trial = (document as { trials: unknown[] }).trials[Number(index)] as { state?: unknown } | null;
  const states: readonly unknown[] = TrialSchema.anyOf.map((branch) => branch.properties.state.const);
  const branch = states.indexOf(trial?.state);
  if (branch === -1) {
    return errors
      .filter((error) => error.instancePath.endsWith('/state'))
      .slice(0, 1)
      .map(stateError(states));
  }
  const meant = errors.filter((error) => error.schemaPath.includes(`/trials/items/anyOf/${String(branch)}/`));
  return meant.length > 0 ? meant : errors;
}

const stateError =
  (states: readonly unknown[]) =>
  (error: ErrorObject): ErrorObject => ({
    ...error,
    message: `must be one of ${states.join(', ')}`,
    params: {},
  });

function detail(error: ErrorObject): string {
  const { additionalProperty, allowedValue } = error.params as Readonly<Record<string, unknown>>;
  if (typeof additionalProperty === 'string') return ` (${additionalProperty})`;
  if (allowedValue !== undefined) return ` (${JSON.stringify(allowedValue)})`;
  return '';
}
