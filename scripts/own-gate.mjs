// The gate on this project's own CPU engine, in well under a minute. One session of this build is measured; its even and its odd blocks,
// which lie side by side in time, are judged as two sessions: the gate must not call the second one regressed. Then a loss is planted in
// those trials, twice as large as the gate says it would find, and it must be called regressed. What CI may fail on is a gate that is
// wrong three times in a row, never a machine that shakes: where a session is invalid, or too noisy for any loss to be found, that
// is said and nothing fails. Beside the accepted baseline of this machine, where there is one, the verdict is printed for people: what a
// shared machine did since another day is no reason to stop a change.
// Usage: node scripts/own-gate.mjs [--no-setup]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, say, stop } from './lib.mjs';
import { setUp } from './setup.mjs';

if (!process.argv.includes('--no-setup')) setUp();
const { judge, renderGateText, unjudged } = await import('../dist/src/gate/index.js');
const { BaselineStore, findBaseline } = await import('../dist/src/gate/baselines/index.js');
const { readResultFile } = await import('../dist/src/results/read.js');
const { plantLoss } = await import('../dist/bench/gate-rates.js');

const ATTEMPTS = 3;
/**
 * A loss of a fifth, so that what neighbours do to a session of seconds is no reason for an alarm. The controls may move far: of two halves
 * that lie side by side that is noise, which the bounds allow for.
 */
const options = { margins: { throughput: 0.2 }, maxDrift: 0.75 };
const session = [
  ...['run', 'hft', '--engine', 'cpu', '--contenders', 'predis,map', '--no-control', '--blocks', '8'],
  ...[
    '--window-ms',
    '100',
    '--warmup-ms',
    '50',
    '--set',
    'operations=200000',
    '--no-redis-benchmark',
    '--quiet',
  ],
];
const folder = mkdtempSync(join(tmpdir(), 'predis-bench-own-gate-'));

/** A measured session, or null with the reason said. */
function measure(name) {
  const path = join(folder, `${name}.json`);
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'bin/predis-bench.js'), ...session, '--output', path],
    { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', timeout: 60_000 },
  );
  if (status === 0) return { path, result: readResultFile(path) };
  if (status === 5 || status === null || status === 130) {
    say(`own gate: ${status === 5 ? 'the session was invalid' : 'the session took over a minute'}`);
    return null;
  }
  return stop(`the run of the own gate ended with exit code ${status}: ${stderr.trim()}`);
}

/** The answer of the gate, also where it is a refusal. */
function gate(baseline, candidate, gateOptions) {
  try {
    return judge(baseline, candidate, gateOptions);
  } catch (error) {
    const report = unjudged(error, { baseline, candidate }, gateOptions);
    if (report === null) throw error;
    return report;
  }
}

/** The blocks of a session with this parity, as a session of their own. */
function half(result, parity) {
  const kept = (block) => block % 2 === parity;
  const cases = result.plan.cases.map((plan) => ({
    ...plan,
    blocks: plan.blocks.filter((_, block) => kept(block)),
  }));
  const trials = result.trials
    .filter(({ block }) => kept(block))
    .map((trial) => ({ ...trial, block: Math.floor(trial.block / 2) }));
  return {
    ...result,
    id: `${result.id}, ${parity === 0 ? 'even' : 'odd'} blocks`,
    plan: { ...result.plan, cases },
    trials,
  };
}

/** @returns 'kept', 'broken', or 'cannot tell' */
function attempt(number) {
  const measured = measure(`session-${number}`);
  if (measured === null) return 'cannot tell';
  const [before, after] = [half(measured.result, 0), half(measured.result, 1)];
  const same = gate(before, after, options);
  console.log(`own gate, this build twice: ${renderGateText(same).split('\n').join('\n  ')}`);
  if (same.verdict === 'regressed') return 'broken';
  const detectable = Math.max(...same.comparisons.map((one) => one.minimumDetectableLoss ?? 1));
  if (same.verdict === 'invalid' || same.comparisons.length === 0 || detectable > 0.9) {
    say('own gate: this machine is too noisy now for any loss to be found');
    return 'cannot tell';
  }
  // twice as large on the scale of logarithms
  const loss = 1 - (1 - detectable) ** 2;
  const planted = gate(before, plantLoss(after, loss), options);
  console.log(
    `own gate, with a loss of ${(100 * loss).toFixed(0)} % planted in those trials: ${planted.verdict} (regressed wanted)`,
  );
  besideBaseline(measured);
  return planted.verdict === 'regressed' ? 'kept' : 'broken';
}

function besideBaseline({ path, result }) {
  try {
    const store = new BaselineStore(join(root, 'results/baselines'));
    const { result: baseline, entry } = findBaseline(store, result, {
      suite: 'own-gate',
      basis: 'machine',
      candidatePath: path,
    });
    const [answer] = renderGateText(gate(baseline, result, {}))
      .split('\n')
      .slice(0, 1);
    console.log(`own gate, beside the baseline accepted on ${entry.acceptedAt.slice(0, 10)}: ${answer}`);
  } catch {
    console.log('own gate, beside an accepted baseline: none was accepted for this machine');
  }
}

let outcome = 'cannot tell';
try {
  for (let number = 1; number <= ATTEMPTS; number++) {
    outcome = attempt(number);
    if (outcome !== 'broken') break;
    say(`own gate: wrong, attempt ${number} of ${ATTEMPTS}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (outcome === 'broken') {
  stop(`the gate was wrong about this build ${ATTEMPTS} times in a row: what it said stands above.`);
}
console.log(
  `own gate: ${outcome === 'kept' ? 'its promises held' : 'nothing could be told on this machine now'}`,
);
