import type { ResultFile } from './schema.js';

/** The blocks of a case that are to be measured: all of the plan, or those before the look at which the case was stopped. */
export function plannedBlocks(
  { plan, looks = [] }: Pick<ResultFile, 'plan' | 'looks'>,
  caseId: string,
): readonly (readonly string[])[] {
  const blocks = plan.cases.find(({ id }) => id === caseId)?.blocks ?? [];
  const stop = looks.find((look) => look.caseId === caseId && look.stopped);
  return stop === undefined ? blocks : blocks.slice(0, stop.blocks);
}

/** Trials of the plan that are to be measured. */
export function plannedTrials(file: Pick<ResultFile, 'plan' | 'looks'>): number {
  return file.plan.cases.reduce((sum, { id }) => sum + plannedBlocks(file, id).flat().length, 0);
}
