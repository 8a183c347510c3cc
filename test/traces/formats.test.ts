import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { UNKNOWN_SIZE, type TraceFormat } from '../../src/traces/index.js';
import { read, type ReadRequest } from './reading.js';
import {
  writeArc,
  writeAzureLlm,
  writeCache2k,
  writeMooncake,
  writeOracleGeneral,
  writeTable,
  writeTwitter,
  type WrittenRequest,
} from './writers.js';

const pieceSizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 });
const kinds: Readonly<Record<string, string>> = {
  get: 'get',
  gets: 'get',
  set: 'put',
  incr: 'put',
  delete: 'delete',
};

interface Shape {
  readonly key: fc.Arbitrary<string>;
  readonly accesses?: number;
  readonly wholeSeconds?: boolean;
}

/** Requests in order of time. Few keys, so that they come again. */
function requests({ key, accesses = 1, wholeSeconds = false }: Shape): fc.Arbitrary<WrittenRequest[]> {
  const access = fc.record({
    key,
    size: fc.nat({ max: 1_000_000 }),
    operation: fc.constantFrom(...Object.keys(kinds)),
  });
  const request = fc.record({
    timeMs: fc.nat({ max: 4_000_000 }).map((ms) => (wholeSeconds ? ms - (ms % 1000) : ms)),
    accesses: fc.array(access, { minLength: 1, maxLength: accesses }),
  });
  return fc
    .array(request, { minLength: 1, maxLength: 60 })
    .map((all) => all.sort((a, b) => a.timeMs - b.timeMs));
}

const wholeKey = (largest: number): fc.Arbitrary<string> =>
  fc.oneof(fc.nat({ max: 9 }), fc.integer({ min: 0, max: largest })).map(String);

/** What a reader should find, with times from the first one on. */
function expected(
  written: readonly WrittenRequest[],
  told: { readonly times?: boolean; readonly sizes?: boolean; readonly kinds?: boolean },
): ReadRequest[] {
  return written.map(({ timeMs, accesses }) => ({
    timeNs: told.times === true ? timeMs * 1e6 : NaN,
    accesses: accesses.map(({ key, size, operation }) => ({
      kind: told.kinds === true ? (kinds[operation] ?? '?') : 'touch',
      key,
      valueBytes: told.sizes === true ? size : UNKNOWN_SIZE,
    })),
  }));
}

/** Times have an origin of the reader's choice: only differences count. */
function sinceFirst(read: readonly ReadRequest[]): ReadRequest[] {
  const first = read[0]?.timeNs ?? 0;
  return read.map((request) => ({ ...request, timeNs: Math.round(request.timeNs - first) }));
}

