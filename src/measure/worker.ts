/** Entry of a worker thread: takes orders from the main thread and answers each. */
import { parentPort, workerData } from 'node:worker_threads';
import type { EngineSession, SessionSpec } from '../engines/engine.js';
import type { Workload } from '../workloads/workload.js';
import { monotonicClock, sharedClockOffsetMs } from './clock.js';
import { StartGate } from './gate.js';
import { toPlainError, type Answers, type Order, type Reply, type ThreadSetup } from './messages.js';
import { TrialWorker } from './trial-worker.js';

const port = parentPort;
if (port === null) throw new Error('worker.js is started as a worker thread');

const { worker, modules } = workerData as ThreadSetup;
const [workloads, sessions] = (await Promise.all([import(modules.workloads), import(modules.sessions)])) as [
  { findWorkload: (name: string) => Workload },
  { openSession: (spec: SessionSpec) => Promise<EngineSession> },
];
const trialWorker = new TrialWorker({
  worker,
  findWorkload: workloads.findWorkload,
  openSession: sessions.openSession,
  clock: monotonicClock,
  clockOffsetMs: sharedClockOffsetMs(),
});

port.on('message', (order: Order) => {
  void carryOut(order)
    .then(
      (answer): Reply => ({ ok: true, answer }),
      (error: unknown): Reply => ({ ok: false, error: toPlainError(error) }),
    )
    .then((reply) => {
      port.postMessage(reply);
    });
});

async function carryOut(order: Order): Promise<Answers[keyof Answers]> {
  switch (order.type) {
    case 'prepare':
      trialWorker.prepare(order.order, order.lastWrites);
      return null;
    case 'measure':
      return trialWorker.measure(order.order, new StartGate(order.gate, order.workers));
    case 'readBack':
      return trialWorker.readBack();
    case 'endTrial':
      await trialWorker.endTrial();
      return null;
  }
}
