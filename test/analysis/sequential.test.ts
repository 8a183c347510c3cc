import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { isDecided } from '../../src/analysis/sequential.js';
import { summarise } from '../../src/analysis/summarise.js';
import type { ComparisonSummary, Summary } from '../../src/analysis/summary.js';
import { parseResultFile } from '../../src/results/read.js';
import type { ResultFile } from '../../src/results/schema.js';
import { groupSequential, mannWhitneyU } from '../../src/stats/index.js';
import { makeResultFile, type FixtureOptions } from './fixtures.js';

const BLOCKS = 24;
const at = [6, 12, 18, 24];

/** A session with a rule of four looks, of which the first blocks are recorded. */
function session(options: FixtureOptions, blocks: number, stopped = false): ResultFile {
  const file = makeResultFile({ blocks: BLOCKS, alpha: 0.05, metrics: ['throughput'], ...options });
  const alpha = 0.05 / file.plan.comparisons.length;
  const rule = groupSequential({ looks: at.map((done) => done / BLOCKS), alpha, spending: 'pocock' });
  const looks = at.map((done, look) => ({ blocks: done, nominalAlpha: rule[look]?.nominalAlpha ?? 0 }));
  return {
    ...file,
    plan: { ...file.plan, stopping: { spending: 'pocock', looks } },
    trials: file.trials.filter(({ block }) => block < blocks),
    looks: at
      .filter((done) => done <= blocks)
      .map((done) => ({
        caseId: 'hft',
        blocks: done,
        lookedAt: '2026-01-01T00:00:00.000Z',
        stopped: stopped && done === blocks,
      })),
  };
}

function withoutRule(result: ResultFile): ResultFile {
  const plan = { ...result.plan };
  delete plan.stopping;
  return { ...result, plan, looks: [] };
}

const summaryOf = (result: ResultFile): Summary => summarise([{ fileName: 'a.json', result }]);
const first = (summary: Summary): ComparisonSummary => {
  const comparison = summary.cases[0]?.comparisons[0];
  assert.ok(comparison !== undefined);
  return comparison;
};

describe('a session with a stopping rule', () => {
  it('is decided where every comparison has crossed its boundary, by trials and by blocks', () => {
    assert.equal(isDecided(session({}, 6), 'hft'), false); // 2 / 2^6 = 0.03: no six blocks can cross
    assert.equal(isDecided(session({}, 12), 'hft'), true);
    assert.equal(isDecided(session({}, 11), 'hft'), false); // no look has come
    const equal = [{ id: 'redis' }, { id: 'predis', engine: 'predis', boundary: 'api' }] as const;
    assert.equal(isDecided(session({ contenders: equal, seed: 3 }, 12), 'hft'), false);
    assert.equal(isDecided(withoutRule(session({}, 12)), 'hft'), false);
  });

  it('gives p-values and intervals that allow for the looks', () => {
    const stopped = session({ seed: 5, contenders: near }, 12, true);
    const comparison = first(summaryOf(stopped));
    assert.deepEqual(
      comparison.looks?.map(({ blocks }) => blocks),
      [6, 12],
    );
    const naive = first(summaryOf(withoutRule(stopped)));
    assert.ok(comparison.test !== null && naive.test !== null);
    assert.equal(comparison.looks[1]?.pValue, naive.test.pValue);
    assert.ok(comparison.test.pValue > naive.test.pValue, 'looking has a price');
    assert.ok((comparison.paired?.test.pValue ?? 0) > (naive.paired?.test.pValue ?? 1));
    assert.ok(comparison.confidence.asked > 0.95 && naive.confidence.asked === 0.95);
    const width = ({ advantage }: ComparisonSummary) => (advantage?.high ?? NaN) - (advantage?.low ?? NaN);
    assert.ok(width(comparison) > width(naive));
    const values = (id: string) =>
      stopped.trials.flatMap((trial) =>
        trial.state === 'measured' && trial.contender === id && trial.block < 6
          ? [trial.measurements.throughputPerSecond]
          : [],
      );
    assert.equal(comparison.looks[0]?.pValue, mannWhitneyU(values('predis'), values('redis')).pValue);
  });

  it('says what the rule did, and counts the trials that it left out as not planned', () => {
    const summary = summaryOf(session({}, 12, true));
    const { stopping } = summary.cases[0] ?? {};
    assert.deepEqual(stopping, {
      ...{ spending: 'pocock', looksTaken: 2, looksPlanned: 4 },
      ...{ blocksTaken: 12, blocksPlanned: 24, stopped: true },
    });
    const [source] = summary.sources;
    assert.deepEqual([source?.trialsPlanned, source?.trialsRecorded], [72, 72]);
    const said = summary.caveats.map(({ text }) => text).join('\n');
    assert.match(said, /hft ended early, as a rule .* after 2 of 4 looks and 12 of 24 blocks/);
    assert.doesNotMatch(said, /did not end|is incomplete/);
    assert.equal(first(summary).verdict, 'candidate-better');
  });

  it('knows nothing before its first look, and uses nothing between two looks', () => {
    const early = first(summaryOf(session({}, 5)));
    assert.deepEqual([early.looks, early.test?.pValue, early.advantage?.low], [[], 1, null]);
    assert.notEqual(early.verdict, 'candidate-better');
    const between = first(summaryOf({ ...session({}, 17), looks: session({}, 12).looks ?? [] }));
    const then = first(summaryOf(session({}, 12)));
    assert.deepEqual([between.test, between.trials], [then.test, then.trials]);
  });

  it('is read back, and a look that the rule has not is refused', () => {
    const read = (result: ResultFile) => parseResultFile(Buffer.from(JSON.stringify(result)), 'a.json');
    const good = session({}, 12, true);
    assert.deepEqual(read(good).looks, good.looks);
    const looks = [{ caseId: 'hft', blocks: 7, lookedAt: '2026-01-01T00:00:00.000Z', stopped: false }];
    assert.throws(() => read({ ...good, looks }), /\/looks\/0\/blocks is no look of the plan/);
    assert.throws(
      () => read({ ...good, looks: [...(good.looks ?? []), ...(good.looks ?? [])] }),
      /recorded twice/,
    );
  });
});

/** Predis a little ahead: a difference that a look can show, and no more. */
const near = [
  { id: 'redis', throughput: 60_000 },
  { id: 'predis', engine: 'predis', boundary: 'api', throughput: 62_500 },
] as const;
