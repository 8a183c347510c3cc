/** Summaries for the tests of the report: made-up result files, judged by the real analysis. */
import { summarise } from '../../src/analysis/summarise.js';
import type { Summary } from '../../src/analysis/summary.js';
import { defaultContenders, makeResultFile, type FixtureOptions } from '../analysis/fixtures.js';

/** Analysis of one made-up run. */
export function summaryOf(options: FixtureOptions): Summary {
  return summarise([{ fileName: 'made-for-tests.json', result: makeResultFile(options) }]);
}

/** Two cases of three contenders, one lost by Predis, with a voided trial: small enough for a golden file. */
export function smallSummary(): Summary {
  return summarise([
    {
      fileName: 'hft.json',
      result: makeResultFile({
        id: 'made-for-tests-won',
        cases: ['hft'],
        blocks: 4,
        alpha: 0.05,
        spoil: ({ contender, block, position }) =>
          contender === 'predis' && block === 1 && position < 3 ? 'void' : 'measured',
      }),
    },
    {
      fileName: 'batch.json',
      result: makeResultFile({
        id: 'made-for-tests-lost',
        seed: 2,
        cases: ['batch/10000'],
        blocks: 4,
        alpha: 0.05,
        predisSpeed: 0.25,
      }),
    },
  ]);
}

/** The size of `run all`: nine cases, three contenders, 64 trials each. */
export function largeSummary(): Summary {
  return summaryOf({
    cases: [
      'basic',
      'batch/10',
      'batch/100',
      'batch/1000',
      'batch/10000',
      'hft',
      'ml-training',
      'gaming',
      'zipfian',
    ],
    blocks: 32,
  });
}

/** Only Redis was measured: nothing to compare. */
export function redisOnlySummary(): Summary {
  return summaryOf({ contenders: defaultContenders.filter(({ id }) => id === 'redis') });
}

/** A run that ended before its first trial. */
export function emptySummary(): Summary {
  return summaryOf({ keepTrials: 0, status: 'interrupted' });
}
