import { plannedTrials } from '../results/planned.js';
import type { Look, Plan, Trial } from '../results/schema.js';
import type { Clock } from './clock.js';

/** Where a run stands; the command line shows it, this room prints nothing. */
export interface TrialPlace {
  readonly caseId: string;
  readonly caseLabel: string;
  readonly contender: string;
  /** From 0, of `blocks`. */
  readonly block: number;
  readonly blocks: number;
  readonly position: number;
  /** Trials of the whole plan that are recorded, of `trials`; those of an earlier run count. */
  readonly done: number;
  readonly trials: number;
  /** Estimate from the trials so far, and from the lengths of warm-up and window before there is any. */
  readonly remainingMs: number;
}

export type ProgressEvent =
  | { readonly type: 'engine-start'; readonly contender: string }
  | { readonly type: 'case-start'; readonly caseId: string; readonly caseLabel: string }
  | { readonly type: 'benchmark-start'; readonly caseId: string; readonly contender: string }
  | ({ readonly type: 'look'; readonly looks: number } & Look)
  | ({ readonly type: 'trial-start' } & TrialPlace)
  | ({ readonly type: 'trial-end'; readonly trial: Trial } & TrialPlace);

export type ProgressListener = (event: ProgressEvent) => void;

/** Loading, reading back and opening connections, before anything is known about them. */
const ASSUMED_OVERHEAD_MS = 500;

/** Counts trials and estimates the time that is left. */
export class ProgressTracker {
  trials: number;
  done: number;
  readonly #clock: Clock;
  readonly #assumedMs: number;
  #measured = 0;
  #elapsedMs = 0;
  #startedMs = 0;

  /** @param looks those that were taken already: a case that was stopped has no more trials */
  constructor(plan: Plan, looks: readonly Look[], done: number, clock: Clock) {
    this.trials = plannedTrials({ plan, looks: [...looks] });
    this.done = done;
    this.#clock = clock;
    this.#assumedMs = plan.warmupMs + plan.windowMs + ASSUMED_OVERHEAD_MS;
  }

  /** A case was stopped: these trials will not be measured. */
  drop(trials: number): void {
    this.trials -= trials;
  }

  start(): void {
    this.#startedMs = this.#clock();
  }

  end(): void {
    this.#elapsedMs += this.#clock() - this.#startedMs;
    this.#measured++;
    this.done++;
  }

  remainingMs(): number {
    const each = this.#measured === 0 ? this.#assumedMs : this.#elapsedMs / this.#measured;
    return (this.trials - this.done) * each;
  }
}
