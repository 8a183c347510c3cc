import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { differences, readConfigurationDifference } from '../../src/engines/redis/configuration.js';
import { RedisEngine } from '../../src/engines/redis/redis-engine.js';
import { RedisServer } from '../../src/engines/redis/redis-server.js';
import { hiddenSettings, redisDefaults } from '../../src/engines/redis/redis-defaults.js';

describe('settings that differ from defaults', () => {
  it('never show secrets, paths, hosts, or what the table does not know', () => {
    const secret = 'hunter2';
    const names = [...hiddenSettings, 'a-setting-of-tomorrow'];
    const shown = differences(names.map((name) => [name, secret]));
    assert.deepEqual(new Set(Object.values(shown)), new Set(['set, not shown']));
    assert.deepEqual(Object.keys(shown), [...names].sort());
    for (const name of [
      'requirepass',
      'masterauth',
      'masteruser',
      'tls-key-file',
      'tls-key-file-pass',
      'aclfile',
    ]) {
      assert.ok(hiddenSettings.has(name), name);
    }
  });

  it('are those alone, each under its present name', () => {
    const all = Object.entries(redisDefaults);
    assert.deepEqual(differences(all), {});
    assert.deepEqual(
      differences([
        ['hz', '50'],
        ['save', ''],
        ['replica-read-only', 'yes'],
        ['slave-read-only', 'yes'],
        ['hash-max-ziplist-entries', '512'],
        ['lua-time-limit', '7'],
        ['busy-reply-threshold', '7'],
      ]),
      { 'busy-reply-threshold': '7', hz: '50', save: '(empty)' },
    );
  });

  it('show an old name where the server has no other', () => {
    assert.deepEqual(differences([['hash-max-ziplist-entries', '99']]), { 'hash-max-ziplist-entries': '99' });
  });
});

describe('settings of a real server', () => {
  let server: RedisServer;
  before(async () => {
    server = await RedisServer.start({ maxMemoryBytes: 64 * 2 ** 20 });
  });
  after(() => server.close());

  it('are in the description of the engine, masked', async () => {
    await server.ask((redis) => redis.config('SET', 'requirepass', 'hunter2'));
    const engine = new RedisEngine(server, () => Promise.resolve());
    const { configuration } = await engine.describe();
    const differs = configuration?.differs ?? {};
    assert.equal(differs.requirepass, 'set, not shown');
    assert.equal(differs.unixsocket, 'set, not shown');
    assert.equal(differs.maxmemory, String(64 * 2 ** 20));
    assert.equal(differs.save, '(empty)');
    assert.equal(differs.hz, undefined);
    assert.doesNotMatch(JSON.stringify(configuration), /hunter2|redis\.sock/);
    assert.deepEqual(engine.processes(), [server.managed?.pid]);
  });

  it('are null where the server refuses to tell', async () => {
    await server.ask((redis) => redis.call('ACL', 'SETUSER', 'default', '-config'));
    const { differs } = await server.ask(readConfigurationDifference);
    assert.equal(differs, null);
  });
});
