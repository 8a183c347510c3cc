// Proves the gate on this machine: the same build measured twice must not be called a regression, and an addon whose every
// engine call was built to take longer must be. Takes a few minutes; a bench and no test, as it depends on the machine.
// Usage: node scripts/gate-proof.mjs [slowdown in percent, default 20] [workload, default hft]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run, say, stop } from './lib.mjs';
import { setUp } from './setup.mjs';

const percent = process.argv[2] ?? '20';
const workload = process.argv[3] ?? 'hft';
setUp();
const build = join(root, 'scripts/build-native.mjs');
if (!run(process.execPath, [build, '--out-dir', 'build/planted', '--planted-slowdown', percent])) {
  stop('the slower addon was not built: the reason stands above.');
}
const folder = mkdtempSync(join(tmpdir(), 'predis-bench-gate-'));
const predisBench = (words, environment = {}) =>
  spawnSync(process.execPath, [join(root, 'bin/predis-bench.js'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
const measure = (name, environment) => {
  say(`measuring: ${name}`);
  // A session whose A/A control fails (exit code 5) says nothing: it is measured again, and how often is said.
  for (let attempt = 1; attempt <= 3; attempt++) {
    const path = join(folder, `${name.replaceAll(' ', '-')}-${attempt}.json`);
    const { status } = predisBench(['run', workload, '--quiet', '--output', path], environment);
    if (status === 0) return path;
    if (status !== 5) stop(`the run ended with exit code ${status}`);
    say(`the session was invalid (attempt ${attempt} of 3)`);
  }
  return stop('three sessions in a row were invalid: this machine is too noisy.');
};
const gate = (baseline, candidate) => {
  const { status, stdout } = predisBench(['gate', '--baseline', baseline, '--candidate', candidate]);
  console.log(stdout.trimEnd());
  return status;
};

try {
  const baseline = measure('baseline');
  const same = measure('the same build');
  const slower = measure('the slower build', {
    PREDIS_ADDON: join(root, 'build/planted/Release/predis.node'),
  });
  console.log(`\nThe same build against itself:`);
  const sameCode = gate(baseline, same);
  console.log(`\nA build whose engine calls take ${percent} % longer:`);
  const slowerCode = gate(baseline, slower);
  const proven = sameCode !== 1 && slowerCode === 1;
  console.log(
    `\nsame build: exit ${sameCode} (1 would be a false alarm); ${percent} % slower: exit ${slowerCode} (1 wanted)` +
      `\n${proven ? 'proven here' : 'NOT proven here'}`,
  );
  process.exitCode = proven ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
