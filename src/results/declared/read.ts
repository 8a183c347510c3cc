/** Reads the files that users declare things in: claims and prices. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { Static, TSchema } from 'typebox';
import { BenchError, type ErrorCode } from '../../errors.js';
import { packageRoot } from '../../support/package-root.js';
import { compileCheck } from '../conformance.js';
import { readFileBytes } from '../read.js';
import { cacheSimulationProblem, CacheSimulationSchema, type CacheSimulation } from './cache-simulation.js';
import { ClaimsFileSchema, claimsProblem, type ClaimsFile } from './claims.js';
import { PricesFileSchema, pricesProblem, type PricesFile } from './prices.js';

/** The claims that are judged unless others are given. */
export const defaultClaimsPath = join(packageRoot, 'claims', 'default.json');

/** A declared file, and by what it can be told from another of the same name. */
export interface Declared<T> {
  readonly fileName: string;
  readonly sha256: string;
  readonly content: T;
}

/** @throws BenchError CLAIMS_UNREADABLE, with the place that is wrong */
export function readClaimsFile(path: string, name = path): Declared<ClaimsFile> {
  return read(path, name, ClaimsFileSchema, claimsProblem, 'CLAIMS_UNREADABLE', 'a claims file');
}

/** @throws BenchError PRICES_UNREADABLE, with the place that is wrong */
export function readPricesFile(path: string, name = path): Declared<PricesFile> {
  return read(path, name, PricesFileSchema, pricesProblem, 'PRICES_UNREADABLE', 'a price file');
}

/** What `predis-bench cachesim --json` printed. @throws BenchError CACHESIM_UNREADABLE, with the place that is wrong */
export function readCacheSimulation(path: string, name = path): Declared<CacheSimulation> {
  return read(
    path,
    name,
    CacheSimulationSchema,
    cacheSimulationProblem,
    'CACHESIM_UNREADABLE',
    'what predis-bench cachesim --json prints',
  );
}

const MAX_BYTES = 1024 * 1024;

function read<S extends TSchema>(
  path: string,
  fileName: string,
  schema: S,
  problemOf: (content: Static<S>) => string | null,
  code: ErrorCode,
  what: string,
): Declared<Static<S>> {
  const refuse = (why: string, cause?: unknown): BenchError =>
    new BenchError(code, `${path} is not ${what}: ${why}.`, { cause });
  let bytes: Uint8Array;
  try {
    bytes = readFileBytes(path);
  } catch (cause) {
    throw new BenchError(code, cause instanceof Error ? cause.message : String(cause), { cause });
  }
  if (bytes.length > MAX_BYTES) throw refuse(`it has ${String(bytes.length)} bytes`);
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw refuse('it is not valid JSON', cause);
  }
  if (!compileCheck(schema)(document)) {
    const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);
    if (!validate(document)) throw refuse(describe(validate.errors ?? []));
  }
  const content = document as Static<S>;
  const problem = problemOf(content);
  if (problem !== null) throw refuse(problem);
  return { fileName, sha256: createHash('sha256').update(bytes).digest('hex'), content };
}

type Errors = readonly {
  readonly instancePath: string;
  readonly message?: string;
  readonly params: object;
}[];

/** The first error, with the words that are allowed where it is about one of several. */
function describe(errors: Errors): string {
  const [first] = errors;
  if (first === undefined) return 'it does not fit the schema';
  const params = first.params as Readonly<Record<string, unknown>>;
  const place = first.instancePath === '' ? 'the top level' : first.instancePath;
  if (typeof params.additionalProperty === 'string') return `${place} has no "${params.additionalProperty}"`;
  if (params.allowedValue === undefined) return `${place} ${first.message ?? 'is wrong'}`;
  const allowed = errors.flatMap(({ instancePath, params: other }) =>
    instancePath === first.instancePath ? [(other as { allowedValue?: unknown }).allowedValue] : [],
  );
  return `${place} must be ${allowed
    .filter((one) => one !== undefined)
    .map((one) => JSON.stringify(one))
    .join(' or ')}`;
}
