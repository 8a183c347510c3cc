/** Drives a made-up stream over made-up or real sessions, without threads. */
import { Driver } from '../../../src/measure/driver.js';
import type { Clock } from '../../../src/measure/clock.js';
import type { EngineSession } from '../../../src/engines/engine.js';
import { DRAIN_MS } from '../../../src/measure/load.js';
import { OpenLoopDriver } from '../../../src/measure/open-loop-driver.js';
import { OpenLoopRecorder } from '../../../src/measure/open-loop-recorder.js';
import { KeyStrings, prepareLane } from '../../../src/measure/program.js';
import { Verifier } from '../../../src/measure/verifier.js';
import { WindowRecorder } from '../../../src/measure/window-recorder.js';
import { arrivalsOfWorker } from '../../../src/measure/worker-arrivals.js';
import { WriteIndex } from '../../../src/measure/write-index.js';
import type { Arrivals } from '../../../src/workloads/arrivals.js';
import type { KeySpace, OperationStream } from '../../../src/workloads/workload.js';

export interface Driving {
  readonly stream: OperationStream;
  readonly keySpace: KeySpace;
  /** One a lane. */
  readonly sessions: readonly EngineSession[];
  readonly clock: Clock;
  readonly aborted?: () => boolean;
}

function parts({ stream, keySpace, sessions, clock, aborted }: Driving) {
  const lanes = sessions.length;
  const strings = new KeyStrings(keySpace);
  const verifier = new Verifier(keySpace, new WriteIndex(stream, keySpace.size, lanes), lanes);
  const options = {
    stream,
    verifier,
    clock,
    verifyEvery: 4,
    aborted: aborted ?? (() => false),
    lanes: sessions.map((session, lane) => ({
      program: prepareLane(stream, strings, lanes, lane),
      session,
      lastWrites: new Uint32Array(keySpace.size),
    })),
  };
  return { options, verifier };
}

export interface OpenLoopOutcome {
  readonly recorder: WindowRecorder;
  readonly openLoop: OpenLoopRecorder;
  readonly verifier: Verifier;
}

/** One phase from 0 to `toMs` of the session. */
export async function driveOpen(
  driving: Driving,
  arrivals: Arrivals,
  toMs: number,
  options: { readonly maxInFlight?: number; readonly drainMs?: number; readonly fromMs?: number } = {},
): Promise<OpenLoopOutcome> {
  const { maxInFlight = 10_000, drainMs = DRAIN_MS, fromMs = 0 } = options;
  const { options: shared, verifier } = parts(driving);
  const lanes = driving.sessions.length;
  const openLoop = new OpenLoopRecorder();
  const recorder = new WindowRecorder(1000, 1000, openLoop);
  const share = arrivalsOfWorker(driving.stream, arrivals, lanes, 0, lanes, 1);
  const driver = new OpenLoopDriver({ ...shared, arrivals: share, maxInFlight, drainMs }, recorder);
  await driver.run(fromMs, toMs, recorder);
  return { recorder, openLoop, verifier };
}

export async function driveClosed(driving: Driving, durationMs: number): Promise<WindowRecorder> {
  const recorder = new WindowRecorder(1000, 1000);
  const driver = new Driver({ ...parts(driving).options, pipelineDepth: 1 }, recorder);
  await driver.run(durationMs, recorder);
  return recorder;
}
