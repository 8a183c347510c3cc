import type { Declared } from '../../results/declared/read.js';
import type { PricesFile } from '../../results/declared/prices.js';
import type { CaseSummary, Interval } from '../summary.js';
import type { CostRatio, CostRow, CostSummary } from './cost-summary.js';

const SECONDS_PER_HOUR = 3600;
const BILLION = 1e9;

interface Price {
  readonly machine: string;
  readonly perHour: number;
}

/**
 * Operations per unit of money, from measured throughput and given prices. The intervals are those of the throughput, scaled: a
 * price has no interval, and how well a machine at that price would do is not what was measured.
 *
 * @param open the run was an open loop: throughput is then what was asked for, and only a searched capacity has a cost
 * @param valid false: a session is invalid, and nothing is computed from it
 */
export function summariseCost(
  { fileName, sha256, content }: Declared<PricesFile>,
  cases: readonly CaseSummary[],
  { open, valid }: { readonly open: boolean; readonly valid: boolean },
): CostSummary {
  const prices = new Map<string, Price>(
    content.prices.flatMap(({ machine, perHour, contenders }) =>
      contenders.map((id) => [id, { machine, perHour }] as const),
    ),
  );
  const wanted = open ? 'capacityRate' : 'throughput';
  const measured = new Set(
    cases.flatMap(({ contenders }) =>
      contenders.flatMap(({ id, floor, metrics }) => (floor || metrics.length === 0 ? [] : [id])),
    ),
  );
  const rows = valid ? cases.flatMap((row, index) => rowsOf(row, index, prices, wanted)) : [];
  const ratios = valid ? cases.flatMap((row, index) => ratiosOf(row, index, prices, wanted)) : [];
  return {
    fileName,
    sha256,
    currency: content.currency,
    date: content.date,
    source: content.source,
    rows,
    ratios,
    unpriced: [...measured].filter((id) => !prices.has(id)),
    unmeasured: [...prices.keys()].filter((id) => !measured.has(id)),
    absent: rows.length > 0 ? null : reasonOfNone(valid, open, measured, prices),
  };
}

function reasonOfNone(
  valid: boolean,
  open: boolean,
  measured: ReadonlySet<string>,
  prices: ReadonlyMap<string, Price>,
): string {
  if (!valid) return 'A session is invalid: no cost is computed from it.';
  if (measured.size === 0) return 'No trial was measured.';
  if (![...measured].some((id) => prices.has(id))) {
    return 'The price file has no price for any contender that was measured.';
  }
  return open
    ? 'In an open loop throughput is what was asked for: only a searched capacity (run --slo) has a cost.'
    : 'No throughput was measured.';
}

function rowsOf(
  { id: caseId, contenders }: CaseSummary,
  caseIndex: number,
  prices: ReadonlyMap<string, Price>,
  wanted: string,
): CostRow[] {
  return contenders.flatMap(({ id, label, floor, metrics }, contenderIndex) => {
    const price = prices.get(id);
    const index = metrics.findIndex(({ metric }) => metric === wanted);
    const median = metrics[index]?.median;
    if (price === undefined || median === undefined || floor || !(median.estimate > 0)) return [];
    const perUnit = SECONDS_PER_HOUR / price.perHour;
    const operationsPerUnit = {
      estimate: median.estimate * perUnit,
      low: median.low === null ? null : median.low * perUnit,
      high: median.high === null ? null : median.high * perUnit,
    };
    const { estimate, low, high } = operationsPerUnit;
    return [
      {
        caseId,
        contender: id,
        label,
        ...price,
        operationsPerUnit,
        perBillion: {
          estimate: BILLION / estimate,
          low: high === null ? null : BILLION / high,
          high: low === null || low === 0 ? null : BILLION / low,
        },
        ref: `/cases/${String(caseIndex)}/contenders/${String(contenderIndex)}/metrics/${String(index)}/median`,
      },
    ];
  });
}

function ratiosOf(
  { id: caseId, comparisons }: CaseSummary,
  caseIndex: number,
  prices: ReadonlyMap<string, Price>,
  wanted: string,
): CostRatio[] {
  return comparisons.flatMap(
    ({ metric, candidate, baseline, ratio, crossesBoundary }, index): CostRatio[] => {
      const [candidatePrice, baselinePrice] = [prices.get(candidate), prices.get(baseline)];
      if (
        metric !== wanted ||
        ratio === null ||
        candidatePrice === undefined ||
        baselinePrice === undefined
      ) {
        return [];
      }
      const scale = baselinePrice.perHour / candidatePrice.perHour;
      return [
        {
          caseId,
          candidate,
          baseline,
          ratio: scaled(ratio, scale),
          crossesBoundary,
          ref: `/cases/${String(caseIndex)}/comparisons/${String(index)}/ratio`,
        },
      ];
    },
  );
}

function scaled({ estimate, low, high }: Interval, scale: number): Interval {
  return {
    estimate: estimate * scale,
    low: low === null ? null : low * scale,
    high: high === null ? null : high * scale,
  };
}
