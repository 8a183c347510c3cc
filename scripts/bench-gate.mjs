// `npm run bench:gate`: whether the gate keeps its promises, on simulated sessions and on blocks drawn anew from recorded results:
// the same build is called regressed in at most 5 % of cases, and losses of 3, 5 and 10 % are found in at least 80 % of those in which
// the gate promised to. Exits with 1 when a promise is broken. Usage: npm run bench:gate [-- [--json] [--no-setup] [--sessions n] [--seed n]
// [part of a row's name]]
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { say, stop } from './lib.mjs';
import { setUp } from './setup.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    'no-setup': { type: 'boolean', default: false },
    sessions: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
});
const [sessions, seed] = [values.sessions, values.seed].map(Number);
if (!Number.isInteger(sessions) || sessions < 1)
  stop(`--sessions takes a whole number from 1, not "${values.sessions}".`, 2);
if (!Number.isInteger(seed) || seed < 0) stop(`--seed takes a whole number from 0, not "${values.seed}".`, 2);
if (!values['no-setup']) setUp();

const { countRows } = await import('../dist/bench/rate-rows.js');
const { gateRows } = await import('../dist/bench/gate-rates.js');
const percent = (rate) => `${(100 * rate).toFixed(1)} %`;
say(`${sessions} pairs of sessions a row, seed ${seed}`);
const started = performance.now();
const rows = [];
const all = gateRows().filter(({ name }) => name.includes(positionals[0] ?? ''));
if (all.length === 0) stop(`no row is called like "${positionals[0]}".`, 2);
const width = Math.max(...all.map(({ name }) => name.length));
if (!values.json)
  console.log(`${'pairs of sessions'.padEnd(width)}  judged     rate   99 % interval      promised`);
for (const row of all) {
  const [counted] = countRows([row], { sessions, seed });
  rows.push(counted);
  if (values.json) continue;
  const { name, interval, promise, bound, held, sessions: judged } = counted;
  const found =
    judged === 0
      ? 'nothing was promised'
      : `${percent(interval.estimate).padStart(7)}  ${percent(interval.low).padStart(7)} to ${percent(interval.high).padStart(7)}  ${promise} ${percent(bound)}`;
  console.log(`${name.padEnd(width)}  ${String(judged).padStart(6)}  ${found}${held ? '' : '  BROKEN'}`);
}
if (values.json) console.log(JSON.stringify({ sessions, seed, rows }, null, 2));
const broken = rows.filter(({ held }) => !held).length;
say(
  `${rows.length - broken} of ${rows.length} promises held, ${Math.round((performance.now() - started) / 1000)} s`,
);
process.exit(broken === 0 ? 0 : 1);
