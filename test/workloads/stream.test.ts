import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { BenchError } from '../../src/errors.js';
import { resolveParameters } from '../../src/workloads/parameters.js';
import { findWorkload, workloads } from '../../src/workloads/registry.js';
import { StreamBuilder } from '../../src/workloads/stream-builder.js';
import { describeStream, hashStream, validateStream } from '../../src/workloads/stream.js';
import {
  NO_PREFETCH,
  OperationKind,
  type OperationStream,
  type WorkloadCase,
} from '../../src/workloads/workload.js';

const { get, put } = OperationKind;

function tinyStream(): OperationStream {
  const builder = new StreamBuilder(3, 0);
  builder.single(put, 1);
  builder.append(get, 0);
  builder.append(get, 2);
  builder.endRequest();
  builder.single(put, 1);
  return builder.build({
    dueNs: Float64Array.of(0, 1.5, 1.5),
    prefetchRequest: Uint32Array.of(1, NO_PREFETCH, 1),
  });
}

const tinyCase: WorkloadCase = {
  id: 'tiny',
  label: 'tiny',
  keySpace: {
    size: 3,
    key: (index) => 'abc'.charAt(index),
    value: (index, version) => 'xyz'.charAt(index).repeat(version + 1),
    versionOf: (value) => value.length - 1,
  },
  generate: tinyStream,
};

describe('stream builder', () => {
  it('lays operations out in arrays and counts versions by key', () => {
    const stream = tinyStream();
    assert.deepEqual([...stream.kind], [put, get, get, put]);
    assert.deepEqual([...stream.keyIndex], [1, 0, 2, 1]);
    assert.deepEqual([...stream.version], [1, 0, 0, 2]);
    assert.deepEqual([...stream.requestStart], [0, 1, 3, 4]);
  });

  it('grows, and hands out arrays without slack', () => {
    const builder = new StreamBuilder(7, 3, 1);
    for (let operation = 0; operation < 10_000; operation++) builder.single(put, operation % 7);
    const stream = builder.build();
    assert.equal(stream.kind.length, 10_000);
    assert.equal(stream.requestStart.length, 10_001);
    assert.equal(stream.keyIndex.buffer.byteLength, 40_000);
    assert.equal(stream.version[9_999], 1_429);
    assert.equal(stream.dueNs, null);
    assert.equal(stream.prefetchRequest, null);
  });

  it('refuses keys outside of the key space and extras of another length', () => {
    const builder = new StreamBuilder(3, 1);
    assert.throws(() => {
      builder.append(get, 3);
    }, RangeError);
    builder.single(get, 2);
    assert.throws(() => builder.build({ dueNs: new Float64Array(2) }), RangeError);
    assert.throws(() => builder.build({ prefetchRequest: new Uint32Array(0) }), RangeError);
  });
});

describe('stream hash', () => {
  it('is SHA-256 of the documented bytes', () => {
    const u32 = (...values: number[]): Buffer => {
      const bytes = Buffer.alloc(4 * values.length);
      for (const [place, value] of values.entries()) bytes.writeUInt32LE(value, 4 * place);
      return bytes;
    };
    const f64 = (value: number): Buffer => {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(value);
      return bytes;
    };
    const text = (value: string): Buffer => Buffer.concat([u32(value.length), Buffer.from(value, 'ascii')]);
    const bytes = Buffer.concat([
      Buffer.from('predis-bench stream 1\n'),
      text('tiny'),
      u32(4, 3, 3),
      Buffer.of(put, get, get, put),
      u32(1, 0, 2, 1),
      u32(1, 0, 0, 2),
      u32(0, 1, 3, 4),
      Buffer.of(1),
      ...[0, 1.5, 1.5].map(f64),
      Buffer.of(1),
      u32(1, NO_PREFETCH, 1),
      ...['a', 'b', 'c'].map(text),
      ...['x', 'y', 'z'].map(text),
      ...['yy', 'yyy'].map(text),
    ]);
    assert.equal(hashStream(tinyCase, tinyStream()), createHash('sha256').update(bytes).digest('hex'));
  });

  it('changes with everything that an engine is asked to do', () => {
    const stream = tinyStream();
    const original = hashStream(tinyCase, stream);
    const changed = (change: Partial<OperationStream>): string =>
      hashStream(tinyCase, { ...stream, ...change });
    const others = [
      changed({ kind: Uint8Array.of(put, get, get, get) }),
      changed({ keyIndex: Uint32Array.of(1, 0, 2, 0) }),
      changed({ version: Uint32Array.of(1, 0, 0, 3) }),
      changed({ requestStart: Uint32Array.of(0, 1, 2, 4) }),
      changed({ dueNs: null }),
      changed({ dueNs: Float64Array.of(0, 1, 1.5) }),
      changed({ prefetchRequest: null }),
      hashStream({ ...tinyCase, id: 'other' }, stream),
      hashStream(
        { ...tinyCase, keySpace: { ...tinyCase.keySpace, key: (index) => 'abd'.charAt(index) } },
        stream,
      ),
      hashStream(
        { ...tinyCase, keySpace: { ...tinyCase.keySpace, value: (index) => String(index) } },
        stream,
      ),
    ];
    assert.equal(new Set([original, ...others]).size, others.length + 1);
  });

  it('hashes strings longer than its buffer', () => {
    const long = 'v'.repeat(3_000_000);
    const keySpace = { ...tinyCase.keySpace, size: 1, value: () => long };
    const builder = new StreamBuilder(1, 1);
    builder.single(get, 0);
    const workloadCase = { ...tinyCase, keySpace };
    const facts = describeStream(workloadCase, builder.build());
    assert.equal(facts.maxValueBytes, 3_000_000);
    const other = { ...workloadCase, keySpace: { ...keySpace, value: () => `${long.slice(1)}w` } };
    assert.notEqual(describeStream(other, tinyCaseOfOneRead()).sha256, facts.sha256);
  });

  it('depends on the seed', () => {
    for (const workload of workloads) {
      const [first] = workload.cases(resolveParameters(workload, {}));
      assert.ok(first);
      const [one, two] = [1, 2].map((seed) => first.generate(seed).keyIndex.subarray(0, 2_000));
      assert.notDeepEqual(one, two, workload.name);
    }
  });
});

