/** The calculator: in plain code, and by keyboard in Debian's Chromium without a network. Skipped, loudly, where none is installed. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { startCalculator, type CalculatorField } from '../../src/report/browser/calculator.js';
import { renderHtml } from '../../src/report/html.js';
import { smallSummary } from './summaries.js';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const missing = existsSync(executablePath) ? false : `no Chromium at ${executablePath}`;
if (missing !== false)
  process.stderr.write(`\n*** The calculator was NOT tested in a browser: ${missing} ***\n\n`);

const entries: readonly (readonly [string, string])[] = [
  ['needed', '1000000'],
  ['hours', '700'],
  ['investment', '5600'],
  ['months', '12'],
  ['now-throughput', '300000'],
  ['now-price', '1'],
  ['then-throughput', '2000000'],
  ['then-price', '2'],
];
const outcome =
  'Now 4 machines, 2,800 USD a month; after the change 1 machine, 1,400 USD a month. The change saves 1,400 USD a month. ' +
  'It is paid back after 4 months. Return over the months: 200 %.';

/** A field as the page has it, without a page. */
class Field implements CalculatorField {
  value = '';
  textContent: string | null = 'Fill in';
  readonly #listeners: (() => void)[] = [];
  addEventListener(_type: string, listener: () => void): void {
    this.#listeners.push(listener);
  }
  fill(value: string): void {
    this.value = value;
    for (const listener of this.#listeners) listener();
  }
}

describe('the calculator', () => {
  it('says nothing until every field is filled in, and then what follows from them', () => {
    const fields = new Map<string, Field>();
    const field = (id: string): Field => {
      const found = fields.get(id) ?? new Field();
      fields.set(id, found);
      return found;
    };
    startCalculator({ field, currency: 'USD' });
    for (const [name, value] of entries) {
      assert.equal(field('roi-result').textContent, 'Fill in');
      field(`roi-${name}`).fill(value);
    }
    assert.equal(field('roi-result').textContent, outcome);
    field('roi-needed').fill('-1');
    assert.equal(field('roi-result').textContent, 'Fill in');
    field('roi-needed').fill('1000000');
    field('roi-then-price').fill('9');
    assert.match(
      field('roi-result').textContent ?? '',
      /costs 3,500 USD more a month\. It is never paid back\./,
    );
  });

  it('works by keyboard alone, under the policy of the page', { skip: missing }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'predis-bench-calculator-'));
    const path = join(folder, 'page.html');
    writeFileSync(path, renderHtml(smallSummary()));
    const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath,
      headless: true,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
      offline: true,
    });
    try {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(pathToFileURL(path).href);
      const result = (): Promise<string> =>
        page.evaluate(`document.getElementById('roi-result').textContent`);
      const focused = (): Promise<string> => page.evaluate('document.activeElement.id');
      assert.match(await result(), /^Fill in every field/);
      await page.evaluate(`document.getElementById('roi-needed').focus()`);
      const typed = new Map(entries.map(([name, value]) => [`roi-${name}`, value]));
      const reached: string[] = [];
      for (let step = 0; step < 10; step++) {
        const id = await focused();
        reached.push(id);
        const value = typed.get(id);
        if (value !== undefined) await page.keyboard.type(value);
        await page.keyboard.press('Tab');
      }
      assert.deepEqual(new Set(reached).size, 10, 'every field and list is a stop of its own');
      assert.equal(await result(), outcome);
      const measured: string = await page.evaluate(`(() => {
        const list = document.getElementById('roi-now-measured');
        list.selectedIndex = 1;
        list.dispatchEvent(new Event('change'));
        return [list.value, document.getElementById('roi-now-throughput').value].join(' ');
      })()`);
      const [chosen, copied] = measured.split(' ');
      assert.equal(copied, chosen, 'what was measured stands in its field, where it can be seen');
      assert.notEqual(await result(), outcome);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
