/**
 * Exact distributions of rank statistics, as counts of equally likely outcomes in doubles. Every count is a sum of counts
 * without any subtraction, so that also the smallest tail has a relative error below N * 2^-53.
 */

/**
 * Ways to choose `m` of the N pooled values so that their doubled U (twice the pairs won, ties counting 1) is s:
 * the permutation distribution given the ties (Lehmann 1975, ch. 1.2; dynamic programming as in Streitberg and Roehmel
 * 1986).
 *
 * Adds one group of equal values after the other: choosing c of a group of t, with k chosen before out of b seen, adds
 * c * (2 (b - k) + t - c) to the doubled U (each chosen value wins against the b - k passed over below it, and ties with the
 * t - c passed over in its own group), in C(t, c) ways.
 *
 * @param groupSizes sizes of the groups of equal values in ascending order of value
 * @param m values chosen, 0 <= m <= N
 * @returns counts by doubled U, 0 to 2 m (N - m)
 */
export function doubledUCounts(groupSizes: Uint32Array, m: number): Float64Array {
  let total = 0;
  for (const t of groupSizes) total += t;
  const width = 2 * m * (total - m) + 1;
  // rows[k]: counts after the groups so far with k chosen
  const rows = Array.from({ length: m + 1 }, () => new Float64Array(width));
  const first = rows[0];
  if (first !== undefined) first[0] = 1;
  let seen = 0;
  for (const t of groupSizes) {
    const remaining = total - seen - t;
    // from the most chosen to the least, so that each row is read before it is overwritten
    for (let k = Math.min(m, seen + t); k >= 0; k--) {
      const target = rows[k] ?? new Float64Array(width);
      const stay = k <= seen; // c = 0 keeps the row as it is
      if (!stay) target.fill(0);
      if (k + remaining < m) continue; // can no longer reach m
      let ways = 1;
      for (let c = 1; c <= Math.min(t, k); c++) {
        ways = (ways * (t - c + 1)) / c;
        const from = k - c;
        if (from > seen) continue;
        const source = rows[from] ?? target;
        const add = c * (2 * (seen - from) + t - c);
        const most = Math.min(2 * from * (seen - from), width - 1 - add);
        for (let s = 0; s <= most; s++) target[s + add] = (target[s + add] ?? 0) + ways * (source[s] ?? 0);
      }
    }
    seen += t;
  }
  return rows[m] ?? new Float64Array(width);
}

let latest: { readonly m: number; readonly n: number; readonly counts: Float64Array } | null = null;

/**
 * Ways to reach each U, 0 to m n, without ties: the distribution of Mann and Whitney 1947. The latest is kept: the comparisons
 * of a report are of the same sizes, and the work grows with their fourth power.
 *
 * @returns to be read alone
 */
export function uCounts(m: number, n: number): Readonly<Float64Array> {
  if (latest?.m !== m || latest.n !== n) latest = { m, n, counts: countU(m, n) };
  return latest.counts;
}

function countU(m: number, n: number): Float64Array {
  const chosen = Math.min(m, n);
  const total = m + n;
  const width = m * n + 1;
  const rows = Array.from({ length: chosen + 1 }, () => new Float64Array(width));
  const first = rows[0];
  if (first !== undefined) first[0] = 1;
  for (let seen = 0; seen < total; seen++) {
    for (let k = Math.min(chosen, seen + 1); k >= 1; k--) {
      const source = rows[k - 1];
      const target = rows[k];
      if (source === undefined || target === undefined) continue;
      const add = seen - (k - 1);
      const most = Math.min((k - 1) * (seen - k + 1), width - 1 - add);
      for (let u = 0; u <= most; u++) target[u + add] = (target[u + add] ?? 0) + (source[u] ?? 0);
    }
  }
  return rows[chosen] ?? new Float64Array(width);
}

/**
 * Ways to give signs to the doubled ranks so that the positive ones sum to s (the signed-rank statistic, Wilcoxon 1945).
 *
 * @param doubledRanks positive integers; at most about 1,000 of them (2^n must stay a double)
 * @returns counts by doubled sum, 0 to the sum of all
 */
export function doubledSignedRankCounts(doubledRanks: Float64Array): Float64Array {
  let total = 0;
  for (const rank of doubledRanks) total += rank;
  const counts = new Float64Array(total + 1);
  counts[0] = 1;
  let reach = 0;
  for (const rank of doubledRanks) {
    reach += rank;
    for (let s = reach; s >= rank; s--) counts[s] = (counts[s] ?? 0) + (counts[s - rank] ?? 0);
  }
  return counts;
}

/** P(S <= s) and P(S >= s) of a distribution given by counts; each tail is summed on its own, from its thin end. */
export function tails(
  counts: Float64Array,
  s: number,
): { readonly atMost: number; readonly atLeast: number } {
  let below = 0;
  for (let value = 0; value < s; value++) below += counts[value] ?? 0;
  let above = 0;
  for (let value = counts.length - 1; value > s; value--) above += counts[value] ?? 0;
  const here = counts[s] ?? 0;
  const all = below + here + above;
  return { atMost: (below + here) / all, atLeast: (above + here) / all };
}

/**
 * The smallest s with P(S <= s) >= probability. As R does in qwilcox and qsignrank, ten units of rounding are forgiven, so
 * that an alpha of 0.05 that the distribution hits exactly is not missed by the last bit of 1 - 0.95.
 *
 * @returns that s, and P(S < s)
 */
export function lowerQuantile(
  counts: Float64Array,
  probability: number,
): { readonly value: number; readonly below: number } {
  let all = 0;
  for (const count of counts) all += count;
  const wanted = (probability - 10 * Number.EPSILON) * all;
  let sum = 0;
  for (let value = 0; value < counts.length; value++) {
    const before = sum;
    sum += counts[value] ?? 0;
    if (sum >= wanted) return { value, below: before / all };
  }
  return { value: counts.length - 1, below: 1 };
}
