import { BenchError } from '../../errors.js';
import { parseResultFile } from '../../results/read.js';
import type { ResultFile } from '../../results/schema.js';
import { judge, unjudged } from '../judge.js';
import type { GateReport } from '../report.js';
import { checkFitness } from './fitness.js';
import type { Ledger, LedgerEntry } from './ledger.js';
import type { BaselineStore, StoredBaseline } from './store.js';
import { checkSuiteName, suiteOf } from './suite.js';

export interface AcceptOptions {
  readonly store: BaselineStore;
  readonly bytes: Uint8Array;
  /** Of the file, for messages. */
  readonly name: string;
  readonly reason: string;
  readonly by: string;
  readonly now: Date;
  /** Default: `suiteOf` the result. */
  readonly suite?: string | undefined;
  /** Accept also in place of a baseline with which this result cannot be compared. */
  readonly replace?: boolean | undefined;
}

export interface Acceptance {
  readonly ledger: Ledger;
  readonly entry: LedgerEntry;
  readonly path: string;
  /** False when this very file was the baseline already: nothing was written. */
  readonly changed: boolean;
  /** What the gate says of it beside the baseline before; null when there was none. */
  readonly besidePrevious: GateReport | null;
  /** One sentence a metric: see `checkFitness`. */
  readonly finds: readonly string[];
}

/**
 * Makes a result the baseline of its suite on its machine: the only way in which a baseline changes.
 *
 * @throws BenchError those of `readResultFile` and `checkFitness`; BASELINE_UNFIT (exit code 4) when the present baseline was
 *   measured otherwise and `replace` is not set; USAGE; OUTPUT_UNWRITABLE
 */
export function acceptBaseline(options: AcceptOptions): Acceptance {
  const { store, bytes, name, now, replace } = options;
  const [reason, by] = [options.reason.trim(), options.by.trim()];
  if (reason === '') throw new BenchError('USAGE', '--reason says nothing.');
  if (by === '') throw new BenchError('USAGE', '--by names nobody.');
  const result = parseResultFile(bytes, name);
  const suite = checkSuiteName(options.suite ?? suiteOf(result));
  const finds = checkFitness(result);
  const ledger = store.ledger(result.environment.fingerprint, suite);
  const previous = ledger === null ? null : readPrevious(store, ledger, replace === true);
  const besidePrevious = previous === null ? null : compare(previous, result);
  if (previous !== null && Buffer.compare(bytes, previous.bytes) === 0) {
    const { ledger: same, entry, path } = previous;
    return { ledger: same, entry, path, changed: false, besidePrevious, finds };
  }
  if (besidePrevious?.verdict === 'no-baseline' && replace !== true) {
    throw new BenchError(
      'BASELINE_UNFIT',
      `This result was measured otherwise than the baseline of ${suite}: ${besidePrevious.reason ?? ''}`,
      { hint: 'Give it a name of its own with --suite <name>, or put it in its place with --replace.' },
    );
  }
  const added = store.add(suite, result, bytes, {
    acceptedAt: now.toISOString(),
    acceptedBy: by,
    reason,
    besidePrevious: besidePrevious?.verdict ?? null,
  });
  const entry = added.ledger.entries.at(-1);
  if (entry === undefined) throw new Error('a ledger without entries');
  return { ...added, entry, changed: true, besidePrevious, finds };
}

/** @param replace the way out when the present baseline is damaged */
function readPrevious(store: BaselineStore, ledger: Ledger, replace: boolean): StoredBaseline | null {
  try {
    return store.baseline(ledger);
  } catch (error) {
    if (replace && error instanceof BenchError) return null;
    throw error;
  }
}

function compare(previous: StoredBaseline, result: ResultFile): GateReport {
  try {
    return judge(previous.result, result);
  } catch (error) {
    const answer = unjudged(error, { baseline: previous.result, candidate: result });
    if (answer === null) throw error;
    return answer;
  }
}
