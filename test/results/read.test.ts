import fc from 'fast-check';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BenchError, type ErrorCode } from '../../src/errors.js';
import { encodeLatencyIntervals, LATENCY_BUCKETS } from '../../src/results/latency-intervals.js';
import { publishedSchema, publishedSchemaNames } from '../../src/results/published-schema.js';
import { parseResultFile, readResultFile } from '../../src/results/read.js';
import { packageRoot } from '../../src/support/package-root.js';
import { head, measuredTrial } from './support/sample.js';

const document = {
  ...head,
  status: 'complete',
  updatedAt: head.createdAt,
  trials: [
    measuredTrial(0, 0),
    { ...identity(0, 1), state: 'failed', reason: 'it did' },
    {
      ...identity(0, 2),
      state: 'void',
      reason: 'wrong',
      correctness: { readsVerified: 1, readBackKeys: 1, misses: 0, errors: 0, wrong: 1, examples: ['x'] },
    },
  ],
};
const text = JSON.stringify(document);

function identity(block: number, position: number): object {
  const { caseId, contender, startedAt } = measuredTrial(block, position);
  return { caseId, contender, block, position, startedAt };
}

/** The document with the value at a path replaced, or the path removed. */
function changed(path: string, value?: unknown): string {
  const copy = JSON.parse(text) as Record<string, unknown>;
  const parts = path.split('/').slice(1);
  const last = parts.pop() ?? '';
  const parent = parts.reduce<Record<string, unknown>>(
    (node, part) => node[part] as Record<string, unknown>,
    copy,
  );
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return JSON.stringify(copy);
}

/** So many requests in the first of the intervals. */
function latencies(requests: number, intervals = 2): string {
  const counts = new Array<number>(intervals * LATENCY_BUCKETS).fill(0);
  counts[30] = requests;
  return encodeLatencyIntervals(counts);
}

function refusal(content: string | Uint8Array): BenchError {
  try {
    parseResultFile(typeof content === 'string' ? Buffer.from(content) : content, 'r.json');
  } catch (error) {
    if (error instanceof BenchError) return error;
    throw error;
  }
  return assert.fail('it was accepted');
}