function tinyCaseOfOneRead(): OperationStream {
  const builder = new StreamBuilder(1, 1);
  builder.single(get, 0);
  return builder.build();
}

describe('stream description', () => {
  it('counts what is in the stream', () => {
    const { sha256, ...facts } = describeStream(tinyCase, tinyStream());
    assert.equal(sha256, hashStream(tinyCase, tinyStream()));
    assert.deepEqual(facts, {
      operations: 4,
      requests: 3,
      reads: 2,
      writes: 2,
      keys: 3,
      meanKeyBytes: 1,
      meanValueBytes: (1 + 1 + 1 + 2 + 3) / 5,
      maxValueBytes: 3,
      distinctKeysRead: 2,
      hottestKeyShare: 0.5,
      prefetchHints: 2,
    });
  });
});

describe('stream validation', () => {
  it('has nothing to say about a valid stream', () => {
    assert.deepEqual(validateStream(tinyCase, tinyStream()), []);
  });

  const stream = tinyStream();
  const broken: Record<string, Partial<OperationStream>> = {
    'is empty': { kind: new Uint8Array(0), keyIndex: new Uint32Array(0), version: new Uint32Array(0) },
    'differ in length': { keyIndex: Uint32Array.of(1) },
    'of no known kind': { kind: Uint8Array.of(9, get, get, put) },
    'differs in kind': { kind: Uint8Array.of(put, get, put, put) },
    'outside of the key space': { keyIndex: Uint32Array.of(1, 0, 3, 1) },
    "does not raise its key's version": { version: Uint32Array.of(2, 0, 0, 2) },
    'carries a version and is no put': { version: Uint32Array.of(1, 1, 0, 2) },
    'does not begin with 0': { requestStart: Uint32Array.of(1, 1, 3, 4) },
    'does not end with': { requestStart: Uint32Array.of(0, 1, 3, 3) },
    'is empty or runs backwards': { requestStart: Uint32Array.of(0, 3, 1, 4) },
    'has not one entry a request': { dueNs: new Float64Array(2) },
    'is due before the last': { dueNs: Float64Array.of(0, 2, 1) },
    'announces none there': { prefetchRequest: Uint32Array.of(0, 3, 0) },
  };
  for (const [problem, change] of Object.entries(broken)) {
    it(`finds what ${problem}`, () => {
      const problems = validateStream(tinyCase, { ...stream, ...change });
      assert.ok(
        problems.some((sentence) => sentence.includes(problem)),
        problems.join('; '),
      );
    });
  }

  it('finds keys and values that are not printable', () => {
    const { keySpace } = tinyCase;
    const unprintable = [
      { ...keySpace, key: () => 'caf\u00e9' },
      { ...keySpace, key: () => '' },
      { ...keySpace, value: () => 'a\n' },
    ];
    for (const other of unprintable) {
      assert.notEqual(validateStream({ ...tinyCase, keySpace: other }, stream).length, 0);
    }
  });
});

describe('registry', () => {
  it('finds the workloads of the plan', () => {
    for (const name of ['basic', 'batch', 'hft', 'ml-training', 'gaming', 'zipfian']) {
      assert.equal(findWorkload(name).name, name);
    }
  });

  it('lists workloads with different kebab-case names and honest origins', () => {
    assert.equal(new Set(workloads.map(({ name }) => name)).size, workloads.length);
    for (const workload of workloads) {
      assert.match(workload.name, /^[a-z]+(-[a-z]+)*$/);
      assert.equal(findWorkload(workload.name), workload);
      assert.match(workload.derivedFrom, /^Measured: |^Synthetic: .*not derived from a production trace/);
    }
  });

  it('answers an unknown name with the nearest', () => {
    assert.throws(
      () => findWorkload('zipfain'),
      (error: unknown) =>
        error instanceof BenchError &&
        error.code === 'UNKNOWN_WORKLOAD' &&
        error.exitCode === 2 &&
        error.message === "There is no workload 'zipfain'" &&
        error.hint?.startsWith('Did you mean zipfian? Workloads: basic, batch, ') === true,
    );
    for (const name of ['', '__proto__', '\u001b[2J', 'x'.repeat(1e6)]) {
      assert.throws(
        () => findWorkload(name),
        (error: unknown) => error instanceof BenchError && error.message.length < 300,
      );
    }
  });
});
