/** Errors of the client library: a table of codes and texts, and one class. */

/** Every code, and what it says when there is nothing more exact to say. */
const errorTexts = {
  /** A key has at least one byte. */
  KEY_EMPTY: 'the key is empty; keys have 1 byte to 64 KiB',
  /** A key has at most 65,536 bytes. */
  KEY_TOO_LONG: 'the key is longer than 64 KiB',
  /** A value has at most 536,870,912 bytes; as a JavaScript string, some bytes less. */
  VALUE_TOO_LONG: 'the value is longer than 512 MiB',
  /** The engine's memory limit, or the machine, has no room. Nothing was changed for the keys concerned. */
  OUT_OF_MEMORY: 'out of memory: the memory limit, or the machine, has no room for this',
  /** Increment of a value, or by an amount, that is not a decimal 64-bit integer; the text is Redis' own. */
  NOT_AN_INTEGER: 'ERR value is not an integer or out of range',
  /** The sum would leave the range of a signed 64-bit integer; the text is Redis' own. */
  OVERFLOW: 'ERR increment or decrement would overflow',
  /** An argument of the wrong type, or out of range. */
  BAD_ARGUMENT: 'an argument is not what this call takes',
  /** A batch whose parts do not fit together: counts that differ, offsets that run backwards or past the blob. */
  BAD_BATCH: 'the parts of the batch do not fit together',
  /** The values asked for take more than 4 GiB - 1 together. */
  ANSWER_TOO_LARGE: 'the values together are larger than 4 GiB - 1; ask for fewer keys at once',
  /** The engine keeps nothing in GPU memory, so nothing can be delivered there. */
  NO_DEVICE:
    "this engine has no GPU memory: it is the CPU engine. Connect with engine: 'cuda', or see info().engineReason for why 'auto' did not take it",
  /** Bytes asked for lie outside of a device buffer, or a batch does not fit in it. */
  BUFFER_TOO_SMALL: 'the device buffer is too small: a batch takes strideBytes for each key',
  /** A device buffer was used after `free`. */
  BUFFER_FREED: 'the device buffer was freed; allocate another one',
  /** A device buffer of another engine. */
  FOREIGN_BUFFER:
    'the device buffer belongs to another engine; allocate it from this client, or from one that shares its engine',
  /** The client is not connected, or no longer. */
  CLOSED: 'the client is not connected',
  /** There are 1,024 namespaces already, the nameless one included. */
  TOO_MANY_NAMESPACES: 'there are 1,024 namespaces already, the nameless one included; an engine has no more',
  /** The engine asked for is not part of this build, or does not run on this machine. */
  ENGINE_UNAVAILABLE: 'the engine is not available',
  /**
   * The GPU failed; the message says how. What the call should have done may or may not be done, the data in GPU memory is
   * lost, and every later call of this engine fails like this one. The process, and other engines, go on.
   */
  GPU_FAILED:
    'the GPU failed, and the engine on it is closed; its data is lost, and a new engine needs a new process',
  /** The native addon cannot be loaded; the message says why, and how to build it. */
  ADDON_UNAVAILABLE: 'the native addon cannot be loaded',
  /** A bug in Predis. */
  INTERNAL: 'an internal error in Predis',
} as const;

/** What went wrong, for programs. */
export type PredisErrorCode = keyof typeof errorTexts;

/** One pair of an `mput` that was not stored. */
export interface BatchFailure {
  /** Index of its key in the batch. */
  readonly index: number;
  readonly code: PredisErrorCode;
}

/** Every error that this library throws, or rejects a promise with. */
export class PredisError extends Error {
  readonly code: PredisErrorCode;
  /** Which operation of a batch it was, or null. */
  readonly index: number | null;
  /**
   * Of an `mput` that was done in part: the pairs that were not stored, in order. All others were. Empty where nothing was
   * done.
   */
  readonly failures: readonly BatchFailure[];

  constructor(
    code: PredisErrorCode,
    message: string = errorTexts[code],
    details: { index?: number | null; failures?: readonly BatchFailure[]; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PredisError';
    this.code = code;
    this.index = details.index ?? null;
    this.failures = details.failures ?? [];
  }
}

function isCode(code: unknown): code is PredisErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorTexts, code);
}

/** The PredisError that an error of the addon stands for; what is not the addon's own comes back as it is. */
export function fromNative(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof PredisError) return error;
  const { code, index } = error as Error & { code?: unknown; index?: unknown };
  if (!isCode(code)) return error;
  const at = typeof index === 'number' ? index : null;
  const text = error.message === '' ? errorTexts[code] : error.message;
  return new PredisError(code, at === null ? text : `operation ${String(at)} of the batch: ${text}`, {
    index: at,
  });
}

/** Codes by `Status` of native/engine/engine.hpp; null for those that are no failures. */
const codeOfStatus: readonly (PredisErrorCode | null)[] = [
  null,
  null,
  'KEY_EMPTY',
  'KEY_TOO_LONG',
  'VALUE_TOO_LONG',
  'OUT_OF_MEMORY',
  'NOT_AN_INTEGER',
  'OVERFLOW',
  null, // kMismatch: a condition that does not hold
  'GPU_FAILED',
];

/** What a status of the engine means as an error, or null when it means none. */
export function failureOfStatus(status: number): PredisErrorCode | null {
  const code = codeOfStatus[status];
  return code === undefined ? 'INTERNAL' : code;
}
