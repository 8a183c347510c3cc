import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { BenchError } from '../../src/errors.js';
import { judge, renderGateText, type GateComparison, type GateReport } from '../../src/gate/index.js';
import type { ResultFile } from '../../src/results/schema.js';
import { hodgesLehmann, holm, mannWhitneyU } from '../../src/stats/index.js';
import { defaultContenders, makeResultFile } from '../analysis/fixtures.js';
import { sessionTemplate, shake } from './sessions.js';

const template = sessionTemplate({ blocks: 8, cases: ['hft', 'gaming'] });
/** Sessions without weather of their own: only trial noise. */
const calm = { sessionSd: 0, contenderSd: 0, blockSd: 0, trialSd: 0.02 };
const before = shake(template, { ...calm, seed: 1 });

const refusal = (baseline: ResultFile, candidate: ResultFile, code: string, message: RegExp) => {
  assert.throws(
    () => judge(baseline, candidate),
    (error: unknown) => {
      assert.ok(error instanceof BenchError);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    },
  );
};

const only = (report: GateReport, caseId: string, metric: string): GateComparison => {
  const found = report.comparisons.find((one) => one.caseId === caseId && one.metric === metric);
  assert.ok(found !== undefined);
  return found;
};

describe('judge', () => {
  it('refuses a session whose A/A control found a difference, on either side, with exit code 5', () => {
    const control = (speed: number, seed: number) =>
      makeResultFile({ seed, blocks: 8, control: { contender: 'predis', speed } });
    const [sound, spoilt] = [control(1, 11), control(1.5, 12)];
    refusal(
      sound,
      spoilt,
      'MEASUREMENT_INVALID',
      /candidate is an invalid session.*predis with itself.*1\.\d+×/,
    );
    refusal(spoilt, sound, 'MEASUREMENT_INVALID', /baseline is an invalid session/);
    assert.equal(new BenchError('MEASUREMENT_INVALID', '').exitCode, 5);
    assert.notEqual(judge(sound, control(1, 13)).exitCode, 5);
  });

  it('finds a planted slowdown of 20 % and answers 1', () => {
    const report = judge(before, shake(template, { ...calm, seed: 2, predisSpeed: 0.8 }));
    assert.equal(report.exitCode, 1);
    assert.equal(report.verdict, 'regressed');
    const { verdict, corrected } = only(report, 'hft', 'throughput');
    assert.equal(verdict, 'regressed');
    assert.ok(Math.abs((corrected?.estimate ?? 0) - 0.2) < 0.03);
  });

  it('answers 0 for two calm sessions of one build', () => {
    const report = judge(before, shake(template, { ...calm, seed: 2 }));
    assert.equal(report.exitCode, 0, renderGateText(report));
    assert.ok(report.comparisons.every(({ verdict }) => verdict === 'no-regression'));
  });

  it('answers 0 when the candidate is faster', () => {
    assert.equal(judge(before, shake(template, { ...calm, seed: 2, predisSpeed: 1.3 })).exitCode, 0);
  });

  it('says that the machine changed when Redis slowed down as much', () => {
    const report = judge(before, shake(template, { ...calm, seed: 2, machineSpeed: 0.85 }));
    assert.equal(report.exitCode, 3);
    assert.match(
      only(report, 'hft', 'throughput').reason,
      /the machine changed.*redis and redis-pipelined, unchanged, lost 1\d/,
    );
  });

  it('says so too when a faster machine hides a slowdown', () => {
    const report = judge(before, shake(template, { ...calm, seed: 2, machineSpeed: 1.2, predisSpeed: 0.8 }));
    assert.equal(report.exitCode, 3);
    assert.match(only(report, 'hft', 'throughput').reason, /redis and redis-pipelined, unchanged, gained/);
  });

  it('answers 5 when the machine is not the same any more', () => {
    const report = judge(before, shake(template, { ...calm, seed: 2, machineSpeed: 0.5 }));
    assert.equal(report.exitCode, 5);
    assert.match(only(report, 'hft', 'throughput').reason, /changed too much: .* lost (49|50)/);
  });

  it('answers 5 for wrong values, for no trial and for no control', () => {
    const spoiled = (spoil: (contender: string) => 'measured' | 'void' | 'failed') =>
      shake(
        makeResultFile({
          blocks: 8,
          cases: ['hft', 'gaming'],
          trialSd: 1e-9,
          spoil: ({ contender, block }) =>
            block === 0 || spoil(contender) !== 'void' ? spoil(contender) : 'measured',
        }),
        { ...calm, seed: 2 },
      );
    const invalid = (candidate: ResultFile, reason: RegExp) => {
      const report = judge(before, candidate);
      assert.equal(report.exitCode, 5);
      assert.match(only(report, 'hft', 'throughput').reason, reason);
    };
    invalid(
      spoiled((id) => (id === 'predis' ? 'void' : 'measured')),
      /2 trials gave wrong values/,
    );
    invalid(
      spoiled((id) => (id === 'predis' ? 'failed' : 'measured')),
      /no trial was measured in the candidate/,
    );
    invalid(
      spoiled((id) => (id === 'predis' ? 'measured' : 'failed')),
      /no control/,
    );
    const otherRedis = structuredClone(shake(template, { ...calm, seed: 2 }));
    for (const engine of Object.values(otherRedis.engines))
      if (engine.name === 'redis') engine.version = '7.2.0';
    invalid(otherRedis, /no control \(a Redis contender of the same version\)/);
  });

  it('lets a regression outrank everything, and what is invalid what is open', () => {
    const slow = shake(template, { ...calm, seed: 2, predisSpeed: 0.8 });
    const trials = slow.trials.map((trial) =>
      trial.caseId === 'gaming' && trial.contender === 'predis'
        ? { ...trial, state: 'failed' as const, reason: 'made for a test' }
        : trial,
    );
    const report = judge(before, { ...slow, trials: trials.map(stripped) });
    assert.equal(only(report, 'gaming', 'throughput').verdict, 'invalid');
    assert.equal(report.exitCode, 1);
  });

  it('says in every open answer what would be found and what would settle it', () => {
    const settle =
      /(would be found(, however large)?( in four of five cases)?)[:;] .*(blocks? a case in both sessions would settle it|another session might|may well settle it)/;
    const few = sessionTemplate({ blocks: 1 });
    const pairs: readonly [ResultFile, ResultFile][] = [
      [before, shake(template, { ...calm, seed: 2, machineSpeed: 0.85 })],
      [before, shake(template, { ...calm, seed: 2, machineSpeed: 1.2, predisSpeed: 0.8 })],
      [before, shake(template, { ...calm, seed: 2, predisSpeed: 0.95 })],
      [shake(few, { ...calm, seed: 1 }), shake(few, { ...calm, seed: 2 })],
      ...[3, 4, 5, 6].map((seed): [ResultFile, ResultFile] => [
        shake(template, { seed, trialSd: 0.1 }),
        shake(template, { seed: seed + 10, trialSd: 0.1 }),
      ]),
    ];
    let open = 0;
    for (const [a, b] of pairs) {
      for (const basis of ['machine', 'relative'] as const) {
        for (const { verdict, reason } of judge(a, b, { basis }).comparisons) {
          if (verdict !== 'inconclusive') continue;
          open++;
          assert.match(reason, settle);
        }
      }
    }
    assert.ok(open > 12, String(open));
  });

  it('is undecided about noise, and says what would be found and what would settle it', () => {
    const few = sessionTemplate({ blocks: 3 });
    const weather = { ...calm, trialSd: 0.08 };
    const report = judge(shake(few, { ...weather, seed: 3 }), shake(few, { ...weather, seed: 4 }));
    assert.equal(report.exitCode, 3);
    const open = report.comparisons.find(({ verdict }) => verdict === 'inconclusive');
    assert.match(
      open?.reason ?? '',
      /would be found in four of five cases; (about [\d,]+ blocks|more blocks would not)/,
    );
    assert.ok((open?.minimumDetectableLoss ?? 0) > 0.05);
  });

  it('holds a control at the boundary of the judged contender above Redis', () => {
    const contenders = [
      ...defaultContenders,
      { id: 'map', engine: 'map', boundary: 'api' as const, version: '1' },
    ];
    const withMap = sessionTemplate({ blocks: 8, contenders });
    const after = shake(withMap, { ...calm, seed: 2, predisSpeed: 0.8 });
    // what makes sockets three times as fast says nothing about a call in the process
    const trials = after.trials.map((trial) =>
      trial.state === 'measured' && trial.contender.startsWith('redis')
        ? {
            ...trial,
            measurements: {
              ...trial.measurements,
              throughputPerSecond: 3 * trial.measurements.throughputPerSecond,
            },
          }
        : trial,
    );
    const report = judge(shake(withMap, { ...calm, seed: 1 }), { ...after, trials });
    const { drift, verdict } = only(report, 'hft', 'throughput');
    assert.deepEqual(drift?.controls, ['map']);
    assert.equal(verdict, 'regressed');
  });

  it('can be recomputed from the trials', () => {
    const after = shake(template, { ...calm, seed: 2, predisSpeed: 0.9 });
    const report = judge(before, after);
    const logs = (file: ResultFile, id: string) =>
      file.trials.flatMap((trial) =>
        trial.state === 'measured' && trial.contender === id && trial.caseId === 'hft'
          ? [Math.log(trial.measurements.throughputPerSecond)]
          : [],
      );
    const shift = (id: string) => hodgesLehmann(logs(before, id), logs(after, id), { confidence: 0.9 });
    const own = shift('predis');
    const controls = ['redis', 'redis-pipelined'].map(shift);
    const { raw, drift, corrected, pValue, guardedLow, sessionDeviation } = only(report, 'hft', 'throughput');
    const near = (actual: number | null | undefined, expected: number) => {
      assert.ok(Math.abs((actual ?? NaN) - expected) < 1e-12, `${String(actual)} ${String(expected)}`);
    };
    const fraction = (loss: number) => 1 - Math.exp(-loss);
    near(raw?.low, fraction(own.low));
    const inverse = controls.map(({ low, high }) => 1 / (high - low) ** 2);
    const weights = inverse.map((value) => value / inverse.reduce((sum, other) => sum + other, 0));
    const meanDrift = controls.reduce((sum, { estimate }, i) => sum + estimate * (weights[i] ?? 0), 0);
    near(drift?.estimate, fraction(meanDrift));
    const up = Math.hypot(...controls.map(({ estimate, high }, i) => (high - estimate) * (weights[i] ?? 0)));
    const beyond = own.estimate - meanDrift;
    near(corrected?.estimate, fraction(beyond));
    near(corrected?.low, fraction(beyond - Math.hypot(own.estimate - own.low, up)));
    const z = 2.241402727604947; // upper 0.05 / 4 point of the normal distribution
    const allowance = z * sessionDeviation * Math.sqrt(1.5);
    near(guardedLow, fraction(beyond - Math.hypot(own.estimate - own.low, up, allowance)));
    near(pValue, mannWhitneyU(logs(after, 'predis'), logs(before, 'predis'), { alternative: 'less' }).pValue);
    const adjusted = holm(report.comparisons.map((one) => one.pValue ?? 1));
    assert.deepEqual(
      report.comparisons.map((one) => one.adjustedPValue),
      adjusted,
    );
  });
});