describe('a trace is read as it was written, in pieces of any size, and its format is told by its content', () => {
  const roundTrip = (
    format: TraceFormat,
    shape: Shape,
    write: (requests: readonly WrittenRequest[]) => Buffer,
    told: Parameters<typeof expected>[1],
  ): void => {
    it(format, async () => {
      await fc.assert(
        fc.asyncProperty(requests(shape), pieceSizes, async (written, sizes) => {
          const { requests: found, facts } = await read(write(written), {}, sizes);
          assert.deepEqual(sinceFirst(found), sinceFirst(expected(written, told)));
          const accesses = written.flatMap((request) => request.accesses);
          assert.equal(facts.format, format);
          assert.equal(facts.accesses, accesses.length);
          assert.equal(facts.requests, written.length);
          assert.equal(facts.keys, new Set(accesses.map(({ key }) => key)).size);
          assert.equal(facts.complete, true);
          assert.equal(facts.timed, told.times === true);
        }),
        { seed: 4, numRuns: 150 },
      );
    });
  };

  roundTrip('cache2k', { key: wholeKey(0xffffff) }, writeCache2k, {});
  roundTrip(
    'oracleGeneral',
    {
      key: fc.oneof(wholeKey(9), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)),
      wholeSeconds: true,
    },
    writeOracleGeneral,
    { times: true, sizes: true },
  );
  roundTrip('twitter', { key: fc.stringMatching(/^[!-$&-~]{1,20}$/), wholeSeconds: true }, writeTwitter, {
    times: true,
    sizes: true,
    kinds: true,
  });
  roundTrip('mooncake', { key: wholeKey(Number.MAX_SAFE_INTEGER), accesses: 8 }, writeMooncake, {
    times: true,
  });

  it('arc', async () => {
    const run = fc.record({ first: fc.nat({ max: 1e9 }), count: fc.integer({ min: 1, max: 40 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 30 }), pieceSizes, async (runs, sizes) => {
        const { requests: found, facts } = await read(writeArc(runs), {}, sizes);
        const keys = runs.map(({ first, count }) =>
          Array.from({ length: count }, (_, at) => String(first + at)),
        );
        assert.deepEqual(
          found.map(({ accesses }) => accesses.map(({ key }) => key)),
          keys,
        );
        assert.equal(facts.format, 'arc');
        assert.equal(facts.keys, new Set(keys.flat()).size);
      }),
      { seed: 4, numRuns: 150 },
    );
  });

  it('azure-llm, to the hundred nanoseconds', async () => {
    await fc.assert(
      fc.asyncProperty(requests({ key: fc.constant('') }), pieceSizes, async (written, sizes) => {
        const { requests: found, facts } = await read(writeAzureLlm(written), {}, sizes);
        assert.deepEqual(
          sinceFirst(found).map(({ timeNs }) => timeNs),
          written.map(({ timeMs }) => (timeMs - (written[0]?.timeMs ?? 0)) * 1e6),
        );
        assert.deepEqual([facts.format, facts.keys, facts.skew], ['azure-llm', 0, null]);
      }),
      { seed: 4, numRuns: 100 },
    );
    const times = ['2023-11-16 23:59:59.9999999', '2023-11-17 00:00:00.0000001', '2023-11-17T01:00:00+01:00'];
    const { requests: across } = await read(
      Buffer.from(`TIMESTAMP,ContextTokens,GeneratedTokens\n${times.slice(0, 2).join(',1,2\n')},1,2`),
    );
    assert.deepEqual(
      sinceFirst(across).map(({ timeNs }) => timeNs),
      [0, 200],
    );
    const { requests: zoned } = await read(
      Buffer.from(`TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-17 00:00:00,1,2\n${times[2] ?? ''},1,2`),
    );
    assert.deepEqual(
      sinceFirst(zoned).map(({ timeNs }) => timeNs),
      [0, 0],
    );
  });

  it('csv, whatever the layout, with a header', async () => {
    const layout = fc.record({
      columns: fc
        .shuffledSubarray(['time', 'size', 'op', 'other'] as const)
        .chain((others) =>
          fc
            .nat({ max: others.length })
            .map((at) => [...others.slice(0, at), 'id' as const, ...others.slice(at)]),
        ),
      delimiter: fc.constantFrom(',', '\t', ';', '|', ' '),
      header: fc.constant(true),
      lineEnd: fc.constantFrom('\n' as const, '\r\n' as const),
    });
    const key = fc.stringMatching(/^[A-Za-z0-9:_/.-]{1,20}$/);
    await fc.assert(
      fc.asyncProperty(requests({ key }), layout, pieceSizes, async (written, table, sizes) => {
        const { requests: found, facts } = await read(writeTable(written, table), {}, sizes);
        const has = (column: (typeof table.columns)[number]): boolean => table.columns.includes(column);
        assert.deepEqual(
          sinceFirst(found),
          sinceFirst(expected(written, { times: has('time'), sizes: has('size'), kinds: has('op') })),
        );
        assert.equal(facts.format, 'csv');
      }),
      { seed: 4, numRuns: 200 },
    );
  });

  it('csv without a header: keys; time and key; time, key and size; anything with --columns', async () => {
    const written = fc.sample(requests({ key: wholeKey(0xffffff) }), { seed: 4, numRuns: 20 });
    const layouts = [
      ['id'],
      ['time', 'id'],
      ['time', 'id', 'size'],
      ['other', 'size', 'time', 'op', 'id'],
    ] as const;
    for (const all of written) {
      for (const columns of layouts) {
        const given = columns.length === 5 ? { columns: { time: 2, id: 4, size: 1, operation: 3 } } : {};
        const table = writeTable(all, { columns, delimiter: ',', header: false, lineEnd: '\n' });
        const { requests: found } = await read(table, given);
        const has = (column: string): boolean => columns.some((name) => name === column);
        assert.deepEqual(
          sinceFirst(found),
          sinceFirst(expected(all, { times: has('time'), sizes: has('size'), kinds: has('op') })),
        );
      }
    }
  });
});

