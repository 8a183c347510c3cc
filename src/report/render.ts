import { join } from 'node:path';
import { toolVersion } from '../support/package-root.js';
import { writeFileAtomically } from '../support/atomic-file.js';
import { BenchError } from '../errors.js';
import type { Summary } from '../analysis/summary.js';
import { drawSlides } from './charts/draw-slides.js';
import { shortNamesText } from './charts/marks.js';
import { caseSlides, overviewCharts, slideCharts } from './charts/specs.js';
import { svgDocument } from './charts/svg-document.js';
import { compactPage, pageBeyondImages } from './compact-page.js';
import { displayText } from './format.js';
import { renderMarkdown } from './markdown/report.js';
import { findBrowser, printPdf } from './pdf.js';

export { prepareSlides } from './charts/draw-slides.js';

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
  const footer = [`${displayText(summary.label)} · predis-bench ${toolVersion()}`, shortNamesText(summary)]
    .filter((text) => text !== '')
    .join(' · ');
  const overview = new Set(overviewCharts(summary).map(({ id }) => id));
  const specs = [
    ...slideCharts(summary),
    ...(everyChart ? summary.cases.flatMap((_, index) => caseSlides(summary, index)) : []),
  ];
  const at = (ending: string): string => join(outputFolder, `${name}${ending}`);
  const images = new Map<string, string>();
  const written = new Map<string, { readonly png: string; readonly svg: string }>();
  // The page carries small ones of the first, where it has room for them; while it is made, the others are drawn.
  const slides = specs
    .map((spec) => ({ spec, withStill: overview.has(spec.id) }))
    .sort((a, b) => Number(b.withStill) - Number(a.withStill));
  const drawing = drawSlides({ slides, footer });
  const large = pageBeyondImages(summary);
  let htmlPath = large === null ? null : write(at('.html'), large);
  for await (const { spec, png, svg, still } of drawing) {
    const { id } = spec;
    written.set(id, {
      png: write(at(`-${id}.png`), png),
      svg: write(at(`-${id}.svg`), svgDocument(svg, spec, footer)),
    });
    if (still !== null) images.set(id, `data:image/webp;base64,${Buffer.from(still).toString('base64')}`);
    if (images.size === overview.size) htmlPath ??= write(at('.html'), compactPage(summary, images));
  }
  const charts = specs.flatMap(({ id }) => written.get(id) ?? []);
  htmlPath ??= write(at('.html'), compactPage(summary, images));
  return {
    htmlPath,
    jsonPath: write(at('.summary.json'), `${JSON.stringify(summary, null, 2)}\n`),
    pngPaths: charts.map(({ png }) => png),
    svgPaths: charts.map(({ svg }) => svg),
    markdownPath: formats.markdown === true ? write(at('.md'), renderMarkdown(summary)) : null,
    pdfPath: formats.pdf === true ? write(at('.pdf'), await printPdf(htmlPath)) : null,
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
