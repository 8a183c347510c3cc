// Writes the figures of the committed reference result into README.md, between its markers. Nothing there is typed by hand.
// Usage: node scripts/update-readme.mjs [--check]
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, stop } from './lib.mjs';

const { readResultFile } = await import('../dist/src/results/read.js');
const { summarise } = await import('../dist/src/analysis/summarise.js');
const { formatInUnit, formatRatio, describePValue, formatCount } =
  await import('../dist/src/support/format.js');

/** The reference result that the README quotes: results/<machine>/all.json, one machine for now. */
const folder = readdirSync(join(root, 'results'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort()[0];
if (folder === undefined) stop('there is no reference result in results/.');
const fileName = `results/${folder}/all.json`;
const result = readResultFile(join(root, fileName));
const summary = summarise([{ fileName: 'all.json', result }]);

const metric = (contender, name) => contender?.metrics.find((candidate) => candidate.metric === name);
const median = (contender, name) => {
  const found = metric(contender, name);
  return found === undefined ? '–' : formatInUnit(found.median.estimate, found.unit);
};
const rows = summary.cases.map((item) => {
  const predis = item.contenders.find(({ id }) => id === 'predis');
  const speedups = item.comparisons.filter((c) => c.metric === 'throughput' && c.advantage !== null);
  const least = speedups.sort((a, b) => a.advantage.estimate - b.advantage.estimate)[0];
  const redis = item.contenders.find(({ id }) => id === least?.baseline);
  const { estimate, low, high } = least.advantage;
  const interval = low === null ? '' : ` (${formatRatio(low)} to ${formatRatio(high)})`;
  const p = describePValue(least.test?.adjustedPValue ?? 1);
  return `| \`${item.id}\` | ${median(predis, 'throughput')} | ${median(redis, 'throughput')} | ${formatRatio(estimate)}${interval} | ${p} | ${median(predis, 'memory')} / ${median(redis, 'memory')} |`;
});
const { environment, statistics } = summary;
const [source] = summary.sources;
const redisVersion = summary.cases[0]?.contenders.find(({ engineName }) => engineName === 'redis')?.engine
  ?.version;
const { candidateBetter, baselineBetter } = {
  candidateBetter: statistics.againstRedis.verdicts['candidate-better'],
  baselineBetter: statistics.againstRedis.verdicts['baseline-better'],
};
const block = `${[
  `On ${environment.cpuModel}, ${environment.logicalCpus} logical CPUs, ${environment.distribution ?? environment.platform}, Node.js ${environment.nodeVersion}, ` +
    `Redis ${redisVersion}; ${source.createdAt.slice(0, 10)}, ${formatCount(source.trialsRecorded)} trials, commit ${source.tool.commit?.slice(0, 12)}. ` +
    `**The Predis engine ran on the ${environment.gpu === null ? 'CPU; no GPU was used' : environment.gpu}.** ` +
    `Medians over trials; Redis is the variant that did best. Predis was measured at the boundary \`api\`, Redis at \`socket\`: ` +
    `the ratio includes leaving the process.`,
  '',
  `| workload | Predis | Redis at its best | ratio (${Math.round(summary.statistics.confidence * 100)} % interval) | adjusted p | memory, Predis / Redis |`,
  '|---|---|---|---|---|---|',
  ...rows,
  '',
  `Over throughput, p95 latency and memory, Predis was ahead in ${candidateBetter} of ${statistics.familySize} comparisons and Redis in ${baselineBetter}. ` +
    `All of it: [report](results/${folder}/all.html) · [result file](${fileName}).`,
].join('\n')}\n`;

const readme = join(root, 'README.md');
const before = readFileSync(readme, 'utf8');
const after = before.replace(
  /(<!-- figures: begin[^\n]*-->\n)[\s\S]*?(<!-- figures: end -->)/,
  (_, begin, end) => `${begin}\n${block}\n${end}`,
);
if (process.argv.includes('--check')) {
  if (after !== before) stop('README.md does not show the reference result: node scripts/update-readme.mjs');
} else {
  writeFileSync(readme, after);
}
