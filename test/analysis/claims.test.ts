/** Claims: declared, judged, and never met by what nobody measured. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CaseTrials } from '../../src/analysis/case-trials.js';
import type { ClaimsSummary, ClaimSummary, ClaimVerdict } from '../../src/analysis/claims/claim-summary.js';
import { judgeClaims } from '../../src/analysis/claims/judge.js';
import { summarise } from '../../src/analysis/summarise.js';
import type { SessionValidity, Summary } from '../../src/analysis/summary.js';
import { CLAIMS_FORMAT, type Claim, type ClaimsFile } from '../../src/results/declared/claims.js';
import { defaultClaimsPath, readClaimsFile, type Declared } from '../../src/results/declared/read.js';
import type { MeasuredTrial, ResultFile } from '../../src/results/schema.js';
import { resolvePointer } from '../../src/support/json-pointer.js';
import { createRandom } from '../../src/support/random.js';
import { defaultContenders, makeResultFile, normal, saturate } from './fixtures.js';

const declare = (...claims: Claim[]): Declared<ClaimsFile> => ({
  fileName: 'made-for-tests.json',
  sha256: '0'.repeat(64),
  content: { format: CLAIMS_FORMAT, schemaVersion: 1, title: 'Made for tests', claims },
});

/** Predis at `ratio` times Redis, whose best way in the fixtures is the pipelined one: 900 k/s over 300 k/s. */
const times = (ratio: number, more: Partial<Claim> = {}): Claim => ({
  id: 'throughput',
  title: `${String(ratio)} times the throughput`,
  metrics: ['throughput'],
  candidate: { contender: 'predis', boundary: 'api' },
  baseline: { engine: 'redis' },
  threshold: { is: 'at-least', value: ratio, unit: 'ratio' },
  ...more,
});

const judged = (result: ResultFile, ...claims: Claim[]): Summary =>
  summarise([{ fileName: 'a.json', result }], { claims: declare(...claims) });
const only = (summary: Summary): ClaimSummary => {
  const claim = summary.claims?.claims[0];
  assert.ok(claim !== undefined);
  return claim;
};
const judge = (result: ResultFile, claim: Claim): ClaimSummary => only(judged(result, claim));
const run = (options: Parameters<typeof makeResultFile>[0] = {}): ResultFile =>
  makeResultFile({ blocks: 8, alpha: 0.05, ...options });

function eachTrial(result: ResultFile, change: (trial: MeasuredTrial) => void): ResultFile {
  for (const trial of result.trials) if (trial.state === 'measured') change(trial);
  return result;
}

/** Judges without the rest of the summary, which refuses numbers that are none. */
function judgeAlone(result: ResultFile, ...claims: readonly Claim[]): ClaimsSummary {
  const trials = new Map(result.plan.cases.map((plan) => [plan.id, new CaseTrials(result, plan)]));
  return judgeClaims(declare(...claims), {
    sources: [{ fileName: 'a.json', result }],
    trials: [trials],
    validity: [{ ...soundSession, fileName: 'a.json' }],
    cases: [],
    alpha: result.plan.alpha,
    confidence: 0.95,
  });
}

const soundSession: Omit<SessionValidity, 'fileName'> = {
  valid: true,
  control: {
    ...{ state: 'not-controlled', contender: null, arm: null, alpha: 0.05 },
    ...{ familySize: 0, extraTrials: 0, comparisons: [] },
  },
  checks: [],
};

