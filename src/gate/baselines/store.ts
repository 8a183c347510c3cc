import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { parseResultFile, readFileBytes } from '../../results/read.js';
import type { ResultFile } from '../../results/schema.js';
import { makeFolders, writeFileAtomically } from '../../support/atomic-file.js';
import { parseLedger, type Ledger, type LedgerEntry } from './ledger.js';

/** Where baselines are kept unless another folder is named, relative to the current folder. */
export const defaultBaselineFolder = 'predis-bench-baselines';

/** An accepted result, as read from the store. */
export interface StoredBaseline {
  readonly ledger: Ledger;
  readonly entry: LedgerEntry;
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly result: ResultFile;
}

/**
 * A folder of baselines:
 *
 *   <folder>/<machine fingerprint>/<suite>.json              the ledger: who accepted what, when and why
 *   <folder>/<machine fingerprint>/<suite>/<when>-<hash>.json   every accepted result, byte for byte; none is ever changed
 *
 * The newest entry of a ledger is the baseline, so that replacing the ledger, which is one rename, accepts one.
 */
export class BaselineStore {
  readonly folder: string;

  constructor(folder: string = defaultBaselineFolder) {
    this.folder = folder;
  }

  /** All ledgers, by machine and suite. @throws BenchError RESULT_UNREADABLE, RESULT_NOT_OURS, RESULT_VERSION */
  ledgers(): Ledger[] {
    return namesIn(this.folder)
      .filter((name) => /^[0-9a-f]{16}$/.test(name))
      .flatMap((fingerprint) =>
        namesIn(join(this.folder, fingerprint))
          .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
          .map((name) => this.#readLedger(fingerprint, name.slice(0, -'.json'.length)))
          .filter((ledger) => ledger !== null),
      );
  }

  /** The ledger of one suite on one machine; null when nothing was accepted yet. @throws as `ledgers` */
  ledger(fingerprint: string, suite: string): Ledger | null {
    return this.#readLedger(fingerprint, suite);
  }

  pathOf(ledger: Ledger, { file }: LedgerEntry): string {
    return join(this.folder, ledger.machine.fingerprint, ledger.suite, file);
  }

  /**
   * The baseline of a ledger: its newest entry.
   *
   * @throws BenchError RESULT_UNREADABLE also when the file is not the one that was accepted; others of `readResultFile`
   */
  baseline(ledger: Ledger): StoredBaseline {
    const entry = ledger.entries.at(-1);
    if (entry === undefined) throw new Error('a ledger without entries');
    const path = this.pathOf(ledger, entry);
    const bytes = readFileBytes(path);
    if (sha256(bytes) !== entry.sha256) {
      throw new BenchError(
        'RESULT_UNREADABLE',
        `${path} is not the file that was accepted: its SHA-256 differs from the one in the ledger.`,
        {
          hint: 'Baselines change by predis-bench baseline accept alone; get the file back, or accept another.',
        },
      );
    }
    return { ledger, entry, path, bytes, result: parseResultFile(bytes, path) };
  }

  /**
   * Makes a result the baseline of its machine's suite. Earlier ones are kept. Whatever ends the program, the ledger is the old one
   * or the new one.
   *
   * @param bytes of the result file, kept as they are
   * @throws BenchError OUTPUT_UNWRITABLE; also when another program is accepting into the same ledger
   */
  add(
    suite: string,
    result: ResultFile,
    bytes: Uint8Array,
    accepted: Pick<LedgerEntry, 'acceptedAt' | 'acceptedBy' | 'reason' | 'besidePrevious'>,
  ): { readonly ledger: Ledger; readonly path: string } {
    const { fingerprint, cpuModel, logicalCpus } = result.environment;
    const folder = join(this.folder, fingerprint);
    return writing(folder, () =>
      locked(folder, suite, () => {
        const hash = sha256(bytes);
        const stamp = result.createdAt.replace(/[^0-9TZ]/g, '').slice(0, 15);
        const entry: LedgerEntry = {
          file: `${stamp}-${hash.slice(0, 12)}.json`,
          sha256: hash,
          resultId: result.id,
          measuredAt: result.createdAt,
          commit: result.tool.commit,
          dirty: result.tool.dirty,
          toolVersion: result.tool.version,
          ...accepted,
        };
        const ledger: Ledger = {
          format: 'predis-bench-baseline',
          schemaVersion: 1,
          suite,
          machine: { fingerprint, cpuModel, logicalCpus },
          entries: [...(this.ledger(fingerprint, suite)?.entries ?? []), entry],
        };
        const path = this.pathOf(ledger, entry);
        writeFileAtomically(path, [bytes]);
        writeFileAtomically(this.#ledgerPath(fingerprint, suite), [`${JSON.stringify(ledger, null, 2)}\n`]);
        return { ledger, path };
      }),
    );
  }

  #ledgerPath(fingerprint: string, suite: string): string {
    return join(this.folder, fingerprint, `${suite}.json`);
  }

  #readLedger(fingerprint: string, suite: string): Ledger | null {
    const path = this.#ledgerPath(fingerprint, suite);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if (isMissing(error)) return null;
      throw unreadable(path, error);
    }
    const ledger = parseLedger(text, path);
    if (ledger.suite !== suite || ledger.machine.fingerprint !== fingerprint) {
      throw new BenchError(
        'RESULT_UNREADABLE',
        `${path} is the ledger of ${ledger.suite} on ${ledger.machine.fingerprint}: it was moved.`,
      );
    }
    return ledger;
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** Names in a folder, sorted; none when there is no such folder. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw unreadable(folder, error);
  }
}

function unreadable(path: string, cause: unknown): BenchError {
  const code = (cause as NodeJS.ErrnoException).code;
  const why =
    code === 'EACCES'
      ? 'permission denied'
      : code === 'ENOTDIR'
        ? 'it is no folder'
        : code === 'EISDIR'
          ? 'it is a folder'
          : (cause as Error).message;
  return new BenchError('RESULT_UNREADABLE', `${path} cannot be read: ${why}.`, { cause });
}

/** Two programs that read one ledger and write it again would lose one acceptance. */
function locked<T>(folder: string, suite: string, work: () => T): T {
  makeFolders(folder);
  const path = join(folder, `.${suite}.lock`);
  try {
    closeSync(openSync(path, 'wx'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new BenchError('OUTPUT_UNWRITABLE', `Another baseline accept is at work in ${folder} (${path}).`, {
      hint: 'Wait for it; when none is, one was killed: remove that file.',
    });
  }
  try {
    return work();
  } finally {
    rmSync(path, { force: true });
  }
}

function writing<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof BenchError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new BenchError(
      'OUTPUT_UNWRITABLE',
      `The baseline could not be written to ${folder}: ${code ?? message}.`,
      {
        hint: 'Choose another place with --baselines <folder>.',
        cause,
      },
    );
  }
}
