/** The report as Markdown, for issues, wikis and mail: the same views that the page shows, without charts. */
import type { Summary } from '../../analysis/summary.js';
import { toolVersion } from '../../support/package-root.js';
import type { Datum, IntervalCell, PValueCell, SentenceView } from '../view/cells.js';
import type { ClaimsView } from '../view/claims.js';
import type { CostView } from '../view/cost.js';
import type { Fact } from '../view/environment.js';
import type { KeyFigure, MetricTable } from '../view/overview.js';
import { pageView, type PageView } from '../view/page.js';
import type { WorkloadView } from '../view/workloads.js';
import { markdownCode, markdownTable, markdownText } from './escape.js';

/**
 * Renders the report as one Markdown document: summary, claims, tables, where Redis wins, caveats, cost, method, environment, and
 * how to do it again. No HTML, no image, no link.
 *
 * @param summary what analysis says; shown as it is
 */
export function renderMarkdown(summary: Summary): string {
  const page = pageView(summary, new Map());
  const parts = [
    `# ${markdownText(page.engines)}, measured`,
    `**${markdownText(page.label)}** · ${page.facts.map((fact) => markdownText(fact)).join(' · ')}`,
    ...section(
      'Invalid session',
      page.invalid.length === 0 ? [] : ['No figure of this report may be quoted.', sentences(page.invalid)],
    ),
    '## Summary',
    keyFigures(page.keyFigures),
    sentences([...(page.claims?.tally ?? []), ...page.executive]),
    ...section('Claims', page.claims === null ? [] : claims(page.claims)),
    ...section('All workloads', overview(page)),
    ...section('The ladder', ladder(page)),
    ...section(
      'More clients',
      page.ramps.map(({ sentence }) => sentences(sentence)),
    ),
    '## Where Redis wins',
    page.redisWins.length === 0 ? markdownText(page.redisWinsNone, 400) : sentences(page.redisWins),
    '## Caveats',
    page.caveats.length === 0
      ? 'The data holds none beyond what the method and the disclosure say.'
      : sentences(page.caveats),
    '## Cost',
    ...cost(page.cost),
    ...section('Workload by workload', page.workloads.flatMap(workload)),
    '## Method',
    page.method
      .map(({ title, text }) => `- **${markdownText(title)}.** ${markdownText(text, 2000)}`)
      .join('\n'),
    '## Not disclosed',
    notDisclosed(page),
    '## Environment',
    facts(page.environment),
    ...page.engineFacts.flatMap((engine) => [`### ${markdownText(engine.label)}`, facts(engine.facts)]),
    '## How to reproduce',
    ...page.sources.flatMap((source) => [
      `### ${markdownText(source.fileName)}`,
      markdownCode(source.command, 'sh'),
      facts(source.facts),
    ]),
    `${markdownText(page.label)}. Made by predis-bench ${markdownText(toolVersion())} from result files alone; every figure stands in the JSON summary beside this report.`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const NONE = 'not measured';

function section(title: string, parts: readonly string[]): string[] {
  return parts.length === 0 ? [] : [`## ${title}`, ...parts];
}

const tones = { good: '▲', bad: '▼', warning: '◆', neutral: '●' } as const;

function sentences(views: readonly SentenceView[]): string {
  return views.map(({ text, tone }) => `- ${tones[tone]} ${markdownText(text, 1000)}`).join('\n');
}

function datum(cell: Datum | null): string {
  return cell === null ? NONE : markdownText(cell.text);
}

function interval(cell: IntervalCell | null): string {
  if (cell === null) return NONE;
  const bounds =
    cell.low === null || cell.high === null
      ? '(no interval: too few trials)'
      : `\\[${markdownText(cell.low.text)}, ${markdownText(cell.high.text)}\\]`;
  return `${markdownText(cell.estimate.text)} ${bounds}`;
}

function pValue(cell: PValueCell | null | undefined): string {
  if (cell === null || cell === undefined) return 'not tested';
  return markdownText(cell.exponent === null ? cell.mantissa : `${cell.mantissa}e${cell.exponent}`);
}

function keyFigures(figures: readonly KeyFigure[]): string {
  return markdownTable(
    ['', 'Figure', 'How sure', 'Of what'],
    figures.map(({ title, value, detail, note }) =>
      [title, value, detail, note].map((text) => markdownText(text)),
    ),
    [1],
  );
}

function claims(view: ClaimsView): string[] {
  return [
    `${markdownText(view.title)}: declared in ${markdownText(view.file)} (SHA-256 ${markdownText(view.sha256)}), judged by what this result holds. What nobody measured is never met.`,
    markdownTable(
      ['Claim', 'Asked for', 'Verdict', 'Measured, where it is hardest', 'Adjusted p'],
      view.claims.map((claim) => [
        markdownText(claim.title),
        `${claim.asked}${datum(claim.threshold)}`,
        `**${claim.verdict.text}**: ${markdownText(claim.why, 600)}`,
        claim.hardest === null
          ? NONE
          : `${interval(claim.hardest.measured)}${claim.hardest.across === null ? '' : `, across a boundary (${claim.hardest.across})`}; ${markdownText(`${claim.hardest.metric} in ${claim.hardest.caseId}, ${claim.hardest.sides}`)}`,
        pValue(claim.adjusted),
      ]),
      [1, 4],
    ),
    sentences(view.sentences),
  ];
}

function overview(page: PageView): string[] {
  return page.charts.flatMap(({ spec, table, advantages }) => [
    ...(advantages === null
      ? []
      : [
          `### ${markdownText(spec.title)}`,
          markdownTable(
            ['Case', 'Comparison', 'Advantage', 'Verdict', 'Adjusted p'],
            advantages.map((row) => [
              markdownText(row.caseLabel),
              `${markdownText(`${row.candidate} over ${row.baseline}`)}${row.crossesBoundary ? ', across a boundary' : ''}`,
              interval(row.advantage),
              markdownText(row.verdict.text),
              pValue(row.test?.adjusted),
            ]),
            [2, 4],
          ),
        ]),
    ...(table === null ? [] : [`### ${markdownText(table.caption)}`, metricTable(table)]),
  ]);
}

function metricTable(table: MetricTable): string {
  return markdownTable(
    ['Case', ...table.contenders.map(({ label, boundary }) => `${markdownText(label)} (${boundary})`)],
    table.rows.map(({ label, cells }) => [
      markdownText(label),
      ...cells.map((cell) =>
        cell.interval === null ? NONE : `${interval(cell.interval)}, n = ${cell.trials}`,
      ),
    ]),
    table.contenders.map((_, index) => index + 1),
  );
}

function ladder({ ladder: view }: PageView): string[] {
  if (view.none !== null) return [markdownText(view.none, 400)];
  return [
    markdownTable(
      ['Case', 'Step', 'From', 'To', 'Throughput'],
      view.rows.map((row) => [
        ...[row.caseLabel, row.step, row.from, row.to].map((text) => markdownText(text)),
        `${interval(row.ratio)}${row.crossesBoundary ? ', across a boundary' : ''}`,
      ]),
      [4],
    ),
    ...(view.notes.length === 0 ? [] : [view.notes.map((note) => `- ${markdownText(note, 400)}`).join('\n')]),
  ];
}

function workload(view: WorkloadView): string[] {
  return [
    `### ${markdownText(view.id)} (${markdownText(view.label)})`,
    `${markdownText(view.summary, 600)} ${markdownText(view.derivedFrom, 600)}`,
    markdownTable(
      ['Contender', ...view.metricTitles, 'n'],
      view.contenders.map(({ contender, metrics, trials, lost }) => [
        `${markdownText(contender.label)} (${contender.boundary})`,
        ...metrics.map(interval),
        `${trials}${lost === null ? '' : ` (${markdownText(lost)})`}`,
      ]),
      [...view.metricTitles.keys(), view.metricTitles.length].map((column) => column + 1),
    ),
    ...(view.comparisons.length === 0
      ? []
      : [
          markdownTable(
            ['Comparison', 'Advantage', 'Verdict', 'Adjusted p', 'Cliff’s delta'],
            view.comparisons.map((row) => [
              `${markdownText(row.metric)}: ${markdownText(`${row.candidate} over ${row.baseline}`)}${row.crossesBoundary ? ', across a boundary' : ''}`,
              interval(row.advantage),
              markdownText(row.verdict.text),
              pValue(row.test?.adjusted),
              datum(row.delta),
            ]),
            [1, 3, 4],
          ),
        ]),
  ];
}

function cost({ prices }: CostView): string[] {
  if (prices === null) {
    return [
      'No prices were given, so that no cost is shown: prices change, and are never assumed. `predis-bench report --prices prices.json` shows operations per unit of money.',
    ];
  }
  const { currency, date, source, file, absent, rows, ratios, notes } = prices;
  return [
    `Prices as of ${markdownText(date)}, ${markdownText(source)} (${markdownText(file)}): given by whoever made this report, not checked by it.`,
    ...(absent === null
      ? [
          markdownTable(
            [
              'Case',
              'Contender',
              'Machine',
              `${currency} an hour`,
              `Operations per ${currency}`,
              `${currency} for 10⁹ operations`,
            ],
            rows.map((row) => [
              ...[row.caseId, row.label, row.machine].map((text) => markdownText(text)),
              datum(row.perHour),
              interval(row.operations),
              interval(row.perBillion),
            ]),
            [3, 4, 5],
          ),
        ]
      : [markdownText(absent)]),
    ...(ratios.length === 0
      ? []
      : [
          markdownTable(
            ['Case', 'Operations for the same money', 'Ratio'],
            ratios.map(({ caseId, sides, across, ratio }) => [
              markdownText(caseId),
              `${markdownText(sides)}${across ? ', across a boundary' : ''}`,
              interval(ratio),
            ]),
            [2],
          ),
        ]),
    ...notes.map((note) => markdownText(note, 600)),
  ];
}

function notDisclosed({ disclosure }: PageView): string {
  const missing = disclosure.filter(({ missing: parts }) => parts.length > 0);
  return missing.length === 0
    ? 'All twenty items of the disclosure are filled.'
    : missing
        .map(
          ({ topic, missing: parts }) =>
            `- ${markdownText(topic)}: ${parts.map(({ name }) => markdownText(name)).join(', ')}`,
        )
        .join('\n');
}

function facts(list: readonly Fact[]): string {
  return markdownTable(
    ['', ''],
    list.map(({ name, value }) => [markdownText(name), markdownText(value)]),
  );
}
