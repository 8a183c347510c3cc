/** Segments up to this length are sorted by insertion. */
const SMALL = 12;

/**
 * The k-th smallest value (from 0) by partitions around the median of three (Hoare 1961), in O(n) for any usual order; where the
 * partitions go badly, by sorting. The values up to k are then at most it, those after k at least it.
 *
 * @param values finite numbers; their order is changed
 * @param k from 0 to the number of values less one
 */
export function selectInPlace(values: Float64Array, k: number): number {
  let low = 0;
  let high = values.length - 1;
  let patience = 2 * Math.ceil(Math.log2(values.length + 1)) + 8;
  while (high - low > SMALL) {
    if (patience-- === 0) {
      values.subarray(low, high + 1).sort();
      return values[k] ?? NaN;
    }
    const pivot = medianOfThree(values[low] ?? NaN, values[(low + high) >> 1] ?? NaN, values[high] ?? NaN);
    let i = low;
    let j = high;
    while (i <= j) {
      while ((values[i] ?? NaN) < pivot) i++;
      while ((values[j] ?? NaN) > pivot) j--;
      if (i > j) break;
      const swapped = values[i] ?? NaN;
      values[i++] = values[j] ?? NaN;
      values[j--] = swapped;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return values[k] ?? NaN;
  }
  sortByInsertion(values, low, high);
  return values[k] ?? NaN;
}

const medianOfThree = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));

function sortByInsertion(values: Float64Array, low: number, high: number): void {
  for (let at = low + 1; at <= high; at++) {
    const value = values[at] ?? NaN;
    let to = at;
    for (; to > low && (values[to - 1] ?? NaN) > value; to--) values[to] = values[to - 1] ?? NaN;
    values[to] = value;
  }
}
