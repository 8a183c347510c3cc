import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { summarise } from '../../src/analysis/summarise.js';
import type { ComparisonSummary, Summary } from '../../src/analysis/summary.js';
import { BenchError } from '../../src/errors.js';
import type { ResultFile } from '../../src/results/schema.js';
import { hodgesLehmannRatio, mannWhitneyU, pseudomedian, wilcoxonSignedRank } from '../../src/stats/index.js';
import { defaultContenders, makeResultFile, type FixtureContender, type FixtureOptions } from './fixtures.js';

const one = (options: FixtureOptions = {}): Summary =>
  summarise([{ fileName: 'a.json', result: makeResultFile(options) }]);

const find = (summary: Summary, metric: string, baseline = 'redis'): ComparisonSummary => {
  const comparison = summary.cases[0]?.comparisons.find(
    (candidate) => candidate.metric === metric && candidate.baseline === baseline,
  );
  assert.ok(comparison !== undefined);
  return comparison;
};

const values = (summary: Summary, contender: string, metric: string): readonly number[] =>
  summary.cases[0]?.contenders
    .find(({ id }) => id === contender)
    ?.metrics.find((candidate) => candidate.metric === metric)?.values ?? [];

/** Predis and Redis with the same made-up speed. */
const equals: readonly FixtureContender[] = [
  { id: 'redis', throughput: 60_000, latencyNs: 60_000 },
  { id: 'predis', engine: 'predis', boundary: 'socket', throughput: 60_000, latencyNs: 60_000 },
];

