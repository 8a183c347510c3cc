/** Doubles as integers in the same order, so that a search by halves ends after 64 steps whatever the values are. */
const bits = new DataView(new ArrayBuffer(8));
const SIGN = 1n << 63n;

function toOrder(value: number): bigint {
  bits.setFloat64(0, value === 0 ? 0 : value); // -0 and 0 are one value
  const raw = bits.getBigUint64(0);
  return raw >= SIGN ? (SIGN << 1n) - 1n - raw : raw + SIGN;
}

function fromOrder(order: bigint): number {
  bits.setBigUint64(0, order >= SIGN ? order - SIGN : (SIGN << 1n) - 1n - order);
  return bits.getFloat64(0);
}

/** The smallest double t in [low, high] with countAtMost(t) >= k; `countAtMost` must not fall. */
function smallestReaching(low: number, high: number, k: number, countAtMost: (t: number) => number): number {
  let from = toOrder(low);
  let to = toOrder(high);
  while (from < to) {
    const middle = (from + to) >> 1n;
    if (countAtMost(fromOrder(middle)) >= k) to = middle;
    else from = middle + 1n;
  }
  return fromOrder(from);
}

/**
 * The k-th smallest (from 1) of the m n differences x_i - y_j, exactly as sorting them would give it, in O(m + n) memory:
 * a search by halves over the doubles that counts the differences below with two pointers. (Subtraction rounds
 * monotonically, so the computed differences stand in rows and columns that ascend, like the true ones.)
 *
 * @param x ascending
 * @param y ascending
 */
export function selectDifference(x: Float64Array, y: Float64Array, k: number): number {
  const m = x.length;
  const n = y.length;
  const countAtMost = (t: number): number => {
    let count = 0;
    let j = 0; // y[0 … j - 1] are too small: x_i - y_j > t
    for (let i = 0; i < m; i++) {
      const xi = x[i] ?? NaN;
      while (j < n && xi - (y[j] ?? NaN) > t) j++;
      count += n - j;
    }
    return count;
  };
  return smallestReaching(
    (x[0] ?? NaN) - (y[n - 1] ?? NaN),
    (x[m - 1] ?? NaN) - (y[0] ?? NaN),
    k,
    countAtMost,
  );
}

/**
 * The k-th smallest (from 1) of the n (n + 1) / 2 Walsh averages (v_i + v_j) / 2, i <= j, in O(n) memory.
 *
 * @param values ascending
 */
export function selectWalshAverage(values: Float64Array, k: number): number {
  const n = values.length;
  const countAtMost = (t: number): number => {
    let count = 0;
    let end = n; // v_j with j < end are small enough beside v_i
    for (let i = 0; i < n; i++) {
      const vi = values[i] ?? NaN;
      while (end > 0 && walshAverage(vi, values[end - 1] ?? NaN) > t) end--;
      if (end <= i) break;
      count += end - i;
    }
    return count;
  };
  return smallestReaching(values[0] ?? NaN, values[n - 1] ?? NaN, k, countAtMost);
}

/** (a + b) / 2, halved first where the sum would overflow. */
export function walshAverage(a: number, b: number): number {
  const sum = a + b;
  return Number.isFinite(sum) ? sum / 2 : a / 2 + b / 2;
}
