/** Operations per unit of money: from measured throughput and given prices, and nothing else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { returnOnInvestment, type InvestmentInputs } from '../../src/analysis/cost/return-on-investment.js';
import { summarise } from '../../src/analysis/summarise.js';
import type { Summary } from '../../src/analysis/summary.js';
import { PRICES_FORMAT, type PricesFile } from '../../src/results/declared/prices.js';
import type { ResultFile } from '../../src/results/schema.js';
import { resolvePointer } from '../../src/support/json-pointer.js';
import { makeResultFile } from './fixtures.js';

const prices = (...list: PricesFile['prices']): PricesFile => ({
  format: PRICES_FORMAT,
  schemaVersion: 1,
  currency: 'EUR',
  date: '2026-01-02',
  source: 'Made up for tests',
  prices: list,
});
const priced = (result: ResultFile, content: PricesFile): Summary =>
  summarise([{ fileName: 'a.json', result }], {
    prices: { fileName: 'prices.json', sha256: '0'.repeat(64), content },
  });
const small = { machine: 'small', perHour: 0.5, contenders: ['redis', 'redis-pipelined'] };
const large = { machine: 'large', perHour: 2, contenders: ['predis'] };

describe('cost', () => {
  const summary = priced(makeResultFile(), prices(small, large));

  it('is throughput for the price of an hour, with the interval of the throughput', () => {
    const { cost } = summary;
    assert.equal(cost?.rows.length, 3);
    for (const { perHour, operationsPerUnit, perBillion, ref } of cost.rows) {
      const median = resolvePointer(summary, ref) as { estimate: number; low: number; high: number };
      for (const end of ['estimate', 'low', 'high'] as const) {
        const wanted = (median[end] * 3600) / perHour;
        assert.ok(Math.abs((operationsPerUnit[end] ?? 0) / wanted - 1) < 1e-12, end);
      }
      assert.ok(Math.abs(perBillion.estimate * operationsPerUnit.estimate - 1e9) < 1);
      assert.ok((perBillion.low ?? 0) < perBillion.estimate && perBillion.estimate < (perBillion.high ?? 0));
    }
    assert.equal(cost.absent, null);
    assert.deepEqual([cost.unpriced, cost.unmeasured], [[], []]);
  });

  it('compares two contenders by the ratio of their throughput times that of their prices', () => {
    const ratios = summary.cost?.ratios ?? [];
    assert.equal(ratios.length, 2);
    for (const { ratio, ref, crossesBoundary } of ratios) {
      const speed = resolvePointer(summary, ref) as { estimate: number; low: number };
      assert.ok(Math.abs(ratio.estimate / (speed.estimate * 0.25) - 1) < 1e-12);
      assert.ok(Math.abs((ratio.low ?? 0) / (speed.low * 0.25) - 1) < 1e-12);
      assert.equal(crossesBoundary, true);
    }
  });

  it('is never assumed: nothing without a price file, nothing without a price', () => {
    assert.equal(summarise([{ fileName: 'a.json', result: makeResultFile() }]).cost, null);
    const { cost } = priced(makeResultFile(), prices({ ...large, contenders: ['predis', 'nobody'] }));
    assert.deepEqual(
      cost?.rows.map(({ contender }) => contender),
      ['predis'],
    );
    assert.deepEqual([cost.unpriced, cost.unmeasured], [['redis', 'redis-pipelined'], ['nobody']]);
    assert.deepEqual(cost.ratios, []);
    const none = priced(makeResultFile(), prices({ ...large, contenders: ['nobody'] })).cost;
    assert.match(none?.absent ?? '', /no price for any contender/);
  });

  it('is not computed from an invalid session, from an open loop, or from nothing', () => {
    const invalid = priced(
      makeResultFile({ control: { contender: 'predis', speed: 3 } }),
      prices(small, large),
    );
    assert.equal(invalid.validity[0]?.valid, false);
    const open = makeResultFile();
    open.plan.loadModel = 'open';
    for (const [{ cost }, why] of [
      [invalid, /session is invalid/],
      [priced(open, prices(small, large)), /throughput is what was asked for/],
      [priced(makeResultFile({ keepTrials: 0 }), prices(small, large)), /No trial was measured/],
    ] as const) {
      assert.deepEqual([cost?.rows, cost?.ratios], [[], []]);
      assert.match(cost?.absent ?? '', why);
    }
  });
});

describe('returnOnInvestment', () => {
  const inputs: InvestmentInputs = {
    operationsPerSecond: 1_000_000,
    throughput: { now: 300_000, then: 2_000_000 },
    pricePerHour: { now: 1, then: 2 },
    hoursPerMonth: 700,
    investment: 5600,
    months: 12,
  };

  it('counts whole machines, money a month, and when it is paid back', () => {
    assert.deepEqual(returnOnInvestment(inputs), {
      machines: { now: 4, then: 1 },
      costPerMonth: { now: 2800, then: 1400 },
      savingPerMonth: 1400,
      paidBackAfterMonths: 4,
      returnOnInvestment: 2,
    });
  });

  it('says where nothing is saved, and where nothing is invested', () => {
    const dearer = returnOnInvestment({ ...inputs, pricePerHour: { now: 1, then: 9 } });
    assert.equal(dearer?.savingPerMonth, -3500);
    assert.equal(dearer.paidBackAfterMonths, null);
    assert.ok((dearer.returnOnInvestment ?? 0) < -1);
    const free = returnOnInvestment({ ...inputs, investment: 0 });
    assert.deepEqual([free?.returnOnInvestment, free?.paidBackAfterMonths], [null, 0]);
  });

  it('is nothing until every field is filled in, and never a number that is none', () => {
    const anything = fc.oneof(fc.double(), fc.constantFrom(0, -1, Number.NaN, Infinity));
    const pair = fc.record({ now: anything, then: anything });
    fc.assert(
      fc.property(
        fc.record({
          operationsPerSecond: anything,
          throughput: pair,
          pricePerHour: pair,
          hoursPerMonth: anything,
          investment: anything,
          months: anything,
        }),
        (fields) => {
          const outcome = returnOnInvestment(fields);
          const given = [fields.operationsPerSecond, ...Object.values(fields.throughput), fields.months];
          if (given.some((value) => !(value > 0))) assert.equal(outcome, null);
          if (outcome !== null)
            assert.ok(outcome.machines.now >= 1 && !Number.isNaN(outcome.costPerMonth.now));
        },
      ),
    );
  });
});
