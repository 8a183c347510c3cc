import type { Engine } from '../engines/engine.js';
import type { Trial } from '../results/schema.js';
import type { KeySpace } from '../workloads/workload.js';
import { sharedClockOffsetMs, type Clock } from './clock.js';
import { ConditionsWatch, type ConditionSenses } from './conditions.js';
import type { Crew, WindowOrder } from './crew.js';
import { within } from './deadline.js';
import { EnergySampler } from './energy-sampler.js';
import { GpuSampler } from './gpu-sampler.js';
import { mergeCorrectness, mergeWindow } from './measurements.js';

/** How long the steps of a trial may take, beyond what is asked of them, before the trial is given up. Milliseconds. */
export interface Patience {
  readonly loadMs: number;
  /** Beyond warm-up and window. */
  readonly windowMs: number;
  readonly readBackMs: number;
  /** Memory, closing of sessions, flushing. */
  readonly otherMs: number;
}

export const defaultPatience: Patience = {
  loadMs: 600_000,
  windowMs: 30_000,
  readBackMs: 300_000,
  otherMs: 60_000,
};

export interface TrialRequest {
  readonly identity: Pick<Trial, 'caseId' | 'contender' | 'block' | 'position' | 'startedAt'>;
  readonly engine: Engine;
  readonly keySpace: KeySpace;
  readonly crew: Crew;
  readonly window: Omit<WindowOrder, 'session'>;
  readonly clock: Clock;
  readonly senses: ConditionSenses;
  readonly patience: Patience;
  readonly signal: AbortSignal | undefined;
}

/**
 * One trial: fresh state, warm-up, window, memory, reading everything back. A wrong value or a request that the engine
 * answered with an error makes it void.
 *
 * @throws whatever the engine or the workers throw; `run.ts` decides what that means for the run
 */
export async function measureTrial(request: TrialRequest): Promise<Trial> {
  const { identity, engine, keySpace, crew, window, clock, senses, patience, signal } = request;
  const loadStartMs = clock();
  const pair = (index: number): { key: string; value: string } => ({
    key: keySpace.key(index),
    value: keySpace.value(index, 0),
  });
  await within(engine.load(keySpace.size, pair), 'loading', patience.loadMs, signal);
  const loadMs = Math.max(0, clock() - loadStartMs);

  const windowLimitMs =
    window.warmupMs + window.windowMs + 2 * (window.openLoop?.drainMs ?? 0) + patience.windowMs;
  const order = { ...window, session: engine.sessionSpec() };
  const meter = engine.gpu?.() ?? null;
  const offsetMs = sharedClockOffsetMs();
  const sharedClock = (): number => clock() + offsetMs;
  const sampler = meter === null ? null : new GpuSampler(meter, sharedClock, window.windowMs);
  const joules = new EnergySampler(senses.probe, sharedClock);
  const watch = new ConditionsWatch(senses, clock, engine.processes?.() ?? (engine.processes ? null : []));
  const reports = await within(crew.measure(order), 'measuring', windowLimitMs, signal).finally(() => {
    sampler?.stop();
    joules.stop();
  });
  const conditions = watch.end();
  const times = {
    startMs: Math.min(...reports.map(({ firstStartMs }) => firstStartMs)),
    endMs: Math.max(...reports.map(({ lastEndMs }) => lastEndMs)),
  };
  const gpu = sampler?.result(times);
  const energy = joules.result(times);
  const memoryBytes = await within(engine.memoryBytes(), 'asking for memory', patience.otherMs, signal);
  // After failed requests nobody knows what was written, so there is nothing to read back against; a floor keeps nothing.
  const errors = reports.reduce((sum, report) => sum + report.errors, 0);
  const readBacks =
    errors > 0 || window.verify === false
      ? []
      : await within(crew.readBack(), 'reading back', patience.readBackMs, signal);
  await within(crew.endTrial(), 'closing sessions', patience.otherMs, signal);
  await within(engine.flush(), 'flushing', patience.otherMs, signal);

  const correctness = mergeCorrectness(reports, readBacks);
  if (errors > 0) {
    const first = reports.find(({ firstError }) => firstError !== null)?.firstError ?? '';
    const reason = `${String(errors)} requests were answered with an error, the first: ${first}`;
    return { ...identity, state: 'void', reason, correctness };
  }
  if (correctness.wrong > 0) {
    const example = correctness.examples[0] ?? '';
    const reason = `${String(correctness.wrong)} wrong values, the first: ${example}`;
    return { ...identity, state: 'void', reason, correctness };
  }
  const measurements = mergeWindow(reports, {
    windowMs: window.windowMs,
    intervalMs: window.intervalMs,
    ...{ memoryBytes, loadMs, gpu, energy, conditions },
  });
  if (measurements.requests === 0) throw new Error('no request was answered inside the window');
  return { ...identity, state: 'measured', correctness, measurements };
}
