/** PDF through an installed Chromium; without one that part is skipped, loudly. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError, type ErrorCode } from '../../src/errors.js';
import { renderHtml } from '../../src/report/html.js';
import { findBrowser, printPdf } from '../../src/report/pdf.js';
import { smallSummary } from './summaries.js';

const folder = mkdtempSync(join(tmpdir(), 'predis-bench-pdf-test-'));
// profiles of others on this machine are none of this test's business
process.env.TMPDIR = folder;
after(() => {
  rmSync(folder, { recursive: true, force: true });
});
const page = join(folder, 'page.html');
writeFileSync(page, renderHtml(smallSummary()));

/** A program in the place of a browser. */
function program(name: string, script: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}
const refused = async (attempt: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> => {
  await assert.rejects(attempt, (error: unknown) => {
    assert.ok(error instanceof BenchError, String(error));
    assert.equal(error.code, code);
    assert.equal(error.exitCode, 7);
    assert.match(error.message, message);
    assert.ok(error.hint !== null);
    return true;
  });
};
const profiles = (): string[] =>
  readdirSync(tmpdir()).filter((name) => /^predis-bench-pdf-(?!test)/.test(name));

let installed: string | null = null;
try {
  installed = findBrowser();
} catch {
  process.stderr.write('\n*** No PDF was printed in this test: no Chromium is installed ***\n\n');
}

describe('a browser for the PDF', () => {
  it('is the one that CHROME_PATH names, else the first on PATH', () => {
    const chromium = program('chromium', 'exit 0');
    assert.equal(findBrowser({ PATH: `/nowhere:${folder}` }), chromium);
    const other = program('my-browser', 'exit 0');
    assert.equal(findBrowser({ PATH: folder, CHROME_PATH: other }), other);
  });

  it('that is missing is named, with what to do', async () => {
    await refused(
      printPdf(page, { variables: { PATH: '/nowhere' } }),
      'PDF_NO_BROWSER',
      /none of chromium, /,
    );
    const variables = { PATH: folder, CHROME_PATH: join(folder, 'nothing') };
    await refused(printPdf(page, { variables }), 'PDF_NO_BROWSER', /CHROME_PATH names .*nothing/);
    await refused(
      printPdf(page, { variables: { CHROME_PATH: folder } }),
      'PDF_NO_BROWSER',
      /no program that can be run/,
    );
  });

  it('that fails, says nothing, writes nonsense or hangs gives an error, and leaves nothing behind', async () => {
    const before = profiles();
    const pidFile = join(folder, 'pid');
    const cases: [string, RegExp][] = [
      [program('fails', 'echo "no display" >&2; exit 3'), /ended with exit code 3: no display/],
      [program('silent', 'exit 0'), /wrote no PDF/],
      [
        program(
          'nonsense',
          'for word; do case $word in --print-to-pdf=*) echo hello > "${word#*=}";; esac; done',
        ),
        /no PDF/,
      ],
      [program('hangs', `sleep 600 & echo $! > ${pidFile}; wait`), /did not print the page within 0.5 s/],
    ];
    for (const [path, message] of cases) {
      await refused(
        printPdf(page, {
          variables: { CHROME_PATH: path },
          timeoutMs: path.endsWith('hangs') ? 500 : 60_000,
        }),
        'PDF_FAILED',
        message,
      );
    }
    assert.deepEqual(profiles(), before, 'every profile folder is removed');
    const pid = Number(readFileSync(pidFile, 'utf8'));
    for (let wait = 0; wait < 100 && isRunning(pid); wait++) await sleep(50);
    assert.ok(!isRunning(pid), 'the helper of the browser was ended too');
  });

  it('prints the page', { skip: installed === null }, async () => {
    const before = profiles();
    const pdf = Buffer.from(await printPdf(page));
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
    assert.ok(pages >= 5, `${String(pages)} pages`);
    assert.deepEqual(profiles(), before);
  });
});

/** A process that has ended and was not yet waited for does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
