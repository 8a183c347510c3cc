import { describeProcessors, sameProcessors } from './compatible.js';
import type { SessionBasis } from '../analysis/sessions.js';
import type { ResultFile } from '../results/schema.js';

/** What was judged: two sessions, and of them these cases and contenders. */
interface Judged {
  readonly baseline: ResultFile;
  readonly candidate: ResultFile;
  readonly cases: readonly string[];
  readonly contenders: readonly string[];
  readonly basis: SessionBasis;
}

/** What a reader of a verdict has to know beside it, as sentences. */
export function collectNotes({ baseline, candidate, cases, contenders, basis }: Judged): string[] {
  const notes: string[] = basis === 'relative' ? relativeNotes(baseline, candidate) : [];
  const without = (result: ResultFile) =>
    result.plan.cases.map(({ id }) => id).filter((id) => !cases.includes(id));
  const onlyCandidate = without(candidate);
  const onlyBaseline = without(baseline);
  if (onlyCandidate.length > 0)
    notes.push(`Not judged, because the baseline lacks them: ${onlyCandidate.join(', ')}.`);
  if (onlyBaseline.length > 0)
    notes.push(`Not judged, because the candidate lacks them: ${onlyBaseline.join(', ')}.`);
  const missing = candidate.plan.contenders
    .filter(({ engine, id }) => engine.startsWith('predis') && !contenders.includes(id))
    .map(({ id }) => id);
  if (missing.length > 0) notes.push(`Contenders not judged: ${missing.join(', ')}.`);
  if (candidate.plan.loadModel === 'open') {
    notes.push('Open loop: throughput is what was offered, and is not judged.');
  }
  if ([baseline, candidate].some(({ looks = [] }) => looks.some(({ stopped }) => stopped))) {
    notes.push('A session ended early by its stopping rule: the gate does not correct for that.');
  }
  for (const [name, result] of [
    ['baseline', baseline],
    ['candidate', candidate],
  ] as const) {
    const saturated = result.trials.filter(
      (trial) => trial.state === 'measured' && trial.measurements.openLoop?.saturated === true,
    ).length;
    if (saturated > 0) {
      notes.push(
        `${String(saturated)} trials of the ${name} could not keep up with the rate: their latencies grow with the window.`,
      );
    }
  }
  if (baseline.id === candidate.id)
    notes.push('Baseline and candidate are the same run: this shows nothing.');
  for (const [name, result] of [
    ['baseline', baseline],
    ['candidate', candidate],
  ] as const) {
    if (result.status !== 'complete') notes.push(`The ${name} did not end; what it holds was judged.`);
  }
  const [before, after] = [baseline.environment.nodeVersion, candidate.environment.nodeVersion];
  if (before !== after) notes.push(`Node.js differs: ${before} and ${after}.`);
  return notes;
}

/** What a verdict on ratios assumes, and where that is doubtful. */
function relativeNotes(baseline: ResultFile, candidate: ResultFile): string[] {
  const [a, b] = [baseline.environment, candidate.environment];
  const notes = [
    'Judged on the ratio of Predis to Redis within each session: this takes it that whatever else changed between the ' +
      'sessions moved both in one proportion.',
  ];
  if (a.fingerprint === b.fingerprint) return notes;
  notes.push(`The machines differ: ${a.fingerprint} and ${b.fingerprint}.`);
  if (!sameProcessors(a, b)) {
    notes.push(
      `WARNING: other processors (${describeProcessors(a)}; ${describeProcessors(b)}). The ratio itself depends on the processor: ` +
        'a loss or a gain found here may be the machine and not the code.',
    );
  }
  return notes;
}
