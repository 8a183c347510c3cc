import { join } from 'node:path';
import { toolVersion } from '../support/package-root.js';
import { writeFileAtomically } from '../support/atomic-file.js';
import { BenchError } from '../errors.js';
import type { Summary } from '../analysis/summary.js';
import { renderPng, renderPngAndStill } from './charts/png.js';
import { caseCharts, overviewCharts, slideCharts } from './charts/specs.js';
import type { ChartSpec } from './charts/spec.js';
import { renderSvg } from './charts/svg.js';
import { compactPage } from './compact-page.js';
import { displayText } from './format.js';
import { renderMarkdown } from './markdown/report.js';
import { findBrowser, printPdf } from './pdf.js';

/** Where a report was written. */
export interface RenderedReport {
  readonly htmlPath: string;
  readonly jsonPath: string;
  /** Speedup, throughput, p95 latency, memory, curves, efficiency; those that were not measured are missing. */
  readonly pngPaths: readonly string[];
  /** The same charts. */
  readonly svgPaths: readonly string[];
  /** null where it was not asked for. */
  readonly markdownPath: string | null;
  readonly pdfPath: string | null;
}

/** What is written beside the page, its summary and its charts. */
export interface ReportFormats {
  readonly markdown?: boolean;
  /** Needs a Chromium on this machine. */
  readonly pdf?: boolean;
}

export interface ReportTarget {
  /** Created when missing. */
  readonly outputFolder: string;
  /** File name without ending. */
  readonly name: string;
  /** Slides of the charts of each workload too, not only of those over all. */
  readonly everyChart?: boolean;
}

/** Charts that are encoded at once: drawing is this thread's work, encoding another's. */
const AT_ONCE = 3;

/**
 * Renders a report: `<name>.html`, self-contained; `<name>.summary.json`, the summary that it shows; and
 * `<name>-<chart>.png` and `.svg`, charts for slides. Existing files of these names are replaced, each atomically; none of
 * them is the name of a result file (`<name>.json`).
 *
 * @param summary what analysis says
 * @param formats `<name>.md` and `<name>.pdf` too
 * @throws BenchError OUTPUT_UNWRITABLE; PDF_NO_BROWSER before anything is written; PDF_FAILED after all else was
 */
export async function renderReport(
  summary: Summary,
  target: ReportTarget,
  formats: ReportFormats = {},
): Promise<RenderedReport> {
  if (formats.pdf === true) findBrowser();
  const { outputFolder, name, everyChart = false } = target;
  const footer = `${displayText(summary.label)} · predis-bench ${toolVersion()}`;
  const overview = new Set(overviewCharts(summary).map(({ id }) => id));
  const specs = [
    ...slideCharts(summary),
    ...(everyChart ? summary.cases.flatMap((_, index) => caseCharts(summary, index)) : []),
  ];
  const images = new Map<string, string>();
  const slide = async (spec: ChartSpec): Promise<{ readonly png: string; readonly svg: string }> => {
    const path = join(outputFolder, `${name}-${spec.id}`);
    let png: Buffer;
    if (overview.has(spec.id)) {
      const both = await renderPngAndStill(spec, footer);
      png = both.png;
      images.set(spec.id, `data:image/webp;base64,${both.still.toString('base64')}`);
    } else {
      png = await renderPng(spec, footer, 2);
    }
    return {
      png: write(`${path}.png`, png),
      svg: write(`${path}.svg`, await renderSvg(spec, footer)),
    };
  };
  const at = (ending: string): string => join(outputFolder, `${name}${ending}`);
  const first = await inTurn(
    specs.filter(({ id }) => overview.has(id)),
    AT_ONCE,
    slide,
  );
  // The page carries the first ones; while it is made, the next ones are encoded.
  const [rest, htmlPath] = await Promise.all([
    inTurn(
      specs.filter(({ id }) => !overview.has(id)),
      AT_ONCE,
      slide,
    ),
    Promise.resolve().then(() => write(at('.html'), compactPage(summary, images))),
  ]);
  const written = [...first, ...rest];
  return {
    htmlPath,
    jsonPath: write(at('.summary.json'), `${JSON.stringify(summary, null, 2)}\n`),
    pngPaths: written.map(({ png }) => png),
    svgPaths: written.map(({ svg }) => svg),
    markdownPath: formats.markdown === true ? write(at('.md'), renderMarkdown(summary)) : null,
    pdfPath: formats.pdf === true ? write(at('.pdf'), await printPdf(htmlPath)) : null,
  };
}

/** Answers in the order of the items, so many at work at once. */
async function inTurn<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const answers: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const at = next++;
      const item = items[at];
      if (item === undefined) return;
      answers[at] = await work(item);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return answers;
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
