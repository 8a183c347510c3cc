/** What the parts of the result file's schema are made of. */
import type { TInteger, TNull, TNumber, TObject, TSchema, TUnion } from 'typebox';
import { Type } from '../support/json-schema.js';

/** An object that has these properties and no others. */
export const closed = <P extends Record<string, TSchema>>(properties: P, description?: string): TObject<P> =>
  Type.Object(properties, {
    additionalProperties: false,
    ...(description === undefined ? {} : { description }),
  });
export const nullable = <T extends TSchema>(schema: T): TUnion<[T, TNull]> =>
  Type.Union([schema, Type.Null()]);
export const count = (description?: string): TInteger =>
  Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    ...(description === undefined ? {} : { description }),
  });
export const amount = (description?: string): TNumber =>
  Type.Number({ minimum: 0, ...(description === undefined ? {} : { description }) });
export const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
export const sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
export const time = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$' });
