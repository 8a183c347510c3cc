import { closeSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { BenchError } from '../errors.js';
import { makeFolders, writeFileAtomically } from '../support/atomic-file.js';
import { trialKey } from './check.js';
import { readResultFile } from './read.js';
import type { Ceiling, EngineFacts, GpuFacts, Look, ResultFile, Trial } from './schema.js';

/** A result file before its first trial. */
export type ResultHead = Omit<ResultFile, 'trials' | 'status' | 'updatedAt'>;

/**
 * Keeps a result file complete on the disk: after every trial the whole file is replaced atomically, so that an end at any
 * moment leaves a valid file. Each trial is serialised once; a write then costs little more than the copying of bytes.
 *
 * One writer per file, one thread.
 */
export class ResultWriter {
  readonly path: string;
  readonly #head: ResultHead & Pick<ResultFile, 'engines'>;
  readonly #trials: Trial[];
  readonly #serialised: Buffer[];
  readonly #recorded: Set<string>;
  readonly #now: () => Date;
  #status: ResultFile['status'] = 'running';

  private constructor(path: string, head: ResultHead, trials: readonly Trial[], now: () => Date) {
    this.path = path;
    const { format, schemaVersion, id, createdAt, tool, command, plan, environment, engines } = head;
    const { ceilings, disclosure, looks } = head;
    // Field by field: what the writer itself keeps (status, time of writing) must not come from an earlier file.
    this.#head = {
      ...{ format, schemaVersion, id, createdAt, tool, command, plan },
      environment: { ...environment },
      ...(disclosure === undefined ? {} : { disclosure }),
      engines: { ...engines },
      ...(ceilings === undefined ? {} : { ceilings: [...ceilings] }),
      ...(looks === undefined ? {} : { looks: [...looks] }),
    };
    this.#trials = [...trials];
    this.#serialised = trials.map((trial, index) => serialise(trial, index));
    this.#recorded = new Set(trials.map(trialKey));
    this.#now = now;
  }

  /**
   * Begins a new file and writes it at once, so that a folder that cannot be written to or a full disk is met before the
   * first trial is measured. Missing folders are made.
   *
   * @param now the time of writing; handed in by tests
   * @throws BenchError OUTPUT_UNWRITABLE, also when a file of that name is there already
   */
  static create(path: string, head: ResultHead, now: () => Date = () => new Date()): ResultWriter {
    claim(path);
    const writer = new ResultWriter(path, head, [], now);
    try {
      writer.#write();
    } catch (error) {
      rmSync(path, { force: true }); // our own empty claim
      throw error;
    }
    return writer;
  }

  /**
   * Goes on with a file of an earlier run. Its trials are kept as they are.
   *
   * @param check throws when this is not the run to go on with; the file is then untouched
   * @throws BenchError USAGE when the file is complete; those of `readResultFile`, and OUTPUT_UNWRITABLE
   */
  static resume(
    path: string,
    check: (head: ResultHead) => void = () => undefined,
    now: () => Date = () => new Date(),
  ): ResultWriter {
    const { trials, status, ...head } = readResultFile(path);
    if (status === 'complete') {
      throw new BenchError('USAGE', `${path} is complete: there is nothing to go on with.`);
    }
    check(head);
    const writer = new ResultWriter(path, head, trials, now);
    writer.#write();
    return writer;
  }

  /** Everything but the trials, as begun. */
  get head(): ResultHead {
    return this.#head;
  }

  /** The trials recorded so far, in the order of recording. */
  get trials(): readonly Trial[] {
    return this.#trials;
  }

  /** Whether this trial is recorded already. */
  has(trial: Pick<Trial, 'caseId' | 'block' | 'position'>): boolean {
    return this.#recorded.has(trialKey(trial));
  }

  /** Notes what an engine said about itself; reaches the disk with the next trial. */
  setEngine(contender: string, facts: EngineFacts): void {
    this.#head.engines[contender] = facts;
  }

  /** Notes the GPU that an engine works on; reaches the disk with the next trial. */
  setGpu(gpu: GpuFacts): void {
    this.#head.environment.gpu = gpu;
  }

  /** Whether this was asked already. */
  hasCeiling({ caseId, contender }: Pick<Ceiling, 'caseId' | 'contender'>): boolean {
    const ceilings = this.#head.ceilings ?? [];
    return ceilings.some((known) => known.caseId === caseId && known.contender === contender);
  }

  /** Notes what an engine's own load generator reached; reaches the disk with the next trial. */
  addCeiling(ceiling: Ceiling): void {
    this.#head.ceilings = [...(this.#head.ceilings ?? []), ceiling];
  }

  /** Records a look of the stopping rule and replaces the file. @throws BenchError OUTPUT_UNWRITABLE */
  addLook(look: Look): void {
    this.#head.looks = [...(this.#head.looks ?? []), look];
    this.#write();
  }

  /**
   * Records a trial and replaces the file.
   *
   * @throws BenchError OUTPUT_UNWRITABLE; the file then still holds the trials before this one
   */
  addTrial(trial: Trial): void {
    const key = trialKey(trial);
    if (this.#recorded.has(key)) throw new Error(`trial ${key} is recorded already`);
    this.#recorded.add(key);
    this.#trials.push(trial);
    this.#serialised.push(serialise(trial, this.#serialised.length));
    this.#write();
  }

  /** Ends the file. @throws BenchError OUTPUT_UNWRITABLE */
  finish(status: 'complete' | 'interrupted'): void {
    this.#status = status;
    this.#write();
  }

  #write(): void {
    try {
      writeFileAtomically(this.path, this.#chunks());
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }

  *#chunks(): Generator<string | Uint8Array> {
    const { engines, ...before } = this.#head;
    const head = { ...before, status: this.#status, updatedAt: this.#now().toISOString(), engines };
    // The head is indented for people; a trial takes one line, so that files of two runs can be compared line by line.
    yield JSON.stringify(head, null, 2).replace(/\n\}$/, ',\n  "trials": [');
    yield* this.#serialised;
    yield this.#serialised.length === 0 ? ']\n}\n' : '\n  ]\n}\n';
  }
}

function serialise(trial: Trial, index: number): Buffer {
  return Buffer.from(`${index === 0 ? '' : ','}\n    ${JSON.stringify(trial)}`);
}

/** Takes the name, atomically: of two runs that want the same file one is refused. */
function claim(path: string): void {
  try {
    makeFolders(dirname(path));
    closeSync(openSync(path, 'wx', 0o644));
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): BenchError {
  const { code, message, syscall } = cause as NodeJS.ErrnoException;
  if (code === 'EEXIST' && syscall !== 'mkdir') {
    return new BenchError('OUTPUT_UNWRITABLE', `${path} exists already and is not overwritten.`, {
      hint: 'Choose another place with --output, or go on with that run: --resume.',
      cause,
    });
  }
  const reasons: Readonly<Record<string, string>> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    EDQUOT: 'the disk quota is used up',
    EEXIST: 'a part of its path is a file, not a folder',
    ENOTDIR: 'a part of its path is a file, not a folder',
    EISDIR: 'it is a folder',
    ENAMETOOLONG: 'the name is too long',
  };
  return new BenchError(
    'OUTPUT_UNWRITABLE',
    `${path} cannot be written: ${reasons[code ?? ''] ?? message}.`,
    { cause },
  );
}