describe('a claim about a ratio', () => {
  const result = run();

  it('is met where every interval clears the threshold and the corrected p says so', () => {
    const claim = judge(result, times(2));
    assert.equal(claim.verdict, 'met', claim.why);
    const part = claim.parts[claim.hardest ?? -1];
    assert.equal(part?.baseline?.contender, 'redis-pipelined', 'Redis is credited with its best');
    assert.ok((part.measured?.low ?? 0) > 2 && (part.measured?.estimate ?? 0) < 4);
    assert.ok((claim.adjustedPValue ?? 1) < 0.05);
    assert.equal(claim.parts.length, 2, 'against both ways of driving Redis');
    assert.equal(claim.against.contenders, 2);
  });

  it('is tested against its threshold, not against 1', () => {
    const claim = judge(result, times(5));
    assert.equal(claim.verdict, 'not-met', claim.why);
    assert.ok((claim.parts[claim.hardest ?? -1]?.measured?.high ?? 9) < 5);
    const estimate = claim.parts[claim.hardest ?? -1]?.measured?.estimate ?? 0;
    const exact = judge(result, times(estimate));
    assert.equal(exact.verdict, 'inconclusive', 'far above 1, and on the threshold');
    const detectable = exact.parts[exact.hardest ?? -1]?.detectable;
    assert.ok(detectable !== undefined && detectable !== null);
    assert.ok(detectable.low < estimate && detectable.high > estimate);
  });

  it('has to hold in every case', () => {
    const claim = judge(run({ cases: ['hft', 'batch/10'], contenders: defaultContenders }), times(2));
    assert.equal(claim.against.cases, 2);
    assert.equal(claim.parts.length, 4);
    assert.equal(claim.verdict, 'met');
    const narrower = judge(
      run({ cases: ['hft', 'batch/10'] }),
      times(2, { cases: { workloads: ['batch'] } }),
    );
    assert.deepEqual(
      narrower.parts.map(({ caseId }) => caseId),
      ['batch/10', 'batch/10'],
    );
  });

  it('is held to the level of the family: a p that is enough for one claim is not enough for forty', () => {
    const small = makeResultFile({ blocks: 2, alpha: 0.05 });
    assert.equal(judge(small, times(2)).verdict, 'met', 'four trials each: 2/70 < 0.05');
    const many = Array.from({ length: 40 }, (_, index) => times(2, { id: `claim-${String(index)}` }));
    const claim = only(judged(small, ...many));
    assert.equal(claim.verdict, 'inconclusive');
    assert.match(claim.why, /Too few trials/);
  });

  it('reads less as better where it asks for less', () => {
    const claim = judge(
      result,
      times(0.5, {
        metrics: ['latencyP50', 'latencyP99'],
        threshold: { is: 'at-most', value: 0.5, unit: 'ratio' },
      }),
    );
    assert.equal(claim.verdict, 'met', claim.why);
    assert.ok((claim.parts[claim.hardest ?? -1]?.measured?.high ?? 1) < 0.5);
  });

  it('says that a boundary lies between the two, and where the numbers stand', () => {
    const summary = judged(result, times(2));
    const claim = only(summary);
    assert.equal(claim.crossesBoundary, true);
    for (const part of claim.parts) {
      assert.equal(part.crossesBoundary, true);
      for (const side of [part.candidate, part.baseline]) {
        const median = resolvePointer(summary, side?.ref ?? '') as { estimate: number };
        assert.equal(median.estimate, side?.median);
      }
    }
    assert.match(summary.claimed[1]?.text ?? '', /across two boundaries \(api and socket\)/);
  });
});

describe('a claim about the candidate alone', () => {
  const below = (limitNs: number): Claim => ({
    id: 'latency',
    title: 'Fast',
    metrics: ['latencyMean'],
    candidate: { contender: 'predis', boundary: 'api' },
    threshold: { is: 'below', value: limitNs, unit: 'ns' },
  });

  it('is met, not met or inconclusive by the trials around its threshold', () => {
    assert.equal(judge(run(), below(5000)).verdict, 'met');
    assert.equal(judge(run(), below(100)).verdict, 'not-met');
    const median = judge(run(), below(5000)).parts[0]?.measured?.estimate ?? 0;
    const close = judge(run(), below(median));
    assert.equal(close.verdict, 'inconclusive');
    assert.ok((close.parts[0]?.detectable?.low ?? 0) < median);
  });

  it('is not met by trials that could not keep up, however fast those were that were answered', () => {
    const claim = judge(saturate(run(), ['redis', 'redis-p16', 'predis', 'map']), below(5000));
    assert.equal(claim.verdict, 'not-met');
    assert.equal(claim.parts[0]?.measured?.high, null, 'no interval of what was left');
  });

  it('draws no ratio of latencies to a Redis that could not keep up', () => {
    const halved: Claim = {
      ...{
        id: 'halved',
        title: 'Half',
        metrics: ['latencyMean'],
        threshold: { is: 'at-most', value: 0.5, unit: 'ratio' },
      },
      candidate: { contender: 'predis', boundary: 'api' },
      baseline: { engine: 'redis' },
      cases: { ids: ['hft'] },
    };
    assert.equal(judge(run({ cases: ['hft'] }), halved).verdict, 'met');
    const both = judge(saturate(run({ cases: ['hft'] }), ['redis', 'redis-pipelined']), halved);
    assert.equal(both.verdict, 'not-measured');
    assert.match(both.why, /redis \(made for tests\) could not keep up with the rate in 16 of 16 trials/i);
    const one = judge(saturate(run({ cases: ['hft'] }), ['redis']), halved);
    assert.equal(one.verdict, 'inconclusive', 'the other Redis alone does not carry it');
  });

  it('asks for the load that it names', () => {
    const at2m: Claim = { ...below(5000), load: { loop: 'open', atLeastPerSecond: 2e6 } };
    const closed = judge(run(), at2m);
    assert.equal(closed.verdict, 'not-measured');
    assert.match(closed.why, /closed loop, and the claim asks for an open loop of at least 2\.00 M\/s/);
    const slower = run();
    slower.plan.loadModel = 'open';
    slower.plan.openLoop = {
      ...{ arrivals: 'poisson', ratePerSecond: 1000, timeScale: 1 },
      ...{ maxInFlight: 10, lateAfterMs: 1, drainMs: 10 },
    };
    assert.match(judge(slower, at2m).why, /asked for 1\.00 k\/s, and the claim for at least 2\.00 M\/s/);
    slower.plan.openLoop.ratePerSecond = 2e6;
    assert.equal(judge(slower, at2m).verdict, 'met');
  });
});