describe('readResultFile', () => {
  it('takes latencies by interval, and their absence in older files', () => {
    const withThem = parseResultFile(
      Buffer.from(changed('/trials/0/measurements/intervalLatencies', latencies(10))),
      'r.json',
    );
    assert.equal(withThem.trials[0]?.state, 'measured');
    assert.equal(parseResultFile(Buffer.from(text), 'r.json').trials.length, 3);
  });

  let folder = '';
  before(() => (folder = mkdtempSync(join(tmpdir(), 'predis-bench-test-'))));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('gives back what was written', () => {
    const path = join(folder, 'good.json');
    writeFileSync(path, text);
    assert.deepEqual(readResultFile(path), JSON.parse(text));
  });

  it('reads a file of version 1 as one of version 2', () => {
    const old = parseResultFile(Buffer.from(changed('/schemaVersion', 1)), 'old.json');
    assert.deepEqual(old, document);
    const committed = readResultFile(join(packageRoot, 'results/epyc-2cpu-vm/warm-up-150ms.json'));
    assert.equal(committed.plan.loadModel, 'closed');
    assert.equal(committed.plan.openLoop, undefined);
  });

  it('says why a file cannot be read', () => {
    const reading = (path: string) => (): unknown => readResultFile(path);
    const unreadable = (message: RegExp) => (error: unknown) =>
      error instanceof BenchError && error.code === 'RESULT_UNREADABLE' && message.test(error.message);
    assert.throws(reading(join(folder, 'none.json')), unreadable(/there is no such file/));
    assert.throws(reading(folder), unreadable(/it is a folder/));
    writeFileSync(join(folder, 'empty.json'), '');
    assert.throws(reading(join(folder, 'empty.json')), unreadable(/is empty/));
  });

  it('names the byte at which a truncated file breaks off, wherever it was cut', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: text.length - 1 }), (length) => {
        const error = refusal(text.slice(0, length));
        assert.equal(error.code, 'RESULT_UNREADABLE');
        assert.match(error.message, /truncated/);
        assert.ok(error.message.includes(`byte ${String(length)},`), error.message);
      }),
    );
  });

  it('names the byte of a fault in the middle, counted in bytes', () => {
    const error = refusal('{"é": 1, oops}');
    assert.equal(error.code, 'RESULT_UNREADABLE');
    assert.match(error.message, /not valid JSON at byte 10\./);
  });

  const cases: readonly [string, string | Uint8Array, ErrorCode, RegExp][] = [
    ['another JSON file', '{"name": "x"}', 'RESULT_NOT_OURS', /\/format is missing/],
    ['an array', '[]', 'RESULT_NOT_OURS', /it holds an array/],
    ['a number', '7', 'RESULT_NOT_OURS', /it holds a number/],
    ['null', 'null', 'RESULT_NOT_OURS', /it holds null/],
    ['a binary file', Uint8Array.of(0x89, 0x50, 0xff, 0xfe), 'RESULT_NOT_OURS', /not UTF-8/],
    ['another format', changed('/format', 'summary'), 'RESULT_NOT_OURS', /\/format is "summary"/],
    [
      'a later version',
      changed('/schemaVersion', 3),
      'RESULT_VERSION',
      /\/schemaVersion 3; .* reads version 1 and 2/,
    ],
    [
      'open loop without its terms',
      changed('/plan/loadModel', 'open'),
      'RESULT_UNREADABLE',
      /\/plan\/openLoop/,
    ],
    ['no version', changed('/schemaVersion'), 'RESULT_VERSION', /\/schemaVersion missing/],
    ['a wrong type', changed('/plan/seed', '1'), 'RESULT_UNREADABLE', /\/plan\/seed must be integer/],
    [
      'a missing field',
      changed('/plan/workers'),
      'RESULT_UNREADABLE',
      /\/plan must have required property 'workers'/,
    ],
    [
      'an unknown field',
      changed('/plan/verdict', 1),
      'RESULT_UNREADABLE',
      /\/plan must NOT have additional .*\(verdict\)/,
    ],
    [
      'a negative size',
      changed('/environment/memoryBytes', -1),
      'RESULT_UNREADABLE',
      /memoryBytes must be >= 0/,
    ],
    [
      'an absurd size',
      changed('/environment/memoryBytes', 1e300),
      'RESULT_UNREADABLE',
      /memoryBytes must be <= /,
    ],
    [
      'a number beyond all',
      text.replace('"clockOverheadNs":40', '"clockOverheadNs":1e999'),
      'RESULT_UNREADABLE',
      /clockOverheadNs must be number/,
    ],
    [
      'an unknown state',
      changed('/trials/1/state', 'fine'),
      'RESULT_UNREADABLE',
      /\/trials\/1\/state must be one of measured, void, failed/,
    ],
    [
      'a fault deep in a trial',
      changed('/trials/0/measurements/latency/all/p95Ns', null),
      'RESULT_UNREADABLE',
      /\/trials\/0\/measurements\/latency\/all\/p95Ns must be number/,
    ],
    [
      'numbers in a void trial',
      changed('/trials/2/measurements', {}),
      'RESULT_UNREADABLE',
      /\/trials\/2 .*\(measurements\)/,
    ],
    [
      'an unknown case',
      changed('/trials/0/caseId', 'other'),
      'RESULT_UNREADABLE',
      /\/trials\/0\/caseId is no case/,
    ],
    [
      'another contender',
      changed('/trials/0/contender', 'predis'),
      'RESULT_UNREADABLE',
      /\/trials\/0\/contender is not/,
    ],
    [
      'a place outside',
      changed('/trials/0/position', 4),
      'RESULT_UNREADABLE',
      /\/trials\/0\/block and position lie outside/,
    ],
    [
      'a trial twice',
      changed('/trials/1', document.trials[0]),
      'RESULT_UNREADABLE',
      /\/trials\/1 is recorded twice/,
    ],
    [
      'a stray comparison',
      changed('/plan/comparisons/0/baseline', 'x'),
      'RESULT_UNREADABLE',
      /\/comparisons\/0\/baseline/,
    ],
    [
      'a stray block',
      changed('/plan/cases/0/blocks/1/2', 'x'),
      'RESULT_UNREADABLE',
      /\/plan\/cases\/0\/blocks\/1\/2 is no/,
    ],
    [
      'a histogram that is none',
      changed('/trials/0/measurements/latency/read/histogram', 'AAAA'),
      'RESULT_UNREADABLE',
      /\/trials\/0\/measurements\/latency\/read\/histogram does not decode/,
    ],
    [
      'latencies by interval that are none',
      changed('/trials/0/measurements/intervalLatencies', 'AAAA'),
      'RESULT_UNREADABLE',
      /\/trials\/0\/measurements\/intervalLatencies does not decode/,
    ],
    [
      'latencies by interval of other intervals',
      changed('/trials/0/measurements/intervalLatencies', latencies(10, 3)),
      'RESULT_UNREADABLE',
      /intervalLatencies has 3 intervals, and intervalOperations 2/,
    ],
    [
      'latencies by interval that disagree with the requests',
      changed('/trials/0/measurements/intervalLatencies', latencies(9)),
      'RESULT_UNREADABLE',
      /intervalLatencies holds 9 requests, and latency\/all 10/,
    ],
    [
      'a count that disagrees with its histogram',
      changed('/trials/0/measurements/latency/all/count', 11),
      'RESULT_UNREADABLE',
      /\/latency\/all\/count is 11, but the histogram holds 10/,
    ],
  ];
  for (const [what, content, code, message] of cases) {
    it(`refuses ${what} and says where`, () => {
      const error = refusal(content);
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.match(error.message, /^r\.json /);
    });
  }

  it('never lets anything but a BenchError out, whatever is changed', () => {
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom('"', '}', '0', 'x', '\u0000', '-', '[', '9'),
        (at, by) => {
          const damaged = text.slice(0, at) + by + text.slice(at + 1);
          try {
            parseResultFile(Buffer.from(damaged), 'r.json');
          } catch (error) {
            assert.ok(error instanceof BenchError, String(error));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('schema/', () => {
  for (const name of publishedSchemaNames) {
    it(`${name}.schema.json is what the source says; after a change run scripts/generate-schema.mjs`, () => {
      const published = readFileSync(join(packageRoot, `schema/${name}.schema.json`), 'utf8');
      assert.equal(published, publishedSchema(name));
    });
  }
});
