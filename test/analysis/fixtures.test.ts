import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { Ajv } from 'ajv';

import { ResultFileSchema } from '../../src/results/schema.js';
import { makeResultFile } from './fixtures.js';

describe('result files made for tests', () => {
  it('satisfy the schema of result files', () => {
    const validate = new Ajv({ strict: false, allErrors: true }).compile(
      JSON.parse(JSON.stringify(ResultFileSchema)) as object,
    );
    const file = makeResultFile({
      blocks: 2,
      cases: ['hft', 'batch/mget-100'],
      spoil: ({ position }) => (position === 0 ? 'void' : position === 1 ? 'failed' : 'measured'),
    });
    assert.equal(validate(JSON.parse(JSON.stringify(file))), true, JSON.stringify(validate.errors));
  });

  it('come out the same for the same seed, and different for another', () => {
    assert.deepEqual(makeResultFile({ blocks: 2, seed: 7 }), makeResultFile({ blocks: 2, seed: 7 }));
    assert.notDeepEqual(
      makeResultFile({ blocks: 2, seed: 7 }).trials,
      makeResultFile({ blocks: 2, seed: 8 }).trials,
    );
  });
});
