import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summarise } from '../src/analysis/summarise.js';
import { renderReport } from '../src/report/render.js';
import { readResultFile } from '../src/results/read.js';
import { packageRoot } from '../src/support/package-root.js';
import type { BenchRow } from './bench-row.js';

/** A recorded grid of 22 cases, its contenders and more than a thousand trials. */
const RESULT = 'results/h200/all.json';

/** Time, memory and bytes of the report of a thousand trials, from the result file to the last slide. */
export async function run(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'predis-bench-report-'));
  try {
    const start = performance.now();
    const result = readResultFile(join(packageRoot, RESULT));
    const summary = summarise([{ fileName: 'all.json', result }]);
    const { htmlPath } = await renderReport(summary, { outputFolder: folder, name: 'all' });
    const seconds = (performance.now() - start) / 1000;
    const note = `${RESULT}: ${String(result.trials.length)} trials, ${String(readdirSync(folder).length)} files`;
    const row = (name: string, value: number, unit: string, target: number): BenchRow => ({
      ...{ name, value: Math.round(value * 100) / 100, unit, target, note },
      met: value < target,
    });
    return [
      row('report of a thousand trials: time', seconds, 's', 3),
      row(
        'report of a thousand trials: largest memory of the process',
        process.resourceUsage().maxRSS / 1024,
        'MB',
        500,
      ),
      row('report of a thousand trials: HTML', readFileSync(htmlPath).length / 1e6, 'MB', 2),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
