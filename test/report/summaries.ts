/** Summaries for the tests of the report: made-up result files, judged by the real analysis. */
import { summarise, type Declarations } from '../../src/analysis/summarise.js';
import type { Summary } from '../../src/analysis/summary.js';
import { defaultClaimsPath, readClaimsFile } from '../../src/results/declared/read.js';
import { defaultContenders, makeResultFile, type FixtureOptions } from '../analysis/fixtures.js';

/** The founders' claims, as a report judges them. */
export const defaultClaims = readClaimsFile(defaultClaimsPath, 'claims/default.json');

/** A claim that the made-up numbers meet, one that they do not, one about the candidate alone, and prices: all made up. */
export const madeUpDeclarations: Declarations = {
  claims: {
    ...defaultClaims,
    content: {
      ...defaultClaims.content,
      claims: [
        ...defaultClaims.content.claims,
        {
          id: 'made-up',
          title: 'Half the latency of Redis, made up for tests',
          metrics: ['latencyP50'],
          candidate: { contender: 'predis', boundary: 'api' },
          baseline: { engine: 'redis' },
          threshold: { is: 'at-most', value: 0.5, unit: 'ratio' },
        },
        {
          id: 'alone',
          title: 'Mean latency below 1 µs, made up for tests',
          metrics: ['latencyMean'],
          candidate: { contender: 'predis', boundary: 'api' },
          cases: { workloads: ['hft'] },
          threshold: { is: 'below', value: 1000, unit: 'ns' },
        },
      ],
    },
  },
  prices: {
    fileName: 'prices.json',
    sha256: '0'.repeat(64),
    content: {
      format: 'predis-bench-prices',
      schemaVersion: 1,
      currency: 'USD',
      date: '2026-01-01',
      source: 'made up for tests',
      prices: [
        { machine: 'small', perHour: 0.25, contenders: ['redis', 'redis-pipelined'] },
        { machine: 'large', perHour: 1.5, contenders: ['predis'] },
      ],
    },
  },
};

/** Analysis of one made-up run. */
export function summaryOf(options: FixtureOptions): Summary {
  return summarise([{ fileName: 'made-for-tests.json', result: makeResultFile(options) }], {
    claims: defaultClaims,
  });
}

/** Two cases of three contenders, one lost by Predis, with a voided trial: small enough for a golden file. */
export function smallSummary(): Summary {
  return summarise(
    [
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
    ],
    madeUpDeclarations,
  );
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
