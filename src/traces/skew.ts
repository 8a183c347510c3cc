import { formatPercent } from '../support/format.js';

/** How unevenly the accesses of a trace fall on its keys. Shares are fractions, 0 to 1. */
export interface TraceSkew {
  /** Share of the accesses that go to the most accessed key. */
  readonly hottestKeyShare: number;
  /** Share of the accesses that go to the most accessed hundredth of the keys, rounded up to a whole key. */
  readonly hottestPercentShare: number;
  /** Share of the keys that are accessed once: no cache has a hit of them. */
  readonly onceAccessedKeyShare: number;
}

/**
 * @param accessesOfKey accesses of each key, 1 and up; sorted in place
 * @param accesses their sum, 1 and up
 */
export function describeSkew(accessesOfKey: Uint32Array, accesses: number): TraceSkew {
  accessesOfKey.sort();
  const keys = accessesOfKey.length;
  const hottest = accessesOfKey.subarray(keys - Math.ceil(keys / 100));
  const firstRepeated = accessesOfKey.findIndex((count) => count > 1);
  return {
    hottestKeyShare: (accessesOfKey[keys - 1] ?? 0) / accesses,
    hottestPercentShare: hottest.reduce((sum, count) => sum + count, 0) / accesses,
    onceAccessedKeyShare: (firstRepeated < 0 ? keys : firstRepeated) / keys,
  };
}

/** The same for people: half a sentence. */
export function skewSentence(skew: TraceSkew): string {
  return (
    `${formatPercent(skew.hottestKeyShare)} of the accesses go to the hottest key, ` +
    `${formatPercent(skew.hottestPercentShare)} to the hottest 1% of the keys; ` +
    `${formatPercent(skew.onceAccessedKeyShare)} of the keys are accessed once`
  );
}
