import { spawnSync } from 'node:child_process';
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
    // first, while this process holds nothing
    const command = runCommand(join(folder, 'command'));
    const start = performance.now();
    const result = readResultFile(join(packageRoot, RESULT));
    const summary = summarise([{ fileName: 'all.json', result }]);
    const outputFolder = join(folder, 'function');
    const { htmlPath } = await renderReport(summary, { outputFolder, name: 'all' });
    const seconds = (performance.now() - start) / 1000;
    const trials = `${RESULT}: ${String(result.trials.length)} trials, ${String(readdirSync(outputFolder).length)} files`;
    const row = (name: string, value: number, unit: string, target: number, note = trials): BenchRow => ({
      ...{ name: `report of a thousand trials: ${name}`, value: Math.round(value * 100) / 100, unit, target },
      ...{ note, met: value < target },
    });
    const { maxRSS } = process.resourceUsage();
    const started = `predis-bench report, Node.js and its modules included; ${command.cpuSeconds.toFixed(2)} s of processor time`;
    return [
      row('time', seconds, 's', 3),
      row('largest memory of the process', maxRSS / 1024, 'MB', 500),
      row('time of the command', command.seconds, 's', 3, started),
      row('largest memory of the command', command.maxRssKib / 1024, 'MB', 500, started),
      row('HTML', readFileSync(htmlPath).length / 1e6, 'MB', 2),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts the command as a user does; only it itself knows how much memory it took. */
function runCommand(outputFolder: string): { seconds: number; maxRssKib: number; cpuSeconds: number } {
  const telling = "process.on('exit', () => console.error(JSON.stringify(process.resourceUsage())));";
  const start = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      ...['--import', `data:text/javascript,${encodeURIComponent(telling)}`],
      ...[join(packageRoot, 'bin/predis-bench.js'), 'report', join(packageRoot, RESULT), '-o', outputFolder],
    ],
    { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const seconds = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`predis-bench report ended with ${String(status)}: ${stderr}`);
  const usage = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as NodeJS.ResourceUsage;
  const cpuSeconds = (usage.userCPUTime + usage.systemCPUTime) / 1e6;
  return { seconds, maxRssKib: usage.maxRSS, cpuSeconds };
}
