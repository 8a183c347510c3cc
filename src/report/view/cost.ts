/** What operations cost at the prices that were given, and the calculator with what was measured in its lists. */
import type { CostSummary } from '../../analysis/cost/cost-summary.js';
import type { Interval, Summary } from '../../analysis/summary.js';
import { displayText, formatNumber, formatQuantity } from '../format.js';
import { datum, intervalCell, type Datum, type IntervalCell } from './cells.js';

export interface CostRowView {
  readonly caseId: string;
  readonly label: string;
  readonly machine: string;
  readonly perHour: Datum | null;
  readonly operations: IntervalCell | null;
  readonly perBillion: IntervalCell | null;
}

export interface CostRatioView {
  readonly caseId: string;
  readonly sides: string;
  readonly across: boolean;
  readonly ratio: IntervalCell | null;
}

/** A measured throughput that the calculator can take: its words, and the exact number. */
export interface MeasuredChoice {
  readonly text: string;
  readonly value: string;
  readonly ref: string;
}

export interface CostView {
  /** null where no price file was given. */
  readonly prices: {
    readonly currency: string;
    readonly date: string;
    readonly source: string;
    readonly file: string;
    readonly absent: string | null;
    readonly rows: readonly CostRowView[];
    readonly ratios: readonly CostRatioView[];
    readonly notes: readonly string[];
  } | null;
  readonly calculator: {
    readonly currency: string;
    readonly choices: readonly MeasuredChoice[];
  };
}

export function costView(summary: Summary): CostView {
  const { cost } = summary;
  return {
    prices: cost === null ? null : pricesView(summary, cost),
    calculator: {
      currency: cost === null ? 'your currency' : displayText(cost.currency, 3),
      choices: measuredChoices(summary),
    },
  };
}

function pricesView(summary: Summary, cost: CostSummary): NonNullable<CostView['prices']> {
  const currency = displayText(cost.currency, 3);
  const names = new Map(
    summary.cases.flatMap(({ contenders }) => contenders.map(({ id, label }) => [id, label])),
  );
  const name = (id: string): string => displayText(names.get(id) ?? id, 60);
  const list = (ids: readonly string[]): string => ids.map(name).join(', ');
  return {
    currency,
    date: displayText(cost.date, 10),
    source: displayText(cost.source, 300),
    file: displayText(cost.fileName),
    absent: cost.absent,
    rows: cost.rows.map((row, index) => {
      const ref = `/cost/rows/${String(index)}`;
      return {
        caseId: displayText(row.caseId, 60),
        label: displayText(row.label, 60),
        machine: displayText(row.machine, 120),
        perHour: datum(row.perHour, `${ref}/perHour`, (price) => formatNumber(price, 6)),
        operations: moneyInterval(row.operationsPerUnit, `${ref}/operationsPerUnit`, formatOperations),
        perBillion: moneyInterval(row.perBillion, `${ref}/perBillion`, formatMoney),
      };
    }),
    ratios: cost.ratios.map((one, index) => ({
      caseId: displayText(one.caseId, 60),
      sides: `${name(one.candidate)} over ${name(one.baseline)}`,
      across: one.crossesBoundary,
      ratio: intervalCell(one.ratio, `/cost/ratios/${String(index)}/ratio`, 'ratio'),
    })),
    notes: [
      ...(cost.unpriced.length === 0 ? [] : [`No price was given for: ${list(cost.unpriced)}.`]),
      ...(cost.unmeasured.length === 0 ? [] : [`Priced, and not measured here: ${list(cost.unmeasured)}.`]),
    ],
  };
}

/** Throughputs (or capacities) of what may be compared: none of an invalid session, none of floors. */
function measuredChoices(summary: Summary): readonly MeasuredChoice[] {
  if (summary.validity.some(({ valid }) => !valid)) return [];
  const wanted = summary.design.loadModel === 'open' ? 'capacityRate' : 'throughput';
  return summary.cases.flatMap(({ id, contenders }, caseIndex) =>
    contenders.flatMap(({ label, floor, metrics }, contenderIndex) => {
      const index = metrics.findIndex(({ metric }) => metric === wanted);
      const estimate = metrics[index]?.median.estimate ?? 0;
      if (floor || !(estimate > 0)) return [];
      return [
        {
          text: `${displayText(id, 40)}, ${displayText(label, 50)}: ${formatQuantity(estimate, 'operations/s')}`,
          value: String(estimate),
          ref: `/cases/${String(caseIndex)}/contenders/${String(contenderIndex)}/metrics/${String(index)}/median/estimate`,
        },
      ];
    }),
  );
}

function moneyInterval(
  interval: Interval,
  ref: string,
  write: (value: number) => string,
): IntervalCell | null {
  const estimate = datum(interval.estimate, `${ref}/estimate`, write);
  if (estimate === null) return null;
  const low = datum(interval.low, `${ref}/low`, write);
  const high = datum(interval.high, `${ref}/high`, write);
  return low === null || high === null ? { estimate, low: null, high: null } : { estimate, low, high };
}

/** An amount of money without its currency: three significant digits. */
function formatMoney(amount: number): string {
  return amount.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

/** A number of operations: "1.23 × 10⁹" is written "1.23 G". */
function formatOperations(count: number): string {
  return formatQuantity(count, 'operations/s').replace(/\/s$/, '').trim();
}
