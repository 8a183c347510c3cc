/**
 * Every entry of the shared file of reference answers (from R and SciPy), where it is found: PREDIS_BENCH_SHARED names the
 * shared folder, or it lies beside the repository. An entry of a kind that is not known here fails.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';

import { build } from 'hdr-histogram-js';

import {
  chiSquareSurvival,
  cliffsDelta,
  hodgesLehmann,
  hodgesLehmannRatio,
  holm,
  mannWhitneyU,
  medianInterval,
  pseudomedian,
  quantile,
  wilcoxonSignedRank,
  type Alternative,
} from '../../src/stats/index.js';
import { packageRoot } from '../../src/support/package-root.js';
import { close } from './brute-force.js';

type ByAlternative = Record<Alternative, number>;
interface MannWhitneyEntry {
  id: string;
  x: number[];
  y: number[];
  U_x: number;
  U_y: number;
  A12_prob_x_gt_y: number;
  cliffs_delta_x_vs_y: number;
  z_cc_two_sided: number;
  p_asymptotic_tiecorr_cc: ByAlternative;
  p_asymptotic_tiecorr_nocc: ByAlternative;
  p_exact_conditional: ByAlternative;
  hodges_lehmann_shift_x_minus_y: number;
  hl_ci95_bauer: { lo: number; hi: number; achieved_conf_if_no_ties: number };
}
interface OtherEntry extends Record<string, unknown> {
  id: string;
  kind: string;
}
interface ZipfEntry extends Record<string, unknown> {
  id: string;
}
interface Vectors {
  mann_whitney: MannWhitneyEntry[];
  other: OtherEntry[];
  zipf: ZipfEntry[];
}

const shared = process.env.PREDIS_BENCH_SHARED ?? join(dirname(packageRoot), 'shared');
const path = join(shared, 'method', 'vectors.json');
const alternatives: readonly Alternative[] = ['two-sided', 'less', 'greater'];
const range = (length: number, from = 1) => Array.from({ length }, (_, i) => from + i);
const near = (actual: number, expected: number): void => {
  close(actual, expected, 1e-9);
};

if (!existsSync(path)) {
  describe('reference vectors', () => {
    it('hold', { skip: `no reference file: ${path} (set PREDIS_BENCH_SHARED)` }, () => undefined);
  });
} else {
  const vectors = JSON.parse(readFileSync(path, 'utf8')) as Vectors;
  describe('reference vectors: Mann-Whitney, Hodges-Lehmann, Cliff', () => {
    for (const entry of vectors.mann_whitney)
      it(entry.id, () => {
        checkMannWhitney(entry);
      });
  });
  describe('reference vectors: other', () => {
    for (const entry of vectors.other)
      it(entry.id, () => {
        checkOther(entry, vectors);
      });
  });
  describe('reference vectors: Zipf goodness of fit', () => {
    for (const entry of vectors.zipf)
      it(entry.id, (context) => {
        checkZipf(entry, (text) => {
          context.diagnostic(text);
        });
      });
  });
}

function checkMannWhitney(entry: MannWhitneyEntry): void {
  const { x, y } = entry;
  const auto = mannWhitneyU(x, y);
  assert.equal(auto.method, x.length + y.length <= 60 ? 'exact' : 'asymptotic');
  near(auto.u1, entry.U_x);
  near(auto.u2, entry.U_y);
  for (const alternative of alternatives) {
    near(mannWhitneyU(x, y, { alternative, method: 'exact' }).pValue, entry.p_exact_conditional[alternative]);
    const asymptotic = mannWhitneyU(x, y, { alternative, method: 'asymptotic' });
    near(asymptotic.pValue, entry.p_asymptotic_tiecorr_cc[alternative]);
    const plain = mannWhitneyU(x, y, { alternative, method: 'asymptotic', continuity: false });
    near(plain.pValue, entry.p_asymptotic_tiecorr_nocc[alternative]);
  }
  near(mannWhitneyU(x, y, { method: 'asymptotic' }).z ?? NaN, entry.z_cc_two_sided);
  near(auto.u1 / (x.length * y.length), entry.A12_prob_x_gt_y);
  near(cliffsDelta(x, y), entry.cliffs_delta_x_vs_y);
  const shift = hodgesLehmann(x, y, { confidence: 0.95 });
  near(shift.estimate, entry.hodges_lehmann_shift_x_minus_y);
  near(shift.low, entry.hl_ci95_bauer.lo);
  near(shift.high, entry.hl_ci95_bauer.hi);
  near(shift.achievedConfidence, entry.hl_ci95_bauer.achieved_conf_if_no_ties);
}

function checkOther(entry: OtherEntry, vectors: Vectors): void {
  const number = (key: string) => entry[key] as number;
  const numbers = (key: string) => entry[key] as number[];
  switch (entry.kind) {
    case 'paired': {
      const differences = numbers('x').map((value, i) => value - (numbers('y')[i] ?? NaN));
      const test = wilcoxonSignedRank(differences);
      near(test.statistic, number('V'));
      near(test.pValue, number('p_exact_two_sided'));
      near(wilcoxonSignedRank(differences, { alternative: 'greater' }).pValue, number('p_exact_greater'));
      near(
        wilcoxonSignedRank(differences, { alternative: 'greater', method: 'asymptotic', continuity: false })
          .pValue,
        number('p_asym_nocc_one_sided'),
      );
      const interval = pseudomedian(differences);
      near(interval.estimate, number('pseudomedian'));
      near(interval.low, numbers('ci95_two_sided')[0] ?? NaN);
      near(interval.high, numbers('ci95_two_sided')[1] ?? NaN);
      // one-sided 95 % is the lower end of two-sided 90 %
      near(pseudomedian(differences, { confidence: 0.9 }).low, numbers('ci95_greater')[0] ?? NaN);
      return;
    }
    case 'p_adjust_holm':
      holm(numbers('p')).forEach((adjusted, i) => {
        near(adjusted, numbers('expected')[i] ?? NaN);
      });
      return;
    case 'critical_values':
      for (const alpha of ['.05', '.01', '.001']) {
        const table = entry[`alpha_${alpha}`] as Record<string, number>;
        for (const [n, critical] of Object.entries(table)) checkCriticalU(Number(n), Number(alpha), critical);
      }
      return;
    case 'cdf_table':
      numbers('n5_m5').forEach((p, u) => {
        near(mannWhitneyU(sampleWithU(5, u), range(5), { alternative: 'less' }).pValue, p);
      });
      return;
    case 'median_ci': {
      const expected = entry.expected as Record<string, [number, number, number]>;
      for (const [n, [low, high, achieved]] of Object.entries(expected)) {
        const interval = medianInterval(range(Number(n)));
        assert.deepEqual([interval.low, interval.high], [low, high]);
        close(interval.achievedConfidence ?? NaN, achieved, 1e-9); // printed to ten digits in the file
      }
      for (const n of range(5)) assert.equal(medianInterval(range(n)).low, null);
      return;
    }
    case 'hl_ratio': {
      const data = vectors.mann_whitney.find(({ id }) => id === entry.data);
      assert.ok(data !== undefined);
      const ratio = hodgesLehmannRatio(data.y, data.x);
      near(ratio.estimate, number('new_over_old'));
      near(ratio.low, numbers('ci95_bauer')[0] ?? NaN);
      near(ratio.high, numbers('ci95_bauer')[1] ?? NaN);
      return;
    }
    case 'quantile':
      near(quantile(range(10), 0.5), number('p50'));
      near(quantile(range(10), 0.9), number('p90'));
      near(quantile(range(10), 0.95), number('p95'));
      near(quantile(range(10), 0.99), number('p99'));
      return;
    case 'hdr':
      checkHistogram(entry);
      return;
    default:
      assert.fail(`no check for entries of kind ${entry.kind}`);
  }
}

/** A sample of n values that wins exactly u of the n^2 pairs against 1 … n. */
function sampleWithU(n: number, u: number): number[] {
  return range(n).map((i) => Math.min(n, Math.max(0, u - n * (n - i))) + 0.5 + i / 1000);
}

