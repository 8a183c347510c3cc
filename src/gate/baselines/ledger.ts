import { Ajv, type ValidateFunction } from 'ajv';
import type { Static } from 'typebox';
import { Type } from '../../support/json-schema.js';
import { BenchError } from '../../errors.js';

export const LEDGER_FORMAT = 'predis-bench-baseline';
export const LEDGER_VERSION = 1;

const closed = { additionalProperties: false } as const;

/** One acceptance. The newest of a ledger is the baseline. */
const EntrySchema = Type.Object(
  {
    file: Type.String({
      pattern: '^[A-Za-z0-9-]{1,80}\\.json$',
      description: 'The result, in the folder named like the suite',
    }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Of that file as it was accepted' }),
    resultId: Type.String(),
    measuredAt: Type.String(),
    commit: Type.Union([Type.String(), Type.Null()], { description: 'Of the build that was measured' }),
    dirty: Type.Union([Type.Boolean(), Type.Null()]),
    toolVersion: Type.String(),
    acceptedAt: Type.String(),
    acceptedBy: Type.String({ minLength: 1 }),
    reason: Type.String({ minLength: 1 }),
    besidePrevious: Type.Union([Type.String(), Type.Null()], {
      description: "The gate's answer beside the baseline before; null: there was none",
    }),
  },
  closed,
);

const LedgerSchema = Type.Object(
  {
    format: Type.Literal(LEDGER_FORMAT),
    schemaVersion: Type.Literal(LEDGER_VERSION),
    suite: Type.String({ pattern: '^[a-z0-9][a-z0-9._+-]{0,63}$' }),
    machine: Type.Object(
      {
        fingerprint: Type.String({ pattern: '^[0-9a-f]{16}$' }),
        cpuModel: Type.String(),
        logicalCpus: Type.Integer({ minimum: 1 }),
      },
      closed,
    ),
    entries: Type.Array(EntrySchema, { minItems: 1, description: 'In the order of their acceptance' }),
  },
  closed,
);

export type LedgerEntry = Static<typeof EntrySchema>;
/** Which results were accepted as the baseline of one suite on one machine, by whom, when and why. */
export type Ledger = Static<typeof LedgerSchema>;

let compiled: ValidateFunction<Ledger> | null = null;

/**
 * Reads a ledger out of its text.
 *
 * @param name for messages
 * @throws BenchError RESULT_UNREADABLE, RESULT_NOT_OURS or RESULT_VERSION
 */
export function parseLedger(text: string, name: string): Ledger {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new BenchError('RESULT_UNREADABLE', `${name} is damaged: it is not valid JSON.`, { cause });
  }
  const { format, schemaVersion } = Object(document) as { format?: unknown; schemaVersion?: unknown };
  if (format !== LEDGER_FORMAT) {
    throw new BenchError('RESULT_NOT_OURS', `${name} is no ledger of baselines.`, {
      hint: 'Baselines are written by predis-bench baseline accept.',
    });
  }
  if (schemaVersion !== LEDGER_VERSION) {
    throw new BenchError(
      'RESULT_VERSION',
      `${name} has /schemaVersion ${JSON.stringify(schemaVersion)}; this predis-bench reads version ${String(LEDGER_VERSION)}.`,
      { hint: 'Use the predis-bench that wrote it, or accept a baseline anew in another folder.' },
    );
  }
  compiled ??= new Ajv({ strict: true }).compile<Ledger>(LedgerSchema);
  if (!compiled(document)) {
    const [error] = compiled.errors ?? [];
    throw new BenchError(
      'RESULT_UNREADABLE',
      `${name} is damaged: ${error?.instancePath ?? ''} ${error?.message ?? 'does not fit'}.`,
    );
  }
  return document;
}
