/** What a reader fills in: nothing here has a default. */
export interface InvestmentInputs {
  /** Needed at the busiest moment. */
  readonly operationsPerSecond: number;
  /** Of one machine of each side, operations a second. */
  readonly throughput: { readonly now: number; readonly then: number };
  /** Of one machine of each side, in any one currency. */
  readonly pricePerHour: { readonly now: number; readonly then: number };
  readonly hoursPerMonth: number;
  /** What the change costs once. */
  readonly investment: number;
  readonly months: number;
}

export interface InvestmentOutcome {
  /** Whole machines that reach the operations a second. */
  readonly machines: { readonly now: number; readonly then: number };
  readonly costPerMonth: { readonly now: number; readonly then: number };
  /** Below 0: the change costs more. */
  readonly savingPerMonth: number;
  /** Months until the savings equal the investment; null where nothing is saved. */
  readonly paidBackAfterMonths: number | null;
  /** (savings over the months - investment) / investment, as a fraction; null without an investment. */
  readonly returnOnInvestment: number | null;
}

/**
 * Return on investment of moving from one engine to another, from numbers that a reader gives: whole machines, no discount on
 * later savings, load at its highest all the time. The page carries this function, so it imports nothing.
 *
 * @returns null where an input is missing or not a number above 0 (the investment may be 0)
 */
export function returnOnInvestment(inputs: InvestmentInputs): InvestmentOutcome | null {
  const { operationsPerSecond, throughput, pricePerHour, hoursPerMonth, investment, months } = inputs;
  const above0 = [
    operationsPerSecond,
    throughput.now,
    throughput.then,
    pricePerHour.now,
    pricePerHour.then,
    hoursPerMonth,
    months,
  ];
  if (!above0.every((value) => Number.isFinite(value) && value > 0)) return null;
  if (!(Number.isFinite(investment) && investment >= 0)) return null;
  const machines = {
    now: Math.ceil(operationsPerSecond / throughput.now),
    then: Math.ceil(operationsPerSecond / throughput.then),
  };
  const costPerMonth = {
    now: machines.now * pricePerHour.now * hoursPerMonth,
    then: machines.then * pricePerHour.then * hoursPerMonth,
  };
  const savingPerMonth = costPerMonth.now - costPerMonth.then;
  return {
    machines,
    costPerMonth,
    savingPerMonth,
    paidBackAfterMonths: savingPerMonth > 0 ? investment / savingPerMonth : null,
    returnOnInvestment: investment === 0 ? null : (savingPerMonth * months - investment) / investment,
  };
}
