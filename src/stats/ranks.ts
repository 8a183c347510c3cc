/**
 * Ranks of a pooled sample for the rank-sum test. Ranks are doubled so that midranks (the mean rank of a group of equal
 * values) are integers, and exact distributions can be counted in integers.
 */
export interface PooledRanks {
  /** Sum of the doubled midranks of the first sample. */
  readonly doubledRankSum: number;
  /** Sizes of the groups of equal values, in ascending order of value; a value that stands alone counts 1. */
  readonly groupSizes: Uint32Array;
  /** Sum of t^3 - t over those groups. */
  readonly tieTerm: number;
}

/** Ranks x and y together; O(N log N) time, O(N) memory. The caller has checked the values. */
export function poolRanks(x: ArrayLike<number>, y: ArrayLike<number>): PooledRanks {
  const a = Float64Array.from(x).sort();
  const b = Float64Array.from(y).sort();
  const sizes = new Uint32Array(a.length + b.length);
  let groups = 0;
  let doubledRankSum = 0;
  let tieTerm = 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const nextA = i < a.length ? (a[i] ?? NaN) : Infinity;
    const nextB = j < b.length ? (b[j] ?? NaN) : Infinity;
    const value = Math.min(nextA, nextB);
    const before = i + j;
    const startA = i;
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    const size = i + j - before;
    sizes[groups++] = size;
    // ranks before + 1 … before + size: twice their mean is 2 before + size + 1
    doubledRankSum += (i - startA) * (2 * before + size + 1);
    tieTerm += size * size * size - size;
  }
  return { doubledRankSum, groupSizes: sizes.subarray(0, groups), tieTerm };
}

/** Rank of each value from 1, equal values sharing the mean of their ranks. The caller has checked the values. */
export function midranks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, index) => index);
  order.sort((a, b) => (values[a] ?? NaN) - (values[b] ?? NaN));
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    const value = values[order[start] ?? 0];
    let end = start + 1;
    while (end < order.length && values[order[end] ?? 0] === value) end++;
    for (let place = start; place < end; place++) ranks[order[place] ?? 0] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}
