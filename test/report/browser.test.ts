/**
 * The page in a real browser: Debian's Chromium through playwright-core, with no network. Skipped, loudly, where no Chromium is
 * installed (CHROMIUM names one in another place).
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { compactPage } from '../../src/report/compact-page.js';
import { renderReport } from '../../src/report/render.js';
import { chartsSummary, emptySummary, smallSummary } from './summaries.js';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const missing = existsSync(executablePath) ? false : `no Chromium at ${executablePath}`;
if (missing !== false)
  process.stderr.write(`\n*** The report was NOT tested in a browser: ${missing} ***\n\n`);

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

describe('the page in a browser', { skip: missing }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'predis-bench-browser-'));
  let context: BrowserContext;
  let address: string;
  let emptyAddress: string;
  let chartsAddress: string;

  before(async () => {
    const full = await renderReport(smallSummary(), { outputFolder: folder, name: 'full' });
    const empty = await renderReport(emptySummary(), { outputFolder: folder, name: 'empty' });
    address = pathToFileURL(full.htmlPath).href;
    emptyAddress = pathToFileURL(empty.htmlPath).href;
    const charts = await renderReport(chartsSummary(), { outputFolder: folder, name: 'charts' });
    chartsAddress = pathToFileURL(charts.htmlPath).href;
    context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath,
      headless: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
  });
  after(async () => {
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page and keeps a record of what it asked for and what it complained about. */
  async function open(
    target: string,
    look: { colorScheme?: 'light' | 'dark'; width?: number } = {},
  ): Promise<{ page: Page; complaints: string[]; close: () => Promise<void> }> {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      const url = request.url();
      if (url !== target && !url.startsWith('data:')) complaints.push(`request: ${url}`);
    });
    await page.route('**/*', (route) =>
      route.request().url() === target ? route.continue() : route.abort(),
    );
    await page.emulateMedia({ colorScheme: look.colorScheme ?? 'light' });
    await page.setViewportSize({ width: look.width ?? 1280, height: 900 });
    await page.goto(target);
    return { page, complaints, close: () => page.close() };
  }

  /**
   * Brings every chart into view until it is made (chart.js leaves a mark on its canvas), and counts for each the pixels that were
   * drawn.
   */
  async function drawnPixels(page: Page): Promise<number[]> {
    await page.evaluate(`(async () => {
      for (const canvas of document.querySelectorAll('canvas[data-chart]')) {
        canvas.scrollIntoView({ block: 'nearest' });
        for (let frame = 0; frame < 2000 && canvas.$chartjs === undefined; frame++)
          await new Promise(requestAnimationFrame);
      }
    })()`);
    await page.waitForTimeout(200);
    return page.evaluate(`[...document.querySelectorAll('canvas[data-chart]')].map((canvas) => {
      if (canvas.width * canvas.height === 0) return 0;
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let drawn = 0;
      for (let at = 3; at < data.length; at += 4) if (data[at] > 0) drawn++;
      return drawn;
    })`);
  }

  async function axeViolations(page: Page): Promise<string[]> {
    await page.evaluate(axeSource);
    return page.evaluate(`axe.run(document).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 160))))`);
  }

  it('asks for nothing but itself, draws every chart and has nothing to complain about', async () => {
    const { page, complaints, close } = await open(address);
    const drawn = await drawnPixels(page);
    assert.equal(drawn.length, 5 + 2 * 4 + 1, 'over all workloads, of two workloads, and bytes a key');
    for (const [index, pixels] of drawn.entries())
      assert.ok(pixels > 2000, `chart ${String(index)}: ${String(pixels)}`);
    assert.ok(await page.evaluate(`document.fonts.check('600 16px Inter')`), 'its own font is in use');
    assert.deepEqual(complaints, []);
    await close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`is found accessible by axe, ${colorScheme}, everything unfolded`, async () => {
      const { page, close } = await open(address, { colorScheme });
      await drawnPixels(page);
      await page.evaluate(`for (const part of document.querySelectorAll('details')) part.open = true`);
      assert.deepEqual(await axeViolations(page), []);
      await close();
    });
  }

  it('shows the same page when its data and folded tables are compressed', async () => {
    const bytes = readFileSync(new URL(address), 'utf8');
    const text = `[...document.querySelectorAll('main td, main th, main p')].map((cell) => cell.textContent.trim()).join('|')`;
    const plain = await open(address);
    await drawnPixels(plain.page);
    const expected: string = await plain.page.evaluate(text);
    await plain.close();
    const packedPath = join(folder, 'packed.html');
    writeFileSync(packedPath, compactPage(smallSummary(), new Map(), 0));
    assert.ok(readFileSync(packedPath).length < Buffer.byteLength(bytes));
    const { page, complaints, close } = await open(pathToFileURL(packedPath).href);
    assert.equal((await drawnPixels(page)).length, 14);
    assert.equal(await page.evaluate(text), expected);
    assert.deepEqual(complaints, []);
    await close();
  });

  for (const [name, look, media] of [
    ['on a phone, light', { width: 360, colorScheme: 'light' }, 'screen'],
    ['on a phone, dark', { width: 360, colorScheme: 'dark' }, 'screen'],
    ['on a desk, dark', { colorScheme: 'dark' }, 'screen'],
    ['on paper', { width: 700, colorScheme: 'dark' }, 'print'],
  ] as const) {
    it(`draws every kind of chart and is found accessible by axe ${name}, everything unfolded`, async () => {
      const { page, complaints, close } = await open(chartsAddress, look);
      await page.emulateMedia({ media, colorScheme: look.colorScheme });
      const drawn = await drawnPixels(page);
      assert.equal(drawn.length, await page.locator('figure.chart').count());
      assert.ok(
        drawn.every((pixels) => pixels > 1500),
        drawn.join(', '),
      );
      await page.evaluate(`for (const part of document.querySelectorAll('details')) part.open = true`);
      assert.deepEqual(await axeViolations(page), []);
      // without scrolling sideways
      const width: number = await page.evaluate('document.documentElement.scrollWidth');
      assert.ok(width <= (look.width ?? 1280), `${String(width)} px`);
      assert.deepEqual(complaints, []);
      await close();
    });
  }

  it('has a link to every section, workload and chart, seen when it is reached by the keyboard', async () => {
    const { page, close } = await open(chartsAddress);
    const links: string[] = await page.evaluate(
      `[...document.querySelectorAll('.anchor')].map((link) => link.getAttribute('href'))`,
    );
    const targets: string[] = await page.evaluate(
      `[...document.querySelectorAll('main section, article.workload, figure.chart')].map((part) => '#' + part.id)`,
    );
    for (const target of targets) {
      assert.ok(target === '#summary' || links.includes(target), target);
      assert.equal(await page.locator(target).count(), 1, target);
    }
    const selector = '.anchor[href="#chart-case-batch-10-latency-over-time"]';
    const opacity = `getComputedStyle(document.querySelector('${selector}')).opacity`;
    const link = page.locator(selector);
    assert.equal(await page.evaluate(opacity), '0');
    await link.focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(opacity), '1');
    await page.keyboard.press('Enter');
    assert.match(page.url(), /#chart-case-batch-10-latency-over-time$/);
    await close();
  });

  it('follows the reader from light to dark', async () => {
    const { page, close } = await open(address);
    const colours = `[getComputedStyle(document.documentElement).backgroundColor,
      document.querySelector('canvas').toDataURL().length > 0 && document.querySelector('canvas').toDataURL()]`;
    await drawnPixels(page);
    const light: string[] = await page.evaluate(colours);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForTimeout(200);
    const dark: string[] = await page.evaluate(colours);
    assert.notEqual(dark[0], light[0], 'page');
    assert.notEqual(dark[1], light[1], 'charts');
    await close();
  });

  it('fits a phone without scrolling sideways', async () => {
    // the page with every kind of chart is looked at above
    for (const target of [address, emptyAddress]) {
      const { page, complaints, close } = await open(target, { width: 360 });
      await drawnPixels(page);
      await page.evaluate(`for (const part of document.querySelectorAll('details')) part.open = true`);
      const width: number = await page.evaluate('document.documentElement.scrollWidth');
      assert.ok(width <= 360, `${String(width)} px`);
      assert.deepEqual(complaints, []);
      await close();
    }
  });

  it('is driven by the keyboard: the skip link comes first and leads to the content', async () => {
    const { page, close } = await open(address);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the content');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'content');
    await close();
  });

  it('prints every chart, light, at a size that fits the paper', async () => {
    const { page, complaints, close } = await open(address, { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.setViewportSize({ width: 700, height: 1000 });
    const drawn = await drawnPixels(page);
    assert.ok(
      drawn.every((pixels) => pixels > 2000),
      drawn.join(', '),
    );
    assert.equal(
      await page.evaluate('getComputedStyle(document.documentElement).backgroundColor'),
      'rgb(255, 255, 255)',
    );
    assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth')) <= 700);
    assert.deepEqual(complaints, []);
    await close();
  });

  it('without scripts shows the numbers, and pictures of the charts over all workloads', async () => {
    const browser = context.browser();
    const plain =
      browser === null
        ? await chromium.launchPersistentContext(join(folder, 'profile-plain'), {
            executablePath,
            headless: true,
            javaScriptEnabled: false,
            args: ['--no-sandbox', '--disable-gpu'],
          })
        : await browser.newContext({ javaScriptEnabled: false });
    const page = await plain.newPage();
    await page.goto(address);
    assert.equal(await page.locator('img.still').count(), 5);
    assert.ok(await page.locator('img.still').first().isVisible());
    assert.ok((await page.locator('table data').count()) > 100);
    await plain.close();
  });
});
