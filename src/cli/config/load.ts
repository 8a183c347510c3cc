import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { BenchError } from '../../errors.js';
import { nearestName } from '../../support/nearest.js';
import { workloads, workloadsWithInput } from '../../workloads/index.js';
import { defineConfig } from './define.js';
import { isCode } from './find.js';
import { ConfigSchema, suiteOptionSchemas, type BenchConfig } from './schema.js';

/** A configuration, and where it was read. */
export interface LoadedConfig {
  /** Absolute. */
  readonly path: string;
  readonly config: BenchConfig;
}

/**
 * Reads a configuration. A `.json` is data; anything else is code, and reading it runs it.
 *
 * @throws BenchError CONFIG_INVALID naming the file and the place in it
 */
export async function loadConfig(path: string): Promise<LoadedConfig> {
  const absolute = resolve(path);
  const document: unknown = isCode(absolute) ? await runConfig(absolute, path) : readJson(absolute, path);
  return { path: absolute, config: checkConfig(document, basename(path)) };
}

function readJson(path: string, shown: string): unknown {
  const text = readText(path, shown).replace(/^\uFEFF/, '');
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new BenchError('CONFIG_INVALID', `${shown} is no JSON: ${(cause as Error).message}.`, { cause });
  }
}

/**
 * TypeScript is stripped of its types by jiti, on every Node.js alike. Nothing is cached on disk, and `predis-bench` means the
 * program that reads it, installed beside the configuration or not.
 */
async function runConfig(path: string, shown: string): Promise<unknown> {
  readText(path, shown);
  const { createJiti } = await import('jiti');
  const jiti = createJiti(path, {
    fsCache: false,
    moduleCache: false,
    interopDefault: false,
    virtualModules: { 'predis-bench': { defineConfig } },
  });
  let loaded: unknown;
  try {
    loaded = await jiti.import(path);
  } catch (cause) {
    const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new BenchError('CONFIG_INVALID', `${shown} could not be run: ${what.split('\n')[0] ?? ''}`, {
      cause,
    });
  }
  const exported = (loaded as { readonly default?: unknown }).default;
  if (exported !== undefined) return exported;
  throw new BenchError('CONFIG_INVALID', `${shown} exports no configuration.`, {
    hint: 'It ends with: export default defineConfig({ suites: { … } })',
  });
}

function readText(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new BenchError('CONFIG_INVALID', `${shown} cannot be read: ${why}.`, { cause });
  }
}

/** @throws BenchError CONFIG_INVALID with a JSON pointer to the first thing that is wrong */
export function checkConfig(document: unknown, file: string): BenchConfig {
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile<BenchConfig>(ConfigSchema);
  if (!validate(document)) throw violation(validate.errors ?? [], file);
  const taken = ['all', ...[...workloads, ...workloadsWithInput].map(({ name }) => name)];
  const clash = Object.keys(document.suites).find((name) => taken.includes(name));
  if (clash !== undefined) {
    throw new BenchError(
      'CONFIG_INVALID',
      `${file}, /suites/${clash}: that is the name of ${clash === 'all' ? 'all workloads' : 'a workload'} already.`,
    );
  }
  return document;
}

/** Values are never repeated: somebody may have typed a secret where none belongs. */
function violation(errors: readonly ErrorObject[], file: string): BenchError {
  const [error] = [...errors].sort((a, b) => b.instancePath.length - a.instancePath.length);
  const place =
    error?.instancePath === undefined || error.instancePath === '' ? 'the top level' : error.instancePath;
  const params = (error?.params ?? {}) as {
    readonly additionalProperty?: string;
    readonly allowedValues?: readonly unknown[];
  };
  const unknown = params.additionalProperty;
  if (unknown !== undefined) return unknownName(unknown, place, file);
  const allowed = params.allowedValues === undefined ? '' : `: ${params.allowedValues.join(', ')}`;
  return new BenchError('CONFIG_INVALID', `${file}, ${place} ${error?.message ?? 'is wrong'}${allowed}.`);
}

function unknownName(name: string, place: string, file: string): BenchError {
  if (/passw|secret|token/i.test(name)) {
    return new BenchError(
      'CONFIG_INVALID',
      `${file}, ${place}: ${name} is no setting, and no secret stands in this file.`,
      {
        hint: 'A password is read from PREDIS_BENCH_REDIS_PASSWORD, or from the file that redisPasswordFile names.',
      },
    );
  }
  if (place === '/suites') {
    return new BenchError('CONFIG_INVALID', `${file}, /suites: "${name}" is no name for a suite.`, {
      hint: 'A name is of letters, digits, dots, hyphens and underscores, and begins with a letter or a digit.',
    });
  }
  const known = place.endsWith('/options')
    ? Object.keys(suiteOptionSchemas)
    : place === 'the top level'
      ? ['suites']
      : ['description', 'workloads', 'options'];
  const nearest = nearestName(name, known);
  return new BenchError('CONFIG_INVALID', `${file}, ${place}: there is no setting "${name}".`, {
    hint: nearest === null ? `There are ${known.join(', ')}.` : `Did you mean ${nearest}?`,
  });
}
