import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BenchError } from '../../src/errors.js';
import {
  describeAddress,
  readConnectionSettings,
  type RedisConnectionSettings,
} from '../../src/engines/redis/connection-settings.js';
import { temporaryFolder } from './support.js';

const read = (url: string): RedisConnectionSettings => readConnectionSettings({ url }, {});

function refusal(url: string): BenchError {
  try {
    read(url);
  } catch (error) {
    assert.ok(error instanceof BenchError);
    assert.equal(error.code, 'USAGE');
    return error;
  }
  assert.fail('the address was accepted');
}

describe('address of a running Redis', () => {
  it('takes the forms that Redis people type', () => {
    const base = { tls: null, database: 0, username: null, password: null };
    const tcp = (host: string, port: number) => ({ transport: 'tcp' as const, host, port });
    const unix = (path: string) => ({ transport: 'unix' as const, path });
    assert.deepEqual(read('redis://example.com'), { ...base, address: tcp('example.com', 6379) });
    assert.deepEqual(read('redis://127.0.0.1:7000/3'), {
      ...base,
      address: tcp('127.0.0.1', 7000),
      database: 3,
    });
    assert.deepEqual(read('redis://[::1]:7000/'), { ...base, address: tcp('::1', 7000) });
    assert.deepEqual(read('redis://alice@h'), { ...base, address: tcp('h', 6379), username: 'alice' });
    assert.deepEqual(read('rediss://h:1'), { ...base, address: tcp('h', 1), tls: { ca: null } });
    assert.deepEqual(read('unix:///run/redis%20a.sock'), { ...base, address: unix('/run/redis a.sock') });
    assert.deepEqual(read('/run/redis.sock'), { ...base, address: unix('/run/redis.sock') });
  });

  it('refuses others, and says what is wrong', () => {
    assert.match(refusal('localhost').message, /not a URL/);
    assert.match(refusal('localhost:6379').message, /begins with none of/);
    assert.match(refusal('http://h').message, /begins with none of/);
    assert.match(refusal('redis://h/zero').message, /database number/);
    assert.match(refusal('redis://h/0/1').message, /database number/);
    assert.match(refusal('redis:///0').message, /host is missing/);
    assert.match(refusal('unix://run/redis.sock').message, /absolute path/);
    assert.match(refusal('redis://h?timeout=1').message, /"\?"/);
    assert.match(refusal('redis://%zz@h').message, /% escape/);
  });

  it('refuses a password in the address, and repeats it nowhere', () => {
    for (const address of ['redis://:hunter2@h', 'rediss://alice:hunter2@h:1/0']) {
      const error = refusal(address);
      assert.match(error.message, /holds a password/);
      assert.match(error.hint ?? '', /PREDIS_BENCH_REDIS_PASSWORD/);
    }
    // wherever a secret slips to, no refusal repeats what was typed
    const wrap = fc.constantFrom(
      (s: string) => s,
      (s: string) => `redis://u:${s}@h`,
      (s: string) => `redis://h/${s}`,
      (s: string) => `redis://h?password=${s}`,
      (s: string) => `unix://h/${s}#${s}`,
      (s: string) => `redis//${s}`,
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z]{3}QQQ[0-9]{3}$/), wrap, (secret, inAddress) => {
        const error = refusal(inAddress(secret));
        assert.ok(!`${error.message} ${error.hint ?? ''} ${String(error.stack)}`.includes(secret));
        assert.equal(error.cause, undefined);
      }),
    );
  });

  it('takes the password from its file before the environment', () => {
    const folder = temporaryFolder();
    const passwordFile = join(folder, 'password');
    const environment = { PREDIS_BENCH_REDIS_PASSWORD: 'from the environment' };
    const url = 'redis://h';
    writeFileSync(passwordFile, ' with spaces \n');
    assert.equal(readConnectionSettings({ url }, {}).password, null);
    assert.equal(readConnectionSettings({ url }, environment).password, 'from the environment');
    assert.equal(readConnectionSettings({ url, passwordFile }, environment).password, ' with spaces ');
    writeFileSync(passwordFile, '\n');
    assert.throws(() => readConnectionSettings({ url, passwordFile }, {}), /is empty/);
    const missing = join(folder, 'missing');
    assert.throws(
      () => readConnectionSettings({ url, passwordFile: missing }, {}),
      /cannot be read \(ENOENT\)/,
    );
    rmSync(folder, { recursive: true });
  });

  it('wants TLS when it is given a certificate authority', () => {
    const folder = temporaryFolder();
    const tlsCaFile = join(folder, 'ca.pem');
    writeFileSync(tlsCaFile, 'PEM');
    assert.deepEqual(readConnectionSettings({ url: 'rediss://h', tlsCaFile }, {}).tls, { ca: 'PEM' });
    assert.throws(() => readConnectionSettings({ url: 'redis://h', tlsCaFile }, {}), /does not ask for TLS/);
    rmSync(folder, { recursive: true });
  });

  it('names no host but the loopback', () => {
    assert.equal(describeAddress(read('redis://127.0.0.1:7000')), '127.0.0.1:7000');
    assert.equal(describeAddress(read('redis://db.internal:7000')), 'the given address');
    assert.equal(describeAddress(read('redis://127.0.0.1.evil.example')), 'the given address');
    assert.equal(describeAddress(read('/srv/redis.sock')), 'the Unix socket');
  });
});
