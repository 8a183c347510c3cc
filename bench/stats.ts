import { summarise } from '../src/analysis/summarise.js';
import { judge } from '../src/gate/index.js';
import { hodgesLehmann, mannWhitneyU } from '../src/stats/index.js';
import { createRandom } from '../src/support/random.js';
import { makeResultFile } from '../test/analysis/fixtures.js';
import type { BenchRow } from './bench-row.js';

const REPEATS = 5;
/** As many cases and blocks as `run all` has by default, or more. */
const CASES = [
  'basic',
  'hft',
  'ml-training',
  'gaming',
  'zipfian',
  ...[10, 100, 1000, 10_000].flatMap((keys) => [`batch/mget-${String(keys)}`, `batch/mput-${String(keys)}`]),
];
const BLOCKS = 18;

/** How long judging takes: the rank test on millions of values, and a whole summary. Times are the fastest of several runs. */
export function run(): Promise<BenchRow[]> {
  const random = createRandom(1);
  const sample = (length: number) => Float64Array.from({ length }, () => random.nextDouble());
  const [x, y] = [sample(1_000_000), sample(1_000_000)];
  const [tiedX, tiedY] = [x, y].map((values) => values.map((value) => Math.floor(10 * value)));
  if (tiedX === undefined || tiedY === undefined) throw new Error('two samples');
  const made = `${String(CASES.length)} cases, ${String(BLOCKS)} blocks; made-up input (test/analysis/fixtures.ts)`;
  const baseline = makeResultFile({ cases: CASES, blocks: BLOCKS, seed: 1 });
  const candidate = makeResultFile({ cases: CASES, blocks: BLOCKS, seed: 2 });
  return Promise.resolve([
    row(
      'Mann-Whitney U, 1,000,000 against 1,000,000',
      () => mannWhitneyU(x, y),
      2,
      'asymptotic, ties ranked',
    ),
    row(
      'Mann-Whitney U, 1,000,000 against 1,000,000, ten different values',
      () => mannWhitneyU(tiedX, tiedY),
      2,
      'asymptotic, nearly everything ties',
    ),
    row(
      'Mann-Whitney U, 30 against 30, exact',
      () => mannWhitneyU(x.subarray(0, 30), y.subarray(0, 30)),
      null,
      '',
    ),
    row('Hodges-Lehmann, 1,000,000 against 1,000,000', () => hodgesLehmann(x, y), null, 'in O(m + n) memory'),
    row(
      'summarise a run of all',
      () => summarise([{ fileName: 'made-up.json', result: baseline }]),
      null,
      made,
    ),
    row('gate a run of all', () => judge(baseline, candidate), null, made),
  ]);
}

function row(name: string, work: () => unknown, target: number | null, note: string): BenchRow {
  let value = Infinity;
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const start = process.hrtime.bigint();
    work();
    value = Math.min(value, Number(process.hrtime.bigint() - start) / 1e9);
  }
  return { name, value, unit: 's', target, met: target === null ? null : value <= target, note };
}