describe('summarise: comparisons', () => {
  it('can be recomputed from the numbers shown', () => {
    const summary = one({ blocks: 8, contenders: equals, trialSd: 0.05 });
    const family = summary.cases.flatMap(({ comparisons }) => comparisons);
    assert.equal(summary.statistics.familySize, family.length);
    for (const comparison of family) {
      const candidate = values(summary, 'predis', comparison.metric);
      const baseline = values(summary, 'redis', comparison.metric);
      const test = mannWhitneyU(candidate, baseline);
      assert.equal(comparison.test?.pValue, test.pValue);
      assert.equal(comparison.test.method, 'exact');
      const smaller = family.filter((other) => (other.test?.pValue ?? 1) < test.pValue).length;
      assert.ok(
        comparison.test.adjustedPValue >= Math.min(1, (family.length - smaller) * test.pValue) - 1e-15,
      );
      const shift = hodgesLehmannRatio(candidate, baseline);
      assert.deepEqual(comparison.ratio, {
        estimate: shift.estimate,
        low: shift.low,
        high: shift.high,
      });
      assert.equal(comparison.confidence.achieved, shift.achievedConfidence);
    }
  });

  it('turns the advantage so that above 1 favours the candidate on every metric', () => {
    const summary = one({ blocks: 16 });
    const latency = find(summary, 'latencyP95');
    assert.ok((latency.ratio?.estimate ?? 1) < 1 && (latency.advantage?.low ?? 0) > 1);
    assert.equal(latency.advantage?.low, 1 / (latency.ratio?.high ?? NaN));
    assert.equal(latency.cliffsDelta, 1);
    const throughput = find(summary, 'throughput');
    assert.deepEqual(throughput.advantage, throughput.ratio);
    assert.equal(throughput.verdict, 'candidate-better');
    assert.ok(throughput.crossesBoundary);
  });

  it('pairs the means of logarithms within complete blocks', () => {
    const result = makeResultFile({
      blocks: 4,
      // the second block of Redis loses a trial, the third all of Predis
      spoil: ({ contender, block, position }) =>
        (block === 1 && contender === 'redis' && position < 3) || (block === 2 && contender === 'predis')
          ? 'failed'
          : 'measured',
    });
    const comparison = find(summarise([{ fileName: 'a.json', result }]), 'throughput');
    const meanLn = (contender: string, block: number) => {
      const logs = result.trials.flatMap((trial) =>
        trial.state === 'measured' && trial.contender === contender && trial.block === block
          ? [Math.log(trial.measurements.throughputPerSecond)]
          : [],
      );
      return logs.reduce((sum, value) => sum + value, 0) / logs.length;
    };
    const differences = [0, 3].map((block) => meanLn('predis', block) - meanLn('redis', block));
    assert.equal(comparison.paired?.blocks, 2);
    assert.equal(comparison.paired.test.pValue, wilcoxonSignedRank(differences).pValue);
    const expected = Math.exp(pseudomedian(differences).estimate);
    assert.ok(Math.abs(comparison.paired.advantage.estimate / expected - 1) < 1e-12);
    assert.equal(comparison.paired.advantage.low, null, 'two blocks bound nothing');
    assert.deepEqual(comparison.trials, { baseline: 7, candidate: 6 });
  });

  it('corrects over the whole declaration, also over what could not be measured', () => {
    const whole = makeResultFile({ blocks: 8 });
    const half = makeResultFile({
      blocks: 8,
      spoil: ({ contender }) => (contender === 'redis-pipelined' ? 'failed' : 'measured'),
    });
    const summary = summarise([{ fileName: 'a.json', result: half }]);
    assert.equal(summary.statistics.familySize, whole.plan.comparisons.length);
    assert.equal(find(summary, 'throughput', 'redis-pipelined').verdict, 'not-measured');
    const smallest = find(summary, 'throughput').test;
    assert.ok(smallest !== null && smallest.pValue === smallest.smallestPValue);
    assert.ok(Math.abs(smallest.adjustedPValue - 6 * smallest.pValue) < 1e-15);
  });

  it('gives each verdict where it belongs', () => {
    assert.equal(find(one({ blocks: 8, contenders: equals }), 'throughput').verdict, 'no-difference-shown');
    assert.equal(find(one({ blocks: 2 }), 'throughput').verdict, 'too-few-trials');
    const slow = defaultContenders.map((contender) =>
      contender.engine === 'predis' ? { ...contender, throughput: 10_000 } : contender,
    );
    assert.equal(find(one({ blocks: 8, contenders: slow }), 'throughput').verdict, 'baseline-better');
  });

  it('says beside every comparison what it would have found, and in the sentence where no difference was shown', () => {
    const summary = one({ blocks: 8, contenders: equals, metrics: ['throughput'] });
    const { detectable, verdict, equivalence } = find(summary, 'throughput');
    assert.equal(verdict, 'no-difference-shown');
    assert.equal(equivalence, null);
    assert.ok(detectable !== null && detectable.power === 0.8);
    // 16 against 16 values, deviation of 3 %: more than two standard errors of the difference, less than ten
    const error = 0.03 * Math.sqrt(2 / 16);
    assert.ok(Math.log(detectable.high) > 2 * error && Math.log(detectable.high) < 10 * error);
    assert.ok(Math.abs(detectable.low * detectable.high - 1) < 1e-12);
    const said = summary.whereRedisWins.map(({ text }) => text).join('\n');
    assert.match(said, /a ratio below 0\.\d+× or above 1\.\d+× would have been found in 80 % of cases/);
    assert.equal(find(one({ blocks: 1 }), 'throughput').detectable, null);
  });

  it('tests equivalence where a margin was declared, with a correction over the family', () => {
    const options = { blocks: 10, contenders: equals, metrics: ['throughput'], alpha: 0.05 } as const;
    const wide = one({ ...options, margin: 0.2 });
    const { equivalence, verdict } = find(wide, 'throughput');
    assert.equal(verdict, 'equivalent');
    assert.ok(equivalence?.shown === true && equivalence.adjustedPValue >= equivalence.pValue);
    assert.deepEqual(
      [equivalence.margin, equivalence.bounds.low, equivalence.bounds.high].map((value) => value.toFixed(3)),
      ['0.200', '0.800', '1.250'],
    );
    assert.equal(wide.statistics.margin, 0.2);
    assert.ok(wide.statistics.againstRedis.verdicts.equivalent > 0);
    assert.match(
      wide.whereRedisWins.map(({ text }) => text).join(' '),
      /equal within the declared margin: .*differ by less than 20 % was shown/,
    );
    const narrow = find(one({ ...options, margin: 0.001 }), 'throughput');
    assert.deepEqual([narrow.verdict, narrow.equivalence?.shown], ['no-difference-shown', false]);
    // a difference that was shown stays one, however wide the margin
    const far = find(one({ blocks: 10, metrics: ['throughput'], alpha: 0.05, margin: 0.9 }), 'throughput');
    assert.equal(far.verdict, 'candidate-better');
  });

  it('claims nothing that the correction takes away', () => {
    const alone = one({
      blocks: 3,
      alpha: 0.005,
      metrics: ['throughput'],
      contenders: defaultContenders.slice(1),
    });
    assert.equal(find(alone, 'throughput', 'redis-pipelined').verdict, 'candidate-better');
    const family = find(one({ blocks: 3, alpha: 0.005 }), 'throughput', 'redis-pipelined');
    assert.ok(family.test !== null && family.test.pValue < 0.005 && family.test.adjustedPValue > 0.005);
    assert.equal(family.verdict, 'too-few-trials');
  });

  it('makes no ratio out of a value of 0', () => {
    const contenders = defaultContenders.map((contender) => ({ ...contender, memoryBytes: 0 }));
    const memory = find(one({ blocks: 4, contenders }), 'memory');
    assert.deepEqual([memory.verdict, memory.ratio, memory.test], ['not-measured', null, null]);
  });

  it('says whether p < 0.001 could be reached', () => {
    assert.deepEqual(one({ blocks: 2 }).statistics.canReachP001, { mannWhitney: false, signedRank: false });
    assert.deepEqual(one({ blocks: 5 }).statistics.canReachP001, { mannWhitney: true, signedRank: false });
    assert.deepEqual(one({ blocks: 14 }).statistics.canReachP001, { mannWhitney: true, signedRank: true });
  });
});

