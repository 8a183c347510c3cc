import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CallOrder } from '../../src/predis/call-order.js';
import { connected, predisError } from './support.js';

const many = Array.from({ length: 20_000 }, (_, i) => `key:${String(i)}`);

describe('the order of promise calls', () => {
  it('lets a small call behind a large one see what the large one did', async () => {
    const client = connected();
    const large = client.mput(many, many);
    const small = client.get('key:19999');
    const deleted = client.mdelete(many);
    const after = client.get('key:19999');
    const put = client.put('key:0', 'new');
    const all = client.mget(many);
    const stats = client.getStats();
    assert.deepEqual(await Promise.all([small, deleted, after]), ['key:19999', many.length, null]);
    await Promise.all([large, put]);
    assert.deepEqual((await all).slice(0, 2), ['new', null]);
    assert.equal((await stats).keys, 1);
    client.disconnectSync();
  });

  it('does a small call at once when nothing is under way', () => {
    const client = connected();
    void client.put('k', 'v'); // not awaited: its effect is there already
    assert.equal(client.getSync('k'), 'v');
    client.disconnectSync();
  });

  it('goes on after a call that failed', async () => {
    const client = connected();
    const bad = client.mput([...many, ''], [...many, '']);
    const good = client.put('k', 'v');
    await assert.rejects(bad, predisError('KEY_EMPTY'));
    await good;
    assert.equal(await client.get('k'), 'v');
    client.disconnectSync();
  });

  it('disconnects after the calls made before, and refuses the ones made after', async () => {
    const client = connected();
    const other = connected({ attach: client.share() });
    const large = client.mput(many, many);
    const counted = client.increment('n');
    const gone = client.disconnect();
    const late = client.get('n');
    await large;
    assert.equal(await counted, 1n);
    await gone;
    await assert.rejects(late, predisError('CLOSED'));
    assert.equal(other.getStatsSync().keys, many.length + 1);
    other.disconnectSync();
  });

  it('ends a call on the thread pool well when the client is disconnected under it', async () => {
    const client = connected();
    const large = client.mput(many, many);
    const waiting = client.mget(many);
    client.disconnectSync();
    await large;
    await assert.rejects(waiting, predisError('CLOSED'));
  });

  it('snapshots large batches of strings when they are called', async () => {
    const client = connected();
    const keys = [...many];
    const first = client.mput(keys, keys);
    const second = client.mget(keys);
    keys.fill('other');
    await first;
    assert.deepEqual(await second, many);
    client.disconnectSync();
  });

  it('lets the event loop live while a large batch runs', async () => {
    const client = connected();
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const keys = Array.from({ length: 300_000 }, (_, i) => `key:${String(i)}`);
    const work = client.mput(keys, keys);
    const before = turns;
    // a call that blocks this thread settles before any turn of the loop
    const during = await work.then(() => turns);
    clearInterval(timer);
    assert.ok(during > before);
    client.disconnectSync();
  });
});

describe('CallOrder', () => {
  it('starts calls strictly one after the other once one is under way', async () => {
    const order = new CallOrder();
    const log: string[] = [];
    let release = (): void => undefined;
    const first = order.long(() =>
      new Promise<void>((resolve) => {
        release = resolve;
      }).then(() => {
        log.push('first');
      }),
    );
    const second = order.short(() => log.push('second'));
    const third = order.long(() => {
      log.push('third');
      return Promise.reject(new Error('third fails'));
    });
    const fourth = order.short(() => log.push('fourth'));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(log, []);
    release();
    await assert.rejects(third, /third fails/);
    await Promise.all([first, second, fourth]);
    assert.deepEqual(log, ['first', 'second', 'third', 'fourth']);
    await new Promise((resolve) => setImmediate(resolve));
    let ran = false;
    void order.short(() => {
      ran = true;
    });
    assert.equal(ran, true); // nothing is under way any more
  });
});
