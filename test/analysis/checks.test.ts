import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checksReason } from '../../src/analysis/checks/checks.js';
import { summarise } from '../../src/analysis/summarise.js';
import type { AssumptionCheck, Summary } from '../../src/analysis/summary.js';
import { summaryLines } from '../../src/cli/summary-table.js';
import { refuseInvalid } from '../../src/gate/judge.js';
import { renderHtml } from '../../src/report/html.js';
import type {
  MeasuredTrial,
  ResultFile,
  TrialConditions,
  TrialMeasurements,
} from '../../src/results/schema.js';
import { firstViolation } from '../../src/results/validate.js';
import { createRandom } from '../../src/support/random.js';
import { makeResultFile, normal, type FixtureOptions } from './fixtures.js';

const conditions: TrialConditions = {
  observedMs: 1500,
  cpus: 2,
  machineBusyMs: 1530,
  stolenMs: 0,
  clientCpuMs: 1000,
  serverCpuMs: 500,
  throttledPeriods: 0,
  calibrationNs: 160_000,
  frequencyMhz: 2600,
};

type Change = (trial: MeasuredTrial, index: number, all: number) => Partial<TrialMeasurements>;

/** A sound session of today: steady windows of a thousand operations an interval with a little noise, quiet surroundings. */
function session(change: Change = () => ({}), options: FixtureOptions = {}): ResultFile {
  const made = makeResultFile({ blocks: 12, alpha: 0.05, connections: 1, ...options });
  const random = createRandom(9, 9);
  const seen = new Map<string, number>();
  const trials = made.trials.map((trial) => {
    if (trial.state !== 'measured') return trial;
    const key = trial.contender + trial.caseId;
    const index = seen.get(key) ?? 0;
    seen.set(key, index + 1);
    const measurements: TrialMeasurements = {
      ...trial.measurements,
      intervalOperations: Array.from({ length: 20 }, () => Math.round(1000 * (1 + 0.03 * normal(random)))),
      conditions,
    };
    const sound = { ...trial, measurements };
    return { ...sound, measurements: { ...measurements, ...change(sound, index, 24) } };
  });
  return { ...made, trials };
}

const summaryOf = (result: ResultFile): Summary => summarise([{ fileName: 'session.json', result }]);

function check(result: ResultFile, id: AssumptionCheck['id']): AssumptionCheck {
  const found = summaryOf(result).validity[0]?.checks.find((one) => one.id === id);
  assert.ok(found !== undefined, `no check ${id}`);
  return found;
}

const scaled = (
  { measurements }: MeasuredTrial,
  factor: (interval: number) => number,
): Partial<TrialMeasurements> => ({
  intervalOperations: measurements.intervalOperations.map((operations, interval) =>
    Math.round(operations * factor(interval)),
  ),
});

