// `npm run bench:aa`: real sessions in which an engine meets itself, through the shipped command. Prints a table of them, names the
// invalid ones with their reason, and counts valid ones that called an engine faster than itself: there must be none (exit code 5).
// Usage: npm run bench:aa [-- [--sessions <n>] [--output <file>] [--no-setup]]
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root, say, stop } from './lib.mjs';
import { setUp } from './setup.mjs';

const { values } = parseArgs({
  options: {
    sessions: { type: 'string', default: '20' },
    output: { type: 'string' },
    'no-setup': { type: 'boolean', default: false },
  },
});
const sessions = Number(values.sessions);
if (!Number.isInteger(sessions) || sessions < 1)
  stop('--sessions takes a whole number of sessions, 1 and up.');
if (!values['no-setup']) setUp();

const { runSession } = await import('../dist/bench/aa/sessions.js');
const { describeEnvironment } = await import('../dist/src/measure/environment.js');
const { toolProvenance } = await import('../dist/src/measure/provenance.js');

const stamp = new Date()
  .toISOString()
  .replace(/\.\d+Z$/, 'Z')
  .replaceAll(':', '-');
const folder = join(root, 'predis-bench-results', `aa-${stamp}`);
mkdirSync(folder, { recursive: true });
const head = { date: new Date().toISOString(), tool: toolProvenance(), environment: describeEnvironment() };

const outcomes = [];
for (let session = 1; session <= sessions; session++) {
  const outcome = await runSession(session, folder);
  outcomes.push(outcome);
  const { controlled, valid, falseFaster, comparisons, differencesFound, differences } = outcome;
  const load = outcome.otherLoadCpus === null ? 'unknown' : outcome.otherLoadCpus.toFixed(2);
  console.log(
    `session ${String(session).padStart(2)}  control ${controlled.padEnd(6)}  ${valid ? 'valid  ' : 'INVALID'}  ` +
      `false faster ${falseFaster.length} of ${comparisons}  true differences found ${differencesFound} of ${differences}  ` +
      `other load ${load} CPUs  ${outcome.seconds} s`,
  );
  for (const text of [...outcome.reasons, ...falseFaster]) console.log(`    ${text}`);
}
const valid = outcomes.filter((outcome) => outcome.valid);
const falseOnes = valid.filter(({ falseFaster }) => falseFaster.length > 0);
const result = {
  ...head,
  sessions: outcomes.length,
  valid: valid.length,
  invalid: outcomes.length - valid.length,
  falseFaster: falseOnes.length,
  atDefaultLevel: {
    invalid: outcomes.filter(({ atDefaultLevel }) => !atDefaultLevel.valid).length,
    falseFaster: outcomes.filter(
      ({ atDefaultLevel }) => atDefaultLevel.valid && atDefaultLevel.falseFaster.length > 0,
    ).length,
  },
  outcomes,
};
const output = values.output === undefined ? join(folder, 'aa.json') : resolve(values.output);
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, `${JSON.stringify(result, null, 2)}\n`);
console.log(
  `${outcomes.length} sessions: ${valid.length} valid, ${result.invalid} invalid; ` +
    `${falseOnes.length} valid ones called an engine faster than itself (must be 0)`,
);
console.log(
  `the same trials at the default level of 0.05, where one sound session in twenty may be wrong: ` +
    `${result.atDefaultLevel.invalid} invalid, ${result.atDefaultLevel.falseFaster} valid ones with a false finding`,
);
say(`result ${output}`);
process.exit(falseOnes.length === 0 ? 0 : 5);
