import type { CaseSummary, ContenderSummary, SessionValidity, SourceSummary } from './summary.js';

/** Trials and checked values of all sources, cases and contenders together. */
export interface Totals {
  readonly trialsPlanned: number;
  readonly trialsRecorded: number;
  /** Of them for A/A controls. */
  readonly controlTrials: number;
  /** Of the contenders, without the second arm of a control. */
  readonly trialsMeasured: number;
  readonly trialsVoided: number;
  readonly trialsFailed: number;
  readonly valuesChecked: number;
  readonly valuesWrong: number;
}

/** Adds up what a reader wants to know before any figure. */
export function summariseTotals(
  sources: readonly SourceSummary[],
  validity: readonly SessionValidity[],
  cases: readonly CaseSummary[],
): Totals {
  const contenders = cases.flatMap((row) => row.contenders);
  const total = (pick: (row: ContenderSummary) => number): number =>
    contenders.reduce((sum, row) => sum + pick(row), 0);
  return {
    trialsPlanned: sources.reduce((sum, { trialsPlanned }) => sum + trialsPlanned, 0),
    trialsRecorded: sources.reduce((sum, { trialsRecorded }) => sum + trialsRecorded, 0),
    controlTrials: validity.reduce((sum, { control }) => sum + control.extraTrials, 0),
    trialsMeasured: total(({ trials }) => trials.measured),
    trialsVoided: total(({ trials }) => trials.voided),
    trialsFailed: total(({ trials }) => trials.failed),
    valuesChecked: total(({ correctness }) => correctness.readsVerified + correctness.readBackKeys),
    valuesWrong: total(({ correctness }) => correctness.wrong),
  };
}