describe('GPU utilisation', () => {
  const claim: Claim = {
    id: 'gpu',
    title: 'Busy',
    metrics: ['gpuUtilization'],
    candidate: { contender: 'predis', boundary: 'api' },
    threshold: { is: 'above', value: 0.75, unit: 'share' },
  };
  const onGpu = (percent: number, mailboxCalls: number): ResultFile =>
    eachTrial(run(), ({ contender, measurements }) => {
      const series = { min: percent, mean: percent, max: percent, values: [percent] };
      const none = null;
      if (contender !== 'predis') return;
      measurements.gpu = {
        readingsAbsent: null,
        readAtMs: [1],
        readings: {
          ...{ smClockMhz: none, memoryClockMhz: none, utilizationPercent: series },
          ...{ memoryUtilizationPercent: none, memoryUsedBytes: none, powerWatts: none },
          ...{ temperatureCelsius: none, pcieGeneration: none, pcieLanes: none },
        },
        work: {
          ...{ hotCacheHits: 0, mailboxCalls, directCalls: 1, packedCalls: 0, deviceCalls: 0, timedCalls: 0 },
          ...{ kernelNs: 0, toDeviceNs: 0, fromDeviceNs: 0, totalNs: 0, pinnedBytes: 0 },
        },
      };
    });

  it('is judged by what the driver told over each trial', () => {
    assert.equal(judge(onGpu(90, 0), claim).verdict, 'met');
    assert.equal(judge(onGpu(14, 0), claim).verdict, 'not-met');
    assert.match(judge(run(), claim).why, /No GPU was used/);
  });

  it('is not measured by a kernel that waits', () => {
    const waiting = judge(onGpu(100, 1), claim);
    assert.equal(waiting.verdict, 'not-measured');
    assert.match(waiting.why, /the driver counts its waiting as work/);
  });
});

