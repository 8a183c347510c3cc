// Writes the figures of the committed results into README.md and docs, between their markers. Nothing there is typed by hand.
// Usage: node scripts/update-figures.mjs [--check]
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import prettier from 'prettier';
import { root, stop } from './lib.mjs';

const { readResultFile } = await import('../dist/src/results/read.js');
const { summarise } = await import('../dist/src/analysis/summarise.js');
const { claimsView } = await import('../dist/src/report/view/claims.js');
const { defaultClaimsPath, readClaimsFile } = await import('../dist/src/results/declared/read.js');
const { formatInUnit, formatRatio, describePValue, formatCount } =
  await import('../dist/src/support/format.js');

const metric = (contender, name) => contender?.metrics.find((candidate) => candidate.metric === name);
const median = (contender, name) => {
  const found = metric(contender, name);
  return found === undefined ? '–' : formatInUnit(found.median.estimate, found.unit);
};

/** Machines whose reference result, results/<machine>/all.json, the README quotes. */
const machines = readdirSync(join(root, 'results'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(root, 'results', entry.name, 'all.json')))
  .map(({ name }) => name)
  .sort();
if (machines.length === 0) stop('there is no reference result in results/.');

/** What one machine measured: where and when, a row for each case, and how often each side was ahead. */
function machineFigures(machine) {
  const fileName = `results/${machine}/all.json`;
  const result = readResultFile(join(root, fileName));
  const summary = summarise([{ fileName: 'all.json', result }]);
  const { environment, statistics } = summary;
  const [source] = summary.sources;
  const find = (item, id) => item.contenders.find((contender) => contender.id === id);
  const engine = find(summary.cases[0], 'predis')?.engine?.settings;
  const onGpu = engine?.device === 'cuda';
  const rows = summary.cases.map((item) => {
    const least = item.comparisons
      .filter((c) => c.metric === 'throughput' && c.candidate === 'predis' && c.advantage !== null)
      .filter((c) => find(item, c.baseline)?.engineName === 'redis')
      .sort((a, b) => a.advantage.estimate - b.advantage.estimate)[0];
    const [predis, cpu, redis] = ['predis', 'predis-cpu', least?.baseline].map((id) => find(item, id));
    const { estimate, low, high } = least.advantage;
    const interval = low === null ? '' : ` (${formatRatio(low)} to ${formatRatio(high)})`;
    const p = describePValue(least.test?.adjustedPValue ?? 1);
    return [
      `\`${item.id}\``,
      median(predis, 'throughput'),
      ...(onGpu ? [median(cpu, 'throughput')] : []),
      median(redis, 'throughput'),
      `${formatRatio(estimate)}${interval}`,
      p,
      `${median(predis, 'memory')} / ${median(redis, 'memory')}`,
    ];
  });
  const heads = [
    'workload',
    ...(onGpu ? ['Predis, CUDA', 'Predis, CPU'] : ['Predis']),
    'Redis, the better way',
    `ratio${onGpu ? ', CUDA over Redis' : ''} (${Math.round(statistics.confidence * 100)} % interval)`,
    'adjusted p',
    'memory, Predis / Redis',
  ];
  const redisVersion = summary.cases[0]?.contenders.find(({ engineName }) => engineName === 'redis')?.engine
    ?.version;
  const { verdicts } = statistics.againstRedis;
  return [
    `On ${environment.cpuModel}, ${environment.logicalCpus} logical CPUs, ${environment.distribution ?? environment.platform}, Node.js ${environment.nodeVersion}, ` +
      `Redis ${redisVersion}; ${source.createdAt.slice(0, 10)}, ${formatCount(source.trialsRecorded)} trials of ${result.plan.windowMs} ms after a warm-up of ${result.plan.warmupMs} ms, commit ${source.tool.commit?.slice(0, 12)}. ` +
      `**The Predis engine ran on the ${onGpu ? engine.deviceName : 'CPU; no GPU was used'}.**`,
    '',
    ...[heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`),
    '',
    `Over throughput, p95 latency and memory, Predis${onGpu ? ', with either engine,' : ''} was ahead in ${verdicts['candidate-better']} of ${statistics.againstRedis.comparisons} comparisons with Redis, and Redis in ${verdicts['baseline-better']}. ` +
      `All of it: [report](results/${machine}/all.html) · [result file](${fileName}).`,
    '',
  ].join('\n');
}

/** Results on the H200 that hold the founders' claims: each measures what another does not. */
const claimed = ['all', 'open-loop-2m', 'users'];

/** A row for each claim that one of those results judged; one that nobody measured has a row that says so. */
function claimsTable() {
  const declared = readClaimsFile(defaultClaimsPath);
  const views = claimed.map((name) => {
    const result = readResultFile(join(root, `results/h200/${name}.json`));
    const summary = summarise([{ fileName: `${name}.json`, result }], { claims: declared });
    return { name, plan: result.plan, view: claimsView(summary), claims: summary.claims.claims };
  });
  const rows = views[0].view.claims.flatMap(({ id, title, asked: comparison, threshold }) => {
    const asked = `${comparison} ${threshold.text}`;
    const judged = views.flatMap(({ name, view, claims }) => {
      const { hardest, verdict } = view.claims.find((one) => one.id === id);
      const { adjustedPValue } = claims.find((one) => one.id === id);
      if (verdict.tone === 'neutral' || hardest?.measured == null) return [];
      const { estimate, low, high } = hardest.measured;
      const interval = low === null || high === null ? '' : ` (${low.text} to ${high.text})`;
      return [
        [
          title,
          asked,
          `**${verdict.text}**`,
          `${estimate.text}${interval}, \`${hardest.caseId}\``,
          adjustedPValue === null ? '–' : describePValue(adjustedPValue),
          `[${name}](results/h200/${name}.html)`,
        ],
      ];
    });
    return judged.length > 0 ? judged : [[title, asked, 'not measured', '–', '–', '–']];
  });
  const openLoop = views.find(({ name }) => name === 'open-loop-2m').plan;
  const { operations, requests } = openLoop.cases[0].stream;
  const heads = ['claim', 'asked for', 'verdict', 'measured, where it is hardest', 'adjusted p', 'report'];
  return [
    "The founders' targets ([claims/default.json](claims/default.json)), judged by what each result of the H200 holds. A claim has to hold " +
      'in every case that the result has, against each way in which Redis was driven:',
    '',
    ...[heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`),
    '',
    `An operation is one key: the 2 million a second were asked for by ${openLoop.workers} threads in requests of ${formatCount(operations / requests)} keys. ` +
      'Redis did not keep up with that rate in some trials, so that no ratio of latencies is drawn from it.',
    '',
  ].join('\n');
}

const block = `${[
  'Medians over trials. Predis was measured at the boundary `api`, Redis at `socket`: the ratio includes leaving the process. ' +
    'Redis is the better of its contenders (one request in flight, and pipelined) through ioredis, driven as Predis was; many ' +
    'clients, or one written in C, [get more out of a Redis server](docs/decisions/redis-session.md).',
  '',
  ...machines.map(machineFigures),
  claimsTable(),
].join('\n')}\n`;

/** Results of `npm run bench -- --json`, one file a machine. */
const benches = readdirSync(join(root, 'results/bench'))
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => JSON.parse(readFileSync(join(root, 'results/bench', name), 'utf8')));

/** One bench on all machines: a row for each of its figures. */
function benchTable(bench, firstColumn, write) {
  const heads = benches.map(
    ({ environment: { cpuModel, logicalCpus } }) => `${cpuModel}, ${logicalCpus} CPUs`,
  );
  const rowsOf = ({ rows }) => rows.filter((row) => row.bench === bench);
  const names = [...new Set(benches.flatMap((one) => rowsOf(one).map(({ name }) => name)))];
  const cell = (one, name) => {
    const row = rowsOf(one).find((candidate) => candidate.name === name);
    return row === undefined ? '–' : write(row);
  };
  const commits = benches.map(
    ({ date, tool }) => `${date.slice(0, 10)}, commit ${tool.commit?.slice(0, 12) ?? 'unknown'}`,
  );
  return [
    `| ${firstColumn} | ${heads.join(' | ')} |`,
    `|---|${heads.map(() => '---').join('|')}|`,
    ...names.map(
      (name) =>
        `| ${name.replace('harness efficiency, ', '')} | ${benches.map((one) => cell(one, name)).join(' | ')} |`,
    ),
    '',
    `Measured ${[...new Set(commits)].join(' and ')}; [results/bench](${'../'.repeat(bench === 'redis-harness' ? 2 : 1)}results/bench/).`,
  ].join('\n');
}

const harness = benchTable('redis-harness', 'shape', ({ value, note }) => {
  const [, ours, threads, theirs] =
    /^ours ([^(]+) \(.*redis-benchmark \((\d+) thread\(s\)\) ([^(]+) \(/.exec(note) ?? [];
  return `**${value.toFixed(2)}** (${ours} of ${theirs}, ${threads} of its threads)`;
});
const client = benchTable(
  'predis-client',
  'through PredisClient, one JavaScript thread',
  ({ value, unit }) =>
    unit.endsWith('/s')
      ? `${formatCount(Number((value / 1e6).toPrecision(3)))} M ${unit}`
      : `${value.toPrecision(3)} ${unit}`,
);

/** What the GPU bench measured, each figure beside what bounds it and what was asked of it. */
const gpuBench = JSON.parse(readFileSync(join(root, 'results/h200/gpu-bench.json'), 'utf8'));
const gpuClient = JSON.parse(readFileSync(join(root, 'results/h200/gpu-client.json'), 'utf8'));
const short = (value) => (value === undefined ? '–' : String(Number(value.toPrecision(4))));
const gpu = [
  '| figure | measured | of its ceiling | must | aim |',
  '|---|---|---|---|---|',
  ...gpuBench.figures.map(({ name, value, unit, ceiling, must, aim }) => {
    const share = ceiling === undefined ? '' : `${((value / ceiling) * 100).toFixed(1)} %`;
    return `| ${name} | ${short(value)} ${unit} | ${share} | ${must === undefined ? '' : short(must)} | ${aim === undefined ? '' : short(aim)} |`;
  }),
  '',
  '| from one JavaScript thread | measured | target |',
  '|---|---|---|',
  ...gpuClient.rows.map(
    ({ name, value, unit, target, met }) =>
      `| ${name} | ${value >= 1e6 ? `${short(value / 1e6)} M` : short(value)} ${unit} | ${target === null ? '' : `${target >= 1e6 ? `${short(target / 1e6)} M` : short(target)}, ${met ? 'met' : 'NOT met'}`} |`,
  ),
].join('\n');

const check = process.argv.includes('--check');
for (const [fileName, marker, text] of [
  ['README.md', 'figures', block],
  ['docs/decisions/redis-session.md', 'harness', `${harness}\n`],
  ['docs/engine-cpu.md', 'client', `${client}\n`],
  ['docs/engine-cuda.md', 'gpu', `${gpu}\n`],
]) {
  const path = join(root, fileName);
  const before = readFileSync(path, 'utf8');
  const pattern = new RegExp(`(<!-- ${marker}: begin[^\\n]*-->\\n)[\\s\\S]*?(<!-- ${marker}: end -->)`);
  const unformatted = before.replace(pattern, (_, begin, end) => `${begin}\n${text}\n${end}`);
  const after = await prettier.format(unformatted, {
    ...(await prettier.resolveConfig(path)),
    filepath: path,
  });
  if (after === before) continue;
  if (check) stop(`${fileName} does not show the committed results: node scripts/update-figures.mjs`);
  writeFileSync(path, after);
}