describe('what a record means', () => {
  it('an ARC line is one request for all its blocks, and none for no blocks', async () => {
    const { requests: found, facts } = await read(Buffer.from('10 3 0 1\n7 0 0 2\n\t11  2 0 3\n'));
    assert.deepEqual(
      found.map(({ accesses }) => accesses.map(({ key }) => key)),
      [
        ['10', '11', '12'],
        ['11', '12'],
      ],
    );
    assert.deepEqual([facts.accesses, facts.requests, facts.keys], [5, 2, 3]);
  });

  it('every line of a Twitter cluster is an access: writes, deletions and gets of nothing too', async () => {
    const lines = ['0,a,b,3,0,1,get,0', '0,k,1,0,1,get,0', '1,k,1,9,1,append,0', '1,k,1,0,1,delete,0'];
    const { requests: found, facts } = await read(Buffer.from(lines.join('\n')));
    assert.deepEqual(
      found.flatMap(({ accesses }) => accesses.map(({ kind, key, valueBytes }) => [kind, key, valueBytes])),
      [
        ['get', 'a,b', 0],
        ['get', 'k', 0],
        ['put', 'k', 9],
        ['delete', 'k', 0],
      ],
    );
    assert.equal(facts.keys, 2);
  });

  it('oracleGeneral marks a key that does not come again by -1 or by the largest number', async () => {
    const bytes = writeOracleGeneral([{ timeMs: 0, accesses: [{ key: '5', size: 1, operation: 'get' }] }]);
    bytes.writeBigInt64LE(2n ** 63n - 1n, 16);
    assert.equal((await read(bytes)).facts.format, 'oracleGeneral');
  });

  it('keys of a table are text: 07 is not 7, and bytes outside of ASCII stay apart', async () => {
    const { requests: found } = await read(Buffer.from('id\n07\n7\n"a b"\na%20b\n\u00e9\n', 'utf8'));
    const keys = found.flatMap(({ accesses }) => accesses.map(({ key }) => key));
    assert.deepEqual(keys, ['07', '7', 'a%20b', 'a%2520b', '%C3%A9']);
  });

  it("libCacheSim's header is understood, and a comment sign before it", async () => {
    for (const header of ['version,time,op,size,lbn', '# version, time, op, obj_size, obj_id']) {
      const { requests: found } = await read(Buffer.from(`${header}\n1,5633898,2a,512,42932745\n`));
      assert.deepEqual(found[0]?.accesses, [{ kind: 'put', key: '42932745', valueBytes: 512 }]);
    }
  });

  it('a request of Mooncake may have more blocks than a chunk of the file holds', async () => {
    const blocks = Array.from({ length: 30_000 }, (_, at) => 1_000_000 + at);
    const { facts } = await read(Buffer.from(JSON.stringify({ timestamp: 1, hash_ids: blocks })), {}, [1000]);
    assert.deepEqual([facts.format, facts.requests, facts.accesses], ['mooncake', 1, 30_000]);
  });

  it('a limit ends the reading in the middle of a request, and no key beyond it is counted', async () => {
    const mooncake = '{"timestamp":0,"hash_ids":[1,2,3]}\n{"timestamp":1,"hash_ids":[4]}\n';
    for (const content of [mooncake, '1 3 0 0\n4 1 0 1\n']) {
      const { requests: found, facts } = await read(Buffer.from(content), { limit: 2 });
      assert.deepEqual(
        found.map(({ accesses }) => accesses.map(({ key }) => key)),
        [['1', '2']],
      );
      assert.deepEqual([facts.accesses, facts.keys, facts.complete], [2, 2, false]);
    }
  });

  it('skew is counted over the accesses that were taken', async () => {
    const lines = [
      ...Array.from({ length: 150 }, (_, index) => index),
      ...new Array<number>(50).fill(3),
      4,
      4,
    ];
    const { facts } = await read(Buffer.from(`id\n${lines.join('\n')}\n`));
    assert.deepEqual(facts.skew, {
      hottestKeyShare: 51 / 202,
      hottestPercentShare: 54 / 202, // two of 150 keys
      onceAccessedKeyShare: 148 / 150,
    });
  });
});
