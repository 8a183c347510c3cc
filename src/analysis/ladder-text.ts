import type { LadderStep, LadderStepName } from './summary.js';

const stepNames: Readonly<Record<LadderStepName, string>> = {
  'leaving-the-network': 'leaving the network',
  'native-code': 'in native code',
  gpu: 'on the GPU',
  'packed-batches': 'in packed batches instead of strings',
};

/** What a step of the ladder is called: "leaving the network and in native code" where the rung between was not measured. */
export function stepText({ names }: Pick<LadderStep, 'names'>): string {
  return names.length === 0 ? 'all steps together' : names.map((name) => stepNames[name]).join(' and ');
}
