/** What threads.test.ts runs in its worker threads. */
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { PredisClient, type SharedHandle } from '../../src/predis/index.js';
import { connected } from './support.js';

/** What to do, and with which engine. */
export interface ThreadTask {
  readonly handle: SharedHandle;
  readonly work: 'count' | 'batches' | 'own' | 'abandon';
  readonly rounds: number;
}

const { handle, work, rounds } = workerData as ThreadTask;
const client = new PredisClient({ attach: handle });
client.connectSync();

/** Writes one value under all keys at once and reads them: a batch of another thread must never be seen in part. */
function batches(): number {
  const keys = Array.from({ length: 64 }, (_, i) => `batch:${String(i)}`);
  let torn = 0;
  for (let round = 0; round < rounds; round++) {
    const values = new Set(client.mgetSync(keys));
    if (values.size !== 1) torn++;
    const value = `${String(threadId)}:${String(round)}`;
    client.mputSync(
      keys,
      keys.map(() => value),
    );
  }
  return torn;
}

switch (work) {
  case 'count':
    for (let round = 0; round < rounds; round++) client.incrementSync('counter');
    parentPort?.postMessage(client.getSync('greeting'));
    client.disconnectSync();
    break;
  case 'batches':
    parentPort?.postMessage(batches());
    client.disconnectSync();
    break;
  case 'own': {
    // an engine made here, which another thread attaches to
    const own = connected();
    own.putSync('from', 'worker');
    parentPort?.postMessage(own.share());
    parentPort?.once('message', () => {
      own.disconnectSync();
      client.disconnectSync();
      parentPort?.close();
    });
    break;
  }
  case 'abandon': {
    // asynchronous work under way, nothing disconnected: the thread is terminated like this
    const keys = Array.from({ length: 20_000 }, (_, i) => `abandoned:${String(i)}`);
    for (let round = 0; round < rounds; round++) void client.mput(keys, keys).catch(() => undefined);
    for (let round = 0; round < rounds; round++) void client.mget(keys).catch(() => undefined);
    parentPort?.postMessage('started');
    break;
  }
}
