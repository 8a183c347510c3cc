// Started by contract.test.ts as a worker thread: a session far from the engine's own thread.
import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import type { SessionSpec } from '../../src/engines/engine.js';
import { openSession } from '../../src/engines/sessions.js';

const session = await openSession(workerData as SessionSpec);
await session.put('key:5', 'by the worker');
parentPort?.postMessage({
  read: await session.mget(['key:1', 'key:99', 'key:100']),
  counter: await session.increment('counter', 42),
  written: await session.get('key:5'),
});
await session.close();
assert.ok(parentPort !== null);
