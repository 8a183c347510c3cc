/** The workflow that docs/ci.md offers: it is YAML, its scripts are bash, and they do what the page says. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { parse } from 'yaml';

import { packageRoot } from '../../src/support/package-root.js';
import { makeResultFile } from '../analysis/fixtures.js';

interface Workflow {
  readonly name: string;
  readonly on: unknown;
  readonly jobs: Readonly<
    Record<
      string,
      { readonly steps: readonly { readonly name?: string; readonly run?: string; readonly uses?: string }[] }
    >
  >;
}

const workflow = parse(readFileSync(join(packageRoot, 'docs/ci/predis-bench-gate.yml'), 'utf8')) as Workflow;
const steps = workflow.jobs.gate?.steps ?? [];
const script = (name: string): string => {
  const found = steps.find((step) => step.name === name)?.run;
  assert.ok(found !== undefined, `no step "${name}"`);
  return found;
};
const folder = mkdtempSync(join(tmpdir(), 'predis-bench-ci-'));
after(() => {
  rmSync(folder, { recursive: true, force: true });
});
for (const tree of ['base', 'head']) symlinkSync(packageRoot, join(folder, tree));

/** As the runner does: bash that stops at the first failure. */
const bash = (text: string) =>
  spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', text], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, GITHUB_STEP_SUMMARY: join(folder, 'summary.md') },
  });

describe('docs/ci/predis-bench-gate.yml', () => {
  it('is a workflow for pull requests', () => {
    assert.equal(workflow.on, 'pull_request');
    assert.ok(steps.every(({ run, uses }) => (run === undefined) !== (uses === undefined)));
    const used = steps.flatMap(({ uses }) => uses ?? []);
    assert.ok(
      used.every((action) => /^actions\/[a-z-]+@v\d+$/.test(action)),
      used.join(),
    );
  });

  it('names scripts of package.json', () => {
    const { scripts } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = steps.flatMap(({ run = '' }) =>
      [...run.matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1] ?? ''),
    );
    assert.ok(named.length > 0);
    for (const name of named) assert.ok(name in scripts, name);
  });

  it('measures base and head in alternation', () => {
    // the same command with trials of milliseconds
    const quick = script('Measure in alternation').replaceAll(
      '--blocks 8',
      '--blocks 3 --no-control --window-ms 5 --warmup-ms 1 --set symbols=100 --set hotSymbols=10 --set operations=1000',
    );
    const { status, stderr } = bash(quick);
    // 5: sessions of milliseconds may be invalid three times; the rest is then not measured
    assert.ok(status === 0 || status === 5, `${String(status)}: ${stderr}`);
    assert.ok(existsSync(join(folder, 'base-1.json')), stderr);
  });

  it('stops a pull request only when both pairs regressed, or when nothing was judged', () => {
    const judge = (speeds: readonly [number, number], options = {}): number | null => {
      for (const pair of [1, 2]) {
        const make = (name: string, seed: number, more = {}) => {
          const result = makeResultFile({ seed, blocks: 6, trialSd: 0.01, ...more });
          writeFileSync(join(folder, `${name}-${String(pair)}.json`), JSON.stringify(result));
        };
        make('base', pair);
        make('head', pair + 2, { predisSpeed: speeds[pair - 1], ...options });
      }
      return bash(script('Judge')).status;
    };
    assert.equal(judge([0.7, 0.7]), 1);
    assert.equal(judge([0.7, 1]), 0);
    assert.equal(judge([1, 1]), 0);
    assert.equal(judge([1, 1], { fingerprint: 'fedcba9876543210' }), 4);
    assert.match(readFileSync(join(folder, 'gate-2.xml'), 'utf8'), /NO BASELINE/);
    assert.match(readFileSync(join(folder, 'summary.md'), 'utf8'), /### predis-bench gate: REGRESSED/);
  });
});