function checkCriticalU(n: number, alpha: number, critical: number): void {
  const pAt = (u: number) => mannWhitneyU(sampleWithU(n, u), range(n)).pValue;
  if (critical >= 0) assert.ok(pAt(critical) <= alpha, `n=${String(n)} alpha=${String(alpha)}`);
  assert.ok(pAt(critical + 1) > alpha, `n=${String(n)} alpha=${String(alpha)}`);
}

/** The histogram library that result files are made with, against the original's answers. */
function checkHistogram(entry: OtherEntry): void {
  const make = () =>
    build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: 3_600_000_000,
      numberOfSignificantValueDigits: 3,
      bitBucketSize: 64,
    });
  const raw = make();
  const corrected = make();
  for (const [value, times] of [
    [1000, 10_000],
    [100_000_000, 1],
  ] as const) {
    for (let i = 0; i < times; i++) {
      raw.recordValue(value);
      corrected.recordValueWithExpectedInterval(value, 10_000);
    }
  }
  const tolerance = entry.tolerance_rel as number;
  assert.equal(raw.totalCount, entry.raw_total);
  assert.equal(corrected.totalCount, entry.corrected_total);
  close(raw.mean, entry.raw_mean as number, tolerance);
  close(corrected.mean, entry.corrected_mean as number, tolerance);
  for (const p of [30, 99, 99.99])
    close(raw.getValueAtPercentile(p), entry['raw_p30_p99_p99.99'] as number, tolerance);
  close(raw.getValueAtPercentile(99.999), entry['raw_p99.999'] as number, tolerance);
  close(corrected.getValueAtPercentile(30), entry.corrected_p30 as number, tolerance);
  close(corrected.getValueAtPercentile(50), entry.corrected_p50 as number, tolerance);
}

/** The chi-square figures; the samplers themselves are tested with the workloads. */
function checkZipf(entry: ZipfEntry, say: (text: string) => void): void {
  const figures = (text: string): RegExpMatchArray => {
    const match = /([\d.]+)[/ ]+(?:df )?(\d+) p ([\de.-]+)/.exec(text);
    assert.ok(match !== null, text);
    return match;
  };
  if (entry.id === 'gof_accept') {
    for (const text of Object.values(entry.observed_here as Record<string, string>)) {
      const [, statistic, df, p] = figures(text.replace('chi2 ', ''));
      assert.ok(Math.abs(chiSquareSurvival(Number(statistic), Number(df)) - Number(`0${String(p)}`)) < 0.001);
    }
  } else if (entry.id === 'gof_reject_negative_control') {
    const [, statistic, df, p] = figures(/chi2 (.*)/.exec(entry.rule as string)?.[1] ?? '');
    close(chiSquareSurvival(Number(statistic), Number(df)), Number(p), 0.1);
  } else {
    say(`${entry.id}: about samplers, which are tested with the workloads`);
  }
}
