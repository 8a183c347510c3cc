/** A small version of `npm run bench:stats`, with fixed seeds: every promised rate holds, and the negative controls break. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { errorRates } from '../../bench/error-rates.js';

const rows = errorRates({ sessions: 120, seed: 7 });

describe('rates of wrong and of right verdicts on simulated sessions', () => {
  for (const { name, held, events, sessions, promise, bound } of rows) {
    it(name, () => {
      assert.ok(held, `${String(events)} of ${String(sessions)}, promised ${promise} ${String(bound)}`);
    });
  }

  it('would show a broken promise', () => {
    const [control] = rows.filter(({ name }) => name.startsWith('negative control: not interleaved'));
    assert.ok(control !== undefined && control.interval.low > 0.05, 'drift without interleaving deceives');
  });

  it('are the same for the same seed', () => {
    const only = 'compare, no difference, 6';
    assert.deepEqual(
      errorRates({ sessions: 40, seed: 3, only }),
      errorRates({ sessions: 40, seed: 3, only }),
    );
  });
});