describe('no claim is met', () => {
  const never = (claim: ClaimSummary, verdict: ClaimVerdict, why: RegExp): void => {
    assert.equal(claim.verdict, verdict);
    assert.match(claim.why, why);
  };

  it('by an invalid session', () => {
    const summary = judged(run({ control: { contender: 'predis', speed: 3 } }), times(2));
    assert.equal(summary.validity[0]?.valid, false, 'the fixture is an invalid session');
    never(only(summary), 'not-measured', /session in a\.json is invalid/);
  });

  it('where Redis is not credited with its best', () => {
    const claim = times(2, { baseline: { engine: 'redis', including: ['redis', 'redis-io'] } });
    never(judge(run(), claim), 'inconclusive', /redis-io was not measured beside it in hft/);
  });

  it('by an engine that lost trials', () => {
    for (const state of ['void', 'failed'] as const) {
      const spoil = ({ contender, block }: { contender: string; block: number }) =>
        contender === 'predis' && block === 7 ? state : 'measured';
      never(
        judge(run({ spoil }), times(2)),
        'inconclusive',
        /2 of 16 trials of predis.* were void or failed/,
      );
    }
  });

  it('at another boundary, without Redis, by nobody, in no case', () => {
    const elsewhere = times(2, { candidate: { contender: 'predis', boundary: 'device' } });
    never(judge(run(), elsewhere), 'not-measured', /boundary api, and the claim is about device/);
    const alone = run({ contenders: defaultContenders.filter(({ id }) => id === 'predis') });
    never(judge(alone, times(2)), 'not-measured', /Nothing of redis was measured/);
    const redis = run({ contenders: defaultContenders.filter(({ id }) => id !== 'predis') });
    never(judge(redis, times(2)), 'not-measured', /Predis was not among the contenders/);
    never(judge(run(), times(2, { cases: { ids: ['nowhere'] } })), 'not-measured', /No case of the result/);
    never(judge(run({ keepTrials: 0 }), times(2)), 'not-measured', /No trial was measured/);
  });

  it('in open loop about throughput', () => {
    const open = run();
    open.plan.loadModel = 'open';
    never(judge(open, times(2)), 'not-measured', /throughput is what was asked for/);
  });

  /** Every way in which a result can be without the metric of a claim. */
  const removals: readonly ((result: ResultFile) => ResultFile)[] = [
    (result) => ({ ...result, trials: [] }),
    (result) => ({ ...result, trials: result.trials.filter(({ contender }) => contender !== 'predis') }),
    (result) =>
      eachTrial(result, (trial) => {
        if (trial.contender !== 'predis') return;
        trial.measurements.throughputPerSecond = Number.NaN;
        trial.measurements.memoryBytes = Number.NaN;
        for (const name of ['meanNs', 'p50Ns', 'p95Ns', 'p99Ns', 'p999Ns'] as const) {
          trial.measurements.latency.all[name] = Number.NaN;
        }
      }),
    (result) => ({ ...result, plan: { ...result.plan, cases: [], comparisons: [] }, trials: [] }),
  ];

  it('without the metric, whatever it asks for and whatever else was measured', () => {
    const defaults = readClaimsFile(defaultClaimsPath).content.claims;
    const claims: readonly Claim[] = [
      ...defaults,
      times(1e-6),
      times(1e6, {
        id: 'latency',
        metrics: ['latencyP99'],
        threshold: { is: 'at-most', value: 1e6, unit: 'ratio' },
      }),
      {
        id: 'level',
        title: 'Anything',
        metrics: ['memory'],
        candidate: { contender: 'predis', boundary: 'api' },
        threshold: { is: 'above', value: 1e-9, unit: 'bytes' },
      },
    ];
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(1000),
          blocks: fc.integer({ min: 1, max: 3 }),
          cases: fc.uniqueArray(fc.constantFrom('hft', 'batch/10', 'zipfian'), { minLength: 1 }),
          predisSpeed: fc.double({ min: 0.1, max: 100, noNaN: true }),
          alpha: fc.constantFrom(0.05, 0.5),
        }),
        fc.constantFrom(...removals),
        (options, remove) => {
          const summary = judgeAlone(remove(makeResultFile(options)), ...claims);
          const met = summary.claims.filter(({ verdict }) => verdict === 'met');
          assert.deepEqual(
            met.map(({ id }) => id),
            [],
          );
          assert.equal(summary.tally.met, 0);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('with Redis, without its trials', () => {
    const result = makeResultFile({ blocks: 4, alpha: 0.5 });
    const alone = { ...result, trials: result.trials.filter(({ contender }) => contender === 'predis') };
    never(judge(alone, times(1e-6)), 'not-measured', /No trial was measured/);
    const half = { ...result, trials: result.trials.filter(({ contender }) => contender !== 'redis') };
    never(judge(half, times(2)), 'inconclusive', /hft: no trial was measured/);
  });

  it('more often than the level allows where the truth lies on the threshold', () => {
    const result = makeResultFile({
      blocks: 5,
      alpha: 0.05,
      contenders: defaultContenders.filter(({ id }) => id !== 'redis'),
    });
    const random = createRandom(7, 1);
    let met = 0;
    const draws = 300;
    for (let draw = 0; draw < draws; draw++) {
      eachTrial(result, ({ contender, measurements }) => {
        measurements.throughputPerSecond = (contender === 'predis' ? 3 : 1) * Math.exp(0.05 * normal(random));
      });
      const { claims } = judgeAlone(result, times(3));
      if (claims[0]?.verdict === 'met') met++;
    }
    // two-sided 0.05, one direction: 2.5 %; 16 of 300 or more has a probability below 0.005 at that rate
    assert.ok(met < 16, `${String(met)} of ${String(draws)}`);
    assert.ok(met > 0, 'the test can fail');
  });
});

describe('what is said about claims', () => {
  it('counts all of them first, and shows no number that is not at its references', () => {
    const summary = judged(
      run(),
      times(2),
      times(5, { id: 'too-much' }),
      times(2, { id: 'x', cases: { ids: ['no'] } }),
    );
    assert.equal(
      summary.claimed[0]?.text,
      'Of 3 declared claims, 1 met, 1 not met, 0 inconclusive, 1 not measured here.',
    );
    assert.deepEqual(
      summary.claimed.map(({ tone }) => tone),
      ['bad', 'good', 'bad'],
    );
    for (const { refs } of summary.claimed) {
      for (const ref of refs) assert.notEqual(resolvePointer(summary, ref), undefined, ref);
    }
  });

  it('is nothing where none were declared', () => {
    const summary = summarise([{ fileName: 'a.json', result: run() }]);
    assert.equal(summary.claims, null);
    assert.deepEqual(summary.claimed, []);
  });
});
