import type { Clock } from '../../../src/measure/clock.js';
import type { Crew } from '../../../src/measure/crew.js';
import { StartGate } from '../../../src/measure/gate.js';
import { lastWritesBuffer, TrialWorker } from '../../../src/measure/trial-worker.js';
import { openSession } from './fake-engine.js';
import { findWorkload } from './fake-workload.js';

/** A clock that is one microsecond later at every reading: windows then end after a number of requests, not by time. */
export function countingClock(stepMs = 0.001): Clock {
  let nowMs = 0;
  return () => (nowMs += stepMs);
}

/** A crew of one worker without a thread. */
export function localCrew(clock: Clock = countingClock()): Crew {
  const worker = new TrialWorker({ worker: 0, findWorkload, openSession, clock, clockOffsetMs: 0 });
  let gate: StartGate | null = null;
  return {
    prepare: (order) => {
      worker.prepare(order, lastWritesBuffer(order));
      return Promise.resolve();
    },
    measure: async (order) => {
      gate = new StartGate(StartGate.buffer(), 1);
      return [await worker.measure(order, gate)];
    },
    readBack: async () => [await worker.readBack()],
    endTrial: () => worker.endTrial(),
    abort: () => {
      gate?.abort();
    },
    close: () => {
      gate?.abort();
      return Promise.resolve();
    },
  };
}
