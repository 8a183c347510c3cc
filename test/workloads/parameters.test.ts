import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BenchError } from '../../src/errors.js';
import { describeRange, resolveParameters, type GivenValue } from '../../src/workloads/parameters.js';
import { findWorkload, workloads } from '../../src/workloads/registry.js';
import { validateStream } from '../../src/workloads/stream.js';
import type { ParameterSpec, Workload } from '../../src/workloads/workload.js';

function refusal(name: string, given: Record<string, GivenValue>): BenchError {
  try {
    resolveParameters(findWorkload(name), given);
  } catch (error) {
    assert.ok(error instanceof BenchError, String(error));
    return error;
  }
  assert.fail(`${name} took ${JSON.stringify(given)}`);
}

describe('parameters', () => {
  it('are the defaults of the plan when nothing is given', () => {
    const defaults = (name: string): unknown => resolveParameters(findWorkload(name), {});
    assert.deepEqual(defaults('basic'), { keys: 10_000, valueBytes: 100, operations: 200_000 });
    assert.deepEqual(defaults('batch'), {
      keys: 100_000,
      valueBytes: 100,
      batchSizes: [10, 100, 1_000, 10_000],
      operations: 500_000,
    });
    assert.deepEqual(defaults('hft'), {
      symbols: 10_000,
      hotSymbols: 100,
      readShare: 0.9,
      readExponent: 0.99,
      sessionSeconds: 60,
      operations: 500_000,
    });
    assert.deepEqual(defaults('ml-training'), {
      batches: 1_000,
      samplesPerBatch: 1_000,
      valueBytes: 100,
      epochs: 1,
    });
    assert.deepEqual(defaults('gaming'), {
      players: 10_000,
      activePlayers: 1_000,
      activeSwing: 0.5,
      readShare: 0.7,
      sessionSeconds: 60,
      operations: 500_000,
    });
    assert.deepEqual(defaults('zipfian'), {
      keys: 100_000,
      exponent: 0.99,
      readShare: 0.95,
      valueBytes: 100,
      operations: 500_000,
    });
  });

  it('are read from text and from numbers alike', () => {
    const zipfian = findWorkload('zipfian');
    const text = resolveParameters(zipfian, {
      keys: '1e3',
      readShare: ' .5 ',
      exponent: '+1',
      valueBytes: '64.0',
    });
    const numbers = resolveParameters(zipfian, { keys: 1_000, readShare: 0.5, exponent: 1, valueBytes: 64 });
    assert.deepEqual(text, numbers);
    const batch = findWorkload('batch');
    for (const batchSizes of ['10, 20', [10, 20]]) {
      assert.deepEqual(resolveParameters(batch, { batchSizes }).batchSizes, [10, 20]);
    }
    assert.deepEqual(resolveParameters(batch, { batchSizes: 5 }).batchSizes, [5]);
  });

  it('out of range are refused with unit and range', () => {
    const error = refusal('zipfian', { keys: '0' });
    assert.equal(error.code, 'PARAMETER_OUT_OF_RANGE');
    assert.equal(error.exitCode, 2);
    assert.equal(error.message, "zipfian: keys must be a whole number of keys from 1 to 10,000,000, not '0'");
    assert.equal(
      refusal('zipfian', { readShare: '1.5' }).message,
      "zipfian: readShare must be a number (fraction) from 0 to 1, not '1.5'",
    );
    assert.match(
      refusal('basic', { valueBytes: 10 }).message,
      /number of bytes from 24 to 1,048,576, not '10'$/,
    );
  });

  for (const value of [
    ...[
      '',
      ' ',
      'many',
      '1,000',
      '0x10',
      '1_000',
      '1e',
      '١٠',
      '10keys',
      'NaN',
      'Infinity',
      '1e999',
      '-1',
      '2.5',
    ],
    ...['\u001b[31m', '1\n2', '9'.repeat(100_000), '[object Object]', NaN, Infinity, -0.5, 1.5, [], [10]],
  ]) {
    it(`is no number of keys: ${JSON.stringify(value).slice(0, 40)}`, () => {
      const error = refusal('zipfian', { keys: value });
      assert.equal(error.code, 'PARAMETER_OUT_OF_RANGE');
      assert.ok(error.message.length < 400);
      // eslint-disable-next-line no-control-regex -- that none of them gets through is the point
      assert.doesNotMatch(error.message, /[\u0000-\u001f]/);
    });
  }

  for (const value of [
    '',
    ',',
    '10,',
    '10,,20',
    '10,10',
    '0',
    '10,1e9',
    '1.5',
    Array.from({ length: 33 }, (_, i) => i + 1),
  ]) {
    it(`is no list of batch sizes: ${JSON.stringify(value).slice(0, 40)}`, () => {
      assert.equal(refusal('batch', { batchSizes: value }).code, 'PARAMETER_OUT_OF_RANGE');
    });
  }

  it('of unknown name are answered with the nearest one', () => {
    const error = refusal('zipfian', { valuebyte: 1 });
    assert.equal(error.code, 'UNKNOWN_PARAMETER');
    assert.equal(error.message, "zipfian has no parameter 'valuebyte'");
    assert.equal(
      error.hint,
      'Did you mean valueBytes? It has: keys, exponent, readShare, valueBytes, operations.',
    );
    for (const name of ['__proto__', 'constructor', 'toString', '', 'x'.repeat(1e5)]) {
      const given = Object.fromEntries([[name, 1]]);
      const unknown = refusal('zipfian', given);
      assert.equal(unknown.code, 'UNKNOWN_PARAMETER');
      assert.ok(unknown.message.length < 200);
    }
  });

  it('must fit each other', () => {
    assert.equal(
      refusal('hft', { symbols: 50 }).message,
      'hft: hotSymbols may not exceed symbols (hotSymbols = 100, symbols = 50)',
    );
    const broken: [string, Record<string, GivenValue>][] = [
      ['batch', { keys: 5_000 }],
      ['gaming', { players: 1_499 }],
      ['gaming', { activeSwing: 1, activePlayers: 6_000 }],
      ['ml-training', { batches: 100_000, samplesPerBatch: 1_000 }],
      ['ml-training', { epochs: 51 }],
      ['zipfian', { keys: 10_000_000, valueBytes: 1_048_576 }],
      ['ml-training', { batches: 10_000, samplesPerBatch: 1_000, valueBytes: 1_000_000 }],
      ['analytics', { metrics: 9_999 }],
      ['temporal', { bursts: 60 }],
      ['mixed-sizes', { largeValues: 1_000_000 }],
      ['mixed-sizes', { operations: 50_000_000 }],
      ['key-sizes', { keys: 10_000_000 }],
    ];
    for (const [name, given] of broken) {
      const error = refusal(name, given);
      assert.equal(error.code, 'PARAMETER_OUT_OF_RANGE');
      assert.match(error.message, / may (not )?exceed .* \(.* = .*\)$/);
    }
    assert.ok(resolveParameters(findWorkload('gaming'), { players: 1_500 }));
  });

  it('have defaults within their ranges, and names that differ', () => {
    for (const workload of workloads) {
      const given = Object.fromEntries(workload.parameters.map((spec) => [spec.name, spec.default]));
      assert.deepEqual(resolveParameters(workload, given), resolveParameters(workload, {}));
      assert.equal(Object.keys(given).length, workload.parameters.length);
      for (const spec of workload.parameters) {
        assert.match(spec.name, /^[a-z][a-zA-Z]*$/);
        assert.match(spec.description, /^[A-Z].*[^.]$/);
        assert.match(describeRange(spec), new RegExp(`\\b${spec.unit}\\b.* from .* to `));
      }
    }
  });
});