/** Trials that a test turned into failed ones keep only what such a trial has. */
function stripped(trial: ResultFile['trials'][number]): ResultFile['trials'][number] {
  if (trial.state !== 'failed') return trial;
  const { caseId, contender, block, position, startedAt, state, reason } = trial;
  return { caseId, contender, block, position, startedAt, state, reason };
}

describe('judge: what cannot be compared', () => {
  const small = (options: Parameters<typeof makeResultFile>[0] = {}) =>
    makeResultFile({ blocks: 1, ...options });

  it('answers 4 for another machine, stream, driving, or no case in common', () => {
    refusal(small(), small({ fingerprint: 'fedcba9876543210' }), 'NO_BASELINE', /another machine/);
    refusal(
      small(),
      small({ cases: [{ id: 'hft', streamSeed: 2 }] }),
      'NO_BASELINE',
      /another operation stream/,
    );
    refusal(small(), small({ connections: 8 }), 'NO_BASELINE', /4 and 8 connections/);
    refusal(small(), small({ workers: 2 }), 'NO_BASELINE', /1 and 2 workers/);
    refusal(small(), small({ windowMs: 10 }), 'NO_BASELINE', /1000 and 10 ms of measured window/);
    refusal(small(), small({ cases: ['gaming'] }), 'NO_BASELINE', /no case in common/);
    assert.equal(new BenchError('NO_BASELINE', '').exitCode, 4);
  });

  it('answers 4 for another pipeline depth, and for no contender of Predis', () => {
    const deep = defaultContenders.map((contender) =>
      contender.engine === 'predis' ? { ...contender, pipelineDepth: 2 } : contender,
    );
    refusal(small(), small({ contenders: deep }), 'NO_BASELINE', /predis was driven differently/);
    const redis = defaultContenders.filter(({ engine }) => engine !== 'predis');
    refusal(small(), small({ contenders: redis }), 'NO_BASELINE', /no contender of Predis in common/);
  });

  it('compares ratios across machines when asked to, and across processors only when asked twice', () => {
    const fast = sessionTemplate({ blocks: 8, fingerprint: 'fedcba9876543210' });
    const here = shake(sessionTemplate({ blocks: 8 }), { ...calm, seed: 1 });
    const there = (predisSpeed: number) => shake(fast, { ...calm, seed: 2, machineSpeed: 1.6, predisSpeed });
    const relative = { basis: 'relative' } as const;
    assert.equal(judge(here, there(1), relative).exitCode, 0);
    const report = judge(here, there(0.8), relative);
    assert.equal(report.exitCode, 1, renderGateText(report));
    const { medians, reason, trials } = only(report, 'hft', 'throughput');
    assert.match(
      reason,
      /lost (19|20|21)(\.\d)? %, at least .*, beside redis and redis-pipelined in the same session/,
    );
    assert.deepEqual(trials, { baseline: 8, candidate: 8 });
    // 900,000 over the geometric mean of 60,000 and 300,000
    assert.ok(Math.abs((medians?.baseline ?? 0) - 6.71) < 0.2, String(medians?.baseline));
    assert.match(report.notes.join(), /in one proportion.*machines differ/);
    assert.doesNotMatch(report.notes.join(), /WARNING/);

    const other = there(0.8);
    const xeon = { ...other, environment: { ...other.environment, cpuModel: 'Another CPU' } };
    assert.throws(() => judge(here, xeon, relative), { code: 'NO_BASELINE', message: /other processors/ });
    const asked = judge(here, xeon, { ...relative, otherProcessor: true });
    assert.equal(asked.exitCode, 1);
    assert.match(
      asked.notes.join(),
      /WARNING: other processors \(Made-up CPU for tests with 2 CPUs; Another CPU with 2 CPUs\)/,
    );
  });

  it('tells on the relative basis when there is no ratio', () => {
    const [a, b] = [
      shake(template, { ...calm, seed: 1 }),
      structuredClone(shake(template, { ...calm, seed: 2 })),
    ];
    for (const engine of Object.values(b.engines)) if (engine.name === 'redis') engine.version = '7.2.0';
    const report = judge(a, b, { basis: 'relative' });
    assert.equal(report.exitCode, 5);
    assert.match(report.comparisons[0]?.reason ?? '', /no Redis contender of the same version/);
  });

  it('refuses impossible options', () => {
    assert.throws(() => judge(small(), small(), { alpha: 1 }), { code: 'PARAMETER_OUT_OF_RANGE' });
    assert.throws(() => judge(small(), small(), { margins: { throughput: 0 } }), {
      code: 'PARAMETER_OUT_OF_RANGE',
    });
    assert.throws(() => judge(small(), small(), { contenders: ['nobody'] }), { code: 'UNKNOWN_CONTENDER' });
  });

  it('notes what it did not judge', () => {
    const report = judge(
      small({ cases: ['hft', 'basic'], id: 'made-for-tests-a' }),
      small({ cases: ['hft', 'gaming'], id: 'made-for-tests-b', status: 'interrupted' }),
    );
    assert.deepEqual(report.notes, [
      'Not judged, because the baseline lacks them: gaming.',
      'Not judged, because the candidate lacks them: basic.',
      'The candidate did not end; what it holds was judged.',
    ]);
  });
});

describe('renderGateText', () => {
  it('puts the gravest first and the exit code at the end', () => {
    const report = judge(before, shake(template, { ...calm, seed: 2, predisSpeed: 0.8 }));
    const lines = renderGateText(report).split('\n');
    assert.match(lines[0] ?? '', /^REGRESSED {2}hft, predis, throughput \d{3} k\/s → \d{3} k\/s: lost/);
    assert.match(lines.at(-1) ?? '', /^Gate: REGRESSED \(4 comparisons: .*; exit code 1\)\.$/);
  });
});
