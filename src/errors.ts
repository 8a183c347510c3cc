/**
 * The table of errors. Every failure that a user can cause or meet has a code here, a sentence that says what happened, a
 * hint that says what to do, and the exit code of the process. Only `bin/predis-bench.js` turns one into output.
 */
import { terminalSafe } from './support/escape.js';

/** Exit codes of the command; the numbers are a public contract (docs/architecture.md). */
export const ExitCode = {
  success: 0,
  regression: 1,
  usage: 2,
  inconclusive: 3,
  noBaseline: 4,
  invalidMeasurement: 5,
  engineUnavailable: 6,
  resultsUnavailable: 7,
  internal: 70,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

interface ErrorEntry {
  readonly exitCode: ExitCode;
  /** What to do about it; shown on a second line. `null` where the message says it all. */
  readonly hint: string | null;
}

/** Add a line here before throwing a new code; the message itself is written where the facts are. */
export const errorTable = {
  USAGE: { exitCode: ExitCode.usage, hint: null },
  UNKNOWN_WORKLOAD: { exitCode: ExitCode.usage, hint: 'predis-bench list shows them all.' },
  UNKNOWN_CONTENDER: { exitCode: ExitCode.usage, hint: 'predis-bench list shows them all.' },
  UNKNOWN_PARAMETER: { exitCode: ExitCode.usage, hint: null },
  PARAMETER_OUT_OF_RANGE: { exitCode: ExitCode.usage, hint: null },
  UNKNOWN_SUITE: { exitCode: ExitCode.usage, hint: null },
  CONFIG_INVALID: { exitCode: ExitCode.usage, hint: 'docs/configuration.md shows what stands there.' },
  TOO_FEW_TRIALS: { exitCode: ExitCode.usage, hint: null },
  TRACE_UNREADABLE: { exitCode: ExitCode.usage, hint: null },
  TRACE_FORMAT: { exitCode: ExitCode.usage, hint: 'docs/traces.md shows the formats that are read.' },
  TRACE_EMPTY: { exitCode: ExitCode.usage, hint: null },
  TRACE_MALFORMED: {
    exitCode: ExitCode.usage,
    hint: 'Get the file again, or name its format with --format; docs/traces.md shows them.',
  },
  TRACE_TOO_LARGE: { exitCode: ExitCode.usage, hint: 'Cut the trace with --limit.' },
  MIXED_COMPARISON: {
    exitCode: ExitCode.noBaseline,
    hint: 'Compare results of one machine and one operation stream (same workload, parameters and seed).',
  },
  NO_BASELINE: { exitCode: ExitCode.noBaseline, hint: null },
  BASELINE_UNFIT: { exitCode: ExitCode.noBaseline, hint: null },
  RESULT_UNREADABLE: { exitCode: ExitCode.resultsUnavailable, hint: null },
  RESULT_NOT_OURS: {
    exitCode: ExitCode.resultsUnavailable,
    hint: 'Result files are written by predis-bench run.',
  },
  RESULT_VERSION: { exitCode: ExitCode.resultsUnavailable, hint: null },
  NUMBERS_UNREADABLE: {
    exitCode: ExitCode.resultsUnavailable,
    hint: 'A list is text with one number a line, or a JSON array of numbers.',
  },
  CLAIMS_UNREADABLE: {
    exitCode: ExitCode.usage,
    hint: 'docs/adding-a-claim.md shows the form of a claims file.',
  },
  PRICES_UNREADABLE: {
    exitCode: ExitCode.usage,
    hint: 'docs/reading-the-report.md#cost shows the form of a price file.',
  },
  PDF_NO_BROWSER: {
    exitCode: ExitCode.resultsUnavailable,
    hint: 'Install one (Debian or Ubuntu: sudo apt-get install chromium), or name one in CHROME_PATH; the HTML report prints from any browser.',
  },
  PDF_FAILED: {
    exitCode: ExitCode.resultsUnavailable,
    hint: 'The HTML report was written: print it from a browser.',
  },
  CACHESIM_UNREADABLE: {
    exitCode: ExitCode.usage,
    hint: 'predis-bench cachesim <trace> --json > simulation.json makes one.',
  },
  OUTPUT_UNWRITABLE: {
    exitCode: ExitCode.resultsUnavailable,
    hint: 'Choose another place with --output.',
  },
  RESUME_MISMATCH: {
    exitCode: ExitCode.usage,
    hint: 'Start a new run, or resume on the machine and with the predis-bench that began it.',
  },
  REDIS_MISSING: {
    exitCode: ExitCode.engineUnavailable,
    hint: 'Install it (Debian or Ubuntu: sudo apt-get install redis-server), or give a running server with --redis <url>.',
  },
  REDIS_START_FAILED: { exitCode: ExitCode.engineUnavailable, hint: null },
  REDIS_CLUSTER_FAILED: {
    exitCode: ExitCode.engineUnavailable,
    hint: 'Leave the cluster out with --contenders, or free memory, ports and processes for its nodes.',
  },
  NOOP_SERVER: { exitCode: ExitCode.engineUnavailable, hint: 'Build it with: npm run build:native' },
  REDIS_UNREACHABLE: { exitCode: ExitCode.engineUnavailable, hint: 'Is the server running at that address?' },
  REDIS_NOT_REDIS: { exitCode: ExitCode.engineUnavailable, hint: 'Check host and port.' },
  REDIS_AUTH: {
    exitCode: ExitCode.engineUnavailable,
    hint: 'Give the password with --redis-password-file <file> or in PREDIS_BENCH_REDIS_PASSWORD.',
  },
  REDIS_READ_ONLY: { exitCode: ExitCode.engineUnavailable, hint: 'Give the address of the primary.' },
  REDIS_LOADING: { exitCode: ExitCode.engineUnavailable, hint: 'Try again when it has loaded its data.' },
  REDIS_OUT_OF_MEMORY: {
    exitCode: ExitCode.engineUnavailable,
    hint: 'Raise its maxmemory, or run a smaller workload (--set keys=…).',
  },
  REDIS_TLS: { exitCode: ExitCode.engineUnavailable, hint: 'Check the certificate and --redis-tls-ca.' },
  REDIS_LOST: {
    exitCode: ExitCode.engineUnavailable,
    hint: 'The trials recorded so far are in the result file.',
  },
  PREDIS_ADDON: { exitCode: ExitCode.engineUnavailable, hint: 'Build it with: npm run build:native' },
  PREDIS_ENGINE: { exitCode: ExitCode.engineUnavailable, hint: null },
  PREDIS_NO_DEVICE: {
    exitCode: ExitCode.engineUnavailable,
    hint: 'Leave predis-device out of --contenders, or run on a machine with a GPU and an addon built where nvcc is.',
  },
  PREDIS_GPU_FAILED: {
    exitCode: ExitCode.engineUnavailable,
    hint: 'The trials recorded so far are in the result file; nvidia-smi -q and the kernel log (dmesg, "NVRM: Xid") tell more. When the GPU works again: run --resume <file>.',
  },
  SLO_NOT_HELD: {
    exitCode: ExitCode.inconclusive,
    hint: 'Loosen the objective, or begin lower: --rate <operations/s>, or --client-rate with --search clients.',
  },
  MEASUREMENT_INVALID: { exitCode: ExitCode.invalidMeasurement, hint: null },
  INTERRUPTED: { exitCode: ExitCode.interrupted, hint: null },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

/** A failure that is explained to the user without a stack trace. */
export class BenchError extends Error {
  readonly code: ErrorCode;
  readonly exitCode: ExitCode;
  readonly hint: string | null;

  /**
   * @param code a row of `errorTable`
   * @param message one sentence: what happened, with the facts; it may contain text from outside, which is made safe here
   * @param options `hint` replaces the table's, and is made safe too; `cause` keeps the original error for debugging
   */
  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(terminalSafe(message, 1000), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BenchError';
    this.code = code;
    this.exitCode = errorTable[code].exitCode;
    this.hint = options.hint === undefined ? errorTable[code].hint : terminalSafe(options.hint, 1000);
  }
}