/** Valid parameters of small sizes; a set that breaks a rule between parameters is not offered. */
function smallParameters(workload: Workload): fc.Arbitrary<Record<string, GivenValue>> {
  const valueOf = (spec: ParameterSpec): fc.Arbitrary<GivenValue> => {
    const maximum = Math.min(spec.maximum, Math.max(spec.minimum * 3, 300));
    if (spec.kind === 'number') return fc.double({ min: spec.minimum, max: maximum, noNaN: true });
    const integer = fc.integer({ min: spec.minimum, max: maximum });
    if (spec.kind === 'integer') return spec.name === 'epochs' ? fc.integer({ min: 1, max: 3 }) : integer;
    return fc.uniqueArray(integer, { minLength: 1, maxLength: 4 });
  };
  const fields = Object.fromEntries(workload.parameters.map((spec) => [spec.name, valueOf(spec)]));
  return fc.record(fields).filter((given) => {
    const parameters = given as Record<string, number | readonly number[]>;
    return (workload.rules ?? []).every((rule) => rule.holds(parameters));
  });
}

describe('any valid parameters', () => {
  for (const workload of workloads) {
    it(`give valid streams: ${workload.name}`, () => {
      const seeds = fc.integer({ min: 0, max: 4_294_967_295 });
      fc.assert(
        fc.property(smallParameters(workload), seeds, (given, seed) => {
          const cases = workload.cases(resolveParameters(workload, given));
          assert.equal(new Set(cases.map(({ id }) => id)).size, cases.length);
          for (const workloadCase of cases) {
            const stream = workloadCase.generate(seed);
            assert.deepEqual(validateStream(workloadCase, stream), []);
            assert.ok(stream.kind.length >= (typeof given.operations === 'number' ? given.operations : 1));
            assert.deepEqual(workloadCase.generate(seed), stream);
          }
        }),
        { numRuns: 25 },
      );
    });
  }
});
