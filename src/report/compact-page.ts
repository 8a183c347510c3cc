import { gzipSync } from 'node:zlib';
import type { Summary } from '../analysis/summary.js';
import { renderHtml } from './html.js';

/** A page of this many bytes still goes by mail and opens at once on a phone. */
export const PAGE_BUDGET_BYTES = 1_950_000;

/**
 * Renders the page within a number of bytes, as far as it can. A page that fits is as plain as can be: all text is in the
 * document, for readers without scripts, too. One that does not gives up one thing after the other: the data for the charts
 * and the summary are compressed, pictures for readers without scripts go, tables that are folded away are compressed, then
 * those of the workloads. A browser with scripts shows the very same page in every case.
 *
 * @param images pictures as data URLs by chart id
 */
export function compactPage(
  summary: Summary,
  images: ReadonlyMap<string, string>,
  budgetBytes = PAGE_BUDGET_BYTES,
): string {
  const large = pageBeyondImages(summary, budgetBytes);
  if (large !== null) return large;
  const plain = renderHtml(summary, images);
  if (fits(plain, budgetBytes)) return plain;
  const withImages = packData(plain);
  return fits(withImages, budgetBytes) ? withImages : packData(renderHtml(summary));
}

/** The page where it has no room for pictures, whatever they are, and need not wait for them; null where it has. */
export function pageBeyondImages(summary: Summary, budgetBytes = PAGE_BUDGET_BYTES): string | null {
  const withoutImages = packData(renderHtml(summary));
  if (fits(withoutImages, budgetBytes)) return null;
  const folded = packTables(withoutImages, false);
  return fits(folded, budgetBytes) ? folded : packTables(withoutImages, true);
}

function fits(html: string, budgetBytes: number): boolean {
  return Buffer.byteLength(html) <= budgetBytes;
}

const packed = (text: string): string => gzipSync(text).toString('base64');

/** The data blocks of the page, compressed; `unpack.ts` reads them. */
function packData(html: string): string {
  return html.replace(
    /<script type="application\/json" id="(summary-data|chart-data)">([^]*?)<\/script>/g,
    (_block, id: string, json: string) =>
      `<script type="application/gzip" id="${id}" data-packed="gzip">${packed(json)}</script>`,
  );
}

/** Contents of folds, and tables that stand open in the sections of the workloads. */
const folds = /(<details class="numbers">\s*<summary>[^]*?<\/summary>)([^]*?)(<\/details>)/g;
const openTables = /()(<div class="scroll"[^>]*>\s*<table[^]*?<\/table>\s*<\/div>)()/g;

/**
 * Compresses parts of the page in one piece. In the place of each stands a sentence for readers without scripts.
 *
 * @param withOpenTables also those in the sections of the workloads that are not folded away
 */
function packTables(html: string, withOpenTables: boolean): string {
  const contents: string[] = [];
  const pack = (text: string, parts: RegExp): string =>
    text.replace(
      parts,
      (_part, head: string, content: string, tail: string) =>
        `${head}<div data-folded="${String(contents.push(content) - 1)}"><p>This table needs scripts; its numbers stand in the summary file, too.</p></div>${tail}`,
    );
  let main = pack(html, folds);
  if (withOpenTables) {
    main = main.replace(/<section id="workloads"[^]*?<\/section>/, (section) => pack(section, openTables));
  }
  return main.replace(
    '<script type="application/gzip" id="summary-data"',
    (found) =>
      `<script type="application/gzip" id="folded-data" data-packed="gzip">${packed(JSON.stringify(contents))}</script>\n${found}`,
  );
}
