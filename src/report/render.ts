import { join } from 'node:path';
import { toolVersion } from '../support/package-root.js';
import { writeFileAtomically } from '../support/atomic-file.js';
import { BenchError } from '../errors.js';
import type { Summary } from '../analysis/summary.js';
import { renderPng } from './charts/png.js';
import { slideCharts } from './charts/specs.js';
import { displayText } from './format.js';
import { renderHtml } from './html.js';

/** Where a report was written. */
export interface RenderedReport {
  readonly htmlPath: string;
  readonly jsonPath: string;
  /** Speedup, throughput, p95 latency, memory; those that were not measured are missing. */
  readonly pngPaths: readonly string[];
}

/**
 * Renders a report: `<name>.html`, self-contained; `<name>.summary.json`, the summary that it shows; and
 * `<name>-<chart>.png`, the charts over all workloads for slides. Existing files of these names are replaced, each
 * atomically; none of them is the name of a result file (`<name>.json`).
 *
 * @param summary what analysis says
 * @param target folder (created when missing) and the file name without ending
 * @throws BenchError OUTPUT_UNWRITABLE
 */
export async function renderReport(
  summary: Summary,
  target: { readonly outputFolder: string; readonly name: string },
): Promise<RenderedReport> {
  const footer = `${displayText(summary.label)} · predis-bench ${toolVersion()}`;
  const pngPaths: string[] = [];
  const images = new Map<string, string>();
  for (const spec of slideCharts(summary)) {
    const png = await renderPng(spec, footer, 2);
    pngPaths.push(write(join(target.outputFolder, `${target.name}-${spec.id}.png`), png));
    const small = await renderPng(spec, footer, 1);
    images.set(spec.id, `data:image/png;base64,${small.toString('base64')}`);
  }
  return {
    htmlPath: write(join(target.outputFolder, `${target.name}.html`), renderHtml(summary, images)),
    jsonPath: write(
      join(target.outputFolder, `${target.name}.summary.json`),
      `${JSON.stringify(summary, null, 2)}\n`,
    ),
    pngPaths,
  };
}

function write(path: string, content: string | Uint8Array): string {
  try {
    writeFileAtomically(path, [content]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BenchError('OUTPUT_UNWRITABLE', `The report could not be written to ${path}: ${reason}`, {
      cause: error,
    });
  }
  return path;
}