describe('the assumptions of a session', () => {
  it('hold in a sound one, whatever its seed', () => {
    for (let seed = 0; seed < 20; seed++) {
      const result = session(undefined, { seed });
      assert.equal(firstViolation(result), '');
      const [validity] = summaryOf(result).validity;
      assert.ok(validity !== undefined);
      assert.deepEqual(
        validity.checks.map(({ id, state }) => [id, state]),
        [
          ['stationary-window', 'holds'],
          ['warm-up', 'holds'],
          ['stationary-session', 'holds'],
          ['independence', 'holds'],
          ['client', 'holds'],
          ['clock-drift', 'holds'],
          ['other-load', 'holds'],
          ['stolen-time', 'holds'],
          ['timer', 'holds'],
        ],
        `seed ${String(seed)}`,
      );
      assert.equal(validity.valid, true);
    }
  });

  const predis = (trial: MeasuredTrial): boolean => trial.contender === 'predis';
  const violations: readonly (readonly [AssumptionCheck['id'], string, Change, RegExp])[] = [
    [
      'stationary-window',
      'windows that speed up by a fifth',
      (trial) => (predis(trial) ? scaled(trial, (i) => 1 + i / 95) : {}),
      /Steady inside the window\): (1\d|2\d)(\.\d)? % for predis in hft, the limit is 10 %/,
    ],
    [
      'warm-up',
      'windows that begin at half their speed',
      (trial) => (predis(trial) ? scaled(trial, (i) => (i < 2 ? 0.5 : 1)) : {}),
      /Warm-up long enough\): 0\.\d+× for predis in hft, the limit is 0\.90×.*--warmup-ms/,
    ],
    [
      'stationary-session',
      'trials that slow down by a third from first to last',
      ({ measurements }, index) => ({
        throughputPerSecond: measurements.throughputPerSecond * (1 - index / 70),
      }),
      /Steady over the session\): −\d+(\.\d)? % .*beyond it are 3 of 3/,
    ],
    [
      'independence',
      'trials that come fast and slow in long turns',
      ({ measurements }, index) => ({
        throughputPerSecond: measurements.throughputPerSecond * (Math.floor(index / 6) % 2 === 0 ? 1 : 1.5),
      }),
      /Trials independent of each other\): p < 0\.001 /,
    ],
    [
      'client',
      'a client at its end before an idle server',
      ({ measurements }) => ({ client: { ...measurements.client, eventLoopUtilization: 0.99 } }),
      /Client not the bottleneck\): 99 % for redis/,
    ],
    [
      'clock-drift',
      'a processor that is slowed down by a fifth for half the session',
      (_, index, all) => ({
        conditions: { ...conditions, calibrationNs: index < all / 2 ? 160_000 : 195_000 },
      }),
      /Steady clock of the processor\): 1\.22×, the limit is 1\.10×/,
    ],
    [
      'other-load',
      'a neighbour that takes a processor',
      () => ({ conditions: { ...conditions, machineBusyMs: 3000 } }),
      /No other load\): 1 CPUs, the limit is 0\.25 CPUs/,
    ],
    [
      'stolen-time',
      'a hypervisor that takes a tenth',
      () => ({ conditions: { ...conditions, stolenMs: 300 } }),
      /No time stolen or held back\): 10 %, the limit is 1 %/,
    ],
    [
      'stolen-time',
      'a quota that strikes in one trial of four',
      (_, index) => ({ conditions: { ...conditions, throttledPeriods: index % 4 === 0 ? 3 : 0 } }),
      /No time stolen or held back\): 25 %/,
    ],
  ];
  for (const [id, what, change, words] of violations) {
    it(`are violated by ${what}: a caution in terminal and report, and the session stays valid`, () => {
      const result = session(change);
      const summary = summaryOf(result);
      assert.deepEqual(
        summary.validity[0]?.checks.filter(({ state }) => state === 'violated').map((one) => one.id),
        [id],
      );
      assert.equal(summary.validity[0].valid, true);
      assert.match(summaryLines(summary).join('\n'), /^An assumption does not hold in session\.json/m);
      assert.match(summary.caveats.map(({ text }) => text).join('\n'), words);
      assert.equal(checksReason(result), null);
      assert.match(renderHtml(summary), /<span class="chip state-warning">violated<\/span>/);
    });
  }

  it('are silent in the terminal where they hold', () => {
    assert.doesNotMatch(summaryLines(summaryOf(session())).join('\n'), /assumption/i);
  });

  it('blame no client whose server is busy too', () => {
    const busy = session(({ measurements }) => ({
      client: { ...measurements.client, eventLoopUtilization: 0.99 },
      conditions: { ...conditions, serverCpuMs: 1400, clientCpuMs: 100 },
    }));
    assert.equal(check(busy, 'client').state, 'holds');
  });

  it('make the session invalid where the clock cannot tell the latencies: banner, gate, and nothing boasts', () => {
    const sound = session();
    const coarse = { ...sound, environment: { ...sound.environment, clockResolutionNs: 1_000_000 } };
    const summary = summaryOf(coarse);
    assert.equal(summary.validity[0]?.valid, false);
    assert.equal(check(coarse, 'timer').gravity, 'invalid');
    assert.match(
      summary.invalid.map(({ text }) => text).join(),
      /^INVALID: an assumption of the session in session\.json does not hold \(Timer fine enough\)/,
    );
    assert.ok(summary.headline.every(({ tone }) => tone !== 'good'));
    assert.match(renderHtml(summary), /class="invalid" role="alert"/);
    assert.throws(() => {
      refuseInvalid('candidate', coarse);
    }, /candidate is an invalid session: an assumption .*Timer fine enough/);
    // only somewhat coarse: a caution
    const rough = { ...sound, environment: { ...sound.environment, clockOverheadNs: 400 } };
    assert.deepEqual([check(rough, 'timer').state, check(rough, 'timer').gravity], ['violated', 'caution']);
  });

  it('make the session invalid where the generator itself was late and nothing could keep up', () => {
    const latency = session().trials.flatMap((trial) =>
      trial.state === 'measured' ? [trial.measurements.latency.all] : [],
    )[0];
    assert.ok(latency !== undefined);
    const driven = (lagShare: number, saturated: (index: number) => boolean): ResultFile => {
      const made = session((_, index) => ({
        openLoop: {
          ...{
            offeredRequests: 1000,
            offeredOperations: 1000,
            offeredPerSecond: 1000,
            achievedPerSecond: 900,
          },
          ...{ droppedRequests: 1, lateRequests: 1, largestInFlight: 1, drainNs: 1e9 },
          saturated: saturated(index),
          serviceTime: latency,
          startDelay: { ...latency, p50Ns: 1e8 },
          generatorLag: { ...latency, p50Ns: lagShare * 1e8 },
        },
      }));
      const openLoop: NonNullable<ResultFile['plan']['openLoop']> = {
        ...{
          arrivals: 'poisson',
          ratePerSecond: 1000,
          timeScale: 1,
          maxInFlight: 1,
          lateAfterMs: 1,
          drainMs: 1000,
        },
      };
      return { ...made, plan: { ...made.plan, loadModel: 'open', openLoop } };
    };
    const beyond = driven(0.2, () => true);
    assert.equal(check(beyond, 'generator').state, 'violated');
    assert.equal(summaryOf(beyond).validity[0]?.valid, false);
    assert.match(
      checksReason(beyond) ?? '',
      /Rate within the reach of the generator: 20 %, the limit is 10 %/,
    );
    // An engine at its end is one thing, a generator at its end another; and one trial that keeps up shows that it can.
    assert.equal(
      check(
        driven(0.05, () => true),
        'generator',
      ).state,
      'holds',
    );
    assert.equal(
      check(
        driven(0.2, (index) => index > 0),
        'generator',
      ).state,
      'holds',
    );
    assert.ok(!summaryOf(session()).validity[0]?.checks.some(({ id }) => id === 'generator'));
  });

  it('are not recorded in files of older versions, and cannot be told from too little', () => {
    const old = makeResultFile({ blocks: 12, alpha: 0.05 });
    for (const id of ['clock-drift', 'other-load', 'stolen-time'] as const) {
      assert.equal(check(old, id).state, 'not-recorded');
    }
    const few = session(undefined, { blocks: 1 });
    for (const id of [
      'stationary-window',
      'warm-up',
      'stationary-session',
      'independence',
      'clock-drift',
    ] as const) {
      assert.equal(check(few, id).state, 'cannot-tell', id);
    }
    const external = session(() => ({ conditions: { ...conditions, serverCpuMs: null } }));
    assert.equal(check(external, 'other-load').state, 'cannot-tell');
    // ten batches an interval, sixteen under way: their ends come in lumps that say nothing about a trend
    const lumps = session((trial) => ({ ...scaled(trial, (i) => 1 + i), requests: 200 }));
    const { state, looked } = check(lumps, 'stationary-window');
    assert.deepEqual([state, looked], ['cannot-tell', 0]);
    const empty = summaryOf(makeResultFile({ keepTrials: 0, status: 'interrupted' }));
    assert.ok(
      empty.validity[0]?.checks.every(({ state: none }) => none === 'cannot-tell' || none === 'not-recorded'),
    );
  });

  it('stand in the report as a table with figure, limit and rule, each with its place in the summary', () => {
    const summary = summaryOf(session());
    const table = /<table class="assumptions">[^]*?<\/table>/.exec(renderHtml(summary))?.[0] ?? '';
    assert.equal(table.match(/<th scope="row">/g)?.length, 9);
    assert.match(table, /data-ref="\/validity\/0\/checks\/8"/);
    assert.match(table, /<td>0\.02 CPUs<\/td><td>0\.25 CPUs<\/td>/);
  });
});
