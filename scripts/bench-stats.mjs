// `npm run bench:stats`: how often verdicts are wrong, and find what they promise to find, on simulated sessions judged by
// the shipped code. Exits with 1 when a promised rate is broken. Usage: npm run bench:stats [-- [--json] [--no-setup]
// [--sessions n] [--seed n] [part of a row's name]]
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { say, stop } from './lib.mjs';
import { setUp } from './setup.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    'no-setup': { type: 'boolean', default: false },
    sessions: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
  },
});
const [sessions, seed] = [values.sessions, values.seed].map(Number);
if (!Number.isInteger(sessions) || sessions < 1)
  stop(`--sessions takes a whole number from 1, not "${values.sessions}".`, 2);
if (!Number.isInteger(seed) || seed < 0) stop(`--seed takes a whole number from 0, not "${values.seed}".`, 2);
if (!values['no-setup']) setUp();

const { errorRates } = await import('../dist/bench/error-rates.js');
const percent = (rate) => `${(100 * rate).toFixed(2)} %`;
say(`${sessions} simulated sessions a row, seed ${seed}`);
const started = performance.now();
const rows = errorRates({ sessions, seed, only: positionals[0] ?? '' });
if (rows.length === 0) stop(`no row is called like "${positionals[0]}".`, 2);
if (values.json) {
  console.log(JSON.stringify({ sessions, seed, rows }, null, 2));
} else {
  const width = Math.max(...rows.map(({ name }) => name.length));
  console.log(`${'simulated sessions in which'.padEnd(width)}     rate   99 % interval      promised`);
  for (const { name, interval, promise, bound, held } of rows) {
    const { estimate, low, high } = interval;
    console.log(
      `${name.padEnd(width)}  ${percent(estimate).padStart(7)}  ${percent(low).padStart(7)} to ${percent(high).padStart(8)}  ` +
        `${promise} ${percent(bound)}${held ? '' : '  BROKEN'}`,
    );
  }
}
const broken = rows.filter(({ held }) => !held).length;
say(
  `${rows.length - broken} of ${rows.length} promises held, ${Math.round((performance.now() - started) / 1000)} s`,
);
process.exit(broken === 0 ? 0 : 1);
