import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '../../src/support/random.js';
import {
  portableExp,
  portableExpm1,
  portableLog,
  portableLog1p,
  portableSinTurns,
} from '../../src/workloads/distributions/portable-math.js';

/** Largest relative difference over 20,000 arguments that `argument` makes of a uniform u in [0, 1). */
function worst(
  ours: (x: number) => number,
  theirs: (x: number) => number,
  argument: (u: number) => number,
): number {
  const random = createRandom(11);
  let largest = 0;
  for (let sample = 0; sample < 20_000; sample++) {
    const x = argument(random.nextDouble());
    const reference = theirs(x);
    const error = ours(x) === reference ? 0 : Math.abs(ours(x) / reference - 1);
    if (!(error <= largest)) largest = error;
  }
  return largest;
}

describe('portable mathematics', () => {
  it('exp and log agree with the platform to 1e-15', () => {
    assert.ok(worst(portableExp, Math.exp, (u) => (u - 0.5) * 1_400) < 1e-15);
    assert.ok(worst(portableLog, Math.log, (u) => Math.exp((u - 0.5) * 1_400)) < 1e-15);
    assert.ok(worst(portableLog, Math.log, (u) => 0.5 + u) < 1e-15);
  });

  it('expm1 and log1p keep their digits near 0', () => {
    assert.ok(worst(portableExpm1, Math.expm1, (u) => Math.exp(-60 * u)) < 1e-14);
    assert.ok(worst(portableExpm1, Math.expm1, (u) => -Math.exp(-60 * u)) < 1e-14);
    assert.ok(worst(portableLog1p, Math.log1p, (u) => Math.exp(-60 * u)) < 1e-14);
    assert.ok(worst(portableLog1p, Math.log1p, (u) => -0.9 * Math.exp(-60 * u)) < 1e-14);
  });

  it('sin of turns agrees with the platform to 1e-15, absolutely', () => {
    for (let step = -4_000; step <= 4_000; step++) {
      const turns = step / 1_000;
      const near = turns - Math.round(turns);
      assert.ok(Math.abs(portableSinTurns(turns) - Math.sin(2 * Math.PI * near)) < 1e-15, String(turns));
    }
  });

  it('answers at the edges', () => {
    assert.equal(portableExp(0), 1);
    assert.equal(portableExp(-Infinity), 0);
    assert.equal(portableExp(Infinity), Infinity);
    assert.ok(Number.isNaN(portableExp(NaN)));
    assert.equal(portableLog(1), 0);
    assert.equal(portableLog(0), -Infinity);
    assert.equal(portableLog(Infinity), Infinity);
    assert.equal(portableLog(2 ** 1023), 1023 * Math.LN2);
    assert.equal(portableLog(2 ** -1022), -1022 * Math.LN2);
    assert.ok(Number.isNaN(portableLog(-1)));
    assert.ok(Number.isNaN(portableLog(NaN)));
    assert.equal(portableExpm1(0), 0);
    assert.equal(portableLog1p(0), 0);
    assert.equal(portableExpm1(-100), -1);
    assert.equal(portableExpm1(1e4), Infinity);
    assert.deepEqual([0, 0.25, 0.5, 0.75, 1].map(portableSinTurns), [0, 1, -0, -1, 0]);
  });

  it('gives the very same bits everywhere', () => {
    // Any change of these is a change of every stream: see golden-streams.json.
    const random = createRandom(3);
    let sum = 0;
    for (let sample = 0; sample < 1_000; sample++) {
      const u = random.nextDouble();
      sum +=
        portableExp(u) + portableLog(u + 1) + portableLog1p(-u / 2) + portableExpm1(u) + portableSinTurns(u);
    }
    assert.equal(sum, PINNED_SUM);
  });
});

const PINNED_SUM = 2515.2920173984025;