describe('summarise: contenders', () => {
  it('gives the median of the trials with its interval, and null for one that does not exist', () => {
    const metric = (summary: Summary) => summary.cases[0]?.contenders[0]?.metrics[0];
    const ten = metric(one({ blocks: 5 }));
    const sorted = [...(ten?.values ?? [])].sort((a, b) => a - b);
    assert.equal(ten?.trials, 10);
    assert.deepEqual([ten.median.low, ten.median.high], [sorted[1], sorted[8]]);
    assert.equal(metric(one({ blocks: 2 }))?.median.low, null);
  });

  it('merges histograms: all requests, and the percentiles of all of them', () => {
    const result = makeResultFile({ blocks: 3 });
    const summary = summarise([{ fileName: 'a.json', result }]);
    const latency = summary.cases[0]?.contenders[0]?.latency;
    const records = result.trials.flatMap((trial) =>
      trial.state === 'measured' && trial.contender === 'redis' ? [trial.measurements.latency.all] : [],
    );
    assert.ok(latency !== null && latency !== undefined);
    assert.equal(
      latency.requests,
      records.reduce((sum, { count }) => sum + count, 0),
    );
    assert.equal(latency.maxNs, Math.max(...records.map(({ maxNs }) => maxNs)));
    const at = (percentile: number) =>
      latency.percentiles.find((entry) => entry.percentile === percentile)?.valueNs ?? NaN;
    const p95s = records.map(({ p95Ns }) => p95Ns);
    assert.ok(at(95) >= Math.min(...p95s) && at(95) <= Math.max(...p95s));
    const ladder = latency.percentiles.map(({ valueNs }) => valueNs);
    assert.deepEqual(
      ladder,
      [...ladder].sort((a, b) => a - b),
    );
    assert.equal(latency.percentiles.at(-1)?.percentile, 100);
  });

  it('keeps void and failed trials out and says why they are missing', () => {
    const summary = one({
      blocks: 4,
      spoil: ({ contender, block }) =>
        contender === 'redis' && block < 2 ? (block === 0 ? 'void' : 'failed') : 'measured',
    });
    const redis = summary.cases[0]?.contenders.find(({ id }) => id === 'redis');
    assert.deepEqual(redis?.trials, { measured: 4, voided: 2, failed: 2 });
    assert.deepEqual(redis.problems, ['Made void for a test.', 'Made to fail for a test.']);
    assert.equal(redis.metrics[0]?.values.length, 4);
  });

  it('shows a contender of which nothing was measured without numbers', () => {
    const summary = one({
      blocks: 2,
      spoil: ({ contender }) => (contender === 'predis' ? 'failed' : 'measured'),
    });
    const predis = summary.cases[0]?.contenders.find(({ id }) => id === 'predis');
    assert.deepEqual([predis?.metrics, predis?.latency], [[], null]);
  });
});

describe('summarise: several files', () => {
  const file = (options: FixtureOptions): ResultFile => makeResultFile({ blocks: 2, ...options });
  const refused = (a: ResultFile, b: ResultFile, message: RegExp) => {
    assert.throws(
      () =>
        summarise([
          { fileName: 'a.json', result: a },
          { fileName: 'b.json', result: b },
        ]),
      (error: unknown) => {
        assert.ok(error instanceof BenchError);
        assert.equal(error.code, 'MIXED_COMPARISON');
        assert.match(error.message, message);
        assert.match(error.message, /a\.json/);
        assert.match(error.message, /b\.json/);
        return true;
      },
    );
  };

  it('merges runs of different cases on one machine into one family', () => {
    const summary = summarise([
      { fileName: 'a.json', result: file({ cases: ['hft'] }) },
      { fileName: 'b.json', result: file({ cases: ['gaming'], id: 'another-file' }) },
    ]);
    assert.deepEqual(
      summary.cases.map(({ id }) => id),
      ['hft', 'gaming'],
    );
    assert.equal(summary.statistics.familySize, 12);
    assert.equal(summary.sources.length, 2);
    assert.deepEqual([summary.sources[0]?.trialsPlanned, summary.sources[0]?.trialsRecorded], [12, 12]);
  });

  it('refuses different machines, naming both', () => {
    refused(file({}), file({ cases: ['gaming'], fingerprint: 'fedcba9876543210' }), /different machines/);
  });

  it('refuses one case in two files, and says when the streams differ', () => {
    refused(file({}), file({ seed: 2 }), /both hold the case hft\.$/);
    refused(file({}), file({ cases: [{ id: 'hft', streamSeed: 2 }] }), /different operation streams/);
  });

  it('refuses different driving', () => {
    refused(file({}), file({ cases: ['gaming'], connections: 8 }), /4 and 8 connections/);
  });

  it('refuses no file at all, and a histogram that is none', () => {
    assert.throws(() => summarise([]), { code: 'USAGE' });
    const broken = structuredClone(file({}));
    const trial = broken.trials[0];
    assert.ok(trial?.state === 'measured');
    trial.measurements.latency.all.histogram = 'bm90IGEgaGlzdG9ncmFt';
    assert.throws(() => summarise([{ fileName: 'a.json', result: broken }]), { code: 'RESULT_UNREADABLE' });
  });
});
