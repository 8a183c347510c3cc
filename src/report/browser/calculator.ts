import { returnOnInvestment } from '../../analysis/cost/return-on-investment.js';

/** The parts of a field, a list and an output that the calculator touches. */
export interface CalculatorField {
  value: string;
  textContent: string | null;
  addEventListener(type: 'input' | 'change', listener: () => void): void;
}

/** Where the fields are found, and the currency that is written beside money. */
export interface CalculatorPage {
  readonly field: (id: string) => CalculatorField | null;
  readonly currency: string;
}

/**
 * Wires the calculator: every change of a field writes the outcome of what the reader filled in. Choosing a measured throughput
 * copies it into its field, where it can be seen and changed.
 */
export function startCalculator({ field, currency }: CalculatorPage): void {
  const output = field('roi-result');
  const names = ['needed', 'hours', 'investment', 'months'] as const;
  const sides = ['now', 'then'] as const;
  if (output === null) return;
  const empty = output.textContent;
  const numberIn = (name: string): number => {
    const text = field(`roi-${name}`)?.value.trim() ?? '';
    return text === '' ? Number.NaN : Number(text);
  };
  const write = (): void => {
    const both = (what: string) => ({ now: numberIn(`now-${what}`), then: numberIn(`then-${what}`) });
    const outcome = returnOnInvestment({
      operationsPerSecond: numberIn('needed'),
      throughput: both('throughput'),
      pricePerHour: both('price'),
      hoursPerMonth: numberIn('hours'),
      investment: numberIn('investment'),
      months: numberIn('months'),
    });
    output.textContent = outcome === null ? empty : describeOutcome(outcome, currency);
  };
  for (const side of sides) {
    const measured = field(`roi-${side}-measured`);
    const throughput = field(`roi-${side}-throughput`);
    measured?.addEventListener('change', () => {
      if (throughput !== null && measured.value !== '') throughput.value = measured.value;
      write();
    });
  }
  for (const name of [...names, ...sides.flatMap((side) => [`${side}-throughput`, `${side}-price`])]) {
    field(`roi-${name}`)?.addEventListener('input', write);
  }
}

/** The outcome in a few plain sentences. */
export function describeOutcome(
  outcome: NonNullable<ReturnType<typeof returnOnInvestment>>,
  currency: string,
): string {
  const { machines, costPerMonth, savingPerMonth, paidBackAfterMonths, returnOnInvestment: share } = outcome;
  const amount = (value: number): string =>
    `${value.toLocaleString('en-US', { maximumFractionDigits: 2 })} ${currency}`;
  const counted = (count: number): string =>
    `${count.toLocaleString('en-US')} ${count === 1 ? 'machine' : 'machines'}`;
  return [
    `Now ${counted(machines.now)}, ${amount(costPerMonth.now)} a month; after the change ${counted(machines.then)}, ${amount(costPerMonth.then)} a month.`,
    savingPerMonth < 0
      ? `The change costs ${amount(-savingPerMonth)} more a month.`
      : `The change saves ${amount(savingPerMonth)} a month.`,
    ...(paidBackAfterMonths === null
      ? ['It is never paid back.']
      : [
          `It is paid back after ${paidBackAfterMonths.toLocaleString('en-US', { maximumFractionDigits: 1 })} months.`,
        ]),
    ...(share === null
      ? []
      : [
          `Return over the months: ${(share * 100).toLocaleString('en-US', { maximumFractionDigits: 0 })} %.`,
        ]),
  ].join(' ');
}
