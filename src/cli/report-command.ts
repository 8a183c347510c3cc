import { basename, dirname } from 'node:path';
import { Command } from 'commander';
import { summarise, type Declarations } from '../analysis/summarise.js';
import {
  defaultClaimsPath,
  readCacheSimulation,
  readClaimsFile,
  readPricesFile,
} from '../results/declared/read.js';
import { readResultFile } from '../results/read.js';
import { newestResult } from './result-folder.js';
import type { CommandContext } from './context.js';
import { withExamples } from './help.js';

interface ReportOptions {
  readonly output?: string;
  readonly name?: string;
  readonly claims?: string;
  readonly prices?: string;
  readonly cachesim?: readonly string[];
  readonly everyChart?: true;
  readonly markdown?: true;
  readonly pdf?: true;
  readonly json?: true;
}

/** `predis-bench report [result…]`: one HTML file, a JSON summary, PNG and SVG charts; Markdown and PDF where asked for. */
export function reportCommand(context: CommandContext): Command {
  return withExamples(new Command('report'), [
    ['predis-bench report', 'of the newest result'],
    ['predis-bench report predis-bench-results/*.json --output report'],
    ['predis-bench report main.json --markdown --pdf --prices prices.json'],
  ])
    .description(
      'render result files as one self-contained HTML report, a JSON summary, and charts as PNG and SVG',
    )
    .argument('[result...]', 'result files of one machine (default: the newest in predis-bench-results/)')
    .option('-o, --output <folder>', 'where to write (default: beside the first result)')
    .option('--name <name>', 'base name of the files (default: that of the first result)')
    .option('--claims <file>', 'claims to judge (default: those of the founders, see predis-bench list)')
    .option('--prices <file>', 'prices of an hour of each machine, for operations per unit of money')
    .option('--cachesim <file...>', 'what predis-bench cachesim --json printed: hit ratio over time')
    .option('--every-chart', 'slides of the charts of each workload, too')
    .option('--markdown', 'also <name>.md: summary, claims, tables, where Redis wins, caveats, method')
    .option('--pdf', 'also <name>.pdf, printed by an installed Chromium (on PATH, or named in CHROME_PATH)')
    .option('--json', 'print the paths as JSON')
    .action(async (paths: string[], options: ReportOptions) => {
      const files = paths.length > 0 ? paths : [newestResult()];
      const first = files[0] ?? '';
      // loaded here alone: the other commands work on machines without the packages that draw
      const { prepareSlides, renderReport } = await import('../report/render.js');
      prepareSlides();
      const sources = files.map((path) => ({ fileName: basename(path), result: readResultFile(path) }));
      const target = {
        outputFolder: options.output ?? dirname(first),
        name: options.name ?? basename(first).replace(/\.json$/, ''),
        everyChart: options.everyChart === true,
      };
      const written = await renderReport(summarise(sources, declarationsOf(options)), target, {
        markdown: options.markdown === true,
        pdf: options.pdf === true,
      });
      if (options.json) {
        context.print(JSON.stringify(written, null, 2));
        return;
      }
      context.print(`summary  ${written.jsonPath}`);
      for (const path of [...written.pngPaths, ...written.svgPaths]) context.print(`chart    ${path}`);
      if (written.markdownPath !== null) context.print(`markdown ${written.markdownPath}`);
      if (written.pdfPath !== null) context.print(`pdf      ${written.pdfPath}`);
      context.print(`report   ${written.htmlPath}`);
    });
}

function declarationsOf({ claims, prices, cachesim = [] }: ReportOptions): Declarations {
  return {
    claims:
      claims === undefined
        ? readClaimsFile(defaultClaimsPath, 'claims/default.json')
        : readClaimsFile(claims, basename(claims)),
    cacheSimulations: cachesim.map((path) => readCacheSimulation(path, basename(path))),
    ...(prices === undefined ? {} : { prices: readPricesFile(prices, basename(prices)) }),
  };
}
