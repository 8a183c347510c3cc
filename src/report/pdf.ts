/** The page as PDF, printed by a Chromium that is installed on this machine. */
import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BenchError } from '../errors.js';

const browserNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'] as const;

const TIMEOUT_MS = 90_000;
/** Of what the browser says about a failure. */
const KEPT_OUTPUT = 4000;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The Chromium to print with: the one that CHROME_PATH names, else the first that is on PATH.
 *
 * @throws BenchError PDF_NO_BROWSER
 */
export function findBrowser(variables: Variables = process.env): string {
  const named = variables.CHROME_PATH ?? '';
  if (named !== '') {
    if (isExecutable(named)) return named;
    throw new BenchError(
      'PDF_NO_BROWSER',
      `CHROME_PATH names ${named}, which is no program that can be run.`,
    );
  }
  const folders = (variables.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const name of browserNames) {
    const found = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (found !== undefined) return found;
  }
  throw new BenchError(
    'PDF_NO_BROWSER',
    `No Chromium was found to print the PDF with: none of ${browserNames.join(', ')} is on PATH.`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Prints an HTML file in a browser of its own: headless, without a network, with a profile folder that is removed.
 *
 * @param htmlPath a file of this machine
 * @returns the bytes of the PDF
 * @throws BenchError PDF_NO_BROWSER, PDF_FAILED with what the browser said
 */
export async function printPdf(
  htmlPath: string,
  { variables = process.env, timeoutMs = TIMEOUT_MS }: { variables?: Variables; timeoutMs?: number } = {},
): Promise<Uint8Array> {
  const browser = findBrowser(variables);
  const folder = mkdtempSync(join(tmpdir(), 'predis-bench-pdf-'));
  try {
    const target = join(folder, 'page.pdf');
    const said = await runBrowser(
      browser,
      [...options(folder, target), pathToFileURL(resolve(htmlPath)).href],
      timeoutMs,
    );
    let pdf: Uint8Array;
    try {
      pdf = readFileSync(target);
    } catch (cause) {
      throw new BenchError('PDF_FAILED', `${browser} wrote no PDF: ${lastLine(said)}`, { cause });
    }
    if (Buffer.from(pdf.subarray(0, 5)).toString('latin1') !== '%PDF-') {
      throw new BenchError('PDF_FAILED', `${browser} wrote something that is no PDF.`);
    }
    return pdf;
  } finally {
    // helpers of a browser that was ended may still be closing their files
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

function options(folder: string, target: string): string[] {
  return [
    '--headless',
    '--disable-gpu',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-extensions',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-quic',
    '--host-resolver-rules=MAP * ~NOTFOUND',
    // Chromium refuses its sandbox to root; the page is our own, and its policy allows no request
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-dev-shm-usage',
    `--user-data-dir=${join(folder, 'profile')}`,
    '--no-pdf-header-footer',
    // lets the page load its fonts and draw its charts before it is printed
    '--virtual-time-budget=10000',
    `--print-to-pdf=${target}`,
  ];
}

/** Runs the browser in a process group of its own, so that its helpers end with it, whatever happens. */
function runBrowser(browser: string, words: readonly string[], timeoutMs: number): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(browser, words, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-KEPT_OUTPUT);
    });
    const end = (): void => {
      endGroup(child);
    };
    process.once('exit', end);
    const timer = setTimeout(() => {
      end();
      finish(() => {
        failed(
          new BenchError(
            'PDF_FAILED',
            `${browser} did not print the page within ${String(timeoutMs / 1000)} s.`,
          ),
        );
      });
    }, timeoutMs);
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      process.off('exit', end);
      settle();
    };
    child.on('error', (cause) => {
      finish(() => {
        failed(new BenchError('PDF_FAILED', `${browser} could not be started: ${cause.message}`, { cause }));
      });
    });
    child.on('close', (code, signal) => {
      end();
      finish(() => {
        if (code === 0) done(said);
        else {
          const how =
            code === null ? `was ended by ${String(signal)}` : `ended with exit code ${String(code)}`;
          failed(new BenchError('PDF_FAILED', `${browser} ${how}: ${lastLine(said)}`));
        }
      });
    });
  });
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // all of them have ended
  }
}

function lastLine(said: string): string {
  return said.trim().split('\n').at(-1) ?? 'it said nothing';
}
