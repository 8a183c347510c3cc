import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { SharedHandle } from '../../src/predis/index.js';
import { connected, predisError } from './support.js';
import type { ThreadTask } from './thread-worker.js';

function startThread(task: ThreadTask): Worker {
  return new Worker(new URL('./thread-worker.js', import.meta.url), { workerData: task });
}

/** The message that the thread posts before it ends well. */
async function answerOf(task: ThreadTask): Promise<unknown> {
  const thread = startThread(task);
  const ended = once(thread, 'exit');
  const [answer] = (await once(thread, 'message')) as [unknown];
  const [exitCode] = (await ended) as [number];
  assert.equal(exitCode, 0);
  return answer;
}

describe('one engine in several threads', () => {
  it('is the same engine, and counts every increment', async () => {
    const client = connected();
    client.putSync('greeting', 'hello');
    const task: ThreadTask = { handle: client.share(), work: 'count', rounds: 20_000 };
    assert.deepEqual(await Promise.all([1, 2, 3].map(() => answerOf(task))), ['hello', 'hello', 'hello']);
    assert.equal(client.getSync('counter'), '60000');
    client.disconnectSync();
  });

  it('never shows a part of a batch to another thread', async () => {
    const client = connected();
    client.mputSync(Array.from({ length: 64 }, (_, i) => [`batch:${String(i)}`, 'start'] as const));
    const task: ThreadTask = { handle: client.share(), work: 'batches', rounds: 3000 };
    assert.deepEqual(await Promise.all([answerOf(task), answerOf(task)]), [0, 0]);
    client.disconnectSync();
  });

  it('can be made in a worker thread, and ends with its last client', async () => {
    const anchor = connected();
    const thread = startThread({ handle: anchor.share(), work: 'own', rounds: 0 });
    const [handle] = (await once(thread, 'message')) as [SharedHandle];
    const client = connected({ attach: handle });
    assert.equal(client.getSync('from'), 'worker');
    thread.postMessage('end');
    await once(thread, 'exit');
    assert.equal(client.getSync('from'), 'worker');
    client.disconnectSync();
    assert.throws(() => connected({ attach: handle }), predisError('CLOSED'));
    anchor.disconnectSync();
  });

  it('outlives a thread that is terminated in the middle of its work', async () => {
    const client = connected();
    const handle = client.share();
    for (let round = 0; round < 5; round++) {
      const thread = startThread({ handle, work: 'abandon', rounds: 5 });
      await once(thread, 'message');
      await thread.terminate();
    }
    client.putSync('k', 'v');
    assert.equal(client.getSync('k'), 'v');
    client.disconnectSync();
    // the terminated threads' clients are gone too: nothing holds the engine any more
    assert.throws(() => connected({ attach: handle }), predisError('CLOSED'));
  });
});
