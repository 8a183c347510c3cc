import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import Handlebars from 'handlebars';
import { packageRoot } from '../support/package-root.js';
import type { Summary } from '../analysis/summary.js';
import { withAnchors } from './anchors.js';
import { embeddedJson, pageScript, styleSheet } from './assets.js';
import type { ChartData } from './browser/page.js';
import { darkTheme, fontFamily, lightTheme, markers } from './theme.js';
import { pageView } from './view/page.js';

let compiled: Handlebars.TemplateDelegate | undefined;

/**
 * Renders the report as one HTML document that needs nothing beside itself: fonts, styles, scripts and data are inside, and
 * its content security policy allows nothing else (scripts and styles only by their hashes, no connection at all).
 *
 * @param summary what analysis says; shown as it is
 * @param images PNG data URLs by chart id, for readers without scripts; charts without one are left to the tables
 */
export function renderHtml(summary: Summary, images: ReadonlyMap<string, string> = new Map()): string {
  const page = pageView(summary, images);
  const chartData: ChartData = {
    fontFamily,
    markers,
    themes: { light: lightTheme, dark: darkTheme },
    charts: [
      ...page.charts.map(({ spec }) => spec),
      ...(page.ladderChart === null ? [] : [page.ladderChart.spec]),
      ...[
        ...page.curves.scaling,
        ...page.curves.batch,
        ...page.curves.capacity,
        ...(page.efficiency.memoryChart === null ? [] : [page.efficiency.memoryChart]),
        ...page.efficiency.powerCharts,
        ...page.cache.charts,
      ].map(({ spec }) => spec),
      ...page.workloads.flatMap(({ charts }) => charts),
    ],
  };
  const styles = styleSheet();
  const script = pageScript();
  const html = template()({
    page,
    policy: [
      "default-src 'none'",
      `script-src '${contentHash(script)}'`,
      `style-src '${contentHash(styles)}'`,
      'font-src data:',
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ].join('; '),
    styles,
    script,
    summaryJson: embeddedJson(summary),
    chartJson: embeddedJson(chartData),
  });
  return withAnchors(html);
}

function contentHash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** The page's template with its partials, compiled once. Strict: a name that the view does not have is an error, not a gap. */
function template(): Handlebars.TemplateDelegate {
  if (compiled !== undefined) return compiled;
  const folder = join(packageRoot, 'templates');
  const handlebars = Handlebars.create();
  for (const file of readdirSync(join(folder, 'partials')).filter((name) => name.endsWith('.hbs'))) {
    handlebars.registerPartial(
      basename(file, '.hbs'),
      readFileSync(join(folder, 'partials', file), 'utf8').trimEnd(),
    );
  }
  compiled = handlebars.compile(readFileSync(join(folder, 'report.hbs'), 'utf8'), {
    strict: true,
    knownHelpersOnly: true,
  });
  return compiled;
}
