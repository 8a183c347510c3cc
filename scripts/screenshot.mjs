// Takes the picture of a report that the README shows:
//   node scripts/screenshot.mjs <report.html> <out.png> [--dark] [--width <css px>] [--full]
// Needs a Chromium on this machine (CHROMIUM names it when it is not /usr/bin/chromium); no network is used.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const usage =
  'Usage: node scripts/screenshot.mjs <report.html> <out.png> [--dark] [--width <css px>] [--full]';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dark: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    width: { type: 'string', default: '1280' },
  },
});
const [report, picture] = positionals;
const width = Number(values.width);
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

if (report === undefined || picture === undefined || !(width >= 200 && width <= 4000)) {
  console.error(usage);
  process.exit(2);
}
for (const [path, what] of [
  [report, 'the report'],
  [executablePath, 'Chromium (set CHROMIUM to its path)'],
]) {
  if (existsSync(path)) continue;
  console.error(`screenshot: ${what} was not found at ${path}`);
  process.exit(2);
}

const profile = await mkdtemp(join(tmpdir(), 'predis-bench-screenshot-'));
const context = await chromium.launchPersistentContext(profile, {
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
  viewport: { width, height: Math.round(width * 0.8) },
  deviceScaleFactor: 2,
  colorScheme: values.dark ? 'dark' : 'light',
  offline: true,
});
try {
  const page = await context.newPage();
  await page.goto(pathToFileURL(resolve(report)).href);
  if (!values.full) {
    // From the title to the end of the first chart, as far as that is not too long for a README.
    const bottom = await page.evaluate(
      "document.querySelector('.chart')?.getBoundingClientRect().bottom ?? 0",
    );
    const height = Math.min(Math.max(Math.ceil(bottom) + 24, width * 0.6), width * 1.5);
    await page.setViewportSize({ width, height: Math.round(height) });
  } else {
    // Charts are drawn when they come near the view.
    for (const chart of await page.locator('canvas[data-chart]').all()) await chart.scrollIntoViewIfNeeded();
    await page.evaluate('scrollTo(0, 0)');
  }
  await page.waitForTimeout(300);
  await page.screenshot({ path: picture, fullPage: values.full });
} finally {
  await context.close();
  await rm(profile, { recursive: true, force: true });
}
