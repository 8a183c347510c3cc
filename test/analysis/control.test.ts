import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { summariseControl } from '../../src/analysis/control.js';
import { CaseTrials } from '../../src/analysis/case-trials.js';
import { summarise } from '../../src/analysis/summarise.js';
import type { ControlSummary, Summary } from '../../src/analysis/summary.js';
import type { ResultFile, Trial } from '../../src/results/schema.js';
import { checkReferences } from '../../src/results/check.js';
import { firstViolation } from '../../src/results/validate.js';
import { renderHtml } from '../../src/report/html.js';
import { summaryLines } from '../../src/cli/summary-table.js';
import { createRandom } from '../../src/support/random.js';
import { makeResultFile, normal, type FixtureOptions } from './fixtures.js';

const session = (options: FixtureOptions): ResultFile =>
  makeResultFile({ alpha: 0.05, blocks: 7, control: { contender: 'predis' }, ...options });
const summaryOf = (result: ResultFile): Summary => summarise([{ fileName: 'session.json', result }]);
const controlOf = (result: ResultFile): ControlSummary =>
  summariseControl(result, new Map(result.plan.cases.map((plan) => [plan.id, new CaseTrials(result, plan)])));

describe('the A/A control of a session', () => {
  it('passes where both arms are alike, and tells its level, its family and what it costs', () => {
    const result = session({ seed: 3, cases: ['hft', 'gaming'] });
    assert.equal(firstViolation(result), '');
    assert.equal(checkReferences(result), null);
    const { validity, invalid, cases, statistics } = summaryOf(result);
    const control = validity[0]?.control;
    assert.deepEqual(
      [control?.state, control?.contender, control?.alpha, control?.familySize, control?.extraTrials],
      ['passed', 'predis', 0.05, 6, 28],
    );
    assert.equal(result.trials.filter(({ contender }) => contender === 'predis:control').length, 28);
    assert.deepEqual(invalid, []);
    assert.ok(cases.every(({ contenders }) => contenders.every(({ id }) => id !== 'predis:control')));
    assert.equal(statistics.familySize, 2 * 2 * 3, 'the control is not part of the declared family');
  });

  it('makes the session invalid where it finds a difference: banner, terminal and JSON say so, and nothing boasts', () => {
    const summary = summaryOf(session({ seed: 4, control: { contender: 'predis', speed: 1.3 } }));
    assert.equal(summary.validity[0]?.valid, false);
    assert.match(
      summary.invalid[0]?.text ?? '',
      /INVALID: .*session\.json compared predis with itself.*hft, throughput: 1\.\d+× \(p .*at most 0\.05/,
    );
    assert.ok(summary.headline.length > 0);
    assert.ok(summary.headline.every(({ tone }) => tone !== 'good'));
    assert.match(renderHtml(summary), /<div class="invalid" role="alert">[^]*compared predis with itself/);
    assert.match(summaryLines(summary).at(-1) ?? '', /^INVALID/);
    assert.doesNotMatch(renderHtml(summaryOf(session({ seed: 3 }))), /class="invalid"/);
  });

  it('says "not controlled" where it was switched off or the file is older, and that it cannot tell with few trials', () => {
    for (const control of [null, undefined]) {
      const summary = summaryOf(makeResultFile({ ...(control === null ? { control } : {}) }));
      assert.equal(summary.validity[0]?.control.state, 'not-controlled');
      assert.equal(summary.validity[0].valid, true);
      assert.match(summary.caveats.map(({ text }) => text).join('\n'), /^Not controlled: /m);
    }
    const few = summaryOf(session({ blocks: 1, control: { contender: 'predis', speed: 3 } }));
    assert.equal(few.validity[0]?.control.state, 'cannot-tell');
    assert.match(few.caveats.map(({ text }) => text).join('\n'), /too few trials to find a difference/);
  });

  it('calls at most alpha of sound sessions invalid, all cases and metrics together', () => {
    const contenders = [{ id: 'predis', engine: 'predis', throughput: 2_000, latencyNs: 1_000 }];
    const made = session({ contenders, cases: ['a', 'b'], blocks: 6, trialSd: 0 });
    const sessions = 400;
    let invalid = 0;
    for (let seed = 0; seed < sessions; seed++) {
      // only what is compared is drawn anew: making whole files, histograms and all, takes a hundred times as long
      const random = createRandom(seed, 17);
      const noisy = (value: number): number => value * Math.exp(0.1 * normal(random));
      const trials = made.trials.map((trial): Trial => {
        if (trial.state !== 'measured') return trial;
        const { latency, throughputPerSecond, memoryBytes } = trial.measurements;
        const measurements = {
          ...trial.measurements,
          throughputPerSecond: noisy(throughputPerSecond),
          memoryBytes: noisy(memoryBytes),
          latency: { ...latency, all: { ...latency.all, p95Ns: noisy(latency.all.p95Ns) } },
        };
        return { ...trial, measurements };
      });
      if (controlOf({ ...made, trials }).state === 'failed') invalid++;
    }
    // Binomial(400, 0.05) exceeds 34 with a probability below 0.001
    assert.ok(invalid <= 34, `${String(invalid)} of ${String(sessions)}`);
    assert.ok(invalid > 0, 'a control that never fails is none');
  });
});
