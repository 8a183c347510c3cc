import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearestName } from '../../src/support/nearest.js';

const names = ['basic', 'batch', 'hft', 'ml-training', 'gaming', 'zipfian'];

describe('nearest name', () => {
  for (const [typed, meant] of [
    ['basci', 'basic'], // swapped
    ['batc', 'batch'], // left out
    ['zipffian', 'zipfian'], // doubled
    ['gamimg', 'gaming'], // substituted
    ['HFT', 'hft'], // case
    ['hfy', 'hft'],
    ['mltraining', 'ml-training'],
    ['ml_trainign', 'ml-training'],
    ['ml', 'ml-training'], // begun
    ['zip', 'zipfian'],
  ] as const) {
    it(`${typed} means ${meant}`, () => {
      assert.equal(nearestName(typed, names), meant);
    });
  }

  it('does not guess when nothing is near', () => {
    for (const typed of ['', 'x', 'redis', 'ba', 'throughput', '__proto__', 'z'.repeat(1e6), '\u001b[31m']) {
      assert.equal(nearestName(typed, names), null, typed.slice(0, 20));
    }
    assert.equal(nearestName('anything', []), null);
  });

  it('counts a swap as one edit and takes the first of equals', () => {
    assert.equal(nearestName('ab', ['ba', 'xb']), 'ba');
    assert.equal(nearestName('aaa', ['aab', 'aac']), 'aab');
    assert.equal(nearestName('abcdef', ['abcfed', 'abdcef']), 'abdcef');
  });
});
