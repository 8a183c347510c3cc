import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

import fc from 'fast-check';

import { BenchError } from '../../src/errors.js';
import { loadTrace, type LoadedTrace } from '../../src/traces/index.js';
import {
  findWorkload,
  OperationKind,
  resolveParameters,
  validateStream,
  workloads,
} from '../../src/workloads/index.js';
import { SMALLEST_FILLER_VALUE_BYTES } from '../../src/workloads/key-spaces/filler.js';
import { models } from '../cachesim/models.js';
import { temporaryFolder } from '../cli/support.js';
import { writeAzureLlm, writeMooncake, writeTwitter, type WrittenRequest } from '../traces/writers.js';

const folder = temporaryFolder();
after(folder.remove);
const trace = findWorkload('trace');

async function load(bytes: Buffer): Promise<LoadedTrace> {
  const path = join(folder.path, 'trace');
  writeFileSync(path, bytes);
  return loadTrace(path, { limit: 1e6 });
}

function theCase(input: LoadedTrace, set: Readonly<Record<string, string>> = {}) {
  const cases = trace.cases(resolveParameters(trace, set), input);
  assert.equal(cases.length, 1);
  const [only] = cases;
  assert.ok(only !== undefined);
  return only;
}

const requests = fc
  .array(
    fc.record({
      timeMs: fc.nat({ max: 100_000 }),
      accesses: fc.array(
        fc.record({
          key: fc.nat({ max: 30 }).map(String),
          size: fc.nat({ max: 3000 }),
          operation: fc.constantFrom('get', 'set', 'delete'),
        }),
        { minLength: 1, maxLength: 6 },
      ),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((all): WrittenRequest[] => all.sort((a, b) => a.timeMs - b.timeMs));

describe('the workload trace', () => {
  it('is no part of all, and wants a file', () => {
    assert.ok(!workloads.includes(trace));
    assert.throws(
      () => trace.cases(resolveParameters(trace, {})),
      (error) => error instanceof BenchError && error.code === 'USAGE' && error.message.includes('--file'),
    );
  });

  it('plays a cache in front of a store where a trace names keys alone: a miss of LRU is put', async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.integer({ min: 0, max: 4 }), async (written, quarters) => {
        const input = await load(writeMooncake(written));
        const only = theCase(input, { cacheShare: String(quarters / 4) });
        const stream = only.generate(1);
        assert.deepEqual(validateStream(only, stream), []);

        const keys = written.flatMap(({ accesses }) => accesses.map(({ key }) => Number(key)));
        const gets = [...stream.keyIndex].filter((_, at) => stream.kind[at] === OperationKind.get);
        assert.deepEqual(
          gets.map((key) => Number(only.keySpace.key(key))),
          keys,
        );
        // a request that misses a key twice, because the cache is small, puts it once
        const slots = Math.floor((quarters / 4) * new Set(keys).size);
        const hits = (accesses: number): number =>
          slots === 0 ? 0 : models.LRU(keys.slice(0, accesses), slots);
        let accesses = 0;
        const expected = written.flatMap((request) => {
          const missed = request.accesses.filter(() => hits(accesses) === hits(++accesses));
          return [...new Set(missed.map(({ key }) => key))];
        });
        const puts = [...stream.keyIndex].filter((_, at) => stream.kind[at] === OperationKind.put);
        assert.deepEqual(
          puts.map((key) => only.keySpace.key(key)),
          expected,
        );
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  it('does what a trace says where it tells reads from writes, when it says it, with values of its sizes', async () => {
    const kinds: Readonly<Record<string, number>> = {
      get: OperationKind.get,
      set: OperationKind.put,
      delete: OperationKind.delete,
    };
    await fc.assert(
      fc.asyncProperty(requests, async (written) => {
        const only = theCase(await load(writeTwitter(written)), { largestValueBytes: '1000' });
        const stream = only.generate(1);
        assert.deepEqual(validateStream(only, stream), []);
        const accesses = written.flatMap(({ timeMs, accesses: all }) =>
          all.map((one) => ({ ...one, timeMs })),
        );
        const first = Math.floor((accesses[0]?.timeMs ?? 0) / 1000);
        accesses.forEach(({ key, operation, timeMs }, at) => {
          assert.equal(only.keySpace.key(stream.keyIndex[at] ?? -1), key);
          assert.equal(stream.kind[at], kinds[operation]);
          assert.equal(stream.dueNs?.[at], (Math.floor(timeMs / 1000) - first) * 1e9);
          const sizes = accesses.filter((one) => one.key === key).map(({ size }) => size);
          const told = Math.min(1000, Math.max(...sizes));
          const value = only.keySpace.value(stream.keyIndex[at] ?? -1, 0);
          assert.equal(value.length, Math.max(SMALLEST_FILLER_VALUE_BYTES, told));
        });
      }),
      { seed: 4, numRuns: 100 },
    );
  });

  it('reads random keys when a trace of arrivals says; another seed, other keys', async () => {
    const written = Array.from({ length: 200 }, (_, at) => ({ timeMs: 7 * at, accesses: [] }));
    const only = theCase(await load(writeAzureLlm(written)), { arrivalKeys: '50' });
    const [one, same, other] = [only.generate(1), only.generate(1), only.generate(2)];
    assert.deepEqual(validateStream(only, one), []);
    assert.deepEqual(one, same);
    assert.notDeepEqual(one.keyIndex, other.keyIndex);
    assert.deepEqual(
      one.dueNs,
      Float64Array.from(written, ({ timeMs }) => timeMs * 1e6),
    );
    assert.equal(only.keySpace.size, 50);
  });

  it('refuses values that no machine holds', async () => {
    const written = Array.from({ length: 40_000 }, (_, at) => ({
      timeMs: 0,
      accesses: [{ key: `k${String(at)}`, size: 2 ** 40, operation: 'set' }],
    }));
    const input = await load(writeTwitter(written));
    assert.throws(
      () => theCase(input, { largestValueBytes: '1048576' }).generate(1),
      (error) =>
        error instanceof BenchError &&
        error.code === 'PARAMETER_OUT_OF_RANGE' &&
        error.message.includes('GiB'),
    );
  });
});
