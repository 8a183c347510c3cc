/**
 * Sessions in which an engine meets itself, through the shipped command: with GPUs hidden, `predis` and `predis-cpu` are the same
 * engine under two names and a declared comparison of each other, and the A/A control stands beside it, on Redis and on Predis in
 * turn. Whatever they find is false.
 */
import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { describePValue, formatRatio } from '../../src/support/format.js';
import { packageRoot } from '../../src/support/package-root.js';
import { metricDefinition } from '../../src/analysis/metrics.js';
import { summarise } from '../../src/analysis/summarise.js';
import type { ComparisonSummary, Summary } from '../../src/analysis/summary.js';
import { readResultFile } from '../../src/results/read.js';
import type { ResultFile } from '../../src/results/schema.js';

/** The level at which the report speaks of p < 0.001; twelve trials each can reach it over the nine comparisons of a session. */
const ALPHA = 0.001;
const BLOCKS = 6;
/** Of `predis-bench run`. */
const DEFAULT_ALPHA = 0.05;

export interface SessionOutcome {
  readonly session: number;
  readonly fileName: string;
  readonly exitCode: number;
  readonly seconds: number;
  readonly controlled: string;
  readonly valid: boolean;
  /** Why it is invalid; empty where it is valid. */
  readonly reasons: readonly string[];
  /** Comparisons of the engine with itself that were declared, and those that called one of the two faster (or smaller). */
  readonly comparisons: number;
  readonly falseFaster: readonly string[];
  /** The same trials judged at the level of a run that asks for none: a sound session may be wrong once in twenty there. */
  readonly atDefaultLevel: { readonly valid: boolean; readonly falseFaster: readonly string[] };
  /** Whether the true differences of the session, Predis and Redis, were found: it could have found false ones too. */
  readonly differencesFound: number;
  readonly differences: number;
  /** Ids of assumption checks that were violated. */
  readonly violated: readonly string[];
  readonly otherLoadCpus: number | null;
}

/** Runs one session and judges it. @throws Error when the command ends with another code than 0 and 5 */
export async function runSession(session: number, folder: string): Promise<SessionOutcome> {
  const path = join(folder, `session-${String(session).padStart(2, '0')}.json`);
  const controlled = session % 2 === 0 ? 'predis' : 'redis';
  const started = performance.now();
  const exitCode = await command([
    ...['run', 'hft', '--contenders', 'redis,predis,predis-cpu', '--control', controlled],
    ...['--alpha', String(ALPHA), '--blocks', String(BLOCKS), '--seed', String(session)],
    ...['--window-ms', '100', '--warmup-ms', '100', '--no-redis-benchmark'],
    ...['--set', 'symbols=2000', '--set', 'operations=100000', '--quiet', '--output', path],
  ]);
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const result = readResultFile(path);
  const devices = ['predis', 'predis-cpu'].map((id) => result.engines[id]?.settings.device);
  if (devices.some((device) => device !== 'cpu')) {
    throw new Error(`predis and predis-cpu are not one engine here: ${devices.map(String).join(' and ')}`);
  }
  const fileName = basename(path);
  const { valid, falseFaster } = judge(
    summarise([{ fileName, result: atLevel(result, DEFAULT_ALPHA) }]),
    fileName,
  );
  const atDefaultLevel = { valid, falseFaster };
  const outcome = judge(summarise([{ fileName, result }]), fileName);
  return { session, exitCode, seconds, controlled, ...outcome, atDefaultLevel };
}

function atLevel(result: ResultFile, alpha: number): ResultFile {
  return { ...result, plan: { ...result.plan, alpha, confidence: 1 - alpha } };
}

function judge(
  summary: Summary,
  fileName: string,
): Omit<SessionOutcome, 'session' | 'exitCode' | 'seconds' | 'controlled' | 'atDefaultLevel'> {
  const all = summary.cases.flatMap(({ comparisons }) => comparisons);
  const withItself = all.filter(({ baseline, candidate }) => baseline !== 'redis' && candidate !== 'redis');
  const real = all.filter((comparison) => !withItself.includes(comparison));
  const decided = ({ verdict }: ComparisonSummary): boolean =>
    verdict === 'candidate-better' || verdict === 'baseline-better';
  const checks = summary.validity.flatMap((validity) => validity.checks);
  return {
    fileName,
    valid: summary.validity.every(({ valid }) => valid),
    reasons: summary.invalid.map(({ text }) => text),
    comparisons: withItself.length,
    falseFaster: withItself.filter(decided).map(describe),
    differencesFound: real.filter(decided).length,
    differences: real.length,
    violated: checks.filter(({ state }) => state === 'violated').map(({ id }) => id),
    otherLoadCpus: checks.find(({ id }) => id === 'other-load')?.figure ?? null,
  };
}

function describe({ metric, baseline, candidate, ratio, test }: ComparisonSummary): string {
  const times = ratio === null ? '' : ` ${formatRatio(ratio.estimate)}`;
  const p = test === null ? '' : ` (${describePValue(test.adjustedPValue)})`;
  return `${candidate} against ${baseline}, ${metricDefinition(metric).name}${times}${p}`;
}

function command(words: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(packageRoot, 'bin/predis-bench.js'), ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, CUDA_VISIBLE_DEVICES: '' },
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0 || code === 5) resolve(code);
      else reject(new Error(`predis-bench ended with ${String(code)}: ${said.trim()}`));
    });
  });
}
